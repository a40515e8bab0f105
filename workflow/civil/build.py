"""Makes the versioned file of public holidays from the library that follows the law.

The only place that knows the library `jours_feries_france` (Etalab); nothing that computes a date imports
this. The same library contents give the same bytes, so that rebuilding also checks a file.
"""

import json
from datetime import date
from itertools import groupby

from workflow.civil.holidays import CURRENT_CALENDAR, TWO_IN_ONE
from workflow.civil.territories import HOLIDAY_GROUPS

Holiday = tuple[date, str]

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
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _holidays(group: str, first_year: int, last_year: int) -> set[Holiday]:
    from jours_feries_france import JoursFeries

    years = range(first_year, last_year + 1)
    return {(day, name) for year in years for name, day in JoursFeries.for_year(year, group).items()}


def _by_day(holidays: set[Holiday]) -> dict[str, str]:
    days = groupby(sorted(holidays), key=lambda holiday: holiday[0])
    return {day.isoformat(): TWO_IN_ONE.join(name for _, name in same) for day, same in days}
