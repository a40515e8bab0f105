"""The brake's verdicts, by themselves: what is remembered of the clock, its reading, and what follows."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.world import instant
from workflow.brake import (
    Held,
    Limits,
    Watch,
    engaged,
    is_beat_due,
    is_note_due,
    judged,
    released,
    seen,
    too_much,
    written,
)

NOON = instant("2026-11-23T12:00")
LIMITS = Limits()
KNOWN = Watch(written_at=NOON, seen_at=NOON)
days = st.integers(-20_000, 20_000).map(lambda days: timedelta(days=days))


def verdict(watch: Watch, now: datetime, wakes_at: datetime | None = NOON) -> str | None:
    held = judged(LIMITS, watch, now, lambda: wakes_at)
    return held and held.cause


def test_nothing_is_known_of_the_first_clock() -> None:
    assert verdict(Watch(), instant("2040-01-01")) is None
    assert verdict(Watch(), instant("2010-01-01")) is None


def test_month_of_downtime_holds_and_a_long_weekend_does_not() -> None:
    assert verdict(KNOWN, NOON + timedelta(days=28)) == "gap"
    assert verdict(KNOWN, NOON + timedelta(days=12)) is None
    assert verdict(KNOWN, NOON + LIMITS.max_gap) is None
    assert verdict(KNOWN, NOON + LIMITS.max_gap + timedelta(microseconds=1)) == "gap"


def test_gap_in_which_nothing_was_waiting_holds_nothing() -> None:
    assert verdict(KNOWN, NOON + timedelta(days=365), wakes_at=None) is None


def test_clock_may_be_behind_by_as_much_as_a_seal_allows() -> None:
    assert verdict(KNOWN, NOON - timedelta(seconds=60)) is None
    assert verdict(KNOWN, NOON - timedelta(seconds=61)) == "back"
    assert verdict(Watch(seen_at=NOON), NOON - timedelta(days=5)) is None, "nothing was written: nothing is lost"


def test_share_is_of_what_is_open_and_small_sweeps_are_never_too_much() -> None:
    assert not too_much(LIMITS, 3, 3)
    assert not too_much(LIMITS, 49, 49)
    assert too_much(LIMITS, 50, 50)
    assert not too_much(LIMITS, 300, 1000)
    assert too_much(LIMITS, 301, 1000)


@given(due=st.integers(0, 5_000), open_=st.integers(0, 20_000))
def test_counting_on_would_not_change_the_verdict(due: int, open_: int) -> None:
    counted = min(open_, LIMITS.enough(due))
    assert too_much(LIMITS, due, counted) == too_much(LIMITS, due, open_)


def test_held_sweep_holds_until_released() -> None:
    held = engaged(KNOWN, NOON, 400, 1000)
    found = judged(LIMITS, held, NOON + timedelta(days=3), lambda: NOON)
    assert found == Held("share", NOON + timedelta(days=3), NOON, 400, 1000)
    after = released(held, found)
    assert verdict(after, NOON + timedelta(days=4)) is None
    assert after.released_at == NOON + timedelta(days=3)


def test_sweep_held_by_a_clock_that_was_set_right_holds_no_more() -> None:
    ahead = engaged(KNOWN, NOON + timedelta(days=10), 400, 1000)
    assert verdict(ahead, NOON + timedelta(hours=1)) is None
    assert is_beat_due(LIMITS, ahead, NOON), "so that it does not come back when its moment does"
    assert seen(ahead, NOON).held_at is None


@given(first=days, then=days)
def test_release_covers_its_moment_and_not_a_later_jump(first: timedelta, then: timedelta) -> None:
    now = NOON + first
    held = judged(LIMITS, KNOWN, now, lambda: NOON)
    if held is None:
        return
    after = released(KNOWN, held)
    assert judged(LIMITS, after, now, lambda: NOON) is None
    later = judged(LIMITS, after, now + then, lambda: NOON)
    assert (later is None) == (timedelta(seconds=-60) <= then <= LIMITS.max_gap)


@given(steps=st.lists(days))
def test_mark_never_goes_back_by_itself(steps: list[timedelta]) -> None:
    watch, marks = KNOWN, [NOON]
    for step in steps:
        watch = written(watch, NOON + step)
        marks.append(NOON + step)
        assert watch.written_at == max(marks)
        assert watch.seen_at == NOON + step


def test_clock_is_noted_seldom() -> None:
    assert not is_beat_due(LIMITS, KNOWN, NOON + timedelta(hours=3))
    assert is_beat_due(LIMITS, KNOWN, NOON + timedelta(hours=4))
    assert is_beat_due(LIMITS, KNOWN, NOON - timedelta(hours=4))


def test_writers_share_no_row_within_a_tenth_of_what_is_allowed() -> None:
    assert not is_note_due(LIMITS, KNOWN, NOON + timedelta(seconds=5))
    assert is_note_due(LIMITS, KNOWN, NOON + timedelta(seconds=6))
    assert is_note_due(LIMITS, Watch(), NOON)
    assert is_note_due(Limits(max_back=timedelta()), KNOWN, NOON), "where nothing is allowed, always"


def test_sentences_name_the_moments() -> None:
    held = Held("share", NOON, NOON - timedelta(days=1), 4, 9)
    assert (
        held.sentence("en")
        == "the brake has held since 2026-11-22T12:00:00Z: one sweep would have fired 4 of 9 open deadlines"
    )
    assert "2026-11-22T12:00:00Z" in held.sentence("fr")
