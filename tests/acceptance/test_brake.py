"""The real daemon and commands on a production database, while the machine's clock jumps under them (libfaketime)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.acceptance.driver import Site, told

libfaketime = pytest.importorskip("libfaketime", reason="only Linux on x86-64 has a wheel of libfaketime")

RELEASE = ("run", "--release", "--reason", "Le portable était fermé.", "--role", "supervisor", "--as", "Ada")
SOON_S = 15.0
"""On a busy machine; what is missed while the clock is years ahead must not be counted alarm by alarm."""
LIBRARY = Path(libfaketime.__file__).parent / "vendor/libfaketime/src"


@dataclass(frozen=True)
class Machine:
    """A machine whose clock is set at will: every program of `site` reads it, also while it runs."""

    site: Site
    offset: Path

    def set_clock(self, offset: str) -> None:
        """How far the clock is off, as libfaketime has it: `+30d`, `-16y`."""
        following = self.offset.with_suffix(".next")
        following.write_text(f"{offset}\n")
        following.replace(self.offset)

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.site.history("A-1")]


@pytest.fixture
def machine(site: Site) -> Machine:
    """A production installation; a candidate was shown just now, whose fifteen days begin."""
    offset = site.folder / "clock"
    site.surroundings |= {
        "LD_LIBRARY_PATH": str(LIBRARY),
        "LD_PRELOAD": "libfaketime.so.1",
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        # A person sets the wall clock; the clock that counts since the start goes on.
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
    }
    made = Machine(site, offset)
    made.set_clock("+0")
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


def test_laptop_that_was_closed_for_a_month_holds_until_released(machine: Machine, tmp_path: Path) -> None:
    site = machine.site
    unbraked = site.copy(tmp_path / "unbraked")
    with site.running() as daemon:
        daemon.wait_for("runner.started")
        machine.set_clock("+31d")
        engaged = daemon.wait_for("brake.engaged")
        assert (engaged["level"], engaged["cause"]) == ("error", "gap")
        assert machine.kinds() == ["placed", "recorded", "transition"]

        assert site.parcours("run", "--once", code=8).lines[-1]["event"] == "brake.engaged"
        assert "parcours run --release" in site.ask("doctor")["warnings"][0]
        withdraw(site, 8)
        assert machine.kinds() == ["placed", "recorded", "transition"]
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


def test_clock_in_2040_expires_nothing_and_once_it_is_right_all_goes_on(machine: Machine) -> None:
    site = machine.site
    with site.running() as daemon:
        daemon.wait_for("runner.started")
        machine.set_clock("+14y")
        assert daemon.wait_for("brake.engaged")["cause"] == "gap"
        withdraw(site, 8)
        machine.set_clock("+0")
        daemon.wait_for("brake.lifted", patience_s=SOON_S)
        assert machine.kinds() == ["placed", "recorded", "transition"]
        withdraw(site, 0)
        assert daemon.stop().code == 0
    assert machine.kinds()[-1] == "transition"
    site.parcours("audit", "seal")
    assert site.ask("audit", "verify")["ok"], "nothing was sealed in 2040"


def test_clock_in_2010_is_refused(machine: Machine) -> None:
    site = machine.site
    with site.running() as daemon:
        daemon.wait_for("runner.started")
        machine.set_clock("-16y")
        assert daemon.wait_for("brake.engaged")["cause"] == "back"
        error = withdraw(site, 1)["error"]
        assert isinstance(error, dict)
        assert error["code"] == "clock_behind"
        assert "Traceback" not in site.parcours("run", "--once", code=1).err
        assert site.ask("show", "A-1")["state"] == "candidate_shown"
        machine.set_clock("+0")
        daemon.wait_for("brake.lifted", patience_s=SOON_S)
        assert daemon.stop().code == 0
    assert machine.kinds() == ["placed", "recorded", "transition"]
    withdraw(site, 0)


def test_long_weekend_holds_nothing(machine: Machine) -> None:
    machine.set_clock("+4d")
    machine.site.parcours("run", "--once")
    machine.set_clock("+16d")
    assert machine.site.parcours("run", "--once").code == 0
    assert "timeout" in machine.kinds()
