"""Makes the versioned files of public holidays: from the library that follows the law, or by changing another one.

The only place that knows the library `jours_feries_france` (Etalab); nothing that computes a date imports
this. The same library contents give the same bytes, so that rebuilding also checks a file.
"""

import json
from collections.abc import Collection, Mapping
from datetime import date
from itertools import groupby
from typing import NamedTuple

from workflow.civil.holidays import CURRENT_CALENDAR, TWO_IN_ONE, Calendar
from workflow.civil.territories import HOLIDAY_GROUPS, CalendarError

Holiday = tuple[date, str]


class Name(NamedTuple):
    """What a holiday is called."""

    fr: str
    en: str


_ENGLISH = {
    "1er janvier": "New Year's Day",
    "Vendredi saint": "Good Friday",
    "Lundi de Pâques": "Easter Monday",
    "Abolition de l'esclavage": "Abolition of Slavery Day",
    "1er mai": "Labour Day",
    "8 mai": "Victory in Europe Day",
    "Ascension": "Ascension Day",
    "Lundi de Pentecôte": "Whit Monday",
    "14 juillet": "Bastille Day",
    "Assomption": "Assumption Day",
    "Toussaint": "All Saints' Day",
    "11 novembre": "Armistice Day",
    "Jour de Noël": "Christmas Day",
    "2ème jour de Noël": "Second Day of Christmas",
}


def build_calendar(version: str = CURRENT_CALENDAR, *, first_year: int = 2000, last_year: int = 2060) -> bytes:
    """The file of this version: UTF-8 JSON, both years included, one line for each day."""
    groups = {group: _holidays(group, first_year, last_year) for group in HOLIDAY_GROUPS}
    common = set.intersection(*groups.values())
    document = {
        "version": version,
        "source": "jours-feries-france (Etalab)",
        "first_year": first_year,
        "last_year": last_year,
        "groups": list(groups),
        "english": _ENGLISH,
        "common": _by_day(common),
        "own": {group: _by_day(days - common) for group, days in groups.items() if days - common},
    }
    return _file(document)


def changed_calendar(
    calendar: Calendar,
    version: str,
    added: Mapping[date, Name],
    removed: Collection[date] = (),
    groups: Collection[str] = (),
) -> bytes:
    """The file of another version: days added and removed, for these groups, or for all.

    Raises CalendarError for a version or a group that is none, a day outside the calendar's years, one to add that is a
    holiday already, and one to remove that is none.
    """
    named = set(groups or calendar.holidays)
    if unknown := sorted(named - set(calendar.holidays)):
        there = ", ".join(calendar.holidays)
        raise CalendarError(
            f"aucun groupe « {unknown[0]} » : il y a {there}", f"no group {unknown[0]!r}: there is {there}"
        )
    for day in (*added, *removed):
        calendar.check_covers(day)
    days = {group: dict(calendar.of_group(group)) for group in calendar.holidays}
    for group in sorted(named):
        _change(group, days[group], added, removed)
    document = json.loads(calendar.to_bytes())
    english = {name.fr: name.en for name in added.values()}
    sets = {group: set(each.items()) for group, each in days.items()}
    common = set.intersection(*sets.values())
    changed = {
        "version": version,
        "source": f"{document['source']}; {calendar.version}, changed",
        "english": {**document["english"], **english},
        "common": _by_day(common),
        "own": {group: _by_day(each - common) for group, each in sets.items() if each - common},
    }
    content = _file(document | changed)
    Calendar.from_bytes(content)
    return content


def _change(group: str, days: dict[date, str], added: Mapping[date, Name], removed: Collection[date]) -> None:
    for day in removed:
        if days.pop(day, None) is None:
            raise CalendarError(
                f"le {day} n'est pas férié en {group} : il ne peut être ôté",
                f"{day} is no public holiday in {group}: it cannot be removed",
            )
    for day, name in added.items():
        if day in days:
            raise CalendarError(
                f"le {day} est déjà férié en {group} : {days[day]}",
                f"{day} is a public holiday in {group} already: {days[day]}",
            )
        days[day] = name.fr


def _file(document: Mapping[str, object]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _holidays(group: str, first_year: int, last_year: int) -> set[Holiday]:
    from jours_feries_france import JoursFeries

    years = range(first_year, last_year + 1)
    return {(day, name) for year in years for name, day in JoursFeries.for_year(year, group).items()}


def _by_day(holidays: set[Holiday]) -> dict[str, str]:
    days = groupby(sorted(holidays), key=lambda holiday: holiday[0])
    return {day.isoformat(): TWO_IN_ONE.join(name for _, name in same) for day, same in days}
