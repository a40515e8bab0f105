"""The one door for every change: load, settle, decide, apply in one transaction, and tell after the commit."""

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from workflow.acts import asked
from workflow.asking import answers, faults, looked_back, previewed, viewed
from workflow.carrying_out import Act, carry_out
from workflow.changes import Installation, Published
from workflow.claims import claim_blocker
from workflow.clock import Clock
from workflow.commands import (
    Adjust,
    Amend,
    Answer,
    Erase,
    EraseAgain,
    Fire,
    HoldData,
    Life,
    LifeOutcome,
    Moment,
    Note,
    Outcome,
    Place,
    Request,
    Reverse,
    SweepResult,
    Void,
)
from workflow.entering import enter_all
from workflow.erasing import decide_erase, decide_erase_again, decide_hold
from workflow.errors import StalePlacement, TransitionRefused
from workflow.facts import Facts
from workflow.history import ChainedEntry
from workflow.keys import remember, repeated
from workflow.library import Library
from workflow.persons import PersonsView, persons_of
from workflow.placing import decide_place
from workflow.refusals import Refused
from workflow.remarks import decide_note, decide_void
from workflow.rules import Rules
from workflow.session import Session
from workflow.store import ClaimRefused, Reading, Store
from workflow.sweeping import sweep_batch
from workflow.views import Explanation, PlacementView, explained

Witness = Callable[[Facts, Sequence[ChainedEntry]], None]
"""Told of the entries of a placement once they are committed."""


def unseen(facts: Facts, entries: Sequence[ChainedEntry]) -> None:
    """The witness who looks away."""


P = ParamSpec("P")
T = TypeVar("T")


