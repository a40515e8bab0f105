"""What people type on the command line: moments, durations, fields, filters."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from operators.cli.values import parse_sets, parse_where
from operators.moments import local_text, parse_age, parse_instant, parse_moment
from settings import WrongUsage

PARIS = ZoneInfo("Europe/Paris")


def test_moments_are_instants_local_times_or_days() -> None:
    assert parse_moment("2021-03-16T23:00:00Z") == datetime(2021, 3, 16, 23, tzinfo=UTC)
    assert parse_moment("2021-03-17T00:00+01:00") == datetime(2021, 3, 16, 23, tzinfo=UTC)
    assert parse_moment("2021-03-16 10:00") == datetime(2021, 3, 16, 10)
    assert parse_moment("2021-03-16") == date(2021, 3, 16)


@pytest.mark.parametrize(
    "text",
    ["", "16/03/2021", "2021-3-6", "20210316", "2021-W11-2", "2021-02-30", "2021-03-16T25:00", "٢٠٢١-03-16"],
)
def test_other_forms_are_wrong_usage(text: str) -> None:
    with pytest.raises(WrongUsage, match="--at"):
        parse_moment(text)


def test_local_moments_take_the_zone() -> None:
    assert parse_instant("2021-03-17", PARIS, "--since") == datetime(2021, 3, 16, 23, tzinfo=UTC)
    assert parse_instant("2021-07-17T12:00", PARIS, "--since") == datetime(2021, 7, 17, 10, tzinfo=UTC)


def test_durations() -> None:
    assert parse_age("7d", "--due-within") == timedelta(days=7)
    assert parse_age("7j", "--due-within") == timedelta(days=7)
    assert parse_age("36h", "--due-within") == timedelta(hours=36)
    for text in ("", "7", "-7d", "7 months", "1e3d"):
        with pytest.raises(WrongUsage):
            parse_age(text, "--due-within")


def test_zone_is_always_written() -> None:
    assert local_text(datetime(2021, 3, 16, 23, tzinfo=UTC), PARIS) == "2021-03-17 00:00 Europe/Paris"
    assert local_text(datetime(2021, 3, 16, 23, 0, 5, tzinfo=UTC), PARIS) == "2021-03-17 00:00:05 Europe/Paris"
    assert local_text(None, PARIS) == ""


def test_sets_keep_all_after_the_first_equals_sign() -> None:
    assert parse_sets(["a=1=2", "b="]) == {"a": "1=2", "b": ""}
    assert parse_sets(None) == {}
    for texts in (["a"], ["=1"], ["a=1", "a=2"]):
        with pytest.raises(WrongUsage):
            parse_sets(texts)


def test_where_reads_filters_with_quotes_and_either_dash() -> None:
    known = ("state", "host_siret", "overdue")
    assert parse_where("state=in_post host-siret='130 026' overdue", known) == {
        "state": "in_post",
        "host_siret": "130 026",
        "overdue": True,
    }
