"""Placements that cannot be decided: visible, tried again at growing intervals, never in the way of the others."""

from datetime import timedelta

from workflow import blockers
from workflow.changes import Incident
from workflow.errors import Blocker
from workflow.session import Session
from workflow.settling import Undecidable
from workflow.store import UnitOfWork
from workflow.undecided import why_undecided

FIRST_RETRY = timedelta(minutes=1)
LAST_RETRY = timedelta(days=1)


def report(
    session: Session, unit: UnitOfWork, placement: str, error: Undecidable, before: Incident | None = None
) -> None:
    """Record that a placement could not be decided; it is tried again after 1, 2, 4 … minutes, at most a day.

    `before` is the incident that this one continues, where it is the one in the store no longer.
    """
    known = before or unit.incident(placement)
    attempts = known.attempts + 1 if known else 1
    pause = min(FIRST_RETRY * 2 ** min(attempts - 1, 20), LAST_RETRY)
    unit.report(
        Incident(
            placement=placement,
            code=error.code,
            message=str(error),
            since_at=known.since_at if known else session.now,
            attempts=attempts,
            retry_at=session.now + pause,
        )
    )


def incident_blocker(error: Undecidable) -> Blocker:
    """The answer to whoever asks something of such a placement."""
    return blockers.incident(why_undecided(error.code, str(error)))
