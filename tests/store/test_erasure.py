"""What every store promises about erasing, and of a database: that its files keep no byte of it."""

import secrets
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from storage.sqlite import library
from tests.store.backends import Sqlite
from tests.store.builders import change, placed
from workflow.changes import Change, ErasedValue, PersonalValue, Remembered
from workflow.store import Store

Apply = Callable[..., None]
CANARY = "Zephyrine-Canari-7421"


def value(name: str, text: str, category: str = "people", seq: int = 1) -> PersonalValue:
    return PersonalValue(seq, name, f'["c2FsdA","{name}","{text}"]', category)


def erased(before: Change, *values: tuple[int, str], **more: object) -> Change:
    return change(before.after, erased=tuple(ErasedValue(*each) for each in values), **more)


def bytes_in(path: Path) -> bytes:
    """Every byte of the database and of the files beside it."""
    return b"".join(file.read_bytes() for file in path.parent.iterdir())


def kept(path: Path, statement: str) -> list[bytes]:
    with closing(library().connect(path)) as connection:
        return [row[0] for row in connection.execute(statement)]


def test_what_is_erased_is_gone_and_the_rest_stays(store: Store, apply: Apply) -> None:
    one = placed("P1", personal=(value("name", "Alix"), value("ref", "C1"), value("note", "n", "texts")))
    other = placed("P2", personal=(value("name", "Noa"),))
    apply(one, other)
    second = change(one.after, personal=(value("name", "Alex", seq=2),))
    apply(second)
    apply(erased(second, (1, "name"), (1, "note")))
    with store.reading() as view:
        assert view.personal(one.after.id) == {
            (1, "ref"): value("ref", "C1").disclosure,
            (2, "name"): value("name", "Alex").disclosure,
        }
        assert list(view.personal(other.after.id)) == [(1, "name")]


def test_what_is_set_and_erased_in_one_change_is_gone(store: Store, apply: Apply) -> None:
    one = placed("P1", personal=(value("name", "Alix"),), erased=(ErasedValue(1, "name"),))
    apply(one)
    with store.reading() as view:
        assert view.personal(one.after.id) == {}


def test_a_category_takes_new_values_after_its_erasure(store: Store, apply: Apply) -> None:
    one = placed("P1", personal=(value("name", "Alix"),))
    apply(one)
    gone = erased(one, (1, "name"), (7, "never_there"))
    apply(gone)
    apply(change(gone.after, personal=(value("name", "Alex", seq=3),)))
    with store.reading() as view:
        assert list(view.personal(one.after.id)) == [(3, "name")]


def test_who_has_read_a_key_before_an_erasure_seals_nothing_with_it_after(store: Store, apply: Apply) -> None:
    one = placed("P1", personal=(value("name", "Alix"), value("ref", "C1")))
    apply(one)
    gone = erased(one, (1, "name"))
    later = change(gone.after, personal=(value("name", "Alex", seq=3),))
    with store.writing() as work:
        assert work.find("P1") is not None
        assert list(work.personal(one.after.id)) == [(1, "name"), (1, "ref")]
        work.apply([gone])
        work.apply([later])
    with store.reading() as view:
        assert view.personal(one.after.id) == {
            (1, "ref"): value("ref", "C1").disclosure,
            (3, "name"): value("name", "Alex").disclosure,
        }


def test_the_fingerprint_of_a_command_that_set_it_goes_too(store: Store, apply: Apply) -> None:
    one = placed("P1", personal=(value("name", "Alix"),), remembered=Remembered("k", "hash", 1, 1))
    apply(one)
    apply(erased(one, (1, "name"), remembered=Remembered("other", "hash", 2, 2)))
    with store.reading() as view:
        assert view.remembered(one.after.id, "k") == Remembered("k", "", 1, 1)
        assert view.remembered(one.after.id, "other") == Remembered("other", "hash", 2, 2)


def test_neither_ciphertext_nor_key_is_left_in_any_file(sqlite: Sqlite) -> None:
    one = placed("P1", personal=(value("name", CANARY), value("ref", "stays"), value("note", CANARY, "texts")))
    with sqlite.store.writing() as work:
        work.apply([one])
    keys = kept(sqlite.path, "SELECT key FROM person_key")
    sealed = kept(sqlite.path, "SELECT ciphertext FROM personal")
    assert all(part in bytes_in(sqlite.path) for part in (*keys, *sealed))
    with sqlite.store.writing() as work:
        work.apply([erased(one, (1, "name"), (1, "note"))])
    left = bytes_in(sqlite.path)
    # What stays in the category was sealed again under a new key.
    assert not any(part in left for part in (*keys, *sealed))
    assert len(kept(sqlite.path, "SELECT key FROM person_key")) == 1
    with sqlite.store.reading() as view:
        assert view.personal(one.after.id) == {(1, "ref"): value("ref", "stays").disclosure}


def test_pages_that_were_split_keep_no_copy_of_a_key(sqlite: Sqlite) -> None:
    made = [placed(secrets.token_hex(8), personal=(value("name", CANARY),)) for _ in range(600)]
    for start in range(0, 600, 50):
        with sqlite.store.writing() as work:
            work.apply(made[start : start + 50])
    keys = kept(sqlite.path, "SELECT key FROM person_key")
    with sqlite.store.writing() as work:
        work.apply([erased(one, (1, "name")) for one in made])
    left = bytes_in(sqlite.path)
    assert len(keys) == 600
    assert not any(key in left for key in keys)


def test_a_reader_keeps_the_log_until_the_next_change(sqlite: Sqlite) -> None:
    one = placed("P1", personal=(value("name", CANARY),))
    with sqlite.store.writing() as work:
        work.apply([one])
    key = kept(sqlite.path, "SELECT key FROM person_key")[0]
    sqlite.store._database._patience_s = 0.01
    with sqlite.another().reading() as view:
        view.find("P1")
        with sqlite.store.writing() as work:
            work.apply([erased(one, (1, "name"))])
        assert key in bytes_in(sqlite.path)
    with sqlite.store.writing() as work:
        work.apply([placed("P2")])
    assert key not in bytes_in(sqlite.path)
