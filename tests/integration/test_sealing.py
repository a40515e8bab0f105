"""Sealing, on a database that the engine made: what is signed, what is remembered, what a killed sealer leaves."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from audit.keys import load_key
from audit.notes import open_checkpoint
from audit.restored import DatabaseOlder
from audit.sealing import AT_ONCE, HEADS_EVERY, origin_of
from audit.signing import MissingKey, ensure_key, load_signer
from storage.database import open_database
from storage.migrations.running import upgrade
from storage.sql import SqlStore
from tests.sealed import START, SealedOffice, made
from workflow.errors import IntegrityBroken


@pytest.fixture
def office(tmp_path: Path) -> SealedOffice:
    return made(tmp_path)


def size(office: SealedOffice) -> int:
    with office.store.seals.reading() as reading:
        last = reading.last_seal()
        return last.size if last else 0


def test_a_seal_covers_what_was_entered_and_is_remembered(office: SealedOffice) -> None:
    office.world.place("P")
    outcome = office.seal()
    assert outcome.last is not None
    log = office.store.installation().log
    checkpoint = open_checkpoint(outcome.last.note, [load_key(office.key).verifier], origin_of(log))
    assert (checkpoint.size, checkpoint.root) == (outcome.last.size, outcome.last.root)
    assert office.remembered.read() == outcome.last.note
    assert office.verify().unsealed == 0


def test_nothing_new_makes_no_seal(office: SealedOffice) -> None:
    office.world.place("P")
    office.seal()
    again = office.seal()
    assert (again.sealed, again.seals) == (0, 0)


def test_a_long_queue_is_sealed_in_several_steps_and_none_of_it_is_late(office: SealedOffice) -> None:
    with office.forging() as forger:
        forger.run("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
                   "INSERT INTO unsealed SELECT printf('%05d', i), 1 FROM n", AT_ONCE + 1)  # fmt: skip
    office.world.place("P")
    office.clock.advance(timedelta(hours=1))
    outcome = office.seal()
    assert len(outcome.broken) == AT_ONCE + 1
    assert (outcome.sealed, outcome.late) == (1, [])


def test_a_map_of_heads_is_entered_when_asked_and_once(office: SealedOffice) -> None:
    office.world.place("P")
    first = office.seal(heads=True)
    assert office.seal(heads=True).sealed == 0
    office.world.place("Q")
    assert office.seal(heads=True).sealed == 2
    assert first.sealed == 2
    assert office.verify().ok


def test_a_map_of_heads_is_entered_every_so_many_seals(office: SealedOffice) -> None:
    for number in range(HEADS_EVERY):
        office.world.place(f"P{number}")
        office.seal()
    with office.store.seals.reading() as reading:
        kinds = [row.data for row in reading.acts()]
    assert [b'"kind":"heads"' in data for data in kinds] == [True]
    assert office.verify().ok


def test_a_sealer_killed_before_the_file_is_written_goes_on(office: SealedOffice) -> None:
    office.world.place("P")
    first = office.seal().last
    office.world.place("Q")
    second = office.seal().last
    assert first is not None
    assert second is not None
    office.remembered.write(first.note)
    office.seal()
    assert office.remembered.read() == second.note
    office.remembered.path.unlink()
    office.seal()
    assert office.remembered.read() == second.note


def test_a_database_older_than_the_checkpoint_is_refused_with_what_to_do(office: SealedOffice, tmp_path: Path) -> None:
    office.world.place("P")
    office.seal()
    before = office.copy(tmp_path / "before")
    office.world.place("Q")
    office.seal()
    before.remembered.write(office.remembered.read() or b"")
    before.world.place("R")
    with pytest.raises(DatabaseOlder, match="--accept-restored") as refused:
        before.seal()
    assert "Restore the latest database" in refused.value.message_en
    assert not before.verify().ok


def test_two_sealers_at_once_seal_everything_once(office: SealedOffice) -> None:
    for number in range(40):
        office.world.place(f"P{number}")
    other = SealedOffice(office.folder, office.clock)
    threads = [threading.Thread(target=each.seal) for each in (office, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert size(office) == 40
    assert office.verify().ok


def test_a_missing_key_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingKey, match="parcours init"):
        load_signer(tmp_path / "none", "0")


def test_the_key_is_made_once_readable_by_its_owner_only(office: SealedOffice) -> None:
    before = office.key.read_bytes()
    assert ensure_key(office.store.seals, office.key, START) is not None
    assert (office.key.read_bytes(), office.key.stat().st_mode & 0o777) == (before, 0o600)
    office.key.unlink()
    assert ensure_key(office.store.seals, office.key, START) is None
    assert not office.key.exists()


def test_the_key_of_another_log_is_refused(office: SealedOffice, tmp_path: Path) -> None:
    with pytest.raises(IntegrityBroken, match="of the log"):
        load_signer(office.key, "another")


def test_an_upgrade_lets_all_that_was_entered_wait_for_a_seal(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'old.db'}")
    engine = database._engine("BEGIN IMMEDIATE", size=1, mode="rwc")
    upgrade(engine, "0001")
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        for seq in (1, 2, 3):
            connection.exec_driver_sql(
                "INSERT INTO history (placement, seq, prev, hash, kind, occurred_at, recorded_at, data) "
                "VALUES ('a', ?, ?, 'h', 'placed', 0, 0, x'00')", (seq, str(seq)),
            )  # fmt: skip
        connection.exec_driver_sql("INSERT INTO calendar VALUES ('c', x'00')")
        connection.exec_driver_sql("INSERT INTO definition VALUES ('d', 'n', 1, 'c', 0, '{}', x'00', x'00')")
        connection.exec_driver_sql(
            "INSERT INTO placement VALUES ('a', 'A', 0, '75', NULL, NULL, 's', 0, 'd', 1, 3, 'h', NULL, x'00')"
        )
    upgrade(engine)
    engine.dispose()
    database.close()
    store = SqlStore(f"sqlite:///{tmp_path / 'old.db'}")
    with store.seals.reading() as reading:
        assert [(row.placement, row.seq) for row in reading.queued(10)] == [("a", 1), ("a", 2), ("a", 3)]
    store.close()
