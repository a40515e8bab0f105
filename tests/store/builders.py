"""Entries, facts and changes made by hand, so that the stores are tried without a definition or an engine."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace as with_facts

from storage.sql import SqlStore
from workflow.changes import Change, DeadlineRow, Incident, Notice, PersonalValue, Published
from workflow.definition import Value
from workflow.facts import Facts
from workflow.history import ChainedEntry, DefinitionRef, HistoryEntry, Kind, chained

DIGEST = "d" * 64
REF = DefinitionRef("anct", 1, DIGEST)
START = datetime(2021, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
FIELDS: Mapping[str, Value] = {
    "territory": "974",
    "host_name": "Ville de Saint-Denis",
    "host_siret": "21974011300016",
}


def after(days: float) -> datetime:
    """An instant so many days after the start."""
    return START + timedelta(days=days)


def definition(version: int = 1, **changed: Any) -> Published:
    """A published definition; the first one is what the facts below are pinned to."""
    values: dict[str, Any] = {
        "name": "anct",
        "version": version,
        "digest": DIGEST if version == 1 else f"{version:064x}",
        "source": f"name: anct\nversion: {version}\n".encode(),
        "compiled": b"{}",
        "calendar": "fr-2021",
        "calendar_source": b"2021-07-14\n",
        "published_at": START,
        "quotas": {"posts": 2, "unlimited": None},
    }
    return Published(**{**values, **changed})


def entry(facts: Facts, seq: int, prev: str, kind: Kind = "recorded", **values: Any) -> ChainedEntry:
    """One entry of a placement."""
    return chained(
        HistoryEntry(
            log="1" * 32,
            placement=facts.id,
            seq=seq,
            prev=prev,
            kind=kind,
            to_state=facts.state,
            definition=REF,
            actor="operator:1",
            occurred_at=facts.occurred_at,
            recorded_at=facts.recorded_at,
            **values,
        )
    )


def facts_of(reference: str, **changed: Any) -> Facts:
    """The facts of a placement that has no entry yet."""
    values: dict[str, Any] = {
        "id": f"id-of-{reference}",
        "reference": reference,
        "definition": DIGEST,
        "state": "applied",
        "state_since": START,
        "state_seq": 1,
        "occurred_at": START,
        "recorded_at": START,
        "fields": FIELDS,
    }
    return Facts(**{**values, **changed})


def change(facts: Facts, entries: int = 1, *, wakes_at: datetime | None = None, **more: Any) -> Change:
    """What adds so many entries to a placement; `facts` are those before, with what changes already set."""
    made: list[ChainedEntry] = []
    for seq in range(facts.seq + 1, facts.seq + entries + 1):
        prev = made[-1].hash if made else facts.head
        made.append(entry(facts, seq, prev, "placed" if seq == 1 else "recorded"))
    moved = with_facts(facts, seq=facts.seq + entries, head=made[-1].hash if made else facts.head)
    return Change(before_seq=facts.seq, after=moved, entries=tuple(made), wakes_at=wakes_at, **more)


def placed(reference: str, *, wakes_at: datetime | None = None, **more: Any) -> Change:
    """A new placement; what is no part of a change is changed in its facts."""
    parts = {name: more.pop(name) for name in tuple(more) if name in Change.__struct_fields__}
    return change(facts_of(reference, **more), wakes_at=wakes_at, **parts)


def seal_waiting(store: SqlStore, *references: str) -> None:
    """Name what waits as leaves, of these placements in this order; of all where none is named. Nothing is signed."""
    with store.seals.writing() as work:
        queued = work.queued(10_000)
        of = {f"id-of-{name}": at for at, name in enumerate(references)} or dict.fromkeys(
            (q.placement for q in queued), 0
        )
        chosen = sorted((each for each in queued if each.placement in of), key=lambda each: of[each.placement])
        work.append_leaves(work.leaf_end(), chosen)


def row(name: str, due_in: float, **changed: Any) -> DeadlineRow:
    """A listed deadline that falls due so many days after the start."""
    values: dict[str, Any] = {"anchored_at": START, "last_day": after(due_in).date(), "due_at": after(due_in)}
    return DeadlineRow(**{"name": name, "status": "running", "then": "expire", **values, **changed})


def notice(seq: int, **changed: Any) -> Notice:
    """A notice of an entry."""
    values: dict[str, Any] = {
        "kind": "reminder",
        "deadline": "selection",
        "trigger": None,
        "at": START,
        "stale": False,
    }
    return Notice(**{"seq": seq, **values, **changed})


def incident(reference: str, **changed: Any) -> Incident:
    """An open incident of a placement made here."""
    values: dict[str, Any] = {"code": "guard_failed", "message": "no", "since_at": START, "attempts": 1}
    return Incident(**{"placement": f"id-of-{reference}", **values, "retry_at": after(1), **changed})


def disclosure(name: str, value: str, seq: int = 1) -> PersonalValue:
    """A personal value, disclosed as an engine would."""
    return PersonalValue(seq, name, f'["c2FsdA","{name}","{value}"]')
