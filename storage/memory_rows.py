"""What a MemoryStore keeps, and the two views of it: one that reads, one that writes."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from heapq import nsmallest

from msgspec.structs import replace

from storage import refusals
from storage.forking import ForkingDict
from storage.memory_claims import MemoryClaims
from workflow.actors import PERSON
from workflow.brake import Watch
from workflow.changes import (
    Change,
    DeadlineRow,
    Incident,
    Notice,
    Published,
    Remembered,
)
from workflow.errors import IntegrityBroken
from workflow.facts import Facts
from workflow.history import ChainedEntry
from workflow.store import ClaimRefused, Disclosed
from workflow.system import NO_HEAD, Head, SystemEntry


@dataclass(frozen=True, slots=True)
class State:
    """Everything kept; by the placement's random id unless another key is named."""

    ids: ForkingDict[str, str] = field(default_factory=ForkingDict)  # by reference
    facts: ForkingDict[str, Facts] = field(default_factory=ForkingDict)
    wakes: ForkingDict[str, datetime | None] = field(default_factory=ForkingDict)
    entries: ForkingDict[str, tuple[ChainedEntry, ...]] = field(default_factory=ForkingDict)
    deadlines: ForkingDict[str, Mapping[str, DeadlineRow]] = field(default_factory=ForkingDict)
    personal: ForkingDict[str, Mapping[tuple[int, str], str]] = field(default_factory=ForkingDict)
    remembered: ForkingDict[tuple[str, str], Remembered] = field(default_factory=ForkingDict)
    incidents: ForkingDict[str, Incident] = field(default_factory=ForkingDict)
    outbox: ForkingDict[tuple[str, int], Notice] = field(default_factory=ForkingDict)
    used: ForkingDict[str, int] = field(default_factory=ForkingDict)  # by quota
    ceilings: ForkingDict[str, int | None] = field(default_factory=ForkingDict)  # by quota
    holders: ForkingDict[tuple[str, str], str] = field(default_factory=ForkingDict)  # by field and token
    tokens: ForkingDict[tuple[str, str], str] = field(default_factory=ForkingDict)  # by field and placement
    actors: ForkingDict[str, str] = field(default_factory=ForkingDict)  # by the actor's id
    published: ForkingDict[str, Published] = field(default_factory=ForkingDict)  # by digest
    system: ForkingDict[int, SystemEntry] = field(default_factory=ForkingDict)  # by seq
    watch: ForkingDict[None, Watch] = field(default_factory=ForkingDict)  # one

    def fork(self) -> "State":
        """A second state with the same content, to be written to."""
        return State(*(getattr(self, table.name).fork() for table in fields(self)))


class MemoryReading:
    """One consistent view; implements workflow.store.Reading."""

    def __init__(self, state: State) -> None:
        self.state = state

    def find(self, reference: str) -> Facts | None:
        return self.state.facts.get(self.state.ids.get(reference, ""))

    def known(self, references: Sequence[str]) -> Mapping[str, Facts]:
        found = ((reference, self.find(reference)) for reference in references)
        return {reference: facts for reference, facts in found if facts is not None}

    def history(self, placement: str) -> Sequence[ChainedEntry]:
        return self.state.entries.get(placement, ())

    def personal(self, placement: str) -> Mapping[tuple[int, str], str]:
        return self.state.personal.get(placement, {})

    def disclosed(self) -> Iterator[Disclosed]:
        for reference, placement in sorted(self.state.ids.items()):
            for (seq, name), text in sorted(self.personal(placement).items()):
                yield Disclosed(reference, seq, name, text)

    def remembered(self, placement: str, key: str) -> Remembered | None:
        return self.state.remembered.get((placement, key))

    def incident(self, placement: str) -> Incident | None:
        return self.state.incidents.get(placement)

    def actor(self, actor: str) -> str | None:
        return self.state.actors.get(actor)

    def actors(self) -> Sequence[tuple[str, str]]:
        return sorted(self.state.actors.items(), key=lambda item: item[1])

    def published(self, digest: str) -> Published | None:
        return self.state.published.get(digest)

    def versions(self, name: str | None = None) -> Sequence[Published]:
        named = (kept for kept in self.state.published.values() if name is None or kept.name == name)
        return sorted(named, key=lambda kept: (kept.name, kept.version))

    def next_wake(self) -> datetime | None:
        return min((wake for wake in self.state.wakes.values() if wake is not None), default=None)

    def watch(self) -> Watch:
        return self.state.watch.get(None, Watch())

    def firings_due(self, after: datetime | None, until: datetime) -> int:
        waking = [id_ for id_, wake in self.state.wakes.items() if wake is not None and wake <= until]
        due = (row.due_at for row in self._firings(waking))
        return sum(at <= until and (after is None or at > after) for at in due)

    def firings_open(self, at_most: int) -> int:
        return min(at_most, sum(1 for _ in self._firings(self.state.deadlines)))

    def _firings(self, placements: Iterable[str]) -> Iterator[DeadlineRow]:
        rows = (row for id_ in placements for row in self.state.deadlines.get(id_, {}).values())
        return (row for row in rows if row.status == "running" and row.then is not None)