def _repeated(method: "Callable[Concatenate[Engine, P], T]") -> "Callable[Concatenate[Engine, P], T]":
    """Done again where the store interrupted its transaction, of which nothing was written then.

    A sweep goes on with what is still due, and tells of that alone.
    """

    @wraps(method)
    def again(self: "Engine", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self._store.repeating(lambda: method(self, *args, **kwargs))

    return again


class _Discarded(Exception):
    """Ends a transaction whose outcome is to be known, but not kept."""


class Engine:
    """Every change of a placement, and every question about one, by its definition and the clock."""

    def __init__(self, store: Store, clock: Clock, witness: Witness = unseen) -> None:
        self._store, self._clock, self._witness = store, clock, witness
        self._library = Library()
        self._installation: Installation | None = None

    def session(self, reading: Reading) -> Session:
        """A session on an open view of the store, at the clock's present moment."""
        if self._installation is None:
            self._installation = self._store.installation()
        return Session(reading, self._library, self._installation, self._clock.now())

    # Definitions

    def publish(self, source: bytes, file: str, actor: str | None = None) -> Published:
        """Publish a definition with its calendar; repeatable. Raises DefinitionError with all findings."""
        return self._library.publish(self._store, source, file, self._clock.now(), actor)[0]

    def rules(self, digest: str) -> Rules:
        """The rules published under a digest. Raises NotFound."""
        with self._store.reading() as reading:
            return self._library.rules(reading, digest)

    def current_rules(self) -> Rules:
        """The rules of new placements: those published last. Raises NotFound."""
        with self._store.reading() as reading:
            return self._library.current(reading)

    # Changes

    @_repeated
    def place(self, command: Place) -> Outcome:
        """Create a placement. Raises TransitionRefused, StalePlacement where the reference exists, NotFound."""
        with self._store.writing() as unit:
            session = self.session(unit)
            existing = unit.find(command.reference)
            if existing is not None:
                return self._placed_before(session, command, existing)
            journal = session.blank(command.reference, session.current_rules)
            try:
                decide_place(journal, command, unit.actor_id(command.actor), secrets.token_hex(16))
            except Refused as refused:
                raise TransitionRefused(command.reference, "place", refused.blockers) from refused
            remember(session, journal, command.key, "place", command.fields, 1)
            unit.apply([journal.change()])
        self._witness(journal.facts, journal.entries)
        return Outcome(command.reference, (), tuple(journal.entries), journal.facts)

    def _placed_before(self, session: Session, command: Place, existing: Facts) -> Outcome:
        again = repeated(session, existing, command.key, "place", command.fields)
        if again is None:
            raise StalePlacement(command.reference, f"a placement with the reference {command.reference} exists")
        return again

    def fire(self, command: Fire) -> Outcome:
        """Carry out a request for a transition, all that is due first.

        Raises TransitionRefused, StalePlacement, NotFound, UnknownName. What was settled stays, also on a refusal.
        """
        return self.ask(command)

    def note(self, command: Note) -> Outcome:
        """Attach a remark. Raises NotFound, TransitionRefused."""
        fire = Fire(reference=command.reference, trigger="note", actor=command.actor, at=command.at)
        return self._act(fire, lambda journal, actor: decide_note(journal, command, actor))

    def void(self, command: Void) -> Outcome:
        """Put a placement aside for ever. Raises NotFound, TransitionRefused, StalePlacement."""
        fire = Fire(reference=command.reference, trigger="void", actor=command.actor, expect=command.expect)
        return self._act(fire, lambda journal, actor: decide_void(journal, command, actor))

    def reverse(self, command: Reverse) -> Outcome:
        """Undo the last move. Raises NotFound, TransitionRefused, StalePlacement."""
        return self.ask(command)

    def amend(self, command: Amend) -> Outcome:
        """Correct values. Raises NotFound, TransitionRefused, StalePlacement, UnknownName."""
        return self.ask(command)

    def adjust(self, command: Adjust) -> Outcome:
        """Pause, resume, extend or move a deadline. Raises as `amend` does."""
        return self.ask(command)

    def ask(self, request: Request) -> Outcome:
        """Carry out a request of any of these kinds. Raises as `amend` does."""
        return self._act(*asked(request))

    def erase(self, command: Erase) -> Outcome:
        """Erase personal data. Raises NotFound, TransitionRefused, UnknownName."""
        fire = Fire(reference=command.reference, trigger="erase", actor=command.actor)
        return self._act(fire, lambda journal, actor: decide_erase(journal, command, actor))

    def erase_again(self, command: EraseAgain) -> Outcome:
        """Erase what a restored database has lost the erasure of. Raises NotFound, TransitionRefused."""
        fire = Fire(reference=command.reference, trigger="erase", actor=command.actor)
        return self._act(fire, lambda journal, actor: decide_erase_again(journal, command, actor))

    def hold(self, command: HoldData) -> Outcome:
        """Begin or end a legal hold. Raises NotFound, TransitionRefused."""
        fire = Fire(reference=command.reference, trigger="hold" if command.on else "release", actor=command.actor)
        return self._act(fire, lambda journal, actor: decide_hold(journal, command, actor))

    def _act(self, command: Fire, act: Act) -> Outcome:
        try:
            return self._attempt(command, act)
        except ClaimRefused:
            # What others give back counts, but only once all that is due has been entered.
            self.sweep()
        try:
            return self._attempt(command, act)
        except ClaimRefused as refused:
            blocker = claim_blocker(self.current_rules(), refused.claim)
            raise TransitionRefused(command.reference, command.trigger, [blocker]) from refused

    @_repeated
    def _attempt(self, command: Fire, act: Act) -> Outcome:
        with self._store.writing() as unit:
            session = self.session(unit)
            facts = session.find(command.reference)
            again = repeated(session, facts, command.key, command.trigger, command.fields)
            if again is not None:
                return again
            done = carry_out(session, unit, facts, command, act)
        self._witness(done.facts, [*done.settled, *done.entries])
        if done.refusal is not None:
            raise done.refusal
        return Outcome(command.reference, done.settled, done.entries, done.facts)

    @_repeated
    def enter(self, lives: Sequence[Life], *, partial: bool = False, dry_run: bool = False) -> list[LifeOutcome]:
        """Enter lives already lived, in one transaction; unless `partial`, one refusal writes nothing at all."""
        kept = False
        with suppress(_Discarded), self._store.writing() as unit:
            entered = enter_all(self.session(unit), unit, lives)
            kept = not dry_run and (partial or not entered.refused)
            if not kept:
                raise _Discarded
        for change in entered.changes if kept else ():
            self._witness(change.after, change.entries)
        return list(entered.outcomes)

    @_repeated
    def sweep(self, *, until: datetime | None = None, stop: Callable[[], bool] | None = None) -> SweepResult:
        """Enter all that has fallen due (by `until`), in batches; what cannot be decided becomes an incident.

        `stop` is asked before each batch: the transaction in hand is always finished.
        """
        total = SweepResult(0, 0, 0)
        while stop is None or not stop():
            with self._store.writing() as unit:
                batch = sweep_batch(self.session(unit), unit, until)
            for change in batch.changes:
                self._witness(change.after, change.entries)
            total = batch.added_to(total)
            if not batch.full:
                break
        return total

    # Questions: nothing is written

    def preview(self, request: Request) -> Outcome:
        """What `ask` would do now. Raises as it does; settles in memory and writes nothing."""
        with self._store.reading() as reading:
            session = self.session(reading)
            return previewed(session, session.find(request.reference), *asked(request))

    def can(
        self, reference: str, trigger: str | None = None, *, at: Moment = None, roles: Sequence[str] = ()
    ) -> list[Answer]:
        """What may fire, and every blocker of what may not; `at` may lie in the future. Raises NotFound."""
        with self._store.reading() as reading:
            session = self.session(reading)
            return answers(session, session.find(reference), trigger, at, roles)

    def view(self, reference: str, *, as_of: datetime | None = None, at: Moment = None) -> PlacementView:
        """A placement as recorded, and what is pending. Raises NotFound.

        `as_of`: what was believed at that moment, by what was recorded until then. `at`: what was true at that
        moment, by what is known now.
        """
        with self._store.reading() as reading:
            session = self.session(reading)
            facts = session.find(reference)
            return looked_back(session, facts, as_of, at) if as_of or at else viewed(session, facts)

    def persons(self, reference: str) -> PersonsView:
        """All that is kept, or was erased, of the persons of a placement. Raises NotFound."""
        with self._store.reading() as reading:
            session = self.session(reading)
            facts = session.find(reference)
            rules = session.rules_of(facts.definition)
            return persons_of(rules, facts, reading.history(facts.id), reading.personal(facts.id))

    def explain(self, reference: str, deadline: str) -> Explanation:
        """How the date of a deadline, open or past, was computed. Raises NotFound, UnknownName."""
        with self._store.reading() as reading:
            session = self.session(reading)
            facts = session.find(reference)
            return explained(session.rules_of(facts.definition), facts, deadline)

    def check(self, reference: str) -> list[str]:
        """What does not hold for one placement: chain, fold, deadlines; empty where all does. Raises NotFound."""
        with self._store.reading() as reading:
            session = self.session(reading)
            return faults(session, session.find(reference))

    def next_wake(self) -> datetime | None:
        """The earliest moment at which a placement needs a sweep."""
        with self._store.reading() as reading:
            return reading.next_wake()
