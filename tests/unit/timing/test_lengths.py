"""The days that a length can take are those that the calendar gives, whatever the anchor."""

from datetime import UTC, date, datetime, timedelta

import pytest

from workflow.calendar import Length, deadline, load_calendar, local_day, parse_length, start_of_day
from workflow.timing.lengths import Rule, Span, span_of, spread_of

CALENDAR = load_calendar()


@pytest.mark.parametrize(
    ("text", "counting", "lowest", "highest"),
    [
        ("15 days", "calendar", 16, 16),
        ("15 days", "inclusive", 15, 15),
        ("15 days", "clear", 17, 17),
        ("2 weeks", "calendar", 15, 15),
        ("1 month", "calendar", 29, 32),
        ("4 months", "inclusive", 120, 123),
        ("36 months", "inclusive", 1095, 1096),
        ("8 years", "calendar", 2922, 2923),
        ("48 hours", "calendar", 1, 3),
        ("0 hours", "calendar", 0, 0),
    ],
)
def test_span_of_a_length(text: str, counting: str, lowest: int, highest: int) -> None:
    assert span_of(Rule(parse_length(text), counting), CALENDAR) == Span(lowest, highest)


@pytest.mark.parametrize("place", ["75", "57", "974", "975", "987"])
@pytest.mark.parametrize(
    ("text", "counting", "roll"),
    [
        ("10 days", "working", "none"),
        ("3 days", "workable", "none"),
        ("1 month", "calendar", "next_working_day"),
        ("3 months", "inclusive", "none"),
        ("30 hours", "calendar", "none"),
        ("1 year", "clear", "none"),
    ],
)
def test_no_anchor_leads_out_of_the_span(text: str, counting: str, roll: str, place: str) -> None:
    length = parse_length(text)
    span = span_of(Rule(length, counting, roll), CALENDAR)
    for number in range(0, 1461, 11):
        for hour in (0, 12, 23):
            day = date(2022, 1, 1) + timedelta(days=number)
            anchor = start_of_day(day, place) + timedelta(hours=hour)
            due = deadline(anchor, place, length, counting=counting, roll=roll, calendar=CALENDAR)
            days = (local_day(due.instant, place) - local_day(anchor, place)).days
            assert span.lowest <= days <= (span.highest or 0), (day, hour)


def test_lengths_from_one_anchor_differ_by_less_than_their_spans() -> None:
    two, one = Rule(parse_length("2 months")), Rule(parse_length("1 month"))
    assert spread_of(two, one, CALENDAR) == Span(28, 31)
    assert spread_of(one, one, CALENDAR) == Span(0, 0)
    assert spread_of(Rule(parse_length("1 month")), Rule(parse_length("30 days")), CALENDAR) == Span(-2, 1)
    assert spread_of(one, Rule(parse_length("3 hours")), CALENDAR) is None


def test_milestone_is_due_when_its_day_begins() -> None:
    assert span_of(Rule(Length(0, "days"), milestone=True), CALENDAR) == Span(0, 0)
    assert span_of(Rule(Length(0, "days")), CALENDAR) == Span(1, 1)
    assert datetime(2021, 1, 1, tzinfo=UTC) == start_of_day(date(2021, 1, 1), "75") + timedelta(hours=1)
