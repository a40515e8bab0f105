"""Lives kept open in memory and moved through time together: for simulation and forecast.

Every decision is the engine's own: settle, decide, and ask for what there is once only. Nothing is stored until
somebody applies the changes; whoever calls goes through time in order.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from workflow.changes import Change, Claim, Installation, QuotaClaim
from workflow.claims import claim_blocker
from workflow.commands import Fire, Place
from workflow.commitments import fresh_salt
from workflow.deciding import decide_fire
from workflow.errors import UnknownName
from workflow.facts import Facts
from workflow.fold import RulesOf
from workflow.history import ChainedEntry, HistoryEntry, chained
from workflow.journal import Desk, Journal
from workflow.placing import decide_place
from workflow.refusals import Refused
from workflow.rules import Rules
from workflow.settling import Undecidable, decidable, settle
from workflow.situation import Past

Grant = Callable[[str, Sequence[Claim]], Claim | None]
"""Grants all the claims of a placement, or none: then it gives the one that is refused."""


@dataclass(slots=True)
class Life:
    """One placement while it is lived; `seen` of its entries were told already."""

    journal: Journal
    number: int
    seen: int = 0
    stuck: Undecidable | None = None

    @property
    def facts(self) -> Facts:
        """The facts as of the last entry."""
        return self.journal.facts

    def news(self) -> Sequence[ChainedEntry]:
        """The entries made since the last time that this was asked."""
        entries = self.journal.entries[self.seen :]
        self.seen = len(self.journal.entries)
        return entries


class Living:
    """All the lives of one simulation, at one moment, which only goes forward.

    Of lives that are not to be `written` down, entries have no bytes and no hash, and commitments no fresh salt.
    """

    def __init__(
        self,
        rules: Rules,
        rules_of: RulesOf,
        installation: Installation,
        grant: Grant,
        *,
        written: bool = True,
    ) -> None:
        self.rules, self._rules_of, self._installation, self._grant = rules, rules_of, installation, grant
        self._link, self._salt = (chained, fresh_salt) if written else (_unlinked, _numbered(count()))
        self._desk: Desk | None = None

    def at(self, now: datetime) -> Desk:
        """The desk on which things are decided at this moment."""
        desk = self._desk
        if desk is None or desk.now != now:
            given = self._installation
            self._desk = desk = Desk(given.log, given.secret, now, self._rules_of, self._salt, self._link)
        return desk

    def place(self, command: Place, actor: str, number: int, now: datetime) -> Life:
        """A new life. Raises Refused with every reason."""
        journal = Journal(self.at(now), command.reference, self.rules, None, Past(tuple, dict))
        decide_place(journal, command, actor, secrets.token_hex(16))
        refused = self._refused(journal, None)
        if refused is not None:
            raise Refused([claim_blocker(journal.rules, refused)])
        return Life(journal, number)

    def taken_up(self, rules: Rules, facts: Facts, past: Past, number: int, now: datetime) -> Life:
        """A life that goes on from what is recorded of it; what it holds must have been granted before."""
        return Life(Journal(self.at(now), facts.reference, rules, facts, past), number)

    def settle(self, life: Life, now: datetime) -> None:
        """Enter all that is due by now. A life that cannot be decided is stuck, as an incident is."""
        journal, before = life.journal, life.facts
        event = journal.next_event
        if event is None or event.moment > now:
            return
        journal.desk, mark = self.at(now), journal.mark()
        try:
            with decidable():
                settle(journal, now)
                if refused := self._refused(journal, before):
                    raise Undecidable("claim_refused", claim_blocker(journal.rules, refused).sentence("en"))
        except Undecidable as error:
            journal.rewind(mark)
            life.stuck = error

    def fire(self, life: Life, command: Fire, actor: str, now: datetime) -> None:
        """Do what a settled life is asked to. Raises Refused with every reason; then nothing of it was entered."""
        journal, before = life.journal, life.facts
        journal.desk, mark = self.at(now), journal.mark()
        try:
            with decidable(Refused, UnknownName):
                decide_fire(journal, command, actor)
        except Undecidable as error:
            journal.rewind(mark)
            life.stuck = error
            return
        refused = self._refused(journal, before)
        if refused is not None:
            journal.rewind(mark)
            raise Refused([claim_blocker(journal.rules, refused)])

    def _refused(self, journal: Journal, before: Facts | None) -> Claim | None:
        if before is not None and before.revision == journal.facts.revision:
            return None
        claims = tuple(journal.claims_since(before))
        return self._grant(journal.facts.id, claims) if claims else None


def _unlinked(entry: HistoryEntry) -> ChainedEntry:
    return ChainedEntry(entry, b"")


def flushed(lives: Sequence[Life]) -> list[Change]:
    """The changes of these lives, those that give something back first; each life then goes on from there."""
    changes = [life.journal.change() for life in lives]
    for life in lives:
        life.journal, life.seen = life.journal.continued(), 0
    return sorted(changes, key=_taken)


def _taken(change: Change) -> int:
    return sum(claim.delta if isinstance(claim, QuotaClaim) else 0 for claim in change.claims)


def _numbered(numbers: Iterator[int]) -> Callable[[], bytes]:
    """Salts that differ, and that anybody could guess."""
    return lambda: next(numbers).to_bytes(8, "big")
