"""What a change looks at in a placement's row before it is written over: which entry it is at, and what indexes hold.

SQLite writes an index anew for each of its columns that a statement sets, also where its value is the same: so what
is the same is not set. Three of seven indexes less are three pages less for the log of a commit.
"""

from typing import Final, NamedTuple

from storage.tables.placements import placement
from workflow.changes import Change

STORED: Final = tuple(placement.c[name] for name in ("seq", "state", "territory", "host_siret", "definition"))
"""The columns of a Stored."""

Names = tuple[str, ...]


class Stored(NamedTuple):
    """The seq, and all that indexes hold and a change may leave as it is. (It has its place by `wakes_at` anew.)"""

    seq: int
    state: str
    territory: str
    host_siret: str | None
    definition: str


SELDOM: Final[Names] = Stored._fields[1:]
"""Columns that are set only where they change."""


MOVING: Final[Names] = tuple(column.name for column in placement.c)[3:]
"""What a change may set: all but the id, the reference and the moment at which the placement was made."""


def moving(changed: Names) -> Names:
    """Those of MOVING that a change sets which `changed` these of SELDOM."""
    return tuple(name for name in MOVING if name in changed or name not in SELDOM)


def stored_of(change: Change) -> Stored:
    """What is stored once a change was applied."""
    after = change.after
    siret = after.fields.get("host_siret")
    return Stored(after.seq, after.state, after.territory, None if siret is None else str(siret), after.definition)


def changed(before: Stored, after: Stored) -> Names:
    """Which of SELDOM are others."""
    return tuple(name for name, old, new in zip(SELDOM, before[1:], after[1:], strict=True) if old != new)
