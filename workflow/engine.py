"""The one door for every change: load, settle, decide, apply in one transaction, and tell after the commit."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from workflow.acts import asked
from workflow.asking import answers, faults, looked_back, previewed, viewed
from workflow.brake import Held, Limits, held_blocker
from workflow.carrying_out import Act, Done, Repairs, carry_out, never
from workflow.changes import Installation, Published
from workflow.claims import claim_blocker
from workflow.clock import Clock
from workflow.commands import (
    Answer,
    EraseAgain,
    Fire,
    Life,
    LifeOutcome,
    Migrate,
    Moment,
    Outcome,
    Place,
    Release,
    Request,
    Retry,
    SweepResult,
)
from workflow.entering import enter_all
from workflow.erasing import decide_erase_again
from workflow.errors import StalePlacement, TransitionRefused
from workflow.facts import Facts
from workflow.finding import Found, find_person
from workflow.history import ChainedEntry
from workflow.incidents import incident_blocker
from workflow.journal import Journal
from workflow.keys import remember, repeated
from workflow.language.wording import Said
from workflow.library import Library
from workflow.migrating import Planned, check_names
from workflow.persons import PersonsView, persons_of
from workflow.placing import decide_place
from workflow.refusals import Refused
from workflow.releasing import Released, release
from workflow.retrying import Retried, retry
from workflow.rollout import migrate_batch, plan_all
from workflow.rules import Rules
from workflow.session import Session
from workflow.settling import Undecidable
from workflow.store import ClaimRefused, Reading, Store, UnitOfWork
from workflow.supposing import Supposition, WhatIf, suppose
from workflow.sweeping import sweep_judged
from workflow.views import Explanation, PlacementView, explained
from workflow.watching import Brake, Standing

Witness = Callable[[Facts, Sequence[ChainedEntry]], None]
"""Told of the entries of a placement once they are committed."""

_NOTHING = SweepResult(0, 0, 0)


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
    """Every change of a placement, and every question about one, by its definition and the clock.

    With `limits` there is a brake. Every change then also raises ClockBehind, and refuses with the blocker `held` what
    would enter something due while the brake holds; so do previews and `can`.
    """

    def __init__(self, store: Store, clock: Clock, witness: Witness = unseen, limits: Limits | None = None) -> None:
        self._store, self._clock, self._witness, self._brake = store, clock, witness, Brake(limits)
        self._library = Library()
        self._installation: Installation | None = None

    def session(self, reading: Reading) -> Session:
        """A session on an open view of the store, at the clock's present moment."""
        if self._installation is None:
            self._installation = self._store.installation()
        return Session(reading, self._library, self._installation, self._clock.now())

    def _deciding(self, reading: Reading) -> Session:
        """A session of which something may come: the clock was judged. Raises ClockBehind."""
        session = self.session(reading)
        session.held = self._brake.judged(reading, session.now)
        return session

    # Definitions

    def publish(self, source: bytes, file: str, actor: str | None = None) -> Published:
        """Publish a definition with its calendar; repeatable. Raises DefinitionError with all findings."""
        return self._library.publish(self._store, source, file, self._clock.now(), actor, self._noted)[0]

    def _noted(self, unit: UnitOfWork) -> None:
        session = self._deciding(unit)
        self._brake.note(unit, session.now, session.held)

    def unpublished(self, source: bytes, file: str) -> Rules:
        """The rules that a definition would give if it were published. Raises DefinitionError with all findings."""
        with self._store.reading() as reading:
            return self._library.unpublished(reading, source, file)

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

        def within(unit: UnitOfWork) -> Outcome | Journal:
            session = self._deciding(unit)
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
            self._brake.note(unit, session.now, session.held)
            return journal

        done = self._store.transact(within)
        if isinstance(done, Outcome):
            return done
        self._witness(done.facts, done.entries)
        return Outcome(command.reference, (), tuple(done.entries), done.facts)

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

    def ask(self, request: Request) -> Outcome:
        """Carry out a request of any of these kinds. Raises as `fire` does."""
        return self._act(*asked(request))

    def erase_again(self, command: EraseAgain) -> Outcome:
        """Erase what a restored database has lost the erasure of. Raises NotFound, TransitionRefused."""
        fire = Fire(reference=command.reference, trigger="erase", actor=command.actor)
        return self._act(fire, lambda journal, actor: decide_erase_again(journal, command, actor))

    def _act(self, command: Fire, act: Act, repairs: Repairs = never) -> Outcome:
        try:
            return self._attempt(command, act, repairs)
        except ClaimRefused:
            # What others give back counts, but only once all that is due has been entered.
            held = self.sweep().held
        if held is not None:
            raise TransitionRefused(command.reference, command.trigger, [held_blocker(held)])
        cause: Undecidable | None = None
        for _ in range(2):
            try:
                return self._attempt(command, act, repairs, cause)
            except ClaimRefused as refused:
                # What is due may be what is refused: a correction may repair that.
                cause, claim = Undecidable(refused.code, str(refused)), refused.claim
            if repairs is never:
                break
        raise TransitionRefused(command.reference, command.trigger, [claim_blocker(self.current_rules(), claim)])

    @_repeated
    def _attempt(self, command: Fire, act: Act, repairs: Repairs, cause: Undecidable | None = None) -> Outcome:

        def within(unit: UnitOfWork) -> Outcome | Done:
            session = self._deciding(unit)
            facts = session.find(command.reference)
            again = repeated(session, facts, command.key, command.trigger, command.fields)
            if again is not None:
                return again
            done = carry_out(session, unit, facts, command, act, repairs, cause)
            if done.settled or done.entries:
                self._brake.note(unit, session.now, session.held)
            return done

        done = self._store.transact(within)
        if isinstance(done, Outcome):
            return done
        self._witness(done.facts, [*done.settled, *done.entries])
        if done.refusal is not None:
            raise done.refusal
        return Outcome(command.reference, done.settled, done.entries, done.facts, otherwise=done.otherwise)

    @_repeated
    def enter(self, lives: Sequence[Life], *, partial: bool = False, dry_run: bool = False) -> list[LifeOutcome]:
        """Enter lives already lived, in one transaction; unless `partial`, one refusal writes nothing at all."""
        kept = False
        with suppress(_Discarded), self._store.writing() as unit:
            session = self._deciding(unit)
            entered = enter_all(session, unit, lives)
            kept = not dry_run and (partial or not entered.refused)
            if not kept:
                raise _Discarded
            if entered.changes:
                self._brake.note(unit, session.now, session.held)
        for change in entered.changes if kept else ():
            self._witness(change.after, change.entries)
        return list(entered.outcomes)

    @_repeated
    def migrate(self, command: Migrate, seen: Mapping[str, int | None]) -> list[Planned]:
        """Bring placements under another version of their definition, in one transaction; tells what became of each.

        `seen`: each reference with the revision of its plan (None: any). One that cannot be migrated has blockers.
        Raises NotFound, UnknownName.
        """
        with self._store.writing() as unit:
            session = self._deciding(unit)
            rules = session.rules_of(command.to)
            check_names(command, rules.definition)
            done, changes = migrate_batch(session, unit, command, rules, seen)
            if changes:
                self._brake.note(unit, session.now, session.held)
        for change in changes:
            self._witness(change.after, change.entries)
        return done

    @_repeated
    def sweep(self, *, until: datetime | None = None, stop: Callable[[], bool] | None = None) -> SweepResult:
        """Enter all that has fallen due (by `until`), in batches; what cannot be decided becomes an incident.

        `stop` is asked before each batch: the transaction in hand is always finished. While the brake holds, nothing is
        entered and the result says so. Raises ClockBehind.
        """
        total = _NOTHING
        while stop is None or not stop():
            with self._store.writing() as unit:
                batch = sweep_judged(self._brake, self._deciding(unit), unit, until, first=total == _NOTHING)
            if batch.held is not None:
                return replace(total, held=batch.held)
            for change in batch.changes:
                self._witness(change.after, change.entries)
            total = batch.added_to(total)
            if not batch.full:
                break
        return total

    def beat(self) -> Held | None:
        """See the clock, for a daemon that has nothing to sweep; tells why the brake holds. Raises ClockBehind."""
        with self._store.reading() as reading:
            session = self._deciding(reading)
            if session.held is not None or not self._brake.is_beat_due(reading, session.now):
                return session.held
        with self._store.writing() as unit:
            session = self._deciding(unit)
            if session.held is None:
                self._brake.beat(unit, session.now)
        return session.held

    def release(self, command: Release) -> Released | None:
        """Release what holds now, and enter that in the log; None where nothing holds. Raises TransitionRefused."""
        with self._store.writing() as unit:
            session = self.session(unit)
            return release(session, unit, self._brake.standing(unit, session.now), command)

    @_repeated
    def retry(self, command: Retry) -> Retried:
        """Try a placement at once that has an incident, if it has one. Raises NotFound, TransitionRefused."""
        with self._store.writing() as unit:
            session = self._deciding(unit)
            done = retry(session, unit, command)
            if done.change is not None:
                self._brake.note(unit, session.now, session.held)
        if done.change is not None:
            self._witness(done.change.after, done.change.entries)
        return done

    # Questions: nothing is written

    def preview(self, request: Request) -> Outcome:
        """What `ask` would do now. Raises as it does; settles in memory and writes nothing."""
        with self._store.reading() as reading:
            session = self._deciding(reading)
            return previewed(session, session.find(request.reference), *asked(request))

    def plan(self, command: Migrate, references: Sequence[str], rules: Rules | None = None) -> list[Planned]:
        """What `migrate` would do now, also to `rules` that are not published yet. Raises as it does."""
        with self._store.reading() as reading:
            session = self._deciding(reading)
            target = rules or session.rules_of(command.to)
            check_names(command, target.definition)
            known = reading.known(references)
            return list(plan_all(session, command, target, [known[name] for name in references if name in known]))

    def can(
        self, reference: str, trigger: str | None = None, *, at: Moment = None, roles: Sequence[str] = ()
    ) -> list[Answer]:
        """What may fire, and every blocker of what may not; `at` may lie in the future. Raises NotFound."""
        with self._store.reading() as reading:
            session = self._deciding(reading)
            return answers(session, session.find(reference), trigger, at, roles)

    def what_if(self, reference: str, said: Sequence[Supposition], values: Mapping[str, str] | None = None) -> WhatIf:
        """Every date that would follow if these things happened, one after the other; the future may be supposed too.

        Raises NotFound, UnknownName, and TransitionRefused for what people did since, or a placement with an incident.
        """
        with self._store.reading() as reading:
            session = self._deciding(reading)
            facts = session.find(reference)
            try:
                return suppose(session, facts, said, values or {})
            except Refused as refused:
                raise TransitionRefused(reference, "what-if", refused.blockers) from refused
            except Undecidable as error:
                raise TransitionRefused(reference, "what-if", [incident_blocker(error)]) from error

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

    def find_person(self, texts: Sequence[str]) -> Found:
        """Which placements speak of somebody who is called, or referred to as, one of these texts."""
        with self._store.reading() as reading:
            return find_person(reading, texts)

    def explain(self, reference: str, deadline: str) -> Explanation:
        """How the date of a deadline, open or past, was computed. Raises NotFound, UnknownName."""
        with self._store.reading() as reading:
            session = self.session(reading)
            facts = session.find(reference)
            return explained(session.rules_of(facts.definition), facts, deadline)

    def check(self, reference: str) -> list[Said]:
        """What does not hold for one placement: chain, fold, deadlines; empty where all does. Raises NotFound."""
        with self._store.reading() as reading:
            session = self.session(reading)
            return faults(session, session.find(reference))

    def next_wake(self) -> datetime | None:
        """The earliest moment at which a placement needs a sweep."""
        with self._store.reading() as reading:
            return reading.next_wake()

    def brake(self) -> Standing:
        """Whether the brake holds, and why."""
        with self._store.reading() as reading:
            return self._brake.standing(reading, self._clock.now())