class MemoryUnitOfWork(MemoryReading):
    """One transaction that may write; implements workflow.store.UnitOfWork."""

    def due(self, now: datetime, limit: int) -> Sequence[Facts]:
        facts = self.state.facts
        late = ((wake, facts[id_].reference, id_) for id_, wake in self.state.wakes.items() if wake and wake <= now)
        return [facts[id_] for _, _, id_ in nsmallest(limit, late)]

    def apply(self, changes: Sequence[Change]) -> None:
        known = self.known([change.after.reference for change in changes])
        refusals.refuse_stale(changes, {reference: facts.seq for reference, facts in known.items()})
        before, self.state = self.state, self.state.fork()
        try:
            for change in changes:
                self._move(change)
            for change in changes:
                self._claim(change)
                self._record(change)
        except BaseException:
            self.state = before
            raise

    def _move(self, change: Change) -> None:
        after, state = change.after, self.state
        if after.definition not in state.published:
            raise IntegrityBroken(f"{after.reference} names a definition that was not published")
        state.ids[after.reference], state.facts[after.id] = after.id, after
        state.wakes[after.id] = change.wakes_at

    def _claim(self, change: Change) -> None:
        state = self.state
        granted = MemoryClaims(state.used, state.ceilings, state.holders, state.tokens)
        refused = granted.grant(change.after.id, change.claims)
        if refused is not None:
            raise ClaimRefused(change.after.reference, refused)

    def _record(self, change: Change) -> None:
        id_, state = change.after.id, self.state
        state.entries[id_] = (*state.entries.get(id_, ()), *self._linked(change))
        for notice in change.notices:
            state.outbox[id_, notice.seq] = notice
        if change.dropped or change.deadlines:
            kept = {n: row for n, row in state.deadlines.get(id_, {}).items() if n not in change.dropped}
            state.deadlines[id_] = kept | {row.name: row for row in change.deadlines}
        if change.personal:
            values = {(value.seq, value.name): value.disclosure for value in change.personal}
            state.personal[id_] = {**state.personal.get(id_, {}), **values}
        if change.erased:
            gone = {(value.seq, value.name) for value in change.erased}
            state.personal[id_] = {k: text for k, text in state.personal.get(id_, {}).items() if k not in gone}
            self._forget_commands(id_, {seq for seq, _ in gone})
        if change.remembered:
            state.remembered[id_, change.remembered.key] = change.remembered
        state.incidents.pop(id_, None)

    def _forget_commands(self, placement: str, seqs: set[int]) -> None:
        for (id_, key), made in list(self.state.remembered.items()):
            if id_ == placement and any(made.first_seq <= seq <= made.last_seq for seq in seqs):
                self.state.remembered[id_, key] = replace(made, fingerprint="")

    def _linked(self, change: Change) -> Sequence[ChainedEntry]:
        known = self.state.entries.get(change.after.id, ())
        seqs, prevs = {item.entry.seq for item in known}, {item.entry.prev for item in known}
        for item in change.entries:
            if item.entry.seq in seqs or item.entry.prev in prevs:
                raise IntegrityBroken(f"{change.after.reference} has an entry {item.entry.seq}, or its place, already")
            seqs.add(item.entry.seq)
            prevs.add(item.entry.prev)
        return change.entries

    def report(self, incident: Incident) -> None:
        if incident.placement not in self.state.facts:
            raise IntegrityBroken(f"there is no placement {incident.placement} to report an incident of")
        self.state.incidents[incident.placement] = incident
        self.state.wakes[incident.placement] = incident.retry_at

    def keep_watch(self, before: Watch, after: Watch) -> bool:
        if self.watch() != before:
            return False
        self.state.watch[None] = after
        return True

    def actor_id(self, name: str) -> str:
        known = next((actor for actor, called in self.state.actors.items() if called == name), None)
        actor = known or f"{PERSON}{secrets.token_hex(16)}"
        self.state.actors[actor] = name
        return actor

    def forget_actor(self, actor: str) -> bool:
        return self.state.actors.pop(actor, None) is not None

    def system_head(self) -> Head:
        last = max(self.state.system.values(), key=lambda act: act.seq, default=None)
        return NO_HEAD if last is None else Head(last.seq, last.hash)

    def record(self, act: SystemEntry) -> None:
        if (act.seq - 1, act.prev) != self.system_head():
            raise IntegrityBroken(f"the act {act.seq} does not follow the last one of this log")
        self.state.system[act.seq] = act

    def publish(self, definition: Published) -> bool:
        new = definition.digest not in self.state.published
        for kept in self.state.published.values():
            self._refuse_other_bytes(kept, definition)
        self.state.published.setdefault(definition.digest, definition)
        for name, ceiling in definition.quotas.items():
            self.state.ceilings[name] = ceiling
        return new

    def _refuse_other_bytes(self, kept: Published, new: Published) -> None:
        same_version = (kept.name, kept.version) == (new.name, new.version)
        same_calendar = kept.calendar == new.calendar
        if (same_version and kept.source != new.source) or (
            same_calendar and kept.calendar_source != new.calendar_source
        ):
            raise refusals.other_bytes(new)
