"""Dates, moments and lengths as French and English sentences write them.

Independent of the machine's locale, which `strftime` would follow.
"""

from datetime import date, datetime

from workflow.civil.periods import Length

WEEKDAYS_FR = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_FR = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_MONTHS_EN = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_UNITS_FR = {
    "seconds": ("seconde", "secondes"),
    "minutes": ("minute", "minutes"),
    "hours": ("heure", "heures"),
    "days": ("jour", "jours"),
    "weeks": ("semaine", "semaines"),
    "months": ("mois", "mois"),
    "years": ("an", "ans"),
}
_KINDS_FR = {"working": (" ouvré", " ouvrés"), "workable": (" ouvrable", " ouvrables")}

_FROM_THE_NEXT_DAY = ("à compter du lendemain", "from the following day")
_HOW = {
    "calendar": _FROM_THE_NEXT_DAY,
    "inclusive": ("premier jour compris", "first day included"),
    "clear": ("en délai franc", "in clear days"),
    "working": ("à compter du lendemain, sans samedi, dimanche ni jour férié",
                "from the following day, without Saturdays, Sundays and public holidays"),
    "workable": ("à compter du lendemain, sans dimanche ni jour férié",
                 "from the following day, without Sundays and public holidays"),
}  # fmt: skip


def day_fr(day: date) -> str:
    """`mardi 16 mars 2021`, `lundi 1er mars 2021`."""
    return f"{WEEKDAYS_FR[day.weekday()]} {'1er' if day.day == 1 else day.day} {month_fr(day)}"


def day_en(day: date) -> str:
    """`Tuesday 16 March 2021`."""
    return f"{WEEKDAYS_EN[day.weekday()]} {day.day} {month_en(day)}"


def month_fr(day: date) -> str:
    """`mars 2021`."""
    return f"{_MONTHS_FR[day.month - 1]} {day.year}"


def month_en(day: date) -> str:
    """`March 2021`."""
    return f"{_MONTHS_EN[day.month - 1]} {day.year}"


def moment_fr(local: datetime) -> str:
    """`mardi 16 mars 2021 à 10:00`, with seconds where there are some; the datetime is a local one."""
    return f"{day_fr(local)} à {_clock(local)}"


def moment_en(local: datetime) -> str:
    """`Tuesday 16 March 2021 at 10:00`, with seconds where there are some; the datetime is a local one."""
    return f"{day_en(local)} at {_clock(local)}"


def length_fr(length: Length, counting: str) -> str:
    """`15 jours`, `10 jours ouvrés`, `1 an`."""
    plural = length.count > 1
    return f"{length.count} {_UNITS_FR[length.unit][plural]}{kind_fr(counting, plural=plural)}"


def kind_fr(counting: str, *, plural: bool = False) -> str:
    """` ouvré`, ` ouvrable`, or nothing where the counting knows no kinds of days."""
    return _KINDS_FR.get(counting, ("", ""))[plural]


def length_en(length: Length, counting: str) -> str:
    """`15 days`, `10 working days`, `1 year`."""
    kind = counting if counting in _KINDS_FR else None
    return str(Length(length.count, length.unit, kind))


def how_counted(length: Length, counting: str) -> tuple[str, str]:
    """How a length is counted, in French and in English."""
    return _HOW[counting] if length.exact is None else ("temps exact", "exact time")


def _clock(local: datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
