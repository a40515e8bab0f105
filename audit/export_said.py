"""What an entry's bytes say, as the forms of exports need it: decoded once, moments as the texts that stand there.

A moment is made of a text only where a form writes it otherwise. It refuses to know any form of file.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Literal

import msgspec

from workflow.definition import Value
from workflow.history import DefinitionRef, Kind

CANONICAL: Final = len("2026-11-22T21:47:03.123456Z")
"""How long a moment is as it is written."""

_WHOLE: Final = ".000000Z"


class Said(
    msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True,
    rename={"from_state": "from", "to_state": "to"},
):  # fmt: skip
    """A HistoryEntry with texts for moments, and its format, in the order of the bytes: each key is found at once."""

    actor: str
    commitments: Mapping[str, str] = {}
    concerns: int | None = None
    concerns_hash: str | None = None
    correlation: str | None = None
    deadline: str | None = None
    definition: DefinitionRef
    due_at: str | None = None
    fields: Mapping[str, Value] = {}
    from_state: str | None = None
    guards: Mapping[str, bool] = {}
    key: str | None = None
    kind: Kind
    late: bool = False
    log: str
    occurred_at: str
    on_behalf_of: str | None = None
    placement: str
    prev: str
    reason: str | None = None
    recorded_at: str
    role: str | None = None
    seq: int
    to_state: str | None = None
    trigger: str | None = None
    v: Literal[1]

    @property
    def changes_state(self) -> bool:
        """As that of a HistoryEntry."""
        return self.from_state != self.to_state and self.kind != "migration"


said: Final[Callable[[bytes], Said]] = msgspec.json.Decoder(Said).decode
"""What these bytes say. Raises ValueError where they are no entry of this format."""


@lru_cache(maxsize=8192)
def moment(text: str) -> datetime:
    """The moment that a text says, in UTC. Raises ValueError where it says none."""
    read = msgspec.convert(text, datetime)
    return read if read.tzinfo is UTC else read.astimezone(UTC)


@lru_cache(maxsize=8192)
def exact(text: str) -> str:
    """The moment to the microsecond, with Z: the text itself, as it is written. Raises as `moment` does."""
    return _written(text)


@lru_cache(maxsize=8192)
def short(text: str) -> str:
    """The moment with Z, and microseconds only where there are some, as in records. Raises as `moment` does."""
    written = _written(text)
    return f"{written[: -len(_WHOLE)]}Z" if written.endswith(_WHOLE) else written


def _written(text: str) -> str:
    read = msgspec.convert(text, datetime)
    if len(text) == CANONICAL and text[10] == "T" and text[26] == "Z":
        return text
    return read.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
