"""Batches on every database: one console at a time carries one out, and what accounts chose is kept."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage.accounts import Account, Grant
from storage.batch_runs import SILENT_FOR
from storage.batches import Act, Batch, BatchAsk, KeyReused, Verdict
from storage.notice_choices import NoticeChoice
from storage.tokens import USED_EVERY, Token
from tests.store.backends import Postgres, Sqlite
from tests.store.builders import START

ROBOT = Account("operator:r", "Robot", None, (Grant("viewer"),), "fr", START, None, None)
TOKEN = Token("pcs_1", ROBOT.id, "tests", ROBOT.grants, START, START + timedelta(days=1), None)
CHOICE = NoticeChoice(ROBOT.id, "robot@x.example", "n-1", START, None, "all", ("a", "b"), True, "en", "digest")


@pytest.fixture
def store(database: Sqlite | Postgres):  # type: ignore[no-untyped-def]
    found = database.store
    with found.writing() as unit:
        unit.accounts.add(ROBOT, None)
        unit.tokens.add(TOKEN, "hash")
    return found


def running(store, at: datetime = START) -> str:  # type: ignore[no-untyped-def]
    number: str = store.batches.freeze(ROBOT.id, [], 0, at)
    store.batches.previewed(number, "p", [])
    assert store.batches.begin(number, "p", Act("pause", "selection", {"reason": "other"}, ()))
    return number


def test_of_many_who_try_at_once_one_carries_it_out(store) -> None:  # type: ignore[no-untyped-def]
    number = running(store)
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: store.batch_runs.take(number, START), range(4)))
    assert sorted(taken, key=str) == [1, None, None, None]
    assert store.batch_runs.unattended(START) == []


def test_who_is_silent_is_replaced_and_notes_nothing_any_more(store) -> None:  # type: ignore[no-untyped-def]
    number, later = running(store), START + SILENT_FOR * 2
    first = store.batch_runs.take(number, START)
    assert store.batch_runs.unattended(later) == [number]
    assert store.batch_runs.take(number, later) == 2
    assert not store.batch_runs.judge(number, first, 1, Verdict("done"), later)
    store.batch_runs.finish(number, first)
    found = store.batches.find(number)
    assert (found.status, found.beat_at) == ("running", later)
    store.batch_runs.finish(number, 2)
    assert store.batches.find(number).status == "done"
    assert store.batch_runs.take(number, later) is None


def test_act_is_read_as_it_was_kept(store) -> None:  # type: ignore[no-untyped-def]
    for act in (Act("fire", "show_candidate", {"a": "b"}, ("c",)), Act("note", None, {}, ("text",), "iso"),
                Act("move", "selection", {"to": "2021-04-01"}, ())):  # fmt: skip
        number = store.batches.freeze(ROBOT.id, [], 0, START)
        store.batches.previewed(number, "p", [])
        assert store.batches.begin(number, "p", act)
        found: Batch = store.batches.find(number)
        assert found.act == act
        assert not store.batches.begin(number, "p", act)


def test_key_of_a_token_names_one_batch(store) -> None:  # type: ignore[no-untyped-def]
    ask = BatchAsk(TOKEN.prefix, "k-1", "hash-1")
    first = store.batches.freeze(ROBOT.id, [], 0, START, ask)
    assert store.batches.freeze(ROBOT.id, [], 0, START, ask) == store.batches.asked(ask) == first
    with pytest.raises(KeyReused):
        store.batches.freeze(ROBOT.id, [], 0, START, replace(ask, asked="hash-2"))
    assert store.batches.find(first).token == TOKEN.prefix
    later = store.batches.freeze(ROBOT.id, [], 0, START + timedelta(days=3))
    assert (store.batches.find(first), store.batches.asked(ask)) == (None, None)
    assert store.batches.find(later).token is None


def test_batches_come_in_pages_the_last_first(store) -> None:  # type: ignore[no-untyped-def]
    made = [running(store, START + timedelta(seconds=number)) for number in range(3)]
    page = store.batches.of_account(ROBOT.id, 2)
    rest = store.batches.of_account(ROBOT.id, 2, page.next)
    assert [each.id for each in (*page.items, *rest.items)] == made[::-1]
    assert rest.next is None
    assert store.batches.of_account(ROBOT.id, 2, None, TOKEN.prefix).items == ()


def test_choice_is_kept_replaced_confirmed_and_forgotten(store) -> None:  # type: ignore[no-untyped-def]
    choices = store.notice_choices
    choices.keep(CHOICE)
    choices.keep(replace(CHOICE, nonce="n-2"))
    assert choices.of(ROBOT.id) == replace(CHOICE, nonce="n-2")
    assert not choices.confirm(ROBOT.id, "n-1", START)
    assert choices.confirm(ROBOT.id, "n-2", START)
    assert choices.told() == [(replace(CHOICE, nonce="n-2", confirmed_at=START), ROBOT)]
    with store.writing() as unit:
        unit.accounts.disable(ROBOT.id, START)
    assert choices.told() == choices.told(ROBOT.id) == []
    choices.forget(ROBOT.id)
    assert choices.of(ROBOT.id) is None


def test_use_of_a_token_is_written_down_once_an_hour(store) -> None:  # type: ignore[no-untyped-def]
    def used(at: datetime) -> datetime | None:
        (found,) = store.tokens.listed()
        store.tokens.note_use(found, at)
        (after,) = store.tokens.listed()
        return after.used_at  # type: ignore[no-any-return]

    assert store.tokens.listed()[0].used_at is None
    assert used(START) == used(START + USED_EVERY / 2) == START
    assert used(START + USED_EVERY) == START + USED_EVERY
