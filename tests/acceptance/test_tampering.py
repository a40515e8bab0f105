"""Every attack that the audit log is to show, by who makes it: with SQL write access, with the signing key too.

And what it cannot show, so that nobody relies on it. More seeds: `TAMPER_SEEDS=50`.
"""

import os
import random
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from audit.restored import DatabaseOlder
from audit.tree import HASH_BYTES, leaf_hash
from tests.sealed import LEVELS, Forger, SealedOffice, lived
from tests.world import reach
from workflow.errors import IntegrityBroken
from workflow.history import entry_hash

SEEDS = range(int(os.environ.get("TAMPER_SEEDS", "5")))
Attack = Callable[[Forger, random.Random], None]
Template = tuple[SealedOffice, bytes, int]
Case = tuple[SealedOffice, bytes, random.Random]


@pytest.fixture(scope="module", params=SEEDS)
def template(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[SealedOffice, bytes, int]:
    office, held = lived(tmp_path_factory.mktemp(f"seed{request.param}"), request.param)
    return office, held, request.param


@pytest.fixture
def case(template: Template, tmp_path: Path) -> Case:
    """A sealed database of its own, the checkpoint that an auditor kept, and chance."""
    office, held, seed = template
    return office.copy(tmp_path), held, random.Random(seed)


def held_size(held: bytes) -> int:
    return int(held.split(b"\n")[1])


def edit(forger: Forger, chance: random.Random) -> None:
    """One entry says something else."""
    index = chance.choice(forger.at(chance.choice(forger.placements)))
    forger.items[index][1]["occurred_at"] = "2020-01-01T00:00:00.000000Z"


def delete(forger: Forger, chance: random.Random) -> None:
    """One entry is gone from the middle."""
    del forger.items[chance.choice(forger.at(chance.choice(forger.placements))[1:-1])]


def insert(forger: Forger, chance: random.Random) -> None:
    """One entry more in the past."""
    index = forger.at(chance.choice(forger.placements))[1]
    name, plain = forger.items[index]
    forger.items.insert(index, (name, {**plain, "key": "never-asked"}))


def reorder(forger: Forger, chance: random.Random) -> None:
    """Two entries of one placement change places."""
    one, two = sorted(chance.sample(forger.at(chance.choice(forger.placements)), 2))
    (name, first), (_, second) = forger.items[one], forger.items[two]
    places = [{key: plain[key] for key in ("seq", "prev")} for plain in (first, second)]
    forger.items[one], forger.items[two] = (name, second | places[0]), (name, first | places[1])


def remove(forger: Forger, chance: random.Random) -> None:
    """A whole placement was never there."""
    name = chance.choice(forger.placements)
    forger.items[:] = [item for item in forger.items if item[0] != name]
    for table in ("placement", "deadline", "outbox", "command_key", "personal", "person_key", "exclusive"):
        column = "id" if table == "placement" else "placement"
        forger.run(f"DELETE FROM {table} WHERE {column} = ?", name)  # noqa: S608 - names written above


ATTACKS = (edit, delete, insert, reorder, remove)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("attack", ATTACKS)
def test_sql_access_alone_is_found_by_the_product(case: Case, attack: Attack, level: str) -> None:
    office, _, chance = case
    with office.forging() as forger:
        attack(forger, chance)
        forger.write(level)
    assert not office.verify().ok


@pytest.mark.parametrize("attack", ATTACKS)
def test_with_the_key_it_is_found_by_a_checkpoint_held_elsewhere(case: Case, attack: Attack) -> None:
    """The attack is on what the auditor's checkpoint covers; without that checkpoint the product sees nothing."""
    office, held, chance = case
    with office.forging() as forger:
        known = {name for name, _ in forger.items[: held_size(held)]}
        later, forger.items = forger.items, [item for item in forger.items if item[0] in known]
        attack(forger, chance)
        forger.items += [item for item in later if item[0] not in known]
        forger.write("tree", signed=True)
    found = office.codes(held)
    assert found & {"checkpoint_differs", "older_than_checkpoint"}


def test_with_the_key_an_unheld_change_is_not_found(case: Case) -> None:
    """By nature: the last checkpoint that left the server is older than what was changed."""
    office, held, _ = case
    with office.forging() as forger:
        index = len(forger.items) - 1
        while forger.items[index][0] == "system":
            index -= 1
        forger.items[index][1]["occurred_at"] = "2020-01-01T00:00:00.000000Z"
        forger.write("tree", signed=True)
    assert office.verify(held).faults == []


def test_a_number_taken_twice_is_found(case: Case) -> None:
    office, _, chance = case
    with office.forging() as forger:
        name = chance.choice(forger.placements)
        forger.loosen("history")
        forger.run("INSERT INTO history SELECT 1000, placement, seq, prev, hash, kind, occurred_at, recorded_at, data "
                   "FROM history WHERE placement = ? AND seq = 2", name)  # fmt: skip
    assert "seq_twice" in office.codes()


def test_truncation_is_found_by_what_is_remembered_and_by_what_is_held(case: Case) -> None:
    office, held, _ = case
    with office.forging() as forger:
        first = held_size(held) // 2
        forger.items = forger.items[:first]
        forger.write("chains")
        forger.run("DELETE FROM leaf WHERE position >= ?", first)
        forger.run("DELETE FROM seal WHERE number > 1")
    assert "older_than_checkpoint" in office.codes()
    office.remembered.path.unlink()
    assert "older_than_checkpoint" in office.codes(held)


def test_a_restored_backup_is_refused_until_a_person_says_so(case: Case, tmp_path: Path) -> None:
    office, _, _ = case
    backup = shutil.copy(office.path, tmp_path / "old.db")
    office.world.place("NEW")
    newest = office.seal().last
    assert newest is not None
    office.store.close()
    shutil.copy(backup, office.path)
    assert office.codes() == {"older_than_checkpoint"}
    office.world.place("OTHER")
    with pytest.raises(DatabaseOlder):
        office.seal()
    assert office.remembered.read() == newest.note
    office.seal(accepted=True)
    assert office.verify().ok
    assert "checkpoint_differs" in office.codes(newest.note)


def test_an_entry_recorded_long_before_the_last_seal_is_found(case: Case) -> None:
    office, _, _ = case
    office.clock.at -= timedelta(hours=2)
    office.world.place("LATE")
    office.clock.at += timedelta(hours=2)
    assert {fault.reference for fault in office.seal().late} == {"LATE"}
    assert office.codes() == {"recorded_late"}


def test_the_sealer_refuses_a_broken_chain_and_goes_on_with_the_others(case: Case) -> None:
    office, _, _ = case
    office.world.place("BROKEN")
    office.world.place("SOUND")
    with office.forging() as forger:
        broken = "SELECT h.id FROM history h JOIN placement p ON p.id = h.placement WHERE p.reference = 'BROKEN'"
        changed = "CAST(replace(CAST(data AS TEXT), 'placed', 'Placed') AS BLOB)"
        forger.run(f"UPDATE history SET data = {changed} WHERE id = ({broken})")  # noqa: S608 - written above
    outcome = office.seal()
    assert [(fault.code, fault.reference) for fault in outcome.broken] == [("bytes_changed", "BROKEN")]
    assert outcome.sealed >= 1
    assert {fault.reference for fault in office.verify().faults} == {"BROKEN"}


def test_the_sealer_signs_nothing_over_a_changed_tree(case: Case) -> None:
    office, _, chance = case
    with office.forging() as forger:
        edit(forger, chance)
        forger.write("tree")
    office.world.place("NEW")
    with pytest.raises(IntegrityBroken):
        office.seal()


def test_what_is_not_sealed_yet_can_be_changed_unseen(case: Case) -> None:
    """By nature: nobody has signed it. This is why sealing follows within a minute."""
    office, held, _ = case
    office.world.place("NEW")
    with office.forging() as forger:
        name = forger._ask("SELECT id FROM placement WHERE reference = 'NEW'").fetchone()[0]
        rows = forger._ask("SELECT data FROM history WHERE placement = ? ORDER BY seq", (name,)).fetchall()
        assert len(rows) == 1
        data = rows[0][0].replace(b'"territory":"75"', b'"territory":"76"')
        assert data != rows[0][0]
        forger.run("UPDATE history SET data = ?, hash = ? WHERE placement = ?", data, entry_hash(data), name)
        forger.run("UPDATE placement SET head = ? WHERE id = ?", entry_hash(data), name)
    assert not office.seal().broken
    assert office.verify(held).faults == []


def test_a_key_put_into_the_database_convinces_nobody(case: Case) -> None:
    """Without the key's file to compare with, it is only said that the database vouches for itself."""
    office, _, _ = case
    with office.forging() as forger:
        forger.run("DELETE FROM log_key")
    assert office.verify().vouched
    office.key.rename(office.key.with_name("elsewhere"))
    assert not office.verify().vouched


def test_bytes_of_another_type_are_found(case: Case) -> None:
    """SQLite keeps text in a column of bytes."""
    office, _, chance = case
    with office.forging() as forger:
        name = chance.choice(forger.placements)
        forger.run("UPDATE history SET data = CAST(data AS TEXT) WHERE placement = ? AND seq = 1", name)
        forger.run("UPDATE leaf SET seq = 'x' WHERE placement = ? AND seq = 2", name)
    assert "entry_unreadable" in office.codes()


# What is wrong between entries and leaves, where each entry is read once


def last_of(forger: Forger, chance: random.Random) -> tuple[str, int]:
    """The last entry of some placement that has more than one."""
    rows = forger._ask("SELECT id, seq FROM placement WHERE seq > 1 ORDER BY id").fetchall()
    name, seq = chance.choice(rows)
    return name, seq


def cut(forger: Forger, name: str, seq: int) -> None:
    """The last entry of a placement is gone, and its row says so."""
    forger.run("DELETE FROM history WHERE placement = ? AND seq = ?", name, seq)
    before = forger._ask("SELECT hash FROM history WHERE placement = ? AND seq = ?", (name, seq - 1)).fetchone()[0]
    forger.run("UPDATE placement SET seq = ?, head = ? WHERE id = ?", seq - 1, before, name)


def test_a_leaf_that_names_another_placements_entry_is_found(case: Case) -> None:
    office, held, chance = case
    with office.forging() as forger:
        forger.loosen("leaf")
        one, other = chance.sample(forger.placements, 2)
        named = "(SELECT {} FROM leaf WHERE placement = ? AND seq = 2)"
        changed = ", ".join(f"{column} = {named.format(column)}" for column in ("placement", "seq", "hash"))
        forger.run(f"UPDATE leaf SET {changed} WHERE placement = ? AND seq = 1", other, other, other, one)  # noqa: S608
    assert office.codes(held) == {"never_queued", "seq_twice"}


def test_two_placements_leaves_changed_for_each_other_are_found(case: Case) -> None:
    """Each entry has a leaf, each leaf an entry, and no chain is broken."""
    office, held, chance = case
    with office.forging() as forger:
        forger.loosen("leaf")
        one, other = chance.sample(forger.placements, 2)
        first, second = (
            forger._ask("SELECT position FROM leaf WHERE placement = ? AND seq = 1", (name,)).fetchone()[0]
            for name in (one, other)
        )
        forger.run("UPDATE leaf SET position = ? - position WHERE position IN (?, ?)", first + second, first, second)
    assert [fault.code for fault in office.verify(held).faults] == ["other_than_sealed"] * 2


def test_two_leaves_of_one_entry_are_found(case: Case) -> None:
    office, held, chance = case
    with office.forging() as forger:
        forger.loosen("leaf")
        name = chance.choice(forger.placements)
        size = forger._ask("SELECT count(*) FROM leaf").fetchone()[0]
        forger.run("INSERT INTO leaf SELECT ?, placement, seq, hash FROM leaf WHERE placement = ? AND seq = 1",
                   size, name)  # fmt: skip
    assert office.codes(held) == {"seq_twice"}


def test_an_entry_without_its_leaf_is_found(case: Case) -> None:
    office, held, chance = case
    with office.forging() as forger:
        forger.run("DELETE FROM leaf WHERE placement = ? AND seq = 2", chance.choice(forger.placements))
    assert [fault.code for fault in office.verify(held).faults] == ["never_queued", "leaf_missing"]


def test_a_leaf_without_its_entry_is_found(case: Case) -> None:
    """No chain is broken, and every entry is sealed."""
    office, held, chance = case
    with office.forging() as forger:
        name, seq = last_of(forger, chance)
        cut(forger, name, seq)
    assert [(fault.code, fault.seq) for fault in office.verify(held).faults] == [("entry_missing", seq)]


def test_a_leaf_without_its_entry_is_found_among_acts_that_were_copied(case: Case) -> None:
    """As many entries are stored as leaves: an act once more, among the placements, for the one that is gone."""
    office, held, chance = case
    with office.forging() as forger:
        name, seq = last_of(forger, chance)
        cut(forger, name, seq)
        forger.run("INSERT INTO history (placement, seq, prev, hash, kind, occurred_at, recorded_at, data) "
                   "SELECT 'system', seq, prev, hash, kind, 0, 0, data FROM system_entry WHERE seq = 1")  # fmt: skip
    assert [(fault.code, fault.seq) for fault in office.verify(held).faults] == [("entry_missing", seq)]


def test_a_leaf_beyond_what_was_signed_is_found(case: Case) -> None:
    office, held, _ = case
    with office.forging() as forger:
        forger.run("INSERT INTO leaf SELECT max(position) + 1, 'nobody', 1, 'f' FROM leaf")
    assert [fault.code for fault in office.verify(held).faults] == ["leaf_added"]


@pytest.mark.parametrize("deep", [False, True])
def test_a_last_entry_changed_together_with_its_leaf_is_found(case: Case, deep: bool) -> None:
    """Its hash, its placement's row, and the hash beside its leaf say the same; `deep`: and so does the stored tree."""
    office, _, chance = case
    with office.forging() as forger:
        name, seq = last_of(forger, chance)
        found = forger._ask("SELECT data FROM history WHERE placement = ? AND seq = ?", (name, seq)).fetchone()[0]
        data = found.replace(b'"late":false', b'"late":true')
        assert data != found
        forger.run("UPDATE history SET data = ?, hash = ? WHERE placement = ? AND seq = ?",
                   data, entry_hash(data), name, seq)  # fmt: skip
        forger.run("UPDATE placement SET head = ? WHERE id = ?", entry_hash(data), name)
        forger.run("UPDATE leaf SET hash = ? WHERE placement = ? AND seq = ?", entry_hash(data), name, seq)
        if deep:
            (at,) = forger._ask("SELECT position FROM leaf WHERE placement = ? AND seq = ?", (name, seq)).fetchone()
            (tile,) = forger._ask("SELECT data FROM tile WHERE level = 0 AND number = 0").fetchone()
            forger.run("UPDATE tile SET data = ? WHERE level = 0 AND number = 0",
                       tile[: at * HASH_BYTES] + leaf_hash(data) + tile[(at + 1) * HASH_BYTES :])  # fmt: skip
    codes = {fault.code for fault in office.verify().faults}
    assert codes == ({"tree_changed", "seal_wrong", "checkpoint_differs"} if deep else {"other_than_sealed"})


def test_untouched_history_holds(case: Case) -> None:
    office, held, _ = case
    reach(office.world, "candidate_shown", "P00") if office.world.state("P00") == "ami_application" else None
    office.world.place("NEW")
    report = office.verify(held)
    assert (report.faults, report.unsealed) == ([], 1)
