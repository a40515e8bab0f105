"""What an entry's bytes say, as the forms of exports need it: decoded once, moments as the texts that stand there.

A moment is made of a text only where a form writes it otherwise. It refuses to know any form of file.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import msgspec

from workflow.definition import Value
from workflow.history import FORMAT, DefinitionRef, Kind, expect_format

_CANONICAL: Final = len("2026-11-22T21:47:03.123456Z")
_WHOLE: Final = ".000000Z"


class Said(
    msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="v", tag=FORMAT,
    rename={"from_state": "from", "to_state": "to"},
):  # fmt: skip
    """A HistoryEntry with texts for moments."""

    log: str
    placement: str
    seq: int
    prev: str
    kind: Kind
    trigger: str | None = None
    from_state: str | None = None
    to_state: str | None = None
    definition: DefinitionRef
    guards: Mapping[str, bool] = {}
    actor: str
    role: str | None = None
    on_behalf_of: str | None = None
    key: str | None = None
    occurred_at: str
    recorded_at: str
    due_at: str | None = None
    deadline: str | None = None
    fields: Mapping[str, Value] = {}
    commitments: Mapping[str, str] = {}
    reason: str | None = None
    late: bool = False
    concerns: int | None = None
    concerns_hash: str | None = None
    correlation: str | None = None

    @property
    def changes_state(self) -> bool:
        """As that of a HistoryEntry."""
        return self.from_state != self.to_state and self.kind != "migration"


_SAID = msgspec.json.Decoder(Said)


def said(data: bytes) -> Said:
    """What these bytes say. Raises ValueError where they are no entry of this format."""
    expect_format(data)
    return _SAID.decode(data)


@lru_cache(maxsize=8192)
def moment(text: str) -> datetime:
    """The moment that a text says, in UTC. Raises ValueError where it says none."""
    read = msgspec.convert(text, datetime)
    return read if read.tzinfo is UTC else read.astimezone(UTC)


@lru_cache(maxsize=8192)
def exact(text: str) -> str:
    """The moment to the microsecond, with Z: the text itself, as it is written. Raises as `moment` does."""
    read = msgspec.convert(text, datetime)
    if len(text) == _CANONICAL and (text[10], text[19], text[26]) == ("T", ".", "Z"):
        return text
    return read.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


@lru_cache(maxsize=8192)
def short(text: str) -> str:
    """The moment with Z, and microseconds only where there are some, as in records. Raises as `moment` does."""
    written = exact(text)
    return f"{written[: -len(_WHOLE)]}Z" if written.endswith(_WHOLE) else written
