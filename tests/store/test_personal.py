"""What every store promises about personal values; of them a database keeps nothing that can be read."""

from collections.abc import Callable
from pathlib import Path

import pytest

from storage.persons import KEY_BYTES, seal, unseal
from tests.store.backends import Sqlite
from tests.store.builders import change, disclosure, placed
from workflow.errors import IntegrityBroken
from workflow.store import Store

Apply = Callable[..., None]
CANARY = "Zéphyrine-Canari-7421"


def test_disclosures_come_back_by_entry_and_name(store: Store, apply: Apply) -> None:
    one = placed("P1", personal=(disclosure("name", "Alix"), disclosure("email", "a@example.org")))
    apply(one, placed("P2", personal=(disclosure("name", "Noa"),)), placed("P3"))
    apply(change(one.after, personal=(disclosure("name", "Alex", seq=2),)))
    with store.reading() as view:
        assert view.personal(one.after.id) == {
            (1, "name"): disclosure("name", "Alix").disclosure,
            (1, "email"): disclosure("email", "a@example.org").disclosure,
            (2, "name"): disclosure("name", "Alex").disclosure,
        }
        assert list(view.personal("id-of-P2")) == [(1, "name")]
        assert view.personal("id-of-P3") == {}


def test_clear_text_is_in_no_file(sqlite: Sqlite) -> None:
    with sqlite.store.writing() as work:
        work.apply([placed("P1", personal=(disclosure("name", CANARY), disclosure("reason", CANARY)))])
    assert written_anywhere(sqlite.path, b"P1")
    assert not written_anywhere(sqlite.path, CANARY.encode())
    sqlite.store.close()
    assert not written_anywhere(sqlite.path, CANARY.encode())


def written_anywhere(path: Path, text: bytes) -> bool:
    return any(text in file.read_bytes() for file in path.parent.iterdir())


def test_value_does_not_open_where_it_does_not_stand(sqlite: Sqlite, tamper: Callable[[str], None]) -> None:
    with sqlite.store.writing() as work:
        work.apply([placed("P1", personal=(disclosure("name", "Alix"), disclosure("email", "a@example.org")))])
    tamper("UPDATE personal SET ciphertext = (SELECT ciphertext FROM personal WHERE name = 'name')")
    with pytest.raises(IntegrityBroken), sqlite.store.reading() as view:
        view.personal("id-of-P1")


def test_whoever_decides_opens_what_is_asked_for_alone(sqlite: Sqlite, tamper: Callable[[str], None]) -> None:
    with sqlite.store.writing() as work:
        work.apply([placed("P1", personal=(disclosure("name", "Alix"), disclosure("email", "a@example.org")))])
    tamper("UPDATE personal SET ciphertext = (SELECT ciphertext FROM personal WHERE name = 'name')")
    with sqlite.store.writing() as work:
        found = work.personal("id-of-P1")
        assert found[1, "name"] == disclosure("name", "Alix").disclosure
        assert (len(found), list(found)) == (2, [(1, "email"), (1, "name")])
        assert found.get((2, "name")) is None
        with pytest.raises(IntegrityBroken):
            found.get((1, "email"))


def test_without_its_key_a_value_is_gone(sqlite: Sqlite, tamper: Callable[[str], None]) -> None:
    with sqlite.store.writing() as work:
        work.apply([placed("P1", personal=(disclosure("name", "Alix"),))])
    tamper("DELETE FROM person_key")
    with sqlite.store.reading() as view:
        assert view.personal("id-of-P1") == {}


def test_same_text_is_sealed_differently_each_time() -> None:
    key = bytes(KEY_BYTES)
    first, second = seal(key, b"here", "text"), seal(key, b"here", "text")
    assert first != second
    assert unseal(key, b"here", first) == unseal(key, b"here", second) == "text"
    with pytest.raises(IntegrityBroken):
        unseal(key, b"there", first)
