"""Laws of civil time, held for any anchor, territory and rule."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.calendar import (
    COUNTINGS,
    ROLLS,
    TERRITORIES,
    Due,
    Length,
    before,
    count_open_days,
    deadline,
    is_open,
    last_day,
    load_calendar,
    local_day,
    rolled,
    shift_open_days,
    start_of_day,
    zone_of,
)
from workflow.civil.periods import is_clamped

CALENDAR = load_calendar()

territories = st.sampled_from(sorted(TERRITORIES))
days = st.dates(date(2001, 1, 1), date(2050, 12, 31))
anchors = st.datetimes(datetime(2001, 1, 1), datetime(2050, 12, 31), timezones=st.just(UTC))
civil_lengths = st.builds(Length, st.integers(0, 60), st.sampled_from(["days", "weeks", "months"]))
day_lengths = st.builds(Length, st.integers(0, 400), st.just("days"))
open_countings = st.sampled_from(["working", "workable"])
plain_countings = st.sampled_from(["calendar", "inclusive", "clear"])
rolls = st.sampled_from(ROLLS)


@st.composite
def dues(draw: st.DrawFn) -> tuple[Due, str]:
    code, counting = draw(territories), draw(st.sampled_from(COUNTINGS))
    length = draw(civil_lengths if counting in ("calendar", "inclusive", "clear") else day_lengths)
    return deadline(draw(anchors), code, length, counting=counting, roll=draw(rolls)), code


@given(dues())
def test_instant_is_the_local_midnight_after_the_last_day(answer: tuple[Due, str]) -> None:
    due, code = answer
    local = due.instant.astimezone(zone_of(code))
    assert local.time() == time.min
    assert local.date() == due.last_day + timedelta(days=1)


@pytest.mark.parametrize("code", ["75", "975"])
@given(year=st.integers(2001, 2050), month=st.sampled_from([3, 10, 11]), count=st.integers(0, 40))
def test_changes_of_clocks_move_no_midnight(code: str, year: int, month: int, count: int) -> None:
    anchor_day = date(year, month, 1)
    noon = datetime.combine(anchor_day, time(12), tzinfo=zone_of(code))
    due = deadline(noon, code, Length(count, "days"))
    assert due.last_day == anchor_day + timedelta(days=count)
    assert due.instant.astimezone(zone_of(code)).time() == time.min


@given(anchors, territories, st.integers(0, 10**7))
def test_exact_lengths_are_elapsed_time(anchor: datetime, code: str, seconds: int) -> None:
    due = deadline(anchor, code, Length(seconds, "seconds"))
    assert due.instant - anchor == timedelta(seconds=seconds)
    assert due.last_day == local_day(due.instant, code)


@given(days, territories)
def test_a_day_begins_where_the_one_before_it_ends(day: date, code: str) -> None:
    start = start_of_day(day, code)
    assert local_day(start, code) == day
    assert local_day(start - timedelta(microseconds=1), code) == day - timedelta(days=1)


@given(days, st.integers(0, 600), territories)
def test_months_end_on_the_same_day_number_or_the_months_last(day: date, months: int, code: str) -> None:
    end = last_day(day, Length(months, "months"), "calendar", "none", code, CALENDAR)
    assert (end.year * 12 + end.month) - (day.year * 12 + day.month) == months
    ends_the_month = (end + timedelta(days=1)).day == 1
    assert end.day == day.day or (end.day < day.day and ends_the_month)


@given(days, st.integers(0, 40), plain_countings)
def test_a_year_is_twelve_months(day: date, years: int, counting: str) -> None:
    in_years = last_day(day, Length(years, "years"), counting, "none", "75", CALENDAR)
    assert in_years == last_day(day, Length(12 * years, "months"), counting, "none", "75", CALENDAR)


@given(st.integers(2001, 2050).filter(lambda year: year % 4 == 0), st.integers(0, 20))
def test_leap_day_ends_on_the_last_of_february(year: int, years: int) -> None:
    end = last_day(date(year, 2, 29), Length(years, "years"), "calendar", "none", "75", CALENDAR)
    assert end + timedelta(days=1) == date(year + years, 3, 1)


@given(days, civil_lengths, plain_countings, territories)
def test_rolled_is_never_earlier_and_always_a_working_day(day: date, length: Length, counting: str, code: str) -> None:
    strict = last_day(day, length, counting, "none", code, CALENDAR)
    moved = last_day(day, length, counting, "next_working_day", code, CALENDAR)
    assert moved >= strict
    assert is_open(moved, "working", code, CALENDAR)
    between = (strict + timedelta(days=n) for n in range((moved - strict).days))
    assert not any(is_open(passed, "working", code, CALENDAR) for passed in between)


@given(days, st.integers(1, 200), open_countings, territories)
def test_open_days_are_counted_one_by_one(day: date, n: int, counting: str, code: str) -> None:
    end = last_day(day, Length(n, "days"), counting, "none", code, CALENDAR)
    walked = (day + timedelta(days=k) for k in range(1, (end - day).days + 1))
    assert sum(is_open(passed, counting, code, CALENDAR) for passed in walked) == n
    assert is_open(end, counting, code, CALENDAR)


@given(days, civil_lengths, territories)
def test_clear_is_one_day_later_and_inclusive_one_earlier(day: date, length: Length, code: str) -> None:
    calendar, inclusive, clear = (
        last_day(day, length, counting, "none", code, CALENDAR) for counting in ("calendar", "inclusive", "clear")
    )
    assert clear == calendar + timedelta(days=1)
    assert inclusive == calendar - timedelta(days=0 if is_clamped(day, length) else 1)


@given(days, st.integers(0, 60), day_lengths, st.sampled_from(COUNTINGS), rolls, territories)
def test_a_later_anchor_never_ends_earlier(
    day: date, later: int, length: Length, counting: str, roll: str, code: str
) -> None:
    first = last_day(day, length, counting, roll, code, CALENDAR)
    second = last_day(day + timedelta(days=later), length, counting, roll, code, CALENDAR)
    assert first <= second


@given(days, st.integers(0, 60), st.sampled_from(["days", "weeks", "months", "working days", "workable days"]))
def test_reminders_are_never_after_the_last_day(day: date, count: int, unit: str) -> None:
    reminder = before(day, f"{count} {unit}", "75", CALENDAR)
    assert reminder <= day
    assert count == 0 or reminder < day


@given(days, st.integers(0, 100), open_countings, territories)
def test_counting_undoes_shifting(day: date, n: int, counting: str, code: str) -> None:
    start = shift_open_days(day, 1, counting, code, CALENDAR)
    end = shift_open_days(start, n, counting, code, CALENDAR)
    assert count_open_days(start, end, counting, code, CALENDAR) == n
    assert shift_open_days(end, -n, counting, code, CALENDAR) == start


@given(days, rolls, territories)
def test_rolling_twice_is_rolling_once(day: date, roll: str, code: str) -> None:
    once = rolled(day, roll, code, CALENDAR)
    assert rolled(once, roll, code, CALENDAR) == once


@given(dues())
def test_explanation_ends_with_the_answer(answer: tuple[Due, str]) -> None:
    due, _ = answer
    *_, last, instant = due.steps
    assert last.details == {"day": due.last_day.isoformat()}
    assert datetime.fromisoformat(str(instant.details["instant"])) == due.instant


@given(dues())
def test_explanation_skips_only_days_within_the_period_and_each_once(answer: tuple[Due, str]) -> None:
    due, code = answer
    skipped = [step.details["day"] for step in due.steps if step.code == "day_skipped"]
    closed = [date.fromisoformat(str(day)) for day in skipped]
    assert closed == sorted(set(closed))
    assert all(day < due.last_day and not is_open(day, "working", code, CALENDAR) for day in closed)
