"""Published calendars: which days are public holidays, by territory, in a versioned file.

Computing reads only such a file, never a library's idea of today; `calendar_build` makes the file.
Knows nothing of counting.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from workflow.civil.territories import CalendarError, territory

CURRENT_CALENDAR = "FR-2026.1"
TWO_IN_ONE = ", "
"""Between the names of two holidays that fall on one day, as 1 May and Ascension do in 2008."""

_VERSION = re.compile(r"[A-Z]{2}-[0-9]{4}\.[0-9]+")


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The public holidays of every holiday group, from 1 January of one year to 31 December of another.

    `digest` is the SHA-256 of the file's bytes, in hexadecimal: two calendars are the same when it is.
    """

    version: str
    digest: str
    first_year: int
    last_year: int
    holidays: Mapping[str, Mapping[date, str]] = field(repr=False)
    english: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """The calendar in a published copy; `CalendarError` where the bytes are not a calendar file."""
        try:
            return cls(**_fields(json.loads(content)), **_identity(content))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            fr, en = (error.fr, error.en) if isinstance(error, CalendarError) else (repr(error), repr(error))
            raise CalendarError(
                f"le fichier du calendrier ne peut être lu : {fr}", f"the calendar file cannot be read: {en}"
            ) from error

    def to_bytes(self) -> bytes:
        """The file exactly as it was read."""
        return self.content

    def is_holiday(self, day: date, code: str) -> str | None:
        """The French name of the public holiday of this day in a territory, or None.

        `CalendarError` where the file does not cover the day's year, or has not the territory's group.
        """
        self.check_covers(day)
        return self.of_group(territory(code).holidays).get(day)

    def of_group(self, group: str) -> Mapping[date, str]:
        """Every public holiday of a holiday group (`Métropole`, `Alsace-Moselle` …), by day."""
        if group not in self.holidays:
            raise CalendarError(
                f"le calendrier {self.version} n'a pas de jours fériés pour {group}",
                f"calendar {self.version} has no public holidays for {group}",
            )
        return self.holidays[group]

    def check_covers(self, day: date) -> None:
        """`CalendarError` where the file says nothing of the day's year."""
        if not self.first_year <= day.year <= self.last_year:
            raise CalendarError(
                f"le calendrier {self.version} couvre les années {self.first_year} à {self.last_year}, et non le {day}",
                f"calendar {self.version} covers the years {self.first_year} to {self.last_year}, not {day}",
            )

    def in_english(self, name: str) -> str:
        """The English for a name that `is_holiday` gave."""
        return TWO_IN_ONE.join(self.english.get(part, part) for part in name.split(TWO_IN_ONE))


def _identity(content: bytes) -> dict[str, Any]:
    return {"digest": hashlib.sha256(content).hexdigest(), "content": content}


def _fields(document: dict[str, Any]) -> dict[str, Any]:
    first, last = int(document["first_year"]), int(document["last_year"])
    holidays = {group: _merged(document, group) for group in document["groups"]}
    if not holidays or not all(_years(days) == (first, last) for days in holidays.values()):
        raise CalendarError(
            f"ses jours fériés ne sont pas ceux de chaque année de {first} à {last}",
            f"its holidays are not those of every year from {first} to {last}",
        )
    if not _VERSION.fullmatch(document["version"]):
        version = document["version"]
        raise CalendarError(
            f"« {version} » n'est pas une version telle que {CURRENT_CALENDAR}",
            f"{version} is not a version such as {CURRENT_CALENDAR}",
        )
    return {
        "version": document["version"],
        "first_year": first,
        "last_year": last,
        "holidays": MappingProxyType(holidays),
        "english": MappingProxyType(dict(document["english"])),
    }


def _years(days: Mapping[date, str]) -> tuple[int, int] | None:
    years = {day.year for day in days} or {0}
    first, last = min(years), max(years)
    return (first, last) if len(years) == last - first + 1 else None


def _merged(document: dict[str, Any], group: str) -> Mapping[date, str]:
    merged: dict[date, str] = {}
    for days in (document["common"], document["own"].get(group, {})):
        for text, name in days.items():
            day = date.fromisoformat(text)
            merged[day] = f"{merged[day]}{TWO_IN_ONE}{name}" if day in merged else str(name)
    return MappingProxyType(merged)


def load_calendar(version: str = CURRENT_CALENDAR, folder: Path | None = None) -> Calendar:
    """The calendar of this version, as shipped or in a folder; `CalendarError` names those that are known."""
    if version in shipped_calendars():
        return _shipped(version)
    if folder is None or version not in known_calendars(folder):
        there = ", ".join(known_calendars(folder))
        raise CalendarError(
            f"aucun calendrier « {version} » n'est connu : il y a {there}",
            f"no calendar {version!r} is known: there is {there}",
        )
    return _of_version(Calendar.from_bytes((folder / f"{version}.json").read_bytes()), version)


@lru_cache(maxsize=16)
def _shipped(version: str) -> Calendar:
    return _of_version(Calendar.from_bytes(_folder().joinpath(f"{version}.json").read_bytes()), version)


def _of_version(calendar: Calendar, version: str) -> Calendar:
    if calendar.version != version:
        raise CalendarError(
            f"le fichier du calendrier {version} dit être {calendar.version}",
            f"the file of calendar {version} says that it is {calendar.version}",
        )
    return calendar


def shipped_calendars() -> tuple[str, ...]:
    """The versions of the calendars that come with the program, sorted."""
    return _versions(entry.name for entry in _folder().iterdir())


def known_calendars(folder: Path | None) -> tuple[str, ...]:
    """The versions of the shipped calendars and of those in a folder, sorted."""
    there = folder.iterdir() if folder is not None and folder.is_dir() else ()
    return tuple(sorted({*shipped_calendars(), *_versions(path.name for path in there)}))


def calendars_beside(file: str | Path) -> Path:
    """The folder of the calendars that belong to a definition's file: `calendars` beside it."""
    return Path(file).parent / "calendars"


def _versions(names: Iterable[str]) -> tuple[str, ...]:
    versions = (name.removesuffix(".json") for name in names if name.endswith(".json"))
    return tuple(sorted(version for version in versions if _VERSION.fullmatch(version)))


def _folder() -> Traversable:
    return resources.files("workflow.civil").joinpath("calendars")
