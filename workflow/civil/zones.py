"""Between instants and the civil days of a zone.

Zone rules come from the pinned `tzdata` package and never from the machine's own files, so that two
machines with the same lock file compute the same instants. Knows nothing of periods or holidays.
"""

import re
from bisect import bisect_left
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

from workflow.civil.territories import CalendarError, territory

_KEY = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*")


@cache
def load_zone(key: str) -> ZoneInfo:
    """The zone of this IANA name, as `tzdata` has it; `CalendarError` where it has none.

    Such a zone cannot be pickled; instants handed out by this package are in UTC.
    """
    try:
        if not _KEY.fullmatch(key):
            raise ValueError(key)
        with resources.files("tzdata").joinpath("zoneinfo", *key.split("/")).open("rb") as file:
            return ZoneInfo.from_file(file, key=key)
    except (OSError, ValueError) as error:
        raise CalendarError(
            f"le fuseau horaire « {key} » n'existe pas : attendu un nom tel que Europe/Paris",
            f"time zone {key!r} is unknown: expected a name such as Europe/Paris",
        ) from error


@cache
def zone_of(code: str) -> ZoneInfo:
    """The time zone of a territory's code."""
    return load_zone(territory(code).zone)


def local_day(instant: datetime, code: str) -> date:
    """The civil day that this instant belongs to in a territory; `CalendarError` for a naive instant."""
    if instant.tzinfo is UTC:
        return _day_of_utc(instant, code)
    if instant.utcoffset() is None:
        told = instant.isoformat()
        raise CalendarError(
            f"{told} n'a pas de décalage par rapport à UTC : un instant en demande un",
            f"{told} has no offset from UTC: an instant needs one",
        )
    return _day_of(instant, code)


def _day_of(instant: datetime, code: str) -> date:
    try:
        return instant.astimezone(zone_of(code)).date()
    except OverflowError as error:
        told = instant.isoformat()
        raise CalendarError(
            f"{told} sort des années 1 à 9999 en heure locale", f"{told} falls outside the years 1 to 9999 locally"
        ) from error


# What is asked of a placement is asked of the same few moments. In UTC alone are equal instants the same ones.
_day_of_utc = lru_cache(maxsize=4096)(_day_of)


def start_of_day(day: date, code: str) -> datetime:
    """The first moment of a civil day in a territory, in UTC."""
    return first_moment(day, zone_of(code))


@lru_cache(maxsize=65536)
def first_moment(day: date, zone: ZoneInfo) -> datetime:
    """The first moment, in UTC, at which the zone's clocks show this day (a later one where it was skipped).

    That is midnight, the earlier one where it comes twice, or the end of the gap where clocks jump over it.
    """
    midnight = datetime.combine(day, time.min, tzinfo=zone)
    try:
        instant = midnight.astimezone(UTC)
        exists = instant.astimezone(zone) == midnight
    except OverflowError as error:
        raise CalendarError(
            f"le début du {day} sort des années 1 à 9999", f"the start of {day} falls outside the years 1 to 9999"
        ) from error
    return instant if exists else _end_of_gap(midnight)


def _end_of_gap(missing: datetime) -> datetime:
    # For a wall time that clocks jump over, fold=1 reads it before the jump and fold=0 at or after it.
    before = missing.replace(fold=1).astimezone(UTC)
    width = int((missing.astimezone(UTC) - before).total_seconds())

    def reached(seconds: int) -> bool:
        return (before + timedelta(seconds=seconds)).astimezone(missing.tzinfo).date() >= missing.date()

    return before + timedelta(seconds=bisect_left(range(width), True, key=reached))
