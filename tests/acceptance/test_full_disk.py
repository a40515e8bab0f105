"""A disk that is full, for real: a small file system of its own, filled to the last byte under a running daemon."""

import errno
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.acceptance.driver import Site, told, until

# Three days a second: the choice is due some four seconds after the clock was first seen.
RUNNING, LATER = "2021-03-05T09:00:00Z*259200", "2024-03-01T00:00:00Z"


POST = ("--territory", "75", "--set", "host_name=V", "--set", "host_siret=13002603200016", "--set", "host_type=COMMUNE")


@dataclass(frozen=True)
class Disk:
    """A small disk, with an installation on it."""

    site: Site
    filler: Path

    def fill(self) -> None:
        """Leave not a byte free."""
        with self.filler.open("ab", buffering=0) as file:
            for size in (65_536, 4_096, 1):
                try:
                    while file.write(b"\0" * size):
                        pass
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def free(self) -> None:
        self.filler.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """An office on it whose host has been shown a candidate: the choice is due at DUE."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    mounted = subprocess.run(mounting, capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"a disk cannot be made here: {mounted.stderr.strip()}")
    try:
        site = Site(folder).at("2021-03-01T09:00:00Z").init(sandbox=True)
        site.place("A-1")
        site.fire("A-1", "grant_post", "anct", granted_on="2021-03-01")
        site.fire("A-1", "show_candidate", "platform", candidate_ref="C-1", candidate_name="Camille Roux")
        yield Disk(site, folder / "filler")
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_full_disk_stops_changes_and_no_reading_and_nothing_is_lost(disk: Disk, tmp_path: Path) -> None:
    site = disk.site.at(RUNNING)
    disk.site.flush()
    undisturbed = disk.site.copy(tmp_path / "undisturbed").at(LATER)
    before = site.history("A-1")
    with site.running() as daemon:
        daemon.wait_for("runner.started")
        disk.fill()
        assert "full" in daemon.wait_for("sweep.failed")["reason"]
        refused = site.parcours("place", "--reference", "A-2", *POST, code=1)
        assert "full" in refused.err
        assert "Traceback" not in refused.err
        assert site.ask("show", "A-1")["state"] == "candidate_shown"
        # The first sweep may have been for a reminder.
        until(lambda: site.ask("deadlines", "--overdue")["items"])
        assert site.ask("doctor")["ok"]
        assert site.history("A-1") == before
        disk.free()
        daemon.wait_for("deadline.fired")
        assert daemon.stop().code == 0
    for each in (site.at(LATER), undisturbed):
        each.parcours("run", "--once")
    assert told(site.history("A-1")) == told(undisturbed.history("A-1"))
    site.parcours("audit", "seal")
    assert site.ask("audit", "verify")["ok"]
    assert site.problems() == []


def test_backup_on_a_full_disk_leaves_nothing_behind(disk: Disk) -> None:
    disk.fill()
    refused = disk.site.parcours("backup", "copy.db", code=1)
    assert "Traceback" not in refused.err
    assert not list(disk.site.folder.glob("copy.db*"))
    disk.free()
    disk.site.parcours("backup", "copy.db")
