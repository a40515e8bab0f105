"""A clock of another machine, asked now and then: by it, and by nothing of this machine, is told what time it is."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from workflow.clock import MeasuredClock

SAID = datetime(2031, 5, 1, 12, tzinfo=UTC)


class Times:
    """This machine's two clocks, turned by hand."""

    def __init__(self) -> None:
        self.wall_s, self.counted_s = 1_700_000_000.0, 50.0

    def passes(self, seconds: float) -> None:
        self.wall_s += seconds
        self.counted_s += seconds


class Server:
    """The other machine; `asked` counts."""

    def __init__(self) -> None:
        self.said, self.asked = SAID, 0

    def __call__(self) -> datetime:
        self.asked += 1
        return self.said


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> Times:
    made = Times()
    monkeypatch.setattr(time, "time", lambda: made.wall_s)
    monkeypatch.setattr(time, "monotonic", lambda: made.counted_s)
    return made


def test_it_is_counted_on_from_the_last_answer(times: Times) -> None:
    server = Server()
    clock = MeasuredClock(server, every_s=15)
    assert clock.now() == SAID
    times.passes(14)
    assert clock.now() == SAID + timedelta(seconds=14)
    assert server.asked == 1


def test_an_old_answer_is_asked_for_anew(times: Times) -> None:
    server = Server()
    clock = MeasuredClock(server, every_s=15)
    clock.now()
    times.passes(15)
    server.said = SAID + timedelta(hours=1)
    assert clock.now() == SAID + timedelta(hours=1)


@pytest.mark.parametrize("step_s", [3600.0, -3600.0])
def test_setting_this_machine_s_clock_changes_nothing(times: Times, step_s: float) -> None:
    server = Server()
    clock = MeasuredClock(server)
    clock.now()
    times.passes(1)
    times.wall_s += step_s
    server.said = SAID + timedelta(seconds=1)
    assert clock.now() == SAID + timedelta(seconds=1)
    assert server.asked == 2, "what was counted on is not believed"


def test_sleep_that_only_one_clock_saw_is_noticed(times: Times) -> None:
    server = Server()
    clock = MeasuredClock(server)
    clock.now()
    times.wall_s += 8 * 3600
    server.said = SAID + timedelta(hours=8)
    assert clock.now() == SAID + timedelta(hours=8)


def test_what_the_other_machine_cannot_answer_is_not_guessed(times: Times) -> None:
    def silent() -> datetime:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        MeasuredClock(silent).now()


def test_waiting_is_told_in_real_seconds(times: Times) -> None:
    clock = MeasuredClock(Server())
    assert clock.real_seconds_until(SAID + timedelta(seconds=90)) == 90
    assert clock.real_seconds_until(SAID - timedelta(seconds=90)) == 0
