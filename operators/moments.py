"""Reads moments and durations as people type them; the placement decides which zone a local time means."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from settings import WrongUsage

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_AGE = re.compile(r"([0-9]{1,6}) ?([smhdwj])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "j": 86400, "w": 604800}


def parse_moment(text: str, option: str = "--at") -> datetime | date:
    """An instant with offset (aware), a local date-time (naive) or a date. Raises WrongUsage for all else."""
    typed = text.strip()
    try:
        if _DAY.fullmatch(typed):
            return date.fromisoformat(typed)
        if _MOMENT.fullmatch(typed):
            return datetime.fromisoformat(typed)
    except ValueError:
        pass
    raise WrongUsage(
        f"{option} {text!r} n'est ni une date (2021-03-16), ni une heure locale (2021-03-16T10:00), "
        "ni un instant (2021-03-16T10:00:00+01:00).",
        f"{option} {text!r} is no date (2021-03-16), no local time (2021-03-16T10:00) "
        "and no instant (2021-03-16T10:00:00+01:00).",
    )


def optional_moment(text: str | None, option: str = "--at") -> datetime | date | None:
    """The same, None where nothing was typed."""
    return None if text is None else parse_moment(text, option)


def parse_instant(text: str, zone: ZoneInfo, option: str) -> datetime:
    """An instant in UTC; a local time is one of `zone`, a date the start of that day there."""
    moment = parse_moment(text, option)
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def parse_age(text: str, option: str) -> timedelta:
    """A duration such as `7d`, `36h`, `2w`; `j` is `d`. Raises WrongUsage."""
    found = _AGE.fullmatch(text.strip().lower())
    if found is None:
        raise WrongUsage(f"{option} {text!r} n'est pas une durée : 7d, 36h, 2w.",
                         f"{option} {text!r} is no duration: 7d, 36h, 2w.")  # fmt: skip
    return timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


def local_text(moment: datetime | None, zone: ZoneInfo) -> str:
    """An instant for people: local, to the minute unless it has seconds, with the zone written."""
    if moment is None:
        return ""
    local = moment.astimezone(zone)
    precise = local.second or local.microsecond
    return f"{local:%Y-%m-%d %H:%M:%S} {zone.key}" if precise else f"{local:%Y-%m-%d %H:%M} {zone.key}"


def length_text(length: timedelta, lang: str) -> str:
    """How long something has lasted, in days and hours: `3 d 4 h`, in French `3 j 4 h`."""
    hours = max(0, int(length.total_seconds() // 3600))
    return f"{hours // 24} {'d' if lang == 'en' else 'j'} {hours % 24} h"
