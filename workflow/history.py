"""The history of a placement: immutable entries, their canonical bytes, and the chain that binds them.

It refuses to know what an entry does to a placement (facts.py) and where it is kept (storage/).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from workflow.definition import Value

FORMAT = 1
GENESIS = "0" * 64
MOVED = "moved."
"""Before the name of a deadline, in the entry of an amendment: the last day that it had, and the one that it has."""

_DOMAIN = b"parcours entry v1\n"

Kind = Literal[
    "placed", "transition", "recorded", "timeout", "missed", "milestone", "reminder", "automatic", "amendment",
    "reversal", "pause", "resume", "extension", "move", "note", "void", "approval", "migration", "erasure",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class DefinitionRef:
    """Which definition an entry was decided under: name, version, SHA-256 of the exact YAML (hexadecimal)."""

    name: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
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
    guards: Mapping[str, bool] = field(default_factory=dict)
    actor: str
    role: str | None = None
    on_behalf_of: str | None = None
    key: str | None = None
    occurred_at: datetime
    recorded_at: datetime
    due_at: datetime | None = None
    deadline: str | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)
    commitments: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None
    late: bool = False
    concerns: int | None = None
    concerns_hash: str | None = None
    correlation: str | None = None

    @property
    def changes_state(self) -> bool:
        """Whether this entry moved the placement to another state; a migration only calls the same state otherwise."""
        return self.from_state != self.to_state and self.kind != "migration"


@dataclass(frozen=True, slots=True)
class ChainedEntry:
    """An entry with the exact bytes that were hashed, stored and will be exported, and their chain hash."""

    entry: HistoryEntry
    data: bytes
    hash: str


def instant_text(instant: datetime) -> str:
    """The canonical text of an instant: UTC, always six digits, always Z."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def canonical_bytes(entry: HistoryEntry) -> bytes:
    """The canonical form of an entry: RFC 8785 restricted to ASCII keys and integers, every key present."""
    return msgspec.json.encode(_as_plain(entry), order="sorted")


def _as_plain(entry: HistoryEntry) -> dict[str, Any]:
    ref = entry.definition
    return {
        "v": FORMAT,
        "log": entry.log,
        "placement": entry.placement,
        "seq": entry.seq,
        "prev": entry.prev,
        "kind": entry.kind,
        "trigger": entry.trigger,
        "from": entry.from_state,
        "to": entry.to_state,
        "definition": {"name": ref.name, "version": ref.version, "digest": ref.digest},
        "guards": entry.guards,
        "actor": entry.actor,
        "role": entry.role,
        "on_behalf_of": entry.on_behalf_of,
        "key": entry.key,
        "occurred_at": instant_text(entry.occurred_at),
        "recorded_at": instant_text(entry.recorded_at),
        "due_at": None if entry.due_at is None else instant_text(entry.due_at),
        "deadline": entry.deadline,
        "fields": entry.fields,
        "commitments": entry.commitments,
        "reason": entry.reason,
        "late": entry.late,
        "concerns": entry.concerns,
        "concerns_hash": entry.concerns_hash,
        "correlation": entry.correlation,
    }


def entry_hash(data: bytes) -> str:
    """The chain hash of an entry's bytes, hexadecimal."""
    return hashlib.sha256(_DOMAIN + data).hexdigest()


def chained(entry: HistoryEntry) -> ChainedEntry:
    """Canonicalise an entry, once, and hash its bytes."""
    data = canonical_bytes(entry)
    return ChainedEntry(entry, data, entry_hash(data))


def parse_entry(data: bytes) -> ChainedEntry:
    """Read an entry back from its stored bytes; the hash is of these very bytes.

    Raises ValueError where the bytes are no entry of this format.
    """
    plain = msgspec.json.decode(data)
    if plain.pop("v", None) != FORMAT:
        raise ValueError("these bytes are no history entry of format 1")
    for name in ("occurred_at", "recorded_at", "due_at"):
        plain[name] = None if plain[name] is None else datetime.fromisoformat(plain[name])
    plain["from_state"], plain["to_state"] = plain.pop("from"), plain.pop("to")
    plain["definition"] = DefinitionRef(**plain["definition"])
    return ChainedEntry(HistoryEntry(**plain), data, entry_hash(data))


def broken_link(entries: Iterable[ChainedEntry]) -> int | None:
    """The first seq whose number, previous hash or bytes do not fit the chain; None where all hold."""
    prev = GENESIS
    for expected, item in enumerate(entries, start=1):
        if item.entry.seq != expected or item.entry.prev != prev or entry_hash(item.data) != item.hash:
            return expected
        prev = item.hash
    return None
