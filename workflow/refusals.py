"""Refusing a request: the exception that carries every reason, and the reasons that corrections share."""

from collections.abc import Sequence
from datetime import date, datetime

from workflow import blockers
from workflow.calendar import local_day
from workflow.definition import SUPERVISOR
from workflow.errors import Blocker
from workflow.journal import Journal


class Refused(Exception):
    """The request cannot be granted now, for every reason in `blockers`."""

    def __init__(self, reasons: Sequence[Blocker]) -> None:
        self.blockers = tuple(reasons)
        super().__init__("; ".join(reason.message for reason in reasons))


def entitled(act: str, roles: Sequence[str], reason: str | None) -> list[Blocker]:
    """What is missing for a correction: the role `supervisor`, a reason."""
    found = in_role(act, roles, [SUPERVISOR])
    if not reason:
        found.append(blockers.reason_needed(act))
    return found


def in_role(act: str, roles: Sequence[str], allowed: Sequence[str]) -> list[Blocker]:
    """What is missing to act in one of the roles that are allowed to; no other stands in for them."""
    if not roles:
        return [blockers.role_needed(allowed)]
    return [] if set(roles) & set(allowed) else [blockers.role_not_allowed(act, roles, allowed)]


def future(journal: Journal, at: datetime) -> list[Blocker]:
    """Facts and corrections are entered once they have happened."""
    return [blockers.in_the_future(at, journal.now)] if at > journal.now else []


def past_day(journal: Journal, day: date) -> list[Blocker]:
    """A deadline moved to a day that is over would fire at once."""
    today = local_day(journal.now, journal.facts.territory)
    return [blockers.day_is_over(day, today)] if day < today else []
