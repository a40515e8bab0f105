"""What guards may look at: the facts of a placement, the request, and on demand its past and personal values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property

import msgspec

from workflow.calendar import local_day
from workflow.commitments import opened
from workflow.definition import Transition, Value
from workflow.facts import Facts
from workflow.history import ChainedEntry, HistoryEntry
from workflow.rules import Rules
from workflow.standing import standing


class Past:
    """The history and the disclosures of a placement, read only when a guard asks, and kept up with new entries."""

    def __init__(
        self, entries: Callable[[], Sequence[ChainedEntry]], disclosures: Callable[[], Mapping[tuple[int, str], str]]
    ) -> None:
        self._read_entries, self._read_disclosures = entries, disclosures
        self._stored: Sequence[ChainedEntry] | None = None
        self._disclosed: Mapping[tuple[int, str], str] | None = None
        self._new: list[ChainedEntry] = []
        self._standing: list[HistoryEntry] | None = None
        self._shown: dict[tuple[int, str], str] = {}
        self._erased: set[tuple[int, str]] = set()

    @property
    def entries(self) -> Sequence[ChainedEntry]:
        """All entries, oldest first."""
        if self._stored is None:
            self._stored = self._read_entries()
        return [*self._stored, *self._new]

    @property
    def _disclosures(self) -> Mapping[tuple[int, str], str]:
        if self._disclosed is None:
            self._disclosed = self._read_disclosures()
        return self._disclosed

    @property
    def standing(self) -> Sequence[HistoryEntry]:
        """The entries that stand, oldest first."""
        if self._standing is None:
            self._standing = standing(self.entries)
        return self._standing

    def value(self, seq: int, name: str) -> Value:
        """The personal value that an entry set; None where it was erased."""
        if (seq, name) in self._erased:
            return None
        disclosure = self._shown.get((seq, name)) or self._disclosures.get((seq, name))
        return None if disclosure is None else opened(disclosure)[1]

    def drop_last(self, count: int) -> None:
        """Drop the last `count` entries, which were decided and are not stored."""
        if count:
            gone = {item.entry.seq for item in self._new[-count:]}
            self._shown = {key: text for key, text in self._shown.items() if key[0] not in gone}
            del self._new[-count:]
            self._standing = None

    def until(self, at: datetime, *, by_rules_of_today: bool = False) -> "Past":
        """The past as it was at a moment: what stands of it, without the entries of what happened later.

        A migration is nothing that happened. It counts by the rules of today, and where a fact of that time was entered
        after it, under its rules.
        """
        stands = [entry for entry in self.standing if entry.occurred_at <= at or entry.kind == "migration"]
        last = max((entry.seq for entry in stands if entry.kind != "migration"), default=0)

        def counts(entry: HistoryEntry) -> bool:
            return entry.occurred_at <= at or by_rules_of_today or entry.seq < last

        seen = {entry.seq for entry in stands if counts(entry)}
        entries = [item for item in self.entries if item.entry.seq in seen]
        shown = {key: text for key, text in {**self._disclosures, **self._shown}.items() if key not in self._erased}
        return Past(lambda: entries, lambda: shown)

    def add(self, item: ChainedEntry) -> None:
        """Keep up with an entry that was decided but is not stored yet."""
        self._new.append(item)
        if item.entry.kind == "reversal":
            self._standing = None
        elif self._standing is not None:
            self._standing.append(item.entry)

    def show(self, disclosures: Mapping[tuple[int, str], str]) -> None:
        """Keep up with personal values that were set and are not stored yet."""
        self._shown.update(disclosures)

    def forget(self, values: Iterable[tuple[int, str]]) -> None:
        """Keep up with an erasure that was decided but is not stored yet."""
        self._erased.update(values)

    def recall(self, values: Iterable[tuple[int, str]]) -> None:
        """Take back an erasure that was decided and is not stored."""
        self._erased.difference_update(values)


class Situation(msgspec.Struct, frozen=True, dict=True):
    """One request as its guards see it. `given` holds the values that come with it (None empties)."""

    rules: Rules
    facts: Facts
    past: Past
    transition: Transition
    occurred_at: datetime
    role: str
    reason_given: bool
    given: Mapping[str, Value] = {}

    @cached_property
    def occurred_on(self) -> date:
        """The local day of the fact."""
        return local_day(self.occurred_at, self.facts.territory)

    def value(self, name: str) -> Value:
        """A field as it would be once the request is granted."""
        if name in self.given:
            return self.given[name]
        if name in self.facts.personal:
            return self.past.value(self.facts.setters[name], name)
        return self.facts.fields.get(name)

    def before(self, seq: int) -> Sequence[HistoryEntry]:
        """The entries that stand up to a seq, oldest first."""
        return [entry for entry in self.past.standing if entry.seq <= seq]
