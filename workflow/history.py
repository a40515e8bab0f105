"""The history of a placement: immutable entries, their canonical bytes, and the chain that binds them.

It refuses to know what an entry does to a placement (facts.py) and where it is kept (storage/).
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Literal

import msgspec

from workflow.definition import Value

FORMAT: Final = 1
GENESIS = "0" * 64
MOVED = "moved."
"""Before the name of a deadline, in the entry of an amendment: the last day that it had, and the one that it has."""

_HASHED = hashlib.sha256(b"parcours entry v1\n")

Kind = Literal[
    "placed", "transition", "recorded", "timeout", "missed", "milestone", "reminder", "automatic", "amendment",
    "reversal", "pause", "resume", "extension", "move", "note", "void", "approval", "migration", "erasure",
]  # fmt: skip


class DefinitionRef(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Which definition an entry was decided under: name, version, SHA-256 of the exact YAML (hexadecimal)."""

    name: str
    version: int
    digest: str


# Values only: no cycle can pass through an entry, and a sweep makes thousands that need not be looked through for one.
class HistoryEntry(
    msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True, tag_field="v", tag=FORMAT,
    rename={"from_state": "from", "to_state": "to"},
):  # fmt: skip
    """One immutable record of one change. Instants are aware UTC; money in `fields` is in cents, dates are ISO text.

    `commitments` hold, per personal field and for the reason's text, the SHA-256 of its disclosure (RFC 9901);
    `guards` the outcome of each guard that was asked; `fields` the public values that this entry sets (None empties).
    Names with a dot are no fields of the definition.
    """

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
    occurred_at: datetime
    recorded_at: datetime
    due_at: datetime | None = None
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
        """Whether this entry moved the placement to another state; a migration only calls the same state otherwise."""
        return self.from_state != self.to_state and self.kind != "migration"


class ChainedEntry(msgspec.Struct, frozen=True, gc=False):
    """An entry with the exact bytes that are hashed, stored and will be exported."""

    entry: HistoryEntry
    data: bytes

    @property
    def hash(self) -> str:
        """The chain hash of these bytes, worked out anew: most that are read are not asked for it."""
        return entry_hash(self.data)


class _Written(msgspec.Struct, frozen=True, gc=False):
    """What is written of an entry, in the order of its keys: sorted, as RFC 8785 wants them."""

    actor: str
    commitments: Mapping[str, str]
    concerns: int | None
    concerns_hash: str | None
    correlation: str | None
    deadline: str | None
    definition: "_WrittenRef"
    due_at: str | None
    fields: Mapping[str, Value]
    from_: str | None = msgspec.field(name="from")
    guards: Mapping[str, bool]
    key: str | None
    kind: str
    late: bool
    log: str
    occurred_at: str
    on_behalf_of: str | None
    placement: str
    prev: str
    reason: str | None
    recorded_at: str
    role: str | None
    seq: int
    to: str | None
    trigger: str | None
    v: int


class _WrittenRef(msgspec.Struct, frozen=True, gc=False):
    digest: str
    name: str
    version: int


class _Format(msgspec.Struct):
    """What every entry of this format says of itself."""

    v: Literal[1]


# Whatever object ends like this has that member: no text in it could.
_LAST = f',"v":{FORMAT}}}'.encode()
# Sorts what is a mapping, and leaves a struct in its own order.
_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODER = msgspec.json.Decoder(HistoryEntry)
_FORMAT_DECODER = msgspec.json.Decoder(_Format)


def instant_text(instant: datetime) -> str:
    """The canonical text of an instant: UTC, always six digits, always Z."""
    return _utc_text(instant if instant.tzinfo is UTC else instant.astimezone(UTC))


# Kept for UTC alone: in a zone that turns its clocks back, two instants may be equal to Python.
@lru_cache(maxsize=4096)
def _utc_text(instant: datetime) -> str:
    return instant.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


@lru_cache(maxsize=64)
def _written_ref(ref: DefinitionRef) -> _WrittenRef:
    return _WrittenRef(ref.digest, ref.name, ref.version)


def canonical_bytes(entry: HistoryEntry) -> bytes:
    """The canonical form of an entry: RFC 8785 restricted to ASCII keys and integers, every key present."""
    return _ENCODER.encode(
        _Written(
            entry.actor,
            entry.commitments,
            entry.concerns,
            entry.concerns_hash,
            entry.correlation,
            entry.deadline,
            _written_ref(entry.definition),
            None if entry.due_at is None else instant_text(entry.due_at),
            entry.fields,
            entry.from_state,
            entry.guards,
            entry.key,
            entry.kind,
            entry.late,
            entry.log,
            instant_text(entry.occurred_at),
            entry.on_behalf_of,
            entry.placement,
            entry.prev,
            entry.reason,
            instant_text(entry.recorded_at),
            entry.role,
            entry.seq,
            entry.to_state,
            entry.trigger,
            FORMAT,
        )
    )


def entry_hash(data: bytes) -> str:
    """The chain hash of an entry's bytes, hexadecimal."""
    # Going on from what was begun is faster than putting the bytes together.
    begun = _HASHED.copy()
    begun.update(data)
    return begun.hexdigest()


def chained(entry: HistoryEntry) -> ChainedEntry:
    """Canonicalise an entry, once."""
    return ChainedEntry(entry, canonical_bytes(entry))


def parse_entry(data: bytes) -> ChainedEntry:
    """Read an entry back from its stored bytes.

    Raises ValueError where the bytes are no entry of this format.
    """
    # The decoder refuses another format, but not the lack of one; what was written here ends with it.
    if not data.endswith(_LAST):
        _FORMAT_DECODER.decode(data)
    return ChainedEntry(_DECODER.decode(data), data)


def broken_link(entries: Iterable[ChainedEntry]) -> int | None:
    """The first seq whose number or previous hash does not fit the chain; None where all do."""
    prev = GENESIS
    for expected, item in enumerate(entries, start=1):
        if item.entry.seq != expected or item.entry.prev != prev:
            return expected
        prev = item.hash
    return None
