"""The general laws, held against one placement: what must be true of every definition, whatever it says.

Nothing early, nothing twice, every instant as the recount has it, the fold equals the row, the lists equal the facts.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec.structs import replace

from rehearsal.recount import Recounted, recounted, reminder_moments, territory_in
from rehearsal.stage import REFERENCE, Stage
from workflow import deadlines
from workflow.definition import Value
from workflow.errors import NotFound
from workflow.history import HistoryEntry
from workflow.rules import Rules

ON_TIME = ("timeout", "missed", "milestone")


def faults(stage: Stage, *, swept: bool = False) -> list[str]:
    """Everything that does not hold; `swept`: what is due was just entered."""
    entries = [item.entry for item in stage.history()]
    found = [*stage.engine.check(REFERENCE), *_lists(stage), *_instants(entries)]
    found += _dates(stage.rules, entries)
    wake = stage.engine.next_wake()
    if swept and wake is not None and wake <= stage.now:
        found.append(f"something is still due at {wake.isoformat()} after a sweep")
    incident = stage.engine.view(REFERENCE).incident
    if incident is not None:
        found.append(f"the placement cannot be decided: {incident.message}")
    return found


def differences(one: Stage, other: Stage) -> list[str]:
    """Where two lives that should be the same are not, but for when the system was told."""
    told, again = comparable(one), comparable(other)
    for mine, theirs in zip(told, again, strict=False):
        if mine != theirs:
            return [f"entry {mine.seq} is {_short(mine)} for a daemon that slept, {_short(theirs)} for one awake"]
    return [] if len(told) == len(again) else [f"{len(told)} entries for a daemon that slept, {len(again)} awake"]


def comparable(stage: Stage) -> list[HistoryEntry]:
    """A history without what says when the system was told, and without what is drawn at random."""
    entries = (item.entry for item in stage.history())
    return [
        replace(e, recorded_at=e.occurred_at, fields=_undrawn(e), prev="", placement="", commitments={}, actor="")
        for e in entries
    ]


def _undrawn(entry: HistoryEntry) -> dict[str, Value]:
    """Commitments are drawn at random: of those erased only their number can be compared."""
    return {name: len(str(value).split()) if name == "erased" else value for name, value in entry.fields.items()}


def _short(entry: HistoryEntry) -> str:
    return f"{entry.kind} {entry.deadline or entry.trigger or ''} at {entry.occurred_at.isoformat()}"


def _lists(stage: Stage) -> Iterator[str]:
    try:
        derived = deadlines.listed(stage.rules, stage.facts())
    except NotFound as error:
        yield str(error)
        return
    stored = {row.name: row for row in stage.store.deadlines(REFERENCE)}
    if stored != derived:
        yield "the deadlines listed are not those of the facts"


def _instants(entries: Sequence[HistoryEntry]) -> Iterator[str]:
    moved_at: datetime | None = None
    for entry in entries:
        if entry.occurred_at > entry.recorded_at:
            yield f"entry {entry.seq} was recorded before it happened"
        if entry.kind in ON_TIME and entry.due_at is not None and entry.occurred_at < entry.due_at:
            yield f"{_short(entry)} fired before its instant, {entry.due_at.isoformat()}"
        if entry.changes_state:
            if moved_at is not None and entry.occurred_at < moved_at:
                yield f"entry {entry.seq} moves the placement before its last move"
            moved_at = entry.occurred_at


def _dates(rules: Rules, entries: Sequence[HistoryEntry]) -> Iterator[str]:
    """Every end and reminder at the instant of the recount, and each once."""
    seen: set[tuple[object, ...]] = set()
    for number, entry in enumerate(entries):
        spec = rules.definition.deadlines.get(str(entry.deadline))
        # The recount knows no pauses, those by `paused_in` included.
        if spec is None or spec.stops or entry.kind not in (*ON_TIME, "reminder"):
            continue
        before = entries[:number]
        counted = recounted(rules, before, str(entry.deadline))
        if counted is None:
            yield f"{_short(entry)} has no anchor by the recount"
            continue
        yield from _on_time(rules, before, entry, counted)
        once = (entry.deadline, counted.anchor, *((entry.occurred_at,) if entry.kind == "reminder" else ()))
        if once in seen:
            yield f"{_short(entry)} is there twice"
        seen.add(once)


def _on_time(rules: Rules, before: Sequence[HistoryEntry], entry: HistoryEntry, counted: Recounted) -> Iterator[str]:
    if entry.due_at != counted.due_at:
        said = entry.due_at and entry.due_at.isoformat()
        yield f"{_short(entry)} is due at {said}, {counted.due_at.isoformat()} by the recount"
    if entry.kind == "reminder":
        if entry.occurred_at not in reminder_moments(rules, str(entry.deadline), counted, territory_in(before)):
            yield f"{_short(entry)} comes at no moment of a reminder by the recount"
        return
    opened = max(moved.occurred_at for moved in before)
    if not counted.due_at <= entry.occurred_at <= max(counted.due_at, opened):
        yield f"{_short(entry)} should have come at {counted.due_at.isoformat()}"
