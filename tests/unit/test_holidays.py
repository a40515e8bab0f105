"""The shipped calendar against the official list, and what a calendar file must be."""

import csv
import hashlib
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from workflow.calendar import (
    CURRENT_CALENDAR,
    TERRITORIES,
    Calendar,
    CalendarError,
    calendars_beside,
    known_calendars,
    load_calendar,
    shipped_calendars,
)
from workflow.civil.build import Name, build_calendar, changed_calendar
from workflow.civil.holidays import TWO_IN_ONE
from workflow.civil.territories import HOLIDAY_GROUPS

OFFICIAL = Path(__file__).parents[1] / "data" / "public_holidays.csv"


def official_list(group: str) -> set[tuple[date, str]]:
    with OFFICIAL.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        (date.fromisoformat(row["date"]), row["nom_jour_ferie"]) for row in rows if group in row["zones"].split("|")
    }


def altered(**changes: Any) -> bytes:
    return json.dumps(json.loads(load_calendar().to_bytes()) | changes).encode()


@pytest.mark.parametrize("group", HOLIDAY_GROUPS)
def test_holidays_are_those_of_the_official_list_and_no_others(group: str) -> None:
    shipped = {
        (day, name)
        for day, names in load_calendar().of_group(group).items()
        for name in names.split(TWO_IN_ONE)
        if 2006 <= day.year <= 2031
    }
    assert shipped == official_list(group)


def test_official_list_names_no_zone_that_we_lack() -> None:
    with OFFICIAL.open(encoding="utf-8", newline="") as file:
        zones = {zone for row in csv.DictReader(file) for zone in row["zones"].split("|")}
    assert zones == set(HOLIDAY_GROUPS)


def test_shipped_file_is_what_the_builder_makes_today() -> None:
    assert load_calendar(CURRENT_CALENDAR).to_bytes() == build_calendar(CURRENT_CALENDAR)


@pytest.mark.parametrize("version", shipped_calendars())
def test_every_shipped_calendar_serves_every_territory(version: str) -> None:
    calendar = load_calendar(version)
    midsummer = date(calendar.first_year, 7, 14)
    assert all(calendar.is_holiday(midsummer, code) == "14 juillet" for code in TERRITORIES)


def test_every_holiday_has_an_english_name() -> None:
    calendar = load_calendar()
    names = {name for group in HOLIDAY_GROUPS for name in calendar.of_group(group).values()}
    parts = {part for name in names for part in name.split(TWO_IN_ONE)}
    assert parts == set(calendar.english)


def test_holidays_differ_by_territory() -> None:
    calendar, good_friday = load_calendar(), date(2024, 3, 29)
    assert calendar.is_holiday(good_friday, "67") == "Vendredi saint"
    assert calendar.is_holiday(good_friday, "75") is None
    assert calendar.is_holiday(good_friday, "971") is None
    assert calendar.is_holiday(date(2025, 5, 27), "971") == "Abolition de l'esclavage"


def test_two_holidays_on_one_day_are_both_named() -> None:
    calendar = load_calendar()
    name = calendar.is_holiday(date(2008, 5, 1), "75")
    assert name == "1er mai, Ascension"
    assert calendar.in_english(name) == "Labour Day, Ascension Day"


def test_published_copy_is_the_same_calendar() -> None:
    shipped = load_calendar()
    copy = Calendar.from_bytes(shipped.to_bytes())
    assert copy.digest == shipped.digest == hashlib.sha256(shipped.to_bytes()).hexdigest()
    assert (copy.version, copy.holidays) == (shipped.version, shipped.holidays)


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2061, 1, 1)])
def test_years_that_the_file_does_not_cover_are_refused(day: date) -> None:
    with pytest.raises(CalendarError, match=r"FR-2026\.1 covers the years 2000 to 2060, not"):
        load_calendar().is_holiday(day, "75")


