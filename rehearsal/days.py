"""Days on which dates go wrong: nights without or with two o'clock twice, leap days, the ends of months, bridges."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from workflow.calendar import Calendar, CalendarError, is_open, territory, zone_of
from workflow.definition import Definition
from workflow.language.wording import Said

_DAY = timedelta(days=1)
_SHORTER = Said("nuit plus courte", "night that is shorter")
_LONGER = Said("nuit plus longue", "night that is longer")
_LEAP = Said("29 février", "leap day")
_LAST = Said("dernier jour d'un mois", "last of a month")
_HOLIDAY = Said("jour férié", "holiday")
_BRIDGE = Said("pont", "bridge")


@dataclass(frozen=True)
class Special:
    """A day, and why it was chosen: what kind of day it is, and its name where it has one."""

    day: date
    kind: Said
    name: str = ""

    @property
    def why(self) -> Said:
        """Why it was chosen, in French and in English."""
        fr, en = (f" : {self.name}", f": {self.name}") if self.name else ("", "")
        return Said(f"{self.kind.fr}{fr}", f"{self.kind.en}{en}")


def beginning(definition: Definition, code: str = "75") -> date:
    """The first day on which placements are rehearsed: the first of March after dated tables and lists begin there."""
    starts = []
    for table in definition.tables.values():
        days = [row.from_on for row in table.rows if code in row.territories]
        starts += [min(days)] if days else []
    for items in definition.lists.values():
        dated = [item.from_on for item in items if item.from_on is not None]
        starts += [min(dated)] if len(dated) == len(items) else []
    latest = max(starts, default=date(2021, 1, 1))
    return date(latest.year if latest <= date(latest.year, 3, 1) else latest.year + 1, 3, 1)


def special_days(since: date, code: str, calendar: Calendar) -> list[Special]:
    """The special days of a territory in the two years from a day on, and the next leap day."""
    found = [*_nights(since, code), *_of_the_month(since), *_holidays(since, code, calendar)]
    return list({special.day: special for special in reversed(found)}.values())[::-1]


def few_days(since: date, code: str, calendar: Calendar) -> list[Special]:
    """One day of each kind, for the territories that are not looked at closely."""
    kinds: dict[Said, Special] = {}
    for special in special_days(since, code, calendar):
        kinds.setdefault(special.kind, special)
    return list(kinds.values())


def _nights(since: date, code: str) -> Iterator[Special]:
    zone = zone_of(code)
    for days in range(366):
        day = since + days * _DAY
        noon, next_noon = (datetime(d.year, d.month, d.day, 12, tzinfo=UTC).astimezone(zone) for d in (day, day + _DAY))
        before, after = noon.utcoffset(), next_noon.utcoffset()
        if before is not None and after is not None and before != after:
            yield Special(day + _DAY, _SHORTER if after > before else _LONGER)


def _of_the_month(since: date) -> Iterator[Special]:
    year = since.year
    while not _is_leap(year) or date(year, 2, 29) < since:
        year += 1
    yield Special(date(year, 2, 29), _LEAP)
    for month, day in ((5, 31), (8, 31), (12, 31)):
        yield Special(date(since.year, month, day), _LAST)
    yield Special(date(since.year + 1, 1, 31), _LAST)


def _holidays(since: date, code: str, calendar: Calendar) -> Iterator[Special]:
    try:
        calendar.check_covers(since)
        calendar.check_covers(since + 366 * _DAY)
    except CalendarError:
        return
    for day, name in sorted(calendar.of_group(territory(code).holidays).items()):
        if since <= day < since + 366 * _DAY:
            yield Special(day, _HOLIDAY, name)
            for near in (day - _DAY, day + _DAY):
                if _is_bridge(near, day, code, calendar):
                    yield Special(near, _BRIDGE, name)


def _is_bridge(day: date, holiday: date, code: str, calendar: Calendar) -> bool:
    """An open day between a holiday and a weekend."""
    beyond = day + (day - holiday)
    return is_open(day, "working", code, calendar) and not is_open(beyond, "working", code, calendar)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
