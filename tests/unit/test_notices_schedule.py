"""When notices leave: office hours, and pauses that grow."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.notices.schedule import CLOSES, FIRST_RETRY, LONGEST_RETRY, OPENS, is_working, office_hours, retry_in
from tests.world import instant
from workflow.calendar import load_calendar, zone_of

CALENDAR = load_calendar()


@pytest.mark.parametrize(
    ("code", "moment", "leaves"),
    [
        ("75", "2021-03-11T06:59:59", "2021-03-11T07:00"),
        ("75", "2021-03-11T07:00", "2021-03-11T07:00"),
        ("75", "2021-03-11T17:59", "2021-03-11T17:59"),
        ("75", "2021-03-11T18:00", "2021-03-12T07:00"),
        ("75", "2021-03-12T18:00", "2021-03-15T07:00"),  # Friday evening
        ("75", "2021-03-27T12:00", "2021-03-29T06:00"),  # over the night to summer time
        ("75", "2021-04-02T12:00", "2021-04-02T12:00"),  # Good Friday is a working day,
        ("67", "2021-04-02T12:00", "2021-04-06T06:00"),  # but in Alsace; and Easter Monday nowhere
        ("971", "2021-03-11T06:59:59", "2021-03-11T12:00"),
        ("988", "2021-03-10T23:00", "2021-03-10T23:00"),  # Noumea is at work when Paris sleeps
    ],
)
def test_mail_leaves_in_the_hours_of_the_placement_s_own_offices(code: str, moment: str, leaves: str) -> None:
    assert office_hours(instant(moment), code, CALENDAR) == instant(leaves)


@given(st.datetimes(datetime(2021, 1, 1), datetime(2040, 1, 1)), st.sampled_from(["75", "67", "971", "974", "988"]))
def test_office_hours_are_never_earlier_and_always_open(at: datetime, code: str) -> None:
    moment = at.replace(tzinfo=instant("2021-01-01").tzinfo)
    found = office_hours(moment, code, CALENDAR)
    local = found.astimezone(zone_of(code))
    assert found >= moment
    assert OPENS <= local.time() < CLOSES
    assert is_working(local.date(), code, CALENDAR)
    assert office_hours(found, code, CALENDAR) == found


def test_pauses_double_up_to_a_day() -> None:
    whole = [retry_in(attempts, 1.0) for attempts in range(1, 20)]
    assert whole[:4] == [timedelta(minutes=n) for n in (1, 2, 4, 8)]
    assert whole == sorted(whole)
    assert whole[-1] == LONGEST_RETRY


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_pause_is_spread_and_bounded(attempts: int, chance: float) -> None:
    assert FIRST_RETRY / 2 <= retry_in(attempts, chance) <= LONGEST_RETRY
