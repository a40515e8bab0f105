"""The register of erasures as a file: what is appended comes back, and what cannot be written undoes nothing."""

import logging
from pathlib import Path

import pytest

from audit.register import append, erasures_in, read, registering, write
from tests.unit.test_erasing import erase
from tests.world import World, reach
from workflow.engine import Engine, unseen
from workflow.errors import StoreUnavailable


def test_erasures_are_appended_and_read_back(world: World, tmp_path: Path) -> None:
    path = tmp_path / "register.jsonl"
    world.engine = Engine(world.store, world.clock, registering(path, unseen))
    reach(world, "candidate_shown")
    assert not path.exists()
    committed = world.engine.view("P").facts.personal
    erase(world, "candidate_name")
    erase(world, "candidate_ref", decision="DPO-2")
    rows = read(path)
    assert [row.commitments for row in rows] == [(committed["candidate_name"],), (committed["candidate_ref"],)]
    assert [row.decision for row in rows] == ["DPO-2021/7", "DPO-2"]
    assert list(rows) == erasures_in("P", world.history())
    assert write(tmp_path / "anew.jsonl", rows) == 2
    assert (tmp_path / "anew.jsonl").read_bytes() == path.read_bytes()


def test_a_line_that_a_crash_cut_short_spoils_no_other(world: World, tmp_path: Path) -> None:
    path = tmp_path / "register.jsonl"
    reach(world, "candidate_shown")
    erase(world)
    row = erasures_in("P", world.history())
    append(path, row)
    path.write_bytes(path.read_bytes()[:-20])
    append(path, row)
    assert len(path.read_text().splitlines()) == 2


def test_an_erasure_stands_where_the_register_cannot_be_written(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world.engine = Engine(world.store, world.clock, registering(tmp_path / "nowhere" / "x.jsonl", unseen))
    reach(world, "candidate_shown")
    with caplog.at_level(logging.ERROR):
        erase(world)
    assert [record.message for record in caplog.records] == ["erasure.unregistered"]
    assert world.engine.view("P").personal == {}
    with pytest.raises(StoreUnavailable):
        write(tmp_path / "nowhere" / "x.jsonl", [])
