"""One history entry as a record: the same keys in `history --json` and in every export."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

from workflow.definition import Definition, Value
from workflow.history import ChainedEntry, DefinitionRef
from workflow.standing import reversed_by
from workflow.values import show_value

Record = dict[str, Any]
DefinitionOf = Callable[[str], Definition]
"""The definition published under a digest."""

KEYS = (
    "seq", "kind", "trigger", "from", "to", "occurred_at", "recorded_at", "actor", "role", "reason", "fields",
    "deadline", "due_at", "late", "concerns", "reversed_by", "correlation", "definition_version", "key",
    "prev_hash", "hash",
)  # fmt: skip


def instant(moment: datetime | None) -> str | None:
    """An instant in records: UTC with Z, microseconds only where there are some."""
    return None if moment is None else _utc_text(moment if moment.tzinfo is UTC else moment.astimezone(UTC))


# Kept for UTC alone: in a zone that turns its clocks back, two instants may be equal to Python.
@lru_cache(maxsize=4096)
def _utc_text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def history_records(history: Sequence[ChainedEntry], definition_of: DefinitionOf) -> list[Record]:
    """The records of one placement's whole history, oldest first; a reversed entry names its reversal."""
    undone = reversed_by(history)
    return [entry_record(item, definition_of, undone.get(item.entry.seq)) for item in history]


def entry_record(item: ChainedEntry, definition_of: DefinitionOf, reversed_by: int | None = None) -> Record:
    """One entry as a record; money is a decimal text, dates are ISO, personal values are not there."""
    entry = item.entry
    return {
        "seq": entry.seq,
        "kind": entry.kind,
        "trigger": entry.trigger,
        "from": entry.from_state,
        "to": entry.to_state,
        "occurred_at": instant(entry.occurred_at),
        "recorded_at": instant(entry.recorded_at),
        "actor": entry.actor,
        "role": entry.role,
        "reason": entry.reason,
        "fields": shown_fields(entry, definition_of),
        "deadline": entry.deadline,
        "due_at": instant(entry.due_at),
        "late": entry.late,
        "concerns": entry.concerns,
        "reversed_by": reversed_by,
        "correlation": entry.correlation,
        "definition_version": entry.definition.version,
        "key": entry.key,
        "prev_hash": entry.prev,
        "hash": item.hash,
    }


class Saying(Protocol):
    """What sets public values: an entry."""

    @property
    def definition(self) -> DefinitionRef: ...

    @property
    def fields(self) -> Mapping[str, Value]: ...


def shown_fields(entry: Saying, definition_of: DefinitionOf) -> Mapping[str, Value]:
    """The public values that an entry sets, as JSON has them; null empties one."""
    if not entry.fields:
        return {}
    specs = definition_of(entry.definition.digest).fields
    return {name: show_value(specs[name], value) if name in specs else value for name, value in entry.fields.items()}
