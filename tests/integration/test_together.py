"""Operators in threads of one console who wait together and share a commit: each is answered as if alone."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from storage.sql import SqlStore
from storage.sqlite_database import SqliteDatabase
from storage.turns import TOGETHER
from tests.checker import Checker
from tests.world import HOST, SHIPPED, published
from workflow.clock import VirtualClock
from workflow.commands import Fire, Outcome, Place
from workflow.engine import Engine
from workflow.errors import NotFound, StalePlacement, TransitionRefused

NOW = datetime(2021, 3, 1, 9, tzinfo=UTC)
OPERATORS = 12
FIELDS = {"territory": "75", **HOST}
NAMES = [f"A-{number}" for number in range(OPERATORS)]


class Console:
    """One engine, and as many threads as there are operators."""

    def __init__(self, url: str) -> None:
        self.store = SqlStore(url, together=TOGETHER)
        self.engine = Engine(self.store, VirtualClock(NOW))

    def at_once(self, task: Callable[[int], Any]) -> list[Any]:
        """What each was answered, or raised: all have come before the first one is let in."""
        assert isinstance(self.store.database, SqliteDatabase)
        turns = self.store.database.turns

        def run(number: int) -> Any:
            try:
                return task(number)
            except Exception as error:
                return error

        with ThreadPoolExecutor(OPERATORS) as pool:
            with self.store.writing():
                asked = []
                for number in range(OPERATORS):
                    asked.append(pool.submit(run, number))
                    while turns.waiting <= number:
                        time.sleep(0.001)
            return [each.result(60) for each in asked]

    def faults(self) -> list[str]:
        with self.store.reading() as reading:
            there = sorted(reading.known(NAMES))
        return [*Checker(self.engine, self.store, there).faults(), *self.store.queries.integrity()]


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    made = Console(f"sqlite:///{tmp_path}/parcours.db")
    made.store.initialise(sandbox=True, now=NOW)
    with made.store.writing() as unit:
        unit.publish(published(SHIPPED))
    yield made
    made.store.close()


def place(reference: str, key: str | None = None) -> Place:
    return Place(reference=reference, fields=FIELDS, actor="Ada", key=key)


def fire(reference: str, trigger: str, role: str, *, key: str | None = None, expect: int | None = None,
         **fields: str) -> Fire:  # fmt: skip
    return Fire(reference=reference, trigger=trigger, actor="Ada", roles=(role,), fields=fields, key=key, expect=expect)


def kinds(answers: list[Any]) -> dict[type, int]:
    return {kind: sum(isinstance(answer, kind) for answer in answers) for kind in {type(answer) for answer in answers}}


def test_one_key_is_carried_out_once_and_all_who_asked_under_it_are_told_the_same(console: Console) -> None:
    answers = console.at_once(lambda _: console.engine.place(place("A-0", key="k")))
    assert [answer.repeated for answer in answers] == [False] + [True] * (OPERATORS - 1)
    assert len({answer.entries[0].hash for answer in answers}) == 1
    assert console.faults() == []


def test_one_of_those_who_saw_the_same_revision_is_first(console: Console) -> None:
    console.engine.place(place("A-0"))

    def grant(number: int) -> Outcome:
        return console.engine.fire(fire("A-0", "grant_post", "anct", expect=1, granted_on="2021-03-01"))

    assert kinds(console.at_once(grant)) == {Outcome: 1, StalePlacement: OPERATORS - 1}
    assert console.faults() == []


def test_one_candidate_is_selected_by_one_of_those_who_want_it(console: Console) -> None:
    for name in NAMES:
        console.engine.place(place(name))
        console.engine.fire(fire(name, "grant_post", "anct", granted_on="2021-03-01"))
    shown = {"candidate_ref": "C-the-same", "candidate_name": "Zoé"}
    console.at_once(lambda number: console.engine.fire(fire(NAMES[number], "show_candidate", "platform", **shown)))
    chosen = {"selected_candidate_ref": "C-the-same"}
    choices = [fire(name, "select_candidate", "host", **chosen) for name in NAMES]
    answers = console.at_once(lambda number: console.engine.fire(choices[number]))
    assert kinds(answers) == {Outcome: 1, TransitionRefused: OPERATORS - 1}
    assert console.faults() == []


def test_refusals_and_mistakes_leave_the_rest_as_it_is(console: Console) -> None:
    tasks: list[Callable[[str], Any]] = [
        lambda name: console.engine.place(place(name, key=f"k-{name}")),
        lambda name: console.engine.fire(fire("A-none", "grant_post", "anct", granted_on="2021-03-01")),
        lambda name: console.engine.place(Place(reference=name, fields={"territory": "75"}, actor="Ada")),
    ]
    answers = console.at_once(lambda number: tasks[number % 3](NAMES[number]))
    assert kinds(answers) == {Outcome: 4, NotFound: 4, TransitionRefused: 4}
    with console.store.reading() as reading:
        assert sorted(reading.known(NAMES)) == sorted(NAMES[::3])
    assert console.faults() == []


def test_moments_of_recording_follow_each_other_in_each_placement(console: Console) -> None:
    answers: list[Outcome] = []

    def live(number: int) -> None:
        for request in (place(NAMES[number]), fire(NAMES[number], "grant_post", "anct", granted_on="2021-03-01")):
            answers.append(
                console.engine.place(request) if isinstance(request, Place) else console.engine.fire(request)
            )

    threads = [threading.Thread(target=live, args=(number,)) for number in range(OPERATORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 2 * OPERATORS
    assert console.faults() == []
