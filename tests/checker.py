"""The one checker that every test of the engine uses: what must hold of every placement, come what may.

It asks the store for what is kept, and counts, hashes and compares by itself where it can.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from storage.memory import MemoryStore
from storage.sql import SqlStore
from workflow import deadlines
from workflow.changes import DeadlineRow
from workflow.commands import Outcome
from workflow.definition import IMPORT, SCHEDULER, SUPERVISOR, VOIDED, Definition, Transition
from workflow.engine import Engine
from workflow.facts import Facts, Waiting
from workflow.fold import advance, fold, nowhere
from workflow.history import ChainedEntry, HistoryEntry
from workflow.standing import reversed_by, standing

AnyStore = MemoryStore | SqlStore
_STATUS: Mapping[str, Literal["running", "paused", "missed"]] = {
    "running": "running",
    "paused": "paused",
    "missed": "missed",
}
_ON_TIME = ("timeout", "missed", "milestone")
_TOLD = (*_ON_TIME, "reminder")


@dataclass(frozen=True)
class Acknowledged:
    """A caller was told yes: on this placement, under this key, with these entries."""

    reference: str
    key: str | None
    hashes: tuple[str, ...]

    @classmethod
    def of(cls, outcome: Outcome, key: str | None = None) -> "Acknowledged":
        """What an outcome promised, the entries that it settled included."""
        made = (*outcome.settled, *outcome.entries)
        return cls(outcome.reference, key, tuple(item.hash for item in made))


@dataclass
class Checker:
    """What is to be checked, and all that does not hold: `faults` gives one sentence for each."""

    engine: Engine
    store: AnyStore
    references: Sequence[str]
    acknowledged: Sequence[Acknowledged] = ()
    canaries: Sequence[str] = field(default_factory=list)

    def faults(self, swept_at: datetime | None = None) -> list[str]:
        """Everything that does not hold; `swept_at`: a sweep has just ended at this moment."""
        found = [fault for reference in self.references for fault in self._faults_of(reference)]
        found += [*self._wakes(swept_at), *self._notices(), *self._forgotten()]
        return found

    def history(self, reference: str) -> Sequence[ChainedEntry]:
        """The entries of a placement as they are kept."""
        with self.store.reading() as reading:
            facts = reading.find(reference)
            return reading.history(facts.id) if facts else ()

    def _facts(self, reference: str) -> Facts:
        return self.engine.view(reference).facts

    def _faults_of(self, reference: str) -> Iterator[str]:
        history = self.history(reference)
        entries = [item.entry for item in history]
        yield from (f"{reference}: {each.en}" for each in self.engine.check(reference))
        for fault in (
            *_chain(history),
            *_instants(history),
            *self._moves(entries),
            *self._twice(history),
            *self._rows(reference),
            *(
                f"{text} is in entry {i.entry.seq}"
                for text in self.canaries
                for i in history
                if text.encode() in i.data
            ),
        ):
            yield f"{reference}: {fault}"

    def _twice(self, history: Sequence[ChainedEntry]) -> Iterator[str]:
        """One end for each occurrence of a deadline, one reminder for each of its due dates.

        What was told after a move that was reversed since rested on that move, and may be told again.
        """
        seen: dict[tuple[object, ...], int] = {}
        undone = reversed_by(history)
        for facts, entry in self._before_each(history):
            if entry.kind == "reversal" and entry.changes_state:
                seen = {once: seq for once, seq in seen.items() if seq < int(entry.concerns or 0)}
            if entry.kind in _TOLD and entry.seq not in undone:
                occurrence = facts.occurrences[str(entry.deadline)]
                reminder = (entry.occurred_at, occurrence.last_day) if entry.kind == "reminder" else ()
                once = (entry.deadline, occurrence.anchor_seq, *reminder)
                if once in seen:
                    yield f"entry {entry.seq} is the second {entry.kind} of an occurrence of {entry.deadline}"
                seen[once] = entry.seq

    def _before_each(self, history: Sequence[ChainedEntry]) -> Iterator[tuple[Facts, HistoryEntry]]:
        facts = nowhere("", history[0].entry)
        for number, item in enumerate(history, start=1):
            yield facts, item.entry
            if item.entry.kind == "reversal":
                facts = fold(self.engine.rules, "", history[:number])
            else:
                facts = advance(self.engine.rules(item.entry.definition.digest), facts, item)

    def _moves(self, entries: Sequence[HistoryEntry]) -> Iterator[str]:
        state: str | None = None
        for entry in entries:
            if entry.from_state != state:
                yield f"entry {entry.seq} leaves {entry.from_state}, but the placement was in {state}"
            state = entry.to_state
            if entry.kind == "reversal":
                if (entry.from_state, entry.to_state) != _undone(entries, entry):
                    yield f"entry {entry.seq} does not undo entry {entry.concerns}"
            elif not _is_defined(self.engine.rules(entry.definition.digest).definition, entry):
                yield f"entry {entry.seq} is no move of the definition: {entry.kind} {entry.trigger}"

    def _rows(self, reference: str) -> Iterator[str]:
        view = self.engine.view(reference)
        derived = deadlines.listed(view.rules, view.facts)
        stored = listed_in(self.store, reference)
        if stored != derived:
            yield f"the deadlines listed are {stored}, but {derived} by the facts"
        if isinstance(self.store, SqlStore):
            rows = self.store.queries.requests_of(reference)
            listed = tuple(Waiting(r.seq, r.act, r.about, r.by, r.actor, r.asked_at) for r in rows)
            if listed != view.facts.requests:
                yield f"the requests listed are {listed}, but {view.facts.requests} by the facts"

    def _wakes(self, swept_at: datetime | None) -> Iterator[str]:
        views = [self.engine.view(reference) for reference in self.references]
        asked = [deadlines.wakes_at(view.rules, view.facts) for view in views if view.incident is None]
        earliest = min((moment for moment in asked if moment is not None), default=None)
        with self.store.reading() as reading:
            stored = reading.next_wake()
        if stored != earliest and all(view.incident is None for view in views):
            yield f"the store wakes at {stored}, the facts ask for {earliest}"
        if swept_at is not None and earliest is not None and earliest <= swept_at:
            yield f"something is still due at {earliest} after the sweep of {swept_at}"

    def _notices(self) -> Iterator[str]:
        kept = notices_in(self.store)
        due = {
            (reference, entry.seq): (entry.kind, self._is_stale(entry))
            for reference in self.references
            for entry in (item.entry for item in self.history(reference))
            if _is_told(entry)
        }
        if kept != due:
            yield f"the notices kept are not those due: {sorted(kept.items() ^ due.items())}"

    def _is_stale(self, entry: HistoryEntry) -> bool:
        definition = self.engine.rules(entry.definition.digest).definition
        return entry.recorded_at - entry.occurred_at > timedelta(seconds=definition.stale_after_s)

    def _forgotten(self) -> Iterator[str]:
        for promise in self.acknowledged:
            kept = {item.hash for item in self.history(promise.reference)}
            if not kept.issuperset(promise.hashes):
                yield f"{promise.reference}: an acknowledged entry is gone"
            if promise.key is not None and not self._is_remembered(promise):
                yield f"{promise.reference}: the key {promise.key} is forgotten"

    def _is_remembered(self, promise: Acknowledged) -> bool:
        with self.store.reading() as reading:
            return reading.remembered(self._facts(promise.reference).id, str(promise.key)) is not None


def _chain(history: Sequence[ChainedEntry]) -> Iterator[str]:
    prev = "0" * 64
    for seq, item in enumerate(history, start=1):
        if item.entry.seq != seq:
            yield f"entry {seq} has the seq {item.entry.seq}"
        if item.entry.prev != prev or hashlib.sha256(b"parcours entry v1\n" + item.data).hexdigest() != item.hash:
            yield f"the chain is broken at entry {seq}"
        prev = item.hash


def _instants(history: Sequence[ChainedEntry]) -> Iterator[str]:
    moved_at = recorded_at = None
    for entry in (item.entry for item in history):
        if entry.occurred_at > entry.recorded_at:
            yield f"entry {entry.seq} was recorded before it happened"
        if entry.kind in _ON_TIME and entry.due_at is not None and entry.occurred_at < entry.due_at:
            yield f"entry {entry.seq} fired before its instant"
        if recorded_at is not None and entry.recorded_at < recorded_at:
            yield f"entry {entry.seq} was recorded before the one that precedes it"
        recorded_at = entry.recorded_at
    for entry in (entry for entry in standing(history) if entry.changes_state):
        if moved_at is not None and entry.occurred_at < moved_at:
            yield f"entry {entry.seq} moves the placement before its last move"
        moved_at = entry.occurred_at


def _undone(entries: Sequence[HistoryEntry], reversal: HistoryEntry) -> tuple[str | None, str | None]:
    """From where to where a reversal leads, by the names that later migrations gave to states."""
    undone = entries[int(reversal.concerns or 0) - 1]
    if undone.from_state == undone.to_state:
        return reversal.from_state, reversal.from_state
    ends = [undone.to_state, undone.from_state]
    for entry in entries[undone.seq : reversal.seq - 1]:
        if entry.kind == "migration":
            names = dict(pair.split("=") for pair in str(entry.fields.get("states", "")).split())
            ends = [names.get(str(state), state) for state in ends]
    return ends[0], ends[1]


def _is_defined(definition: Definition, entry: HistoryEntry) -> bool:
    source, target = str(entry.from_state), entry.to_state
    match entry.kind:
        case "placed":
            return (entry.from_state, target) == (None, definition.initial)
        case "void":
            return target == VOIDED
        case "automatic":
            return any(t.trigger == entry.trigger and t.to == target for t in definition.automatic_from[source])
        case "transition" | "timeout":
            return any(t.to == target and _may(t, entry) for t in _standing(definition, entry))
        case "migration":
            return target in {*definition.states, VOIDED}
        case "recorded":
            # What is dated earlier was judged in the state of that moment, and keeps the present one.
            return source == target and any(
                t.to is None and _may(t, entry) for t in definition.transitions[str(entry.trigger)]
            )
    return source == target and entry.trigger is None


def _standing(definition: Definition, entry: HistoryEntry) -> Sequence[Transition]:
    return definition.transitions_from(str(entry.from_state), str(entry.trigger))


def _may(transition: Transition, entry: HistoryEntry) -> bool:
    if entry.kind == "timeout":
        return SCHEDULER in transition.by and entry.role == SCHEDULER
    return entry.role in {*transition.by, SUPERVISOR, IMPORT} - {SCHEDULER}


def listed_in(store: AnyStore, reference: str) -> Mapping[str, DeadlineRow]:
    """The deadlines that a store lists for a placement."""
    if isinstance(store, MemoryStore):
        return {row.name: row for row in store.deadlines(reference)}
    items = store.queries.deadlines_of(reference)
    return {i.name: DeadlineRow(i.name, i.anchored_at, i.last_day, i.due_at, _STATUS[i.status], i.then) for i in items}


def _is_told(entry: HistoryEntry) -> bool:
    """A deadline's own entries, a note about one (a reminder that somebody asked for), a correction that waits."""
    if entry.kind == "note":
        return entry.deadline is not None
    return entry.kind in _TOLD or entry.fields.get("approval.step") == "requested"


def notices_in(store: AnyStore) -> Mapping[tuple[str, int], tuple[str, bool]]:
    """The notices that a store keeps, by placement and entry: their kind, and whether too old to be sent."""
    if isinstance(store, MemoryStore):
        return {(reference, notice.seq): (notice.kind, notice.stale) for reference, notice in store.notices()}
    items = store.queries.notices(limit=100_000).items
    return {(item.reference, item.seq): (item.kind, item.status == "stale") for item in items}
