"""The real daemon and commands on a production database, while the clock that it goes by jumps (libfaketime)."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from runner import WATCH_S
from tests.acceptance.driver import Daemon, Site, told
from tests.acceptance.machine import LIBRARY, Machine, machine_in
from tests.acceptance.postgres_site import new_site
from tests.postgres import Server, running

RELEASE = ("run", "--release", "--reason", "Le portable était fermé.", "--role", "supervisor", "--as", "Ada")
SOON_S = 40.0
"""On a busy machine; what is missed while the clock is years ahead must not be counted alarm by alarm."""


@dataclass(frozen=True)
class Office:
    """An installation on a machine whose clock is set at will; its database may be on the same one."""

    site: Site
    machine: Machine

    def set_clock(self, offset: str) -> None:
        self.machine.set_clock(offset)

    def set_right(self, daemon: Daemon) -> None:
        """Once the daemon, which looks twice a second, has seen that it is wrong."""
        assert not daemon.linger(3 * WATCH_S)
        self.set_clock("+0")

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.site.history("A-1")]


@pytest.fixture(scope="module")
def crooked() -> Iterator[tuple[Server, Machine]]:
    """A server on a machine whose clock is set at will."""
    try:
        with running() as server:
            library = Path(shutil.copy(LIBRARY, server.folder))
            machine = machine_in(server.folder, library)
            server.stop()
            server.environ = machine.environ
            server.start()
            yield server, machine
    except LookupError as error:
        pytest.skip(str(error))


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Office:
    """A production installation; a candidate was shown just now, whose fifteen days begin."""
    site = Site(tmp_path)
    machine = machine_in(tmp_path)
    if request.param == "postgresql":
        server, machine = request.getfixturevalue("crooked")
        machine.set_clock("+0")
        site = new_site(server, tmp_path)
    site.surroundings |= machine.surroundings
    made = Office(site, machine)
    site.settings["safety_interval_s"] = "3600"
    site.init().place("A-1")
    site.fire("A-1", "grant_post", "anct", granted_on=datetime.now(UTC).date().isoformat())
    site.fire("A-1", "show_candidate", "platform", candidate_ref="C-1", candidate_name="Camille Roux")
    site.flush()
    return made


def withdraw(site: Site, code: int) -> dict[str, object]:
    """Ask for something of the placement."""
    words = ("withdraw", "--role", "host", "--reason", "host_withdrew")
    answer: dict[str, object] = site.parcours("fire", "A-1", *words, "--json", code=code).json
    return answer


def test_laptop_that_was_closed_for_a_month_holds_until_released(office: Office, tmp_path: Path) -> None:
    site = office.site
    unbraked = site.copy(tmp_path / "unbraked")
    with site.running() as daemon:
        daemon.wait_for("runner.started")
        office.set_clock("+31d")
        engaged = daemon.wait_for("brake.engaged")
        assert (engaged["level"], engaged["cause"]) == ("error", "gap")
        assert office.kinds() == ["placed", "recorded", "transition"]

        assert site.parcours("run", "--once", code=8).lines[-1]["event"] == "brake.engaged"
        assert "parcours run --release" in site.ask("doctor")["warnings"][0]
        withdraw(site, 8)
        assert office.kinds() == ["placed", "recorded", "transition"]
        assert site.ask(*RELEASE)["released"]["cause"] == "gap"
        daemon.wait_for("deadline.fired")
        daemon.wait_for("brake.lifted", patience_s=SOON_S)
        ended = daemon.stop()
    assert ended.code == 0
    assert [line["event"] for line in ended.lines].count("brake.engaged") == 1
    unbraked.settings["brake"] = "off"
    unbraked.parcours("run", "--once")
    assert told(site.history("A-1")) == told(unbraked.history("A-1"))
    site.parcours("audit", "seal")
    assert site.ask("audit", "verify")["ok"]


def test_clock_in_2040_expires_nothing_and_once_it_is_right_all_goes_on(office: Office) -> None:
    site = office.site
    with site.running() as daemon:
        daemon.wait_for("runner.started")
        office.set_clock("+14y")
        assert daemon.wait_for("brake.engaged")["cause"] == "gap"
        withdraw(site, 8)
        office.set_right(daemon)
        daemon.wait_for("brake.lifted", patience_s=SOON_S)
        assert office.kinds() == ["placed", "recorded", "transition"]
        withdraw(site, 0)
        assert daemon.stop().code == 0
    assert office.kinds()[-1] == "transition"
    site.parcours("audit", "seal")
    assert site.ask("audit", "verify")["ok"], "nothing was sealed in 2040"


def test_clock_in_2010_is_refused(office: Office) -> None:
    site = office.site
    with site.running() as daemon:
        daemon.wait_for("runner.started")
        office.set_clock("-16y")
        assert daemon.wait_for("brake.engaged")["cause"] == "back"
        error = withdraw(site, 1)["error"]
        assert isinstance(error, dict)
        assert error["code"] == "clock_behind"
        assert "Traceback" not in site.parcours("run", "--once", code=1).err
        assert site.ask("show", "A-1")["state"] == "candidate_shown"
        office.set_right(daemon)
        daemon.wait_for("brake.lifted", patience_s=SOON_S)
        assert daemon.stop().code == 0
    assert office.kinds() == ["placed", "recorded", "transition"]
    withdraw(site, 0)


def test_long_weekend_holds_nothing(office: Office) -> None:
    office.set_clock("+4d")
    office.site.parcours("run", "--once")
    office.set_clock("+16d")
    assert office.site.parcours("run", "--once").code == 0
    assert "timeout" in office.kinds()
