"""SIGTERM, SIGINT and SIGKILL at the real daemon, between and amid its transactions."""

import random
import signal

import pytest

from app import open_app
from tests.acceptance.conftest import CANARY, LATER, Full
from tests.acceptance.driver import CHANGE, Site
from tests.checker import Checker

# Kept personal data wake a placement years later: what counts is what is due by LATER.
DUE = "SELECT count(*) FROM placement WHERE wakes_at <= 1654041600000000"


def test_terminated_daemon_finishes_its_transaction_and_leaves(full: Full) -> None:
    site = full(20_000)
    for number in (signal.SIGTERM, signal.SIGINT):
        before = site.count("history")
        with site.running() as daemon:
            daemon.wait_for(CHANGE)
            left = daemon.stop(number)
        made = site.count("history") - before
        print(f"{number.name}: left after {left.took_s:.2f} s and {made} entries")
        assert (left.code, left.out, left.lines[-1]["event"]) == (0, "", "runner.stopped")
        assert left.took_s < 2
        assert 0 < made < 20_000
        assert made % 1_000 == 0, "whole transactions"
    site.parcours("run", "--once")
    kinds = site.rows("SELECT kind, count(*), count(DISTINCT placement) FROM history GROUP BY kind ORDER BY kind")
    assert kinds == [("missed", 20_000, 20_000), ("placed", 20_000, 20_000)]


def test_single_sweep_that_is_terminated_says_that_it_is_not_done(full: Full) -> None:
    site = full(2_500, shown=True)
    with site.running("--once") as sweep:
        sweep.wait_for(CHANGE)
        left = sweep.stop()
    assert (left.code, site.problems()) == (1, [])
    assert site.parcours("run", "--once").code == 0
    assert_as_if_uninterrupted(site, full(2_500, shown=True, swept=True))


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_daemon_loses_nothing_and_fires_nothing_twice(full: Full, seed: int) -> None:
    site, chance = full(2_500, shown=True), random.Random(seed)
    for _ in range(5):
        before = site.count("history")
        with site.running() as daemon:
            daemon.wait_for("runner.started")
            daemon.linger(chance.uniform(0, 0.5))
            killed = daemon.stop(signal.SIGKILL)
        told = sum(CHANGE in line and line.endswith("}") for line in killed.err.splitlines())
        assert site.count("history") - before >= told, "what was told was kept"
        assert site.problems() == []
    site.parcours("run", "--once")
    assert_as_if_uninterrupted(site, full(2_500, shown=True, swept=True))


def test_daemon_killed_after_each_commit_goes_on_from_there(full: Full) -> None:
    site, waiting = full(2_500, shown=True), 2_500
    while waiting:
        with site.running() as daemon:
            daemon.wait_for(CHANGE)
            daemon.stop(signal.SIGKILL)
        left = site.rows(DUE)[0][0]
        assert left < waiting
        waiting = left
    assert_as_if_uninterrupted(site, full(2_500, shown=True, swept=True))


def test_two_daemons_on_one_database_fire_nothing_twice(full: Full) -> None:
    site = full(2_500, shown=True)
    with site.running() as first, site.running() as second:
        for daemon in (first, second):
            daemon.wait_for("runner.started")
        while site.rows(DUE)[0][0]:
            first.linger(0.05)
        ended = [first.stop(), second.stop()]
    assert [said.code for said in ended] == [0, 0]
    events = [line["event"] for said in ended for line in said.lines]
    assert "sweep.failed" not in events
    assert sum(CHANGE in line for said in ended for line in said.lines) == 12_500
    assert_as_if_uninterrupted(site, full(2_500, shown=True, swept=True))


def assert_as_if_uninterrupted(site: Site, uninterrupted: Site) -> None:
    """The clock stood still: all that is stored is the same, byte for byte, and holds together."""
    assert site.content() == uninterrupted.content()
    assert site.problems() == []
    with open_app(site.url, clock=LATER) as app:
        sample = app.queries.references("P", 100_000)[::40]
        faults = Checker(app.engine, app.store, sample, canaries=[CANARY]).faults()
    # The notices of all placements are compared with those due to the sample.
    assert [fault for fault in faults if not fault.startswith("the notices")] == []
