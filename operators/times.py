"""Moments as people read them, in French and English: exact with their zone, and how far away they are."""

from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from operators.plurals import counted
from workflow.civil.wording import day_en, day_fr, month_en, month_fr


def day_text(day: date, lang: str) -> str:
    """`16 mars 2021`, `1er mars 2021`; in English `16 March 2021`."""
    if lang == "en":
        return f"{day.day} {month_en(day)}"
    return f"{'1er' if day.day == 1 else day.day} {month_fr(day)}"


def weekday_text(day: date, lang: str) -> str:
    """The same with the day of the week: `mardi 16 mars 2021`."""
    return day_en(day) if lang == "en" else day_fr(day)


def month_text(day: date, lang: str) -> str:
    """The month alone: `mars 2021`."""
    return month_en(day) if lang == "en" else month_fr(day)


def exact_text(moment: datetime, zone: ZoneInfo, lang: str) -> str:
    """An instant to the minute, or the second where it has some, with the zone written."""
    local = moment.astimezone(zone)
    clock = f"{local:%H:%M:%S}" if local.second or local.microsecond else f"{local:%H:%M}"
    joint = " at" if lang == "en" else " à"
    return f"{weekday_text(local.date(), lang)}{joint} {clock} ({zone.key})"


def short_text(moment: datetime, zone: ZoneInfo) -> str:
    """An instant as a table has it: `2021-03-16 23:00`; the zone is told beside it."""
    local = moment.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S}" if local.second or local.microsecond else f"{local:%Y-%m-%d %H:%M}"


def distance_text(moment: datetime, now: datetime, lang: str) -> str:
    """How far away an instant is, in its largest unit: `dans 3 jours`, `il y a 2 heures`, `à l'instant`."""
    away = abs(moment - now)
    if away < timedelta(minutes=1):
        return "now" if lang == "en" else "à l'instant"
    count, unit = _largest(away)
    said = counted(count, unit, lang)
    if moment > now:
        return f"in {said}" if lang == "en" else f"dans {said}"
    return f"{said} ago" if lang == "en" else f"il y a {said}"


def length_text(length: timedelta, lang: str) -> str:
    """A length in its largest unit: `3 jours`, `2 heures`; less than a minute is said so."""
    if length < timedelta(minutes=1):
        return "less than a minute" if lang == "en" else "moins d'une minute"
    count, unit = _largest(length)
    return counted(count, unit, lang)


_UNITS: Final = (
    (timedelta(days=730), timedelta(days=365.25), "an|ans|year|years"),
    (timedelta(days=61), timedelta(days=30.44), "mois|mois|month|months"),
    (timedelta(hours=48), timedelta(days=1), "jour|jours|day|days"),
    (timedelta(minutes=90), timedelta(hours=1), "heure|heures|hour|hours"),
)


def _largest(length: timedelta) -> tuple[int, str]:
    """The largest unit of which a length has about two or more."""
    for least, unit, words in _UNITS:
        if length >= least:
            return int(length / unit), words
    return int(length / timedelta(minutes=1)), "minute|minutes|minute|minutes"
