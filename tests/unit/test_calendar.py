"""Deadlines by example: the worked legal cases, lengths, rules, zones and explanations."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from workflow.calendar import (
    TERRITORIES,
    CalendarError,
    Length,
    after,
    before,
    count_open_days,
    deadline,
    end_of_day,
    last_day,
    load_calendar,
    load_zone,
    local_day,
    parse_length,
    rolled,
    shift_open_days,
    start_of_day,
    territory,
    zone_of,
)
from workflow.civil.zones import first_moment

CASES = Path(__file__).parents[1] / "data" / "deadline_cases.csv"
CALENDAR = load_calendar()
NOON = datetime(2021, 3, 1, 12, tzinfo=UTC)


def cases() -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["id"])
def test_worked_case_comes_out_exactly(case: dict[str, str]) -> None:
    anchor = datetime.fromisoformat(case["anchor"])
    due = deadline(anchor, case["territory"], case["length"], counting=case["counting"], roll=case["roll"])
    assert due.last_day == date.fromisoformat(case["last_day"])
    assert due.instant == datetime.fromisoformat(case["instant"])
    assert due.instant.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("15 days", Length(15, "days")),
        ("1 day", Length(1, "days")),
        ("1 days", Length(1, "days")),
        ("0 days", Length(0, "days")),
        (" 2  weeks ", Length(2, "weeks")),
        ("36 months", Length(36, "months")),
        ("1 year", Length(1, "years")),
        ("48 hours", Length(48, "hours")),
        ("90 minutes", Length(90, "minutes")),
        ("30 seconds", Length(30, "seconds")),
        ("10 working days", Length(10, "days", "working")),
        ("1 workable day", Length(1, "days", "workable")),
    ],
)
def test_length_is_read(text: str, length: Length) -> None:
    assert parse_length(text) == length
    assert parse_length(str(length)) == length


@pytest.mark.parametrize(
    "text",
    [
        *("", "15", "days", "15days", "15 dayss", "15 Days", "-1 days", "1.5 days", "1,5 days", "1e2 days"),
        *("15 jours", "١٥ days", "１５ days", "15\tdays", "15 days\n", "1 day 2 hours", "9" * 5000 + " days"),
    ],
)
def test_text_that_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(CalendarError, match="is not a length: expected a whole number and a unit"):
        parse_length(text)


@pytest.mark.parametrize("text", ["10000 years", "999999999999 days", "120000 months", "999999999999 seconds"])
def test_length_of_ten_thousand_years_is_refused(text: str) -> None:
    with pytest.raises(CalendarError, match="not within 0 and 9999 years"):
        parse_length(text)


@pytest.mark.parametrize(
    ("count", "unit", "counting", "sentence"),
    [
        (1, "fortnights", None, "unit 'fortnights' is unknown"),
        (-1, "days", None, "not within 0 and 9999 years"),
        (1, "months", "working", "only working or workable days can"),
        (1, "days", "clear", "only working or workable days can"),
    ],
)
def test_length_made_in_code_is_held_to_the_same(count: int, unit: str, counting: str | None, sentence: str) -> None:
    with pytest.raises(CalendarError, match=sentence):
        Length(count, unit, counting)


@pytest.mark.parametrize(
    ("length", "counting", "roll", "sentence"),
    [
        ("15 days", "lunar", "none", "counting 'lunar' is unknown"),
        ("15 days", "calendar", "back", "roll 'back' is unknown"),
        ("10 working days", "workable", "none", "the length already says how"),
        ("10 working days", "inclusive", "none", "the length already says how"),
        ("2 weeks", "working", "none", "open days are counted in days"),
        ("48 hours", "working", "none", "open days are counted in days"),
        ("48 hours", "clear", "none", "neither a counting nor a roll"),
        ("48 hours", "calendar", "next_working_day", "neither a counting nor a roll"),
    ],
)
def test_contradictory_rule_is_refused(length: str, counting: str, roll: str, sentence: str) -> None:
    with pytest.raises(CalendarError, match=sentence):
        deadline(NOON, "75", length, counting=counting, roll=roll)


@pytest.mark.parametrize("counting", ["calendar", "working"])
def test_length_may_say_its_counting_itself(counting: str) -> None:
    short = deadline(NOON, "75", "10 working days", counting=counting)
    assert short.last_day == deadline(NOON, "75", "10 days", counting="working").last_day


def test_inclusive_period_without_its_day_number_ends_with_the_month() -> None:
    january = datetime(2021, 1, 31, 12, tzinfo=UTC)
    assert deadline(january, "75", "1 month", counting="inclusive").last_day == date(2021, 2, 28)
    leap_day = datetime(2024, 2, 29, 12, tzinfo=UTC)
    assert deadline(leap_day, "75", "1 year", counting="inclusive").last_day == date(2025, 2, 28)
    assert deadline(leap_day, "75", "4 years", counting="inclusive").last_day == date(2028, 2, 28)


def test_zero_days_end_with_the_day_of_the_anchor() -> None:
    assert deadline(NOON, "75", "0 days").last_day == date(2021, 3, 1)
    assert deadline(NOON, "75", "0 days").instant == datetime(2021, 3, 1, 23, tzinfo=UTC)


def test_hours_are_exact_across_the_change_of_clocks() -> None:
    eve = datetime.fromisoformat("2021-03-27T12:00:00+01:00")
    due = deadline(eve, "75", "24 hours")
    assert due.instant == datetime.fromisoformat("2021-03-28T13:00:00+02:00")
    assert due.last_day == date(2021, 3, 28)


def test_hours_end_on_the_local_day_of_their_instant() -> None:
    assert deadline(datetime(2021, 3, 1, 23, 30, tzinfo=UTC), "987", "30 minutes").last_day == date(2021, 3, 1)
    assert deadline(datetime(2021, 3, 1, 22, 30, tzinfo=UTC), "75", "30 minutes").last_day == date(2021, 3, 2)


def test_rules_without_holidays_need_no_year_of_the_calendar() -> None:
    assert deadline(datetime(1950, 1, 1, tzinfo=UTC), "75", "15 days").last_day == date(1950, 1, 16)


@pytest.mark.parametrize(
    ("anchor", "counting", "roll"),
    [
        (datetime(1999, 6, 1, tzinfo=UTC), "working", "none"),
        (datetime(2060, 12, 25, tzinfo=UTC), "workable", "none"),
        (datetime(2060, 12, 31, 12, tzinfo=UTC), "calendar", "next_working_day"),
    ],
)
def test_rules_with_holidays_are_refused_outside_the_calendar(anchor: datetime, counting: str, roll: str) -> None:
    with pytest.raises(CalendarError, match=r"calendar FR-2026\.1 covers the years 2000 to 2060"):
        deadline(anchor, "75", "10 days", counting=counting, roll=roll)


@pytest.mark.parametrize("length", ["10 days", "1 month", "48 hours", "9000 years"])
def test_dates_after_the_year_9999_are_refused(length: str) -> None:
    with pytest.raises(CalendarError, match="years 1 to 9999"):
        deadline(datetime(9999, 12, 30, 12, tzinfo=UTC), "75", length)


def test_edges_of_time_are_refused_not_crashed_on() -> None:
    with pytest.raises(CalendarError, match="years 1 to 9999"):
        end_of_day(date.max, "75")
    with pytest.raises(CalendarError, match="years 1 to 9999"):
        start_of_day(date.min, "75")
    with pytest.raises(CalendarError, match="years 1 to 9999"):
        local_day(datetime.max.replace(tzinfo=UTC), "988")
    with pytest.raises(CalendarError, match="years 1 to 9999"):
        before(date(1, 1, 31), "1 month", "75", CALENDAR)


def test_naive_anchor_is_refused() -> None:
    with pytest.raises(CalendarError, match="has no offset from UTC"):
        deadline(datetime(2021, 3, 1), "75", "15 days")


def test_every_territory_is_there_with_its_zone_and_name() -> None:
    assert len(TERRITORIES) == 96 + 11
    assert {code for code in TERRITORIES if len(code) == 2} >= {f"{n:02}" for n in range(1, 96)} - {"20"}
    assert {code for code, place in TERRITORIES.items() if place.holidays == "Alsace-Moselle"} == {*("57", "67", "68")}
    assert all(zone_of(code).key == place.zone for code, place in TERRITORIES.items())
    assert (territory("2A").name, territory("974").zone) == ("Corse-du-Sud", "Indian/Reunion")


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("20", r"2A \(Corse-du-Sud\) or 2B"),
        ("1", r"write 01 \(Ain\)"),
        ("2a", r"write 2A \(Corse-du-Sud\)"),
        (" 75", r"write 75 \(Paris\)"),
        ("96", "expected a département code"),
        ("979", "expected a département code"),
        ("", "expected a département code"),
    ],
)
def test_unknown_territory_is_refused_with_advice(code: str, advice: str) -> None:
    with pytest.raises(CalendarError, match=advice):
        deadline(NOON, code, "15 days")


@pytest.mark.parametrize("key", ["Europe/Nowhere", "", "../zones", "/etc/localtime", "__init__.py", "Europe"])
def test_unknown_zone_is_refused(key: str) -> None:
    with pytest.raises(CalendarError, match="is unknown: expected a name such as Europe/Paris"):
        load_zone(key)


@pytest.mark.parametrize(
    ("zone", "day", "instant"),
    [
        ("America/Havana", date(2021, 3, 14), "2021-03-14T05:00:00Z"),  # 00:00 jumps to 01:00
        ("America/Havana", date(2021, 11, 7), "2021-11-07T04:00:00Z"),  # 00:00 comes twice
        ("America/Toronto", date(1919, 3, 31), "1919-03-31T04:30:00Z"),  # 23:30 jumped to 00:30
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00:00Z"),  # the whole day was left out
        ("Europe/Paris", date(1940, 6, 15), "1940-06-14T22:00:00Z"),  # 23:00 jumped to 00:00
    ],
)
def test_day_begins_at_its_first_existing_moment(zone: str, day: date, instant: str) -> None:
    assert first_moment(day, load_zone(zone)) == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    ("length", "day"),
    [
        ("5 days", date(2021, 5, 26)),
        ("1 week", date(2021, 5, 24)),
        ("1 month", date(2021, 4, 30)),
        ("3 months", date(2021, 2, 28)),
        ("1 year", date(2020, 5, 31)),
        ("5 working days", date(2021, 5, 21)),
        ("6 workable days", date(2021, 5, 22)),
        ("0 days", date(2021, 5, 31)),
    ],
)
def test_reminder_lies_before_the_last_day(length: str, day: date) -> None:
    assert before(date(2021, 5, 31), length, "75", CALENDAR) == day


def test_reminder_lies_after_the_anchor() -> None:
    assert after(date(2021, 5, 21), "10 days", "75", CALENDAR) == date(2021, 5, 31)
    assert after(date(2021, 5, 21), "2 working days", "75", CALENDAR) == date(2021, 5, 26)


@pytest.mark.parametrize("reminder", [before, after])
def test_reminder_in_hours_is_refused(reminder: type) -> None:
    with pytest.raises(CalendarError, match="counted from an instant, not from a day"):
        reminder(date(2021, 5, 21), "48 hours", "75", CALENDAR)


def test_pause_moves_the_last_day_by_days_of_its_own_kind() -> None:
    whit = (date(2021, 5, 21), date(2021, 5, 26))
    assert count_open_days(*whit, "calendar", "75", CALENDAR) == 5
    assert count_open_days(*whit, "working", "75", CALENDAR) == 2
    assert count_open_days(*whit, "workable", "75", CALENDAR) == 3
    assert shift_open_days(date(2021, 6, 3), 5, "calendar", "75", CALENDAR) == date(2021, 6, 8)
    assert shift_open_days(date(2021, 6, 3), 2, "working", "75", CALENDAR) == date(2021, 6, 7)
    assert shift_open_days(date(2021, 6, 7), -2, "working", "75", CALENDAR) == date(2021, 6, 3)


def test_empty_stretch_has_no_days() -> None:
    for counting in ("calendar", "working"):
        assert count_open_days(date(2021, 5, 21), date(2021, 5, 20), counting, "75", CALENDAR) == 0


def test_roll_stands_alone_for_dates_moved_otherwise() -> None:
    christmas = date(2022, 12, 25)
    assert rolled(christmas, "none", "67", CALENDAR) == christmas
    assert rolled(christmas, "next_working_day", "67", CALENDAR) == date(2022, 12, 27)


def test_last_day_counts_from_a_civil_day() -> None:
    grant = Length(36, "months")
    assert last_day(date(2021, 4, 15), grant, "inclusive", "none", "75", CALENDAR) == date(2024, 4, 14)


def codes(
    length: str,
    anchor: str = "2022-12-10T10:00:00+01:00",
    *,
    counting: str = "calendar",
    roll: str = "none",
) -> list[str]:
    due = deadline(datetime.fromisoformat(anchor), "67", length, counting=counting, roll=roll)
    return [step.code for step in due.steps]


def test_explanation_names_every_kind_of_step() -> None:
    opening, end = ["anchor", "rule"], ["last_day", "instant"]
    assert codes("15 days") == [*opening, *end]
    assert codes("48 hours") == [*opening, *end]
    assert codes("15 days", roll="next_working_day") == [*(*opening, "day_skipped", "day_skipped", "rolled", *end)]
    assert codes("10 days", roll="next_working_day") == [*opening, "roll_not_needed", *end]
    assert codes("3 days", counting="workable") == [*opening, "day_skipped", *end]
    assert codes("15 days", counting="clear") == [*opening, "clear", *end]
    assert codes("15 days", counting="inclusive") == [*opening, "inclusive", *end]
    january = "2021-01-31T10:00:00+01:00"
    assert codes("1 month", january) == [*opening, "month_end", *end]
    assert codes("1 month", january, counting="inclusive") == [*opening, "month_end", *end]
    assert codes("1 month", january, counting="clear") == [*opening, "month_end", "clear", *end]


def test_explanation_reads_well_in_both_languages() -> None:
    anchor = datetime.fromisoformat("2022-12-10T10:00:00+01:00")
    steps = deadline(anchor, "67", "15 days", roll="next_working_day").steps
    assert [step.fr for step in steps] == [
        "Point de départ : samedi 10 décembre 2022 à 10:00, fuseau Europe/Paris (67, Bas-Rhin).",
        "Durée : 15 jours, à compter du lendemain.",
        "Le dimanche 25 décembre 2022 n'est pas un jour ouvré : Jour de Noël.",
        "Le lundi 26 décembre 2022 n'est pas un jour ouvré : 2ème jour de Noël.",
        "Report au premier jour ouvré suivant, le mardi 27 décembre 2022.",
        "Dernier jour : mardi 27 décembre 2022.",
        "Échéance : mercredi 28 décembre 2022 à 00:00, soit 2022-12-27T23:00:00Z.",
    ]
    assert [step.en for step in steps] == [
        "Starting point: Saturday 10 December 2022 at 10:00, Europe/Paris time (67, Bas-Rhin).",
        "Length: 15 days, from the following day.",
        "Sunday 25 December 2022 is not a working day: Christmas Day.",
        "Monday 26 December 2022 is not a working day: Second Day of Christmas.",
        "Rolled to the next working day, Tuesday 27 December 2022.",
        "Last day: Tuesday 27 December 2022.",
        "Due: Wednesday 28 December 2022 at 00:00, that is 2022-12-27T23:00:00Z.",
    ]


def test_explanation_says_why_each_day_is_skipped() -> None:
    steps = deadline(datetime(2024, 3, 28, 12, tzinfo=UTC), "67", "1 day", counting="working").steps
    skipped = [dict(step.details) for step in steps if step.code == "day_skipped"]
    assert skipped == [
        {"day": "2024-03-29", "reason": "holiday", "name": "Vendredi saint"},
        {"day": "2024-03-30", "reason": "saturday"},
        {"day": "2024-03-31", "reason": "sunday"},
        {"day": "2024-04-01", "reason": "holiday", "name": "Lundi de Pâques"},
    ]
