"""Engines of several processes at the same moment on one server: each answer is one that a single file would give."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest

from storage.sql import SqlStore
from tests.checker import Checker
from tests.postgres import Server, fresh_name
from tests.world import HOST, SHIPPED, published
from workflow.clock import VirtualClock
from workflow.commands import Fire, Outcome, Place
from workflow.engine import Engine
from workflow.errors import StalePlacement, TransitionRefused

TOGETHER = 4
NOW = datetime(2021, 3, 1, 9, tzinfo=UTC)
LATER = datetime(2022, 6, 1, tzinfo=UTC)
FIELDS = {"territory": "75", **HOST}


class Office:
    """As many engines as there are processes, each with connections of its own, on one database."""

    def __init__(self, url: str) -> None:
        self.stores = [SqlStore(url) for _ in range(TOGETHER)]
        self.clock = VirtualClock(NOW)
        self.engines = [Engine(store, self.clock) for store in self.stores]

    def at_once(self, task: Callable[[Engine, int], Any]) -> list[Any]:
        """What each engine answered, or raised."""
        barrier = threading.Barrier(TOGETHER)

        def run(number: int) -> Any:
            barrier.wait(30)
            try:
                return task(self.engines[number], number)
            except Exception as error:
                return error

        with ThreadPoolExecutor(TOGETHER) as pool:
            return [future.result(120) for future in [pool.submit(run, number) for number in range(TOGETHER)]]

    def faults(self, references: list[str]) -> list[str]:
        return Checker(self.engines[0], self.stores[0], references).faults()


@pytest.fixture(scope="module")
def made(server: Server) -> str:
    """A database that others are copied from."""
    name = fresh_name()
    with closing(SqlStore(server.create(name))) as store:
        store.initialise(sandbox=True, now=NOW)
    return name


@pytest.fixture
def office(server: Server, made: str) -> Iterator[Office]:
    name = fresh_name()
    opened = Office(server.create(name, made))
    yield opened
    for each in opened.stores:
        each.close()
    server.drop(name)


@pytest.fixture
def working(office: Office) -> Office:
    with office.stores[0].writing() as unit:
        unit.publish(published(SHIPPED))
    return office


def fire(trigger: str, role: str, reference: str = "A-1", *, key: str | None = None, expect: int | None = None,
         **fields: str) -> Fire:  # fmt: skip
    return Fire(reference=reference, trigger=trigger, actor="Ada", roles=(role,), fields=fields, key=key, expect=expect)


def granted(office: Office, reference: str = "A-1") -> None:
    office.engines[0].place(Place(reference=reference, fields=FIELDS, actor="Ada"))
    office.engines[0].fire(fire("grant_post", "anct", reference, granted_on="2021-03-01"))


def test_same_command_by_several_is_one_placement(working: Office) -> None:
    place = Place(reference="A-1", fields=FIELDS, actor="Ada", key="k-1")
    answers = working.at_once(lambda engine, _: engine.place(place))
    assert all(isinstance(answer, Outcome) for answer in answers), answers
    assert sorted(answer.repeated for answer in answers) == [False, True, True, True]
    assert len({answer.entries[0].hash for answer in answers}) == 1
    assert working.faults(["A-1"]) == []


def test_one_of_several_who_place_the_same_reference_is_first(working: Office) -> None:
    answers = working.at_once(
        lambda engine, number: engine.place(Place(reference="A-1", fields=FIELDS, actor=f"Ada {number}"))
    )
    assert sum(isinstance(answer, Outcome) for answer in answers) == 1
    assert sum(isinstance(answer, StalePlacement) for answer in answers) == TOGETHER - 1
    assert working.faults(["A-1"]) == []


def test_requests_on_one_placement_are_decided_one_after_the_other(working: Office) -> None:
    granted(working)

    def show(engine: Engine, number: int) -> Outcome:
        said = {"candidate_ref": f"C-{number}", "candidate_name": "Zoé"}
        return engine.fire(fire("show_candidate", "platform", expect=2, **said))

    answers = working.at_once(show)
    assert sum(isinstance(answer, Outcome) for answer in answers) == 1, answers
    assert sum(isinstance(answer, StalePlacement) for answer in answers) == TOGETHER - 1, answers
    assert working.faults(["A-1"]) == []


def test_same_request_under_one_key_is_carried_out_once(working: Office) -> None:
    working.engines[0].place(Place(reference="A-1", fields=FIELDS, actor="Ada"))
    grant = fire("grant_post", "anct", key="k", granted_on="2021-03-01")
    answers = working.at_once(lambda engine, _: engine.fire(grant))
    assert all(isinstance(answer, Outcome) for answer in answers), answers
    assert sorted(answer.repeated for answer in answers) == [False, True, True, True]


def test_one_candidate_is_shown_to_one_of_several(working: Office) -> None:
    references = [f"A-{number}" for number in range(TOGETHER)]
    for reference in references:
        granted(working, reference)

    def show(engine: Engine, number: int) -> Outcome:
        said = {"candidate_ref": "C-the-same", "candidate_name": "Zoé"}
        engine.fire(fire("show_candidate", "platform", references[number], **said))
        return engine.fire(fire("select_candidate", "host", references[number], selected_candidate_ref="C-the-same"))

    answers = working.at_once(show)
    assert sum(isinstance(answer, Outcome) for answer in answers) == 1, answers
    assert sum(isinstance(answer, TransitionRefused) for answer in answers) == TOGETHER - 1, answers
    assert working.faults(references) == []


def test_definition_published_by_several_is_one_act(office: Office) -> None:
    answers = office.at_once(lambda engine, _: engine.publish(SHIPPED, "states.yaml", "Ada"))
    assert len({answer.digest for answer in answers}) == 1, answers
    with office.stores[0].writing() as unit:
        assert unit.system_head().seq == 1


def test_sweeps_of_several_fire_each_deadline_once(working: Office) -> None:
    references = [f"A-{number}" for number in range(60)]
    for reference in references:
        working.engines[0].place(Place(reference=reference, fields=FIELDS, actor="Ada"))
    working.clock.at = LATER

    def sweep(engine: Engine, number: int) -> int:
        total = 0
        while (wake := engine.next_wake()) is not None and wake <= LATER:
            total += engine.sweep().entries
        return total

    fired = working.at_once(sweep)
    history = [len(working.stores[0].queries.history(reference)) for reference in references]
    assert sum(fired) == sum(history) - len(references)
    assert len(set(history)) == 1
    assert working.faults(references) == []
