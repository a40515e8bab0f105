"""When a fact happened: from what a person said (an instant, a local time, a day, or nothing) to an instant."""

from datetime import UTC, date, datetime

from workflow.calendar import local_day, start_of_day, zone_of
from workflow.commands import Moment
from workflow.facts import Facts


def resolved(moment: Moment, territory: str, now: datetime, facts: Facts | None) -> datetime:
    """The instant meant by `moment` for a placement in `territory`; `now` where nothing was said.

    A bare day is the start of that local day, or the moment of the placement's last entry where that is later on
    the same day.
    """
    if moment is None:
        return now
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone_of(territory))).astimezone(UTC)
    start = start_of_day(moment, territory)
    # A fact dated earlier may have been entered since the last move, and is not what stands in the way.
    last = None if facts is None else max(facts.occurred_at, facts.state_since)
    return last if last is not None and local_day(last, territory) == moment else start


def day_of(value: object) -> date | None:
    """The date that a field's value holds, if any."""
    return date.fromisoformat(value) if isinstance(value, str) else None
