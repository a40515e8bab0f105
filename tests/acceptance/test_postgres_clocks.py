"""Machines whose clocks are wrong, around a server whose clock is right: the server's says what is due."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.acceptance.driver import Site
from tests.acceptance.machine import Machine, machine_in
from tests.acceptance.postgres_site import new_site
from tests.postgres import Server

TODAY = datetime.now(UTC).date().isoformat()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return machine_in(tmp_path)


@pytest.fixture
def site(server: Server, machine: Machine, tmp_path: Path) -> Site:
    """A production installation; a candidate was shown just now, whose fifteen days begin."""
    site = new_site(server, tmp_path)
    site.surroundings |= machine.surroundings
    site.settings["safety_interval_s"] = "1"
    # A server that forks would be one more start, for a single command.
    site.starts = True
    site.init().place("A-1")
    site.fire("A-1", "grant_post", "anct", granted_on=TODAY)
    site.fire("A-1", "show_candidate", "platform", candidate_ref="C-1", candidate_name="Camille Roux")
    return site


@pytest.mark.parametrize("offset", ["+5d", "-5d", "+40d"])
def test_command_of_a_machine_with_a_wrong_clock_is_entered_at_the_server_s_time(
    site: Site, machine: Machine, offset: str
) -> None:
    machine.set_clock(offset)
    site.parcours("fire", "A-1", "withdraw", "--role", "host", "--reason", "host_withdrew")
    entry = site.history("A-1")[-1]
    assert abs(entry.recorded_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert entry.kind == "transition"


def test_daemon_of_a_machine_with_a_wrong_clock_says_so_and_fires_nothing(site: Site, machine: Machine) -> None:
    with site.running() as daemon:
        daemon.wait_for("runner.started")
        machine.set_clock("+20d")
        skewed = daemon.wait_for("clock.skewed")
        assert skewed["skew_s"] == pytest.approx(20 * 86_400, abs=60)
        daemon.linger(2)
        assert [entry.kind for entry in site.history("A-1")] == ["placed", "recorded", "transition"]
        assert daemon.stop().code == 0
    # Neither does a single sweep, which asks nobody's heartbeat: by the server's clock nothing is due.
    site.parcours("run", "--once")
    assert [entry.kind for entry in site.history("A-1")] == ["placed", "recorded", "transition"]
