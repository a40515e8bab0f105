"""The naive model's civil time: zones of a few territories, and days counted one by one."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONES = {
    "75": "Europe/Paris",
    "67": "Europe/Paris",
    "971": "America/Guadeloupe",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "987": "Pacific/Tahiti",
}


def local_day(at: datetime, territory: str) -> date:
    return at.astimezone(ZoneInfo(ZONES[territory])).date()


def start_of(day: date, territory: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(ZONES[territory])).astimezone(UTC)


def day_after(day: date, days: int) -> date:
    for _ in range(days):
        day += timedelta(days=1)
    return day


def day_before(day: date, days: int) -> date:
    for _ in range(days):
        day -= timedelta(days=1)
    return day


def is_last_of_month(day: date) -> bool:
    return day_after(day, 1).month != day.month


@lru_cache(maxsize=10_000)
def months_away(day: date, months: int) -> date:
    """Walk until the same day number so many months away, or that month's last day where it has none."""
    step, left, current = (1 if months > 0 else -1), abs(months), day
    while left:
        before = current
        current += timedelta(days=step)
        left -= before.month != current.month
    while current.day != day.day and not (current.day < day.day and is_last_of_month(current)):
        current += timedelta(days=step)
    return current


def months_inclusive(day: date, months: int) -> date:
    """The first day counts: one day less, but for a day number that the last month does not have."""
    end = months_away(day, months)
    return day_before(end, 1) if end.day == day.day else end


def last_day_of(anchor: date, within: str) -> date:
    count = int(within[:-1])
    if within.endswith("d"):
        return day_after(anchor, count)
    return months_inclusive(anchor, count) if within.endswith("i") else months_away(anchor, count)


def reminder_day(last_day: date, text: str) -> date:
    count = int(text[:-1])
    return day_before(last_day, count) if text.endswith("d") else months_away(last_day, -count)
