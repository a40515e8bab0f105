"""Several daemons on one PostgreSQL database: they share what is due, and neither kill nor restart shows afterwards."""

import random
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app import initialise, open_app, seal
from tests.acceptance.conftest import APPLIED_AT, CANARY, LATER, _life, _unlimited
from tests.acceptance.driver import CHANGE, Daemon
from tests.acceptance.postgres_site import PostgresSite, new_site
from tests.checker import Checker
from tests.postgres import SAFE, Server, running
from workflow.clock import VirtualClock

DUE = "SELECT count(*) FROM placement WHERE wakes_at <= 1654041600000000"
COUNT = 2_000

Full = Callable[[], PostgresSite]


@pytest.fixture(scope="module")
def crashing() -> Iterator[Server]:
    """A server of this file's own, which flushes what it acknowledges: it is stopped as power failures do."""
    try:
        with running(SAFE) as started:
            yield started
    except LookupError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def template(crashing: Server, tmp_path_factory: pytest.TempPathFactory) -> PostgresSite:
    """A sandbox whose placements all applied long ago, each with its candidate."""
    folder = tmp_path_factory.mktemp("template")
    site = new_site(crashing, folder)
    settings = site._settings().model_copy(update={"definition": _unlimited(folder)})
    initialise(settings, sandbox=True)
    with open_app(settings=settings, clock=VirtualClock(APPLIED_AT)) as app:
        for first in range(0, COUNT, 1_000):
            entered = app.engine.enter([_life(number, True) for number in range(first, first + 1_000)])
            assert {outcome.status for outcome in entered} == {"created"}
        seal(app)
    return site


@pytest.fixture(scope="module")
def swept(template: PostgresSite, tmp_path_factory: pytest.TempPathFactory) -> PostgresSite:
    """The same after one uninterrupted sweep."""
    site = template.copy(tmp_path_factory.mktemp("swept")).at(LATER)
    with site.open() as app:
        app.engine.sweep()
    return site


@pytest.fixture
def full(template: PostgresSite, tmp_path: Path) -> PostgresSite:
    return template.copy(tmp_path).at(LATER)


def assert_as_if_uninterrupted(site: PostgresSite, swept: PostgresSite) -> None:
    assert site.problems() == []
    assert site.content() == swept.content()
    with site.open() as app:
        references = [item.reference for item in app.queries.placements(limit=COUNT).items]
        some = random.Random(1).sample(references, 40)
        faults = Checker(app.engine, app.store, some, canaries=[CANARY]).faults(app.clock.now())
        # The notices of all placements are compared with those due to the sample.
        assert [fault for fault in faults if not fault.startswith("the notices")] == []
        assert app.queries.incidents() == ()


def started(stack: ExitStack, site: PostgresSite, count: int) -> list[Daemon]:
    daemons = [stack.enter_context(site.running()) for _ in range(count)]
    for daemon in daemons:
        daemon.wait_for("runner.started")
    return daemons


def wait_until_swept(site: PostgresSite, daemon: Daemon) -> None:
    while site.rows(DUE)[0][0]:
        assert not daemon.linger(0.05), daemon.raw[-5:]


@pytest.mark.parametrize("count", [2, 4])
def test_daemons_share_what_is_due_and_fire_nothing_twice(full: PostgresSite, swept: PostgresSite, count: int) -> None:
    with ExitStack() as stack:
        with full.connection() as other, other.transaction():
            # Held by somebody else, it is passed over until all are there.
            other.execute("SELECT id FROM placement FOR UPDATE")
            daemons = started(stack, full, count)
        wait_until_swept(full, daemons[0])
        runners = full.ask("stats")["runners"]
        ended = [daemon.stop() for daemon in daemons]
    assert [said.code for said in ended] == [0] * count
    assert {runner["pid"] for runner in runners} == {daemon.process.pid for daemon in daemons}
    assert all(runner["alive"] for runner in runners)
    assert full.ask("stats")["runners"] == [], "who ends in order is missed by nobody"
    told = [sum("to_state" in line for line in said.lines) for said in ended]
    assert sum(told) == swept.count("history") - 3 * COUNT
    assert sum(number > 0 for number in told) > 1, told
    assert_as_if_uninterrupted(full, swept)


@pytest.mark.parametrize("seed", [1, 2])
def test_daemon_killed_amid_its_sweep_leaves_its_share_to_the_other(
    full: PostgresSite, swept: PostgresSite, seed: int
) -> None:
    chance = random.Random(seed)
    with ExitStack() as stack:
        killed, other = started(stack, full, 2)
        killed.linger(chance.uniform(0, 0.6))
        killed.stop(signal.SIGKILL)
        wait_until_swept(full, other)
        # The dead one is not missed before its heartbeat is old.
        assert len(full.ask("stats")["runners"]) in (1, 2)
        assert other.stop().code == 0
    assert_as_if_uninterrupted(full, swept)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_daemons_go_on_after_the_server_was_restarted_under_them(
    full: PostgresSite, swept: PostgresSite, crashing: Server, mode: str
) -> None:
    with ExitStack() as stack:
        daemons = started(stack, full, 2)
        daemons[0].wait_for(CHANGE)
        for _ in range(2):
            crashing.stop(mode)
            crashing.start()
        wait_until_swept(full, daemons[0])
        ended = [daemon.stop() for daemon in daemons]
    assert [said.code for said in ended] == [0, 0]
    assert all("Traceback" not in said.err for said in ended)
    assert_as_if_uninterrupted(full, swept)


def test_work_that_falls_due_by_another_s_command_is_noticed(full: PostgresSite) -> None:
    with full.running() as daemon:
        daemon.wait_for("sweep.finished")
        wait_until_swept(full, daemon)
        full.at("2021-06-01T00:00:00Z").place("new")
        daemon.wait_for('"reference": "new"', patience_s=10)
        assert daemon.stop().code == 0