@pytest.mark.parametrize("version", ["FR-1999.1", "", "../calendars/FR-2026.1"])
def test_unknown_version_is_refused_with_those_there_are(version: str) -> None:
    with pytest.raises(CalendarError, match=r"is known: there is FR-2026\.1"):
        load_calendar(version)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        altered(version="2026"),
        altered(first_year=2001),
        altered(last_year=2061),
        altered(last_year="soon"),
        altered(last_year=float("inf")),
        altered(common={}),
        altered(common={"2021-02-30": "never"}),
        altered(groups=[]),
    ],
)
def test_bytes_that_are_no_calendar_are_refused(content: bytes) -> None:
    with pytest.raises(CalendarError, match="the calendar file cannot be read"):
        Calendar.from_bytes(content)


def test_group_that_a_calendar_lacks_is_refused() -> None:
    calendar = Calendar.from_bytes(altered(groups=["Métropole"]))
    with pytest.raises(CalendarError, match="no public holidays for La Réunion"):
        calendar.is_holiday(date(2021, 1, 1), "974")


def test_a_changed_calendar_has_its_days_and_the_others_as_before() -> None:
    base, added, removed = load_calendar(), date(2026, 5, 15), date(2026, 5, 8)
    changed = Calendar.from_bytes(changed_calendar(base, "FR-2026.2", {added: Name("Pont", "Bridge")}, [removed]))
    assert (changed.is_holiday(added, "75"), changed.is_holiday(added, "974")) == ("Pont", "Pont")
    assert changed.is_holiday(removed, "75") is None
    assert changed.in_english("Pont") == "Bridge"
    before, after = base.of_group("Alsace-Moselle"), changed.of_group("Alsace-Moselle")
    assert {*before.items()} ^ {*after.items()} == {(added, "Pont"), (removed, before[removed])}


def test_a_day_can_be_added_for_some_groups_only() -> None:
    name = {date(2026, 5, 15): Name("Pont", "Bridge")}
    changed = Calendar.from_bytes(changed_calendar(load_calendar(), "FR-2026.2", name, groups=["Alsace-Moselle"]))
    assert (changed.is_holiday(date(2026, 5, 15), "57"), changed.is_holiday(date(2026, 5, 15), "75")) == ("Pont", None)


@pytest.mark.parametrize(
    ("version", "added", "removed", "groups", "said"),
    [
        ("FR-2026.2", {date(2026, 5, 1): Name("x", "x")}, (), (), "holiday"),
        ("FR-2026.2", {date(2100, 1, 1): Name("x", "x")}, (), (), "covers the years"),
        ("FR-2026.2", {}, [date(2026, 5, 2)], (), "no public holiday"),
        ("FR-2026.2", {date(2026, 5, 15): Name("x", "x")}, (), ["Atlantide"], "no group 'Atlantide'"),
        ("next", {date(2026, 5, 15): Name("x", "x")}, (), (), "not a version"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(
    version: str, added: dict[date, Name], removed: Sequence[date], groups: Sequence[str], said: str
) -> None:
    with pytest.raises(CalendarError, match=said) as refused:
        changed_calendar(load_calendar(), version, added, removed, groups)
    assert refused.value.fr not in ("", refused.value.en)


def test_a_calendar_beside_the_definition_is_found_and_a_shipped_one_is_not_replaced(tmp_path: Path) -> None:
    folder = calendars_beside(tmp_path / "states.yaml")
    folder.mkdir()
    content = changed_calendar(load_calendar(), "FR-2026.2", {date(2026, 5, 15): Name("Pont", "Bridge")})
    (folder / "FR-2026.2.json").write_bytes(content)
    (folder / "FR-2026.1.json").write_bytes(b"{}")
    (folder / "FR-2026.3.json").write_bytes(content)
    assert known_calendars(folder) == ("FR-2026.1", "FR-2026.2", "FR-2026.3")
    assert load_calendar("FR-2026.2", folder).is_holiday(date(2026, 5, 15), "75") == "Pont"
    assert load_calendar("FR-2026.1", folder) is load_calendar("FR-2026.1")
    with pytest.raises(CalendarError, match=r"says that it is FR-2026\.2"):
        load_calendar("FR-2026.3", folder)
