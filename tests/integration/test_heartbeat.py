"""A daemon's heartbeat: seen by `stats` and `doctor`, silent on failures, and no firing by a clock that is wrong."""

import logging
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app import App, initialise, open_app
from operators.heartbeat import MAX_SKEW, Heartbeat
from runner import Runner
from settings import Settings, read_settings
from tests.acceptance.driver import HOST, Site
from workflow.clock import SystemClock, VirtualClock
from workflow.commands import Place


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = read_settings({"database_url": f"sqlite:///{tmp_path / 'p.db'}"}, environ={})
    initialise(made, sandbox=False)
    return made


@pytest.fixture
def app(settings: Settings) -> Iterator[App]:
    with open_app(settings=settings) as opened:
        yield opened


@pytest.fixture
def signals() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def ahead(by: timedelta) -> VirtualClock:
    """The clock of a machine that is ahead of the database's."""
    return VirtualClock(SystemClock().now() + by)


def test_heartbeat_is_seen_and_ends_with_a_good_bye(app: App) -> None:
    beat = Heartbeat(app)
    beat()
    (seen,) = app.store.runners.listed()
    assert seen.alive
    assert seen.seals
    assert beat.leads
    beat.end()
    assert app.store.runners.listed() == []


def test_second_daemon_leaves_sealing_to_the_first(app: App) -> None:
    first, second = Heartbeat(app), Heartbeat(app)
    first()
    second()
    assert (first.leads, second.leads) == (True, False)
    first.end()


@pytest.mark.parametrize(
    ("by", "skewed"), [(MAX_SKEW * 2, True), (-MAX_SKEW * 2, True), (MAX_SKEW / 2, False), (timedelta(), False)]
)
def test_clock_that_is_not_the_database_s_is_told(
    app: App, by: timedelta, skewed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    beat = Heartbeat(app, ahead(by))
    with caplog.at_level(logging.INFO):
        beat()
    assert beat.skewed is skewed
    assert ("clock.skewed" in [line.message for line in caplog.records]) is skewed


def test_daemon_of_a_machine_with_a_wrong_clock_fires_nothing(app: App, signals: None) -> None:
    app.engine.place(Place(reference="A-1", fields=HOST, actor="Ada"))
    late = VirtualClock(SystemClock().now() + timedelta(days=400))
    due = replace(app, clock=late, engine=type(app.engine)(app.store, late))
    daemon = Runner(due)
    daemon._beat = Heartbeat(due, ahead(MAX_SKEW * 2))
    daemon._beat()
    assert daemon._look() > 0
    assert len(app.queries.history("A-1")) == 1
    daemon._beat = Heartbeat(due)
    daemon._beat()
    daemon._look()
    assert len(app.queries.history("A-1")) > 1, "the same daemon fires on a machine whose clock is right"


def test_daemon_of_an_older_program_stands_back_while_a_newer_one_lives(
    app: App, signals: None, caplog: pytest.LogCaptureFixture
) -> None:
    app.engine.place(Place(reference="A-1", fields=HOST, actor="Ada"))
    late = VirtualClock(SystemClock().now() + timedelta(days=400))
    daemon = Runner(replace(app, clock=late, engine=type(app.engine)(app.store, late)))
    daemon._beat()
    mine = app.store.runners.listed()[0]
    newer = replace(mine, id="newer", definition_format=mine.definition_format + 1)
    app.store.runners.beat(newer)
    beat = Heartbeat(app)
    with caplog.at_level(logging.INFO):
        beat()
    assert (beat.stands_back, beat.leads) == (True, False)
    assert "runner.outdated" in [line.message for line in caplog.records]
    daemon._beat = beat
    daemon._look()
    assert len(app.queries.history("A-1")) == 1
    app.store.runners.leave("newer")
    daemon._beat = Heartbeat(app)
    daemon._beat()
    daemon._look()
    assert len(app.queries.history("A-1")) > 1


def test_heartbeat_that_cannot_be_written_stops_nothing(
    app: App, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with open_app(settings=settings, patience=timedelta(milliseconds=10)) as other, app.store.writing():
        with caplog.at_level(logging.INFO):
            Heartbeat(other)()
        assert "heartbeat.failed" in [line.message for line in caplog.records]


def test_killed_daemon_is_silent_in_stats_and_a_warning_of_doctor(tmp_path: Path) -> None:
    site = Site(tmp_path).init(sandbox=True)
    with site.running() as daemon:
        daemon.wait_for("runner.started")
        while not site.ask("stats")["runners"]:
            daemon.linger(0.1)
        daemon.stop(signal.SIGKILL)
    with site.connection() as connection:
        connection.execute("UPDATE runner SET heartbeat_at = heartbeat_at - 61000000")
    (runner,) = site.ask("stats")["runners"]
    assert not runner["alive"]
    assert "silent" in site.parcours("stats").out
    doctor = site.ask("doctor")
    assert doctor["ok"]
    assert any("silent" in warning for warning in doctor["warnings"])
