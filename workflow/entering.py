"""Entering lives already lived: many placements with their facts, each settled up to the moment of each fact."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workflow.changes import Change
from workflow.claims import claim_blocker
from workflow.commands import Fire, Life, LifeOutcome, Place
from workflow.deciding import decide_fire, moment_of
from workflow.definition import IMPORT, Value
from workflow.errors import Blocker, NotFound, ParcoursError, UnknownName
from workflow.facts import Facts
from workflow.journal import Journal
from workflow.placing import decide_place
from workflow.refusals import Refused
from workflow.requests import read_fields
from workflow.session import Session
from workflow.settling import Undecidable, settle
from workflow.store import ClaimRefused, UnitOfWork


@dataclass
class Entered:
    """What became of each life, and what was applied."""

    outcomes: list[LifeOutcome] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether any life was refused."""
        return any(outcome.status == "refused" for outcome in self.outcomes)


class _Stopped(Exception):
    """A life cannot be entered, for these reasons, at this row of the input."""

    def __init__(self, blockers: Sequence[Blocker], step: int) -> None:
        self.blockers, self.step = tuple(blockers), step
        super().__init__()


def enter_all(session: Session, unit: UnitOfWork, lives: Sequence[Life]) -> Entered:
    """Decide every life and apply what can be; the caller rolls back where it wanted all or nothing."""
    entered = Entered()
    known = unit.known([life.reference for life in lives])
    decided: list[tuple[Life, Change]] = []
    for life in lives:
        outcome, change = _enter(session, life, known.get(life.reference))
        entered.outcomes.append(outcome)
        if change is not None:
            decided.append((life, change))
    _apply(session, unit, entered, decided)
    return entered


def _apply(session: Session, unit: UnitOfWork, entered: Entered, decided: Sequence[tuple[Life, Change]]) -> None:
    try:
        unit.apply([change for _, change in decided])
        entered.changes = [change for _, change in decided]
    except ClaimRefused:
        _apply_one_by_one(session, unit, entered, decided)


def _apply_one_by_one(
    session: Session, unit: UnitOfWork, entered: Entered, decided: Sequence[tuple[Life, Change]]
) -> None:
    """In the input's order, so that the first ones get what is left of a quota."""
    refused: dict[int, LifeOutcome] = {}
    for life, change in decided:
        try:
            unit.apply([change])
            entered.changes.append(change)
        except ClaimRefused as refusal:
            blocker = claim_blocker(session.rules_of(change.after.definition), refusal.claim)
            refused[id(life)] = LifeOutcome(life, "refused", (blocker,), _row(life, 0))
    entered.outcomes = [refused.get(id(outcome.life), outcome) for outcome in entered.outcomes]


def _enter(session: Session, life: Life, existing: Facts | None) -> tuple[LifeOutcome, Change | None]:
    try:
        if life.place is not None and existing is not None:
            return _compared(session, life, life.place, existing), None
        if life.place is None and existing is None:
            raise _Stopped([_unknown(life.reference)], 0)
        journal = _begun(session, life, existing)
        new = _live(session, journal, life)
    except _Stopped as stopped:
        return LifeOutcome(life, "refused", stopped.blockers, _row(life, stopped.step)), None
    if existing is not None and not new:
        return LifeOutcome(life, "unchanged"), None
    return LifeOutcome(life, "created" if existing is None else "extended"), journal.change()


def _begun(session: Session, life: Life, existing: Facts | None) -> Journal:
    try:
        if existing is not None:
            # Nothing is settled yet: an import settles up to the moment of each fact that it enters.
            return session.journal(existing)
        journal = session.blank(life.reference, session.current_rules)
        if life.place is not None:
            decide_place(journal, life.place, IMPORT, secrets.token_hex(16))
        return journal
    except (Refused, UnknownName, NotFound) as error:
        raise _Stopped(_reasons(error), 0) from error


def _live(session: Session, journal: Journal, life: Life) -> int:
    """Enter the facts of a life that are not entered yet; tells how many were."""
    new = 0
    for step, fact in enumerate(life.facts, start=1 if life.place else 0):
        try:
            at = moment_of(journal, fact)
            settle(journal, min(at, session.now))
            if life.place or not _is_entered(journal, fact):
                decide_fire(journal, fact, IMPORT)
                new += 1
        except (Refused, UnknownName, Undecidable) as error:
            raise _Stopped(_reasons(error), step) from error
    # While the clock is in doubt, the facts' own moments are all that is known: the rest is for a sweep.
    if life.to_now and session.held is None and (new or life.place):
        _settle_to_now(session, journal, life)
    return new


def _settle_to_now(session: Session, journal: Journal, life: Life) -> None:
    try:
        settle(journal, session.now)
    except Undecidable as error:
        raise _Stopped(_reasons(error), len(life.facts)) from error


def _is_entered(journal: Journal, fact: Fire) -> bool:
    """Whether the same fact stands already: same trigger, same moment, same public values."""
    definition = journal.rules.definition
    at = moment_of(journal, fact)
    given = read_fields(definition, fact.fields, fact.dates, None).values
    public = {name: value for name, value in given.items() if not definition.fields[name].personal}
    return any(
        entry.trigger == fact.trigger
        and entry.occurred_at == at
        and all(entry.fields.get(name) == value for name, value in public.items())
        for entry in (item.entry for item in journal.past.entries)
    )


def _compared(session: Session, life: Life, place: Place, existing: Facts) -> LifeOutcome:
    """An existing placement is never changed by an import: what differs is listed, and nothing written.

    A value that a fact brought may have been emptied since: such a fact is looked for in the history.
    """
    journal = session.journal(existing)
    current: Mapping[str, Value] = {**existing.fields, **session.disclosed(existing)}
    differing = _differing(journal, place.fields, place.dates, current)
    for fact in life.facts:
        changed = _differing(journal, fact.fields, fact.dates, current)
        if changed and not _is_entered(journal, fact):
            differing += changed
    # What was erased is not compared: a file that still has it brings nothing back, and differs in nothing.
    differing = [name for name in differing if name not in existing.erased]
    return LifeOutcome(life, "differs" if differing else "unchanged", differing=tuple(differing))


def _differing(journal: Journal, texts: Mapping[str, str], dates: str, current: Mapping[str, Value]) -> list[str]:
    given = read_fields(journal.rules.definition, texts, dates, None).values
    return [name for name, value in given.items() if current.get(name) != value]


def _row(life: Life, step: int) -> int | None:
    return life.rows[min(step, len(life.rows) - 1)] if life.rows else None


def _reasons(error: Exception) -> Sequence[Blocker]:
    if isinstance(error, Refused):
        return error.blockers
    code = error.code if isinstance(error, ParcoursError | Undecidable) else "refused"
    return [Blocker(code, str(error))]


def _unknown(reference: str) -> Blocker:
    return Blocker(
        "unknown_reference",
        f"aucun placement n'a la référence {reference}",
        f"no placement has the reference {reference}",
    )
