"""A decision in the making on one placement: its facts move on with every entry, and what must be written adds up.

Nothing here decides what to enter (settling.py, deciding.py) or writes it (a store applies the finished Change).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from workflow import claiming, deadlines
from workflow.changes import Change, Claim, ErasedValue, Hold, Notice, PersonalValue, Release, Remembered
from workflow.commitments import commitment_to, disclosure_of, token_of
from workflow.deadlines import Event
from workflow.definition import Value
from workflow.facts import Facts, Waiting
from workflow.fold import RulesOf, advance, fold, nowhere
from workflow.history import ChainedEntry, HistoryEntry, Kind, chained
from workflow.rules import Rules
from workflow.situation import Past
from workflow.waiting import REQUESTED, STEP

_ANNOUNCED = frozenset({"reminder", "missed", "milestone", "timeout"})
# What these say in their fields are no fields of the definition.
_SAYS_OTHER = frozenset({"erasure", "note", "migration"})


class Desk(msgspec.Struct, frozen=True):
    """What every decision of one operation shares: the log's id, the key of hashes, the moment, rules, fresh salts.

    `link` makes an entry one of its chain.
    """

    log: str
    secret: bytes
    now: datetime
    rules_of: RulesOf
    salt: Callable[[], bytes]
    link: Callable[[HistoryEntry], ChainedEntry] = chained


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision says of an entry; the journal adds seq, chain, states, definition and times."""

    kind: Kind
    occurred_at: datetime
    actor: str
    to: str | None = None
    trigger: str | None = None
    role: str | None = None
    guards: Mapping[str, bool] = {}
    fields: Mapping[str, Value] = {}
    reason: str | None = None
    text: str | None = None
    key: str | None = None
    deadline: str | None = None
    due_at: datetime | None = None
    correlation: str | None = None
    late: bool = False
    concerns: ChainedEntry | None = None
    ground: str | None = None


class Mark(msgspec.Struct, frozen=True):
    """A point in a journal to which it can be rewound."""

    rules: Rules
    facts: Facts | None
    entries: int
    personal: int
    notices: int
    erased: int


