"""One batch of a sweep: the placements longest overdue, decided in memory, to be written together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workflow.brake import Held
from workflow.changes import Change
from workflow.commands import SweepResult
from workflow.errors import StalePlacement
from workflow.facts import Facts
from workflow.incidents import report
from workflow.session import Session
from workflow.settling import Undecidable
from workflow.store import ClaimRefused, UnitOfWork, Unreadable
from workflow.watching import Brake

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Swept:
    """What one batch wrote; `full`: there may be more; `held`: why the brake let nothing be written."""

    changes: tuple[Change, ...] = ()
    incidents: int = 0
    full: bool = False
    held: Held | None = None

    def added_to(self, total: SweepResult) -> SweepResult:
        """The result of all batches so far."""
        entries = sum(len(change.entries) for change in self.changes)
        return SweepResult(
            total.placements + len(self.changes), total.entries + entries, total.incidents + self.incidents
        )


def sweep_judged(brake: Brake, session: Session, unit: UnitOfWork, until: datetime | None, *, first: bool) -> Swept:
    """One batch, unless the brake holds: the clock is judged for each, the sweep's size before the first."""
    moment = session.now if until is None else min(until, session.now)
    held = session.held or (brake.judged_sweep(unit, session.now, moment) if first else None)
    if held is not None:
        return Swept(held=held)
    batch = sweep_batch(session, unit, moment)
    if batch.changes:
        brake.note(unit, session.now, None)
    else:
        brake.beat(unit, session.now)
    return batch


def sweep_batch(session: Session, unit: UnitOfWork, moment: datetime) -> Swept:
    """Settle up to 1,000 placements that are due at `moment`; one that cannot be decided becomes an incident."""
    due = unit.due(moment, BATCH)
    settled, undecided = _settle(session, unit, due, moment)
    changes = _apply(session, unit, settled)
    incidents = undecided + len(settled) - len(changes)
    return Swept(tuple(changes), incidents, len(due) == BATCH)


def _apply(session: Session, unit: UnitOfWork, changes: Sequence[Change]) -> Sequence[Change]:
    """Write all changes but those that the store refuses, which become incidents.

    A row that contradicts its facts is one (all were read in this very transaction: nobody can have been first), and
    a deadline that takes a quota of which nothing is left.
    """
    while True:
        try:
            unit.apply(changes)
            return changes
        except (StalePlacement, ClaimRefused) as refusal:
            refused = next(change for change in changes if change.after.reference == refusal.reference)
            report(session, unit, refused.after.id, Undecidable(refusal.code, str(refusal)))
            changes = [change for change in changes if change is not refused]


def _settle(
    session: Session, unit: UnitOfWork, due: Sequence[Facts | Unreadable], moment: datetime
) -> tuple[list[Change], int]:
    changes: list[Change] = []
    for facts in due:
        try:
            changes.append(_settled(session, facts, moment))
        except Undecidable as error:
            report(session, unit, facts.placement if isinstance(facts, Unreadable) else facts.id, error)
    return changes, len(due) - len(changes)


def _settled(session: Session, facts: Facts | Unreadable, moment: datetime) -> Change:
    if isinstance(facts, Unreadable):
        raise Undecidable("facts_unreadable", facts.reason)
    return session.settled(facts, moment).change()
