"""SIGTERM, SIGINT and SIGKILL at the real daemon, between and amid its transactions."""

import random
import signal

import pytest

from app import open_app
from tests.acceptance.conftest import CANARY, LATER, Full
from tests.acceptance.driver import CHANGE, Site
from tests.checker import Checker


def test_terminated_daemon_finishes_its_transaction_and_leaves(full: Full) -> None:
    site = full(20_000).at(LATER)
    for number in (signal.SIGTERM, signal.SIGINT):
        before = site.count("history")
        with site.running() as daemon:
            daemon.wait_for(CHANGE)
            left = daemon.stop(number)
        print(f"{number.name}: left after {left.took_s:.2f} s, {site.count('history') - before} entries")
        assert (left.code, left.out) == (0, "")
        assert left.took_s < 2
        assert left.lines[-1]["event"] == "runner.stopped"
        assert before < site.count("history") < 40_000
        assert (site.count("history") - before) % 1_000 == 0
    assert site.parcours("run", "--once").code == 0
    assert_as_if_uninterrupted(site, full(20_000, name="uninterrupted"))


def test_single_sweep_that_is_terminated_says_that_it_is_not_done(full: Full) -> None:
    site = full(20_000).at(LATER)
    with site.running("--once") as sweep:
        sweep.wait_for(CHANGE)
        left = sweep.stop()
    assert left.code == 1
    assert site.count("history") % 1_000 == 0
    assert site.problems() == []


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_daemon_loses_nothing_and_fires_nothing_twice(full: Full, seed: int) -> None:
    site, chance = full(4_000, shown=True).at(LATER), random.Random(seed)
    for _ in range(8):
        before = site.count("history")
        with site.running() as daemon:
            daemon.wait_for("runner.started")
            daemon.linger(chance.uniform(0, 0.6))
            killed = daemon.stop(signal.SIGKILL)
        said = sum(CHANGE in line for line in killed.err.splitlines() if line.endswith("}"))
        assert site.count("history") - before >= said, "what was logged is there"
        assert site.problems() == []
    site.parcours("run", "--once")
    assert_as_if_uninterrupted(site, full(4_000, shown=True, name="uninterrupted"))


def test_daemon_killed_after_each_commit_goes_on_from_there(full: Full) -> None:
    site = full(4_000, shown=True).at(LATER)
    while (before := site.rows("SELECT count(*) FROM placement WHERE wakes_at IS NOT NULL")[0][0]) > 0:
        with site.running() as daemon:
            daemon.wait_for(CHANGE)
            daemon.stop(signal.SIGKILL)
        assert site.rows("SELECT count(*) FROM placement WHERE wakes_at IS NOT NULL")[0][0] < before
    assert_as_if_uninterrupted(site, full(4_000, shown=True, name="uninterrupted"))


def assert_as_if_uninterrupted(site: Site, fresh: Site) -> None:
    """The clock stood still: all that is stored is the same, byte for byte, and holds together."""
    reference = fresh.at(LATER)
    reference.parcours("run", "--once")
    assert site.content() == reference.content()
    assert site.problems() == []
    with open_app(site.url, clock=LATER) as app:
        references = app.queries.references("P", 100_000)
        assert [fault for each in references for fault in app.engine.check(each)] == []
        sample = references[:: len(references) // 50]
        faults = Checker(app.engine, app.store, sample, canaries=[CANARY]).faults()
    # Notices are compared with the sample's only.
    assert [fault for fault in faults if not fault.startswith("the notices")] == []