class Journal:
    """The entries decided so far on one placement, and the facts that they lead to."""

    def __init__(self, desk: Desk, reference: str, rules: Rules, facts: Facts | None, past: Past) -> None:
        self.desk, self.reference, self.past = desk, reference, past
        self.rules = self._rules_before = rules
        self._before = self._facts = facts
        self.entries: list[ChainedEntry] = []
        self._personal: list[PersonalValue] = []
        self._notices: list[Notice] = []
        self._erased: list[ErasedValue] = []
        self.remembered: Remembered | None = None
        # What was looked at last is asked again before anything has changed.
        self._looked: tuple[Facts | None, Rules | None, Event | None] = (None, None, None)

    @property
    def facts(self) -> Facts:
        """The facts as of the last entry. Raises ValueError before the placement is placed."""
        if self._facts is None:
            raise ValueError(f"{self.reference} is not placed yet")
        return self._facts

    @property
    def next_event(self) -> Event | None:
        """What falls due first as the facts stand."""
        looked = self._looked
        if looked[0] is not self._facts or looked[1] is not self.rules:
            self._looked = looked = (self.facts, self.rules, deadlines.next_event(self.rules, self.facts))
        return looked[2]

    @property
    def now(self) -> datetime:
        """The present of this placement: the later of the clock and of what was recorded last."""
        return max(self.desk.now, self._facts.recorded_at) if self._facts else self.desk.now

    def append(self, draft: Draft, placement: str = "") -> ChainedEntry:
        """Enter one more entry; `placement` is the random id of a new placement, with its first entry."""
        disclosures = self._disclose(draft)
        item = self.desk.link(self._entry(draft, placement, disclosures))
        self.entries.append(item)
        self.past.add(item)
        if disclosures:
            self._keep(item.entry.seq, disclosures)
        self._facts = self._after(item)
        if _is_announced(item.entry):
            self._notices.append(self._notice(item.entry))
        return item

    def _keep(self, seq: int, disclosures: Mapping[str, str]) -> None:
        category_of = self.rules.definition.category_of
        self._personal += [PersonalValue(seq, name, text, category_of(name)) for name, text in disclosures.items()]
        self.past.show({(seq, name): text for name, text in disclosures.items()})

    def _after(self, item: ChainedEntry) -> Facts:
        if item.entry.kind == "reversal":
            return fold(self.desk.rules_of, self.reference, self.past.entries)
        return advance(self.rules, self._facts or nowhere(self.reference, item.entry), item)

    def mark(self) -> Mark:
        """Where the journal stands, to come back to."""
        counts = (len(self.entries), len(self._personal), len(self._notices), len(self._erased))
        return Mark(self.rules, self._facts, *counts)

    def rewind(self, mark: Mark) -> None:
        """Forget all that was entered since `mark`."""
        self.past.drop_last(len(self.entries) - mark.entries)
        self.rules, self._facts = mark.rules, mark.facts
        self.past.recall((value.seq, value.name) for value in self._erased[mark.erased :])
        del self.entries[mark.entries :], self._personal[mark.personal :], self._notices[mark.notices :]
        del self._erased[mark.erased :]

    def migrate(self, rules: Rules, draft: Draft) -> ChainedEntry:
        """Enter a migration: this entry, and all that follow, are those of other rules."""
        self.rules = rules
        return self.append(draft)

    def erase(self, draft: Draft, values: Sequence[ErasedValue]) -> ChainedEntry:
        """Enter an erasure; these values go with it."""
        self._erased += values
        self.past.forget((value.seq, value.name) for value in values)
        return self.append(draft)

    def _disclose(self, draft: Draft) -> dict[str, str]:
        hidden = self._personal_in(draft) if draft.fields and draft.kind not in _SAYS_OTHER else {}
        if draft.text is not None:
            hidden["reason" if draft.kind != "note" else "note"] = draft.text
        if draft.ground is not None:
            hidden["ground"] = draft.ground
        return {name: disclosure_of(self.desk.salt(), name, value) for name, value in hidden.items()}

    def _personal_in(self, draft: Draft) -> dict[str, Value]:
        fields = self.rules.definition.fields
        return {n: v for n, v in draft.fields.items() if v is not None and n in fields and fields[n].personal}

    def _entry(self, draft: Draft, placement: str, disclosures: Mapping[str, str]) -> HistoryEntry:
        facts = self._facts
        state = facts.state if facts else None
        return HistoryEntry(
            log=self.desk.log,
            placement=facts.id if facts else placement,
            seq=facts.seq + 1 if facts else 1,
            prev=facts.head if facts else "0" * 64,
            kind=draft.kind,
            trigger=draft.trigger,
            from_state=state,
            to_state=draft.to or state,
            definition=self.rules.ref,
            guards=draft.guards,
            actor=draft.actor,
            role=draft.role,
            key=draft.key,
            occurred_at=draft.occurred_at,
            recorded_at=self.now,
            due_at=draft.due_at,
            deadline=draft.deadline,
            fields=_public(draft.fields, disclosures),
            commitments={name: commitment_to(text) for name, text in disclosures.items()},
            reason=draft.reason,
            correlation=draft.correlation,
            late=draft.late,
            concerns=draft.concerns.entry.seq if draft.concerns else None,
            concerns_hash=draft.concerns.hash if draft.concerns else None,
        )

    def _notice(self, entry: HistoryEntry) -> Notice:
        stale = entry.recorded_at - entry.occurred_at > self.rules.stale_after
        return Notice(entry.seq, entry.kind, entry.deadline, entry.trigger, entry.occurred_at, stale)

    def change(self) -> Change:
        """Everything entered so far, as one change to apply."""
        before, after, event = self._before, self.facts, self.next_event
        listed = deadlines.relisted(self._rules_before, before, self.rules, after)
        asked, decided = _requests(before, after)
        return Change(
            before_seq=0 if before is None else before.seq,
            after=after,
            entries=tuple(self.entries),
            wakes_at=None if event is None else event.moment,
            personal=tuple(self._personal),
            notices=tuple(self._notices),
            claims=tuple(self.claims_since(before)),
            dropped=listed.dropped,
            deadlines=listed.rows,
            remembered=self.remembered,
            erased=tuple(self._erased),
            asked=asked,
            decided=decided,
        )

    def claims_since(self, before: Facts | None) -> Iterator[Claim]:
        """What the placement takes and gives back by what was entered since these facts were its own."""
        rules, after = self.rules, self.facts
        yield from claiming.quotas(self._rules_before.definition, before, rules.definition, after)
        for name, seq in claiming.exclusives(self._rules_before.definition, before, rules.definition, after):
            yield Release(name) if seq is None else Hold(name, token_of(self.desk.secret, name, self._value(seq, name)))

    def _value(self, seq: int, name: str) -> Value:
        return self.past.value(seq, name) if name in self.facts.personal else self.facts.fields[name]

    def continued(self) -> "Journal":
        """The journal that goes on from here, once this one's change was applied."""
        return Journal(self.desk, self.reference, self.rules, self.facts, self.past)


def _public(fields: Mapping[str, Value], disclosures: Mapping[str, str]) -> Mapping[str, Value]:
    return {name: value for name, value in fields.items() if name not in disclosures} if disclosures else fields


def _is_announced(entry: HistoryEntry) -> bool:
    """Whether people are told: of a deadline, of a reminder that somebody asked for, of a correction that waits."""
    if entry.kind == "note":
        return entry.deadline is not None
    return entry.kind in _ANNOUNCED or entry.fields.get(STEP) == REQUESTED


def _requests(before: Facts | None, after: Facts) -> tuple[tuple[Waiting, ...], tuple[int, ...]]:
    """The difference in what waits for a second person: what is asked for, and the seqs of what waits no longer."""
    waited = () if before is None else before.requests
    if not waited and not after.requests:
        return (), ()
    gone = tuple(each.seq for each in waited if each not in after.requests)
    return tuple(each for each in after.requests if each not in waited), gone
