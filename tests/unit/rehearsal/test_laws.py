"""The laws of a rehearsal find out an engine that is broken on purpose: what cannot fail would prove nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace as with_struct

from rehearsal.edges import around
from rehearsal.laws import differences, faults
from rehearsal.paths import rest
from rehearsal.recount import recounted
from rehearsal.stage import Ask, Stage, at_hour
from tests.unit.french import in_french
from tests.unit.rehearsal.loan import seen
from workflow import due_dates, occurrences, settling
from workflow.calendar import last_day, load_calendar, parse_length
from workflow.language.wording import Said

LENT = Ask("lend", "desk", {"lent_on": "2021-03-31", "serial": "A", "deposit": "12"})


def said(found: Iterable[Said], words: str) -> bool:
    """Whether one of the faults says so in English; all are told in French too."""
    listed = list(found)
    for each in listed:
        in_french(each.fr)
    return any(words in each.en for each in listed)


def lent(code: str = "75", on: date = date(2021, 3, 31)) -> Stage:
    published, *_ = seen()
    stage = Stage.opened(published, at_hour(on, code))
    stage.place({"territory": code})
    stage.ask(replace(LENT, fields={**LENT.fields, "lent_on": on.isoformat()}))
    return stage


def lived(stage: Stage) -> Stage:
    rest(stage)
    return stage


def test_a_good_engine_breaks_no_law() -> None:
    stage = lived(lent())
    assert [item.entry.kind for item in stage.history()][2:] == ["missed", "reminder", "missed"]
    assert faults(stage, swept=True) == []


def test_firing_late_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = settling._draft

    def late(kind: Any, event: Any, **more: Any) -> Any:
        return with_struct(draft(kind, event, **more), occurred_at=event.moment + timedelta(hours=1))

    monkeypatch.setattr(settling, "_draft", late)
    assert said(faults(lived(lent())), "expected on")


@pytest.fixture
def forgetful() -> Iterator[None]:
    """No date that was worked out before the test, or in it, is remembered."""
    cached = (
        due_dates._by_the_rule,
        due_dates._reminded,
    )
    for each in cached:
        each.cache_clear()
    yield
    for each in cached:
        each.cache_clear()


@pytest.mark.usefixtures("forgetful")
def test_a_date_that_is_a_day_off_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    real = due_dates.end_of_day
    monkeypatch.setattr(due_dates, "end_of_day", lambda day, code: real(day + timedelta(days=1), code))
    assert said(faults(lived(lent())), "by the recount")


def test_firing_twice_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occurrences, "_closed", lambda occurrence, entry: occurrence)
    stage = lent()
    stage.clock.at += timedelta(days=60)
    stage.engine.sweep()
    assert said(faults(stage), "cannot be decided: more than 1000 deadlines")


def test_a_life_that_depends_on_when_the_daemon_wakes_is_found_out() -> None:
    awake, asleep = lent(), lent()
    awake.wait_until(awake.now + timedelta(days=40))
    assert said(differences(asleep, awake), "for a daemon that slept")
    asleep.sleep_until(awake.now)
    assert differences(asleep, awake) == []


def test_the_last_microsecond_and_the_instant_are_told_apart() -> None:
    stage = lent()
    assert around(stage, stage.rules.definition.deadlines["loan"]) == []


@pytest.mark.parametrize("code", ["75", "57", "971", "974", "987"])
@pytest.mark.parametrize("on", [date(2021, 3, 28), date(2021, 10, 31), date(2024, 2, 29), date(2021, 8, 31)])
def test_the_recount_agrees_with_the_engine(code: str, on: date) -> None:
    stage = lent(code, on)
    entries = [item.entry for item in stage.history()]
    for name, run in stage.facts().occurrences.items():
        counted = recounted(stage.rules, entries, name)
        if run.closed is None:
            assert counted is not None
            assert (counted.last_day, counted.due_at) == (run.last_day, run.due_at)


def test_the_recount_counts_months_as_the_law_does() -> None:
    assert last_day(date(2021, 8, 31), parse_length("6 months"), "calendar", "none", "75", load_calendar()) == date(
        2022, 2, 28
    )
    from rehearsal.recount import _last_day

    for day in (date(2021, 8, 31), date(2021, 5, 3), date(2024, 2, 29), date(2021, 10, 31)):
        for text in ("1 month", "4 months", "6 months", "2 weeks", "15 days", "1 year"):
            for counting in ("calendar", "inclusive", "clear"):
                length = parse_length(text)
                ours = last_day(day, length, counting, "none", "75", load_calendar())
                assert _last_day(day, length, counting, "75", load_calendar()) == ours
