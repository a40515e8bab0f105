"""What every store promises about the names of those who act, and about reading all disclosures at once."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.store.backends import Sqlite
from tests.store.builders import disclosure, placed
from tests.store.test_erasure import bytes_in
from workflow.actors import erase_actor
from workflow.commands import EraseActor
from workflow.errors import NotFound, TransitionRefused
from workflow.store import Disclosed, Store

Apply = Callable[..., None]
NOW = datetime(2021, 3, 1, 8, tzinfo=UTC)
CANARY = "Zephyrine-Canari-7421"


def asked(who: str, **more: object) -> EraseActor:
    said = {"ground": "objection", "decision": "DPO-1", "roles": ("supervisor",), **more}
    return EraseActor(who=who, actor="Bo", **said)  # type: ignore[arg-type]


def erase(store: Store, command: EraseActor) -> str:
    with store.writing() as unit:
        return erase_actor(unit, "log", NOW, command).actor


def test_a_name_is_erased_by_name_or_id_and_the_next_act_has_another_id(store: Store) -> None:
    with store.writing() as unit:
        ada, zoe = unit.actor_id("Ada"), unit.actor_id("Zoé")
        assert unit.actors() == [(ada, "Ada"), (zoe, "Zoé")]
    assert erase(store, asked("Ada")) == ada
    assert erase(store, asked(zoe)) == zoe
    with store.writing() as unit:
        assert [unit.actor(ada), unit.actor(zoe)] == [None, None]
        assert [name for _, name in unit.actors()] == ["Bo"]
        assert unit.actor_id("Ada") != ada
        assert unit.system_head().seq == 2


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (asked("nobody"), NotFound),
        (asked("Ada", roles=()), TransitionRefused),
        (asked("Ada", ground="because"), TransitionRefused),
        (asked("Ada", decision="any free text"), TransitionRefused),
    ],
)
def test_what_is_not_founded_is_refused_and_writes_nothing(
    store: Store, command: EraseActor, error: type[Exception]
) -> None:
    with store.writing() as unit:
        ada = unit.actor_id("Ada")
    with pytest.raises(error):
        erase(store, command)
    with store.writing() as unit:
        assert (unit.actors(), unit.system_head().seq) == ([(ada, "Ada")], 0)


def test_the_act_names_the_id_the_ground_and_the_decision_and_no_name(sqlite: Sqlite) -> None:
    with sqlite.store.writing() as unit:
        ada = unit.actor_id(CANARY)
    with sqlite.store.writing() as unit:
        act = erase_actor(unit, "log", NOW, asked(CANARY)).act
    assert act.kind == "actor_erased"
    assert all(text.encode() in act.data for text in (ada, '"objection"', '"DPO-1"'))
    assert CANARY.encode() not in bytes_in(sqlite.path)


def test_all_disclosures_come_in_order_of_reference_and_entry(store: Store, apply: Apply) -> None:
    apply(placed("P2", personal=(disclosure("name", "Noa"),)), placed("P3"))
    apply(placed("P1", personal=(disclosure("name", "Alix"), disclosure("email", "a@example.org"))))
    with store.reading() as view:
        assert list(view.disclosed()) == [
            Disclosed("P1", 1, "email", disclosure("email", "a@example.org").disclosure),
            Disclosed("P1", 1, "name", disclosure("name", "Alix").disclosure),
            Disclosed("P2", 1, "name", disclosure("name", "Noa").disclosure),
        ]


def test_a_disclosure_without_its_key_is_told_as_one(sqlite: Sqlite, tamper: Callable[[str], None]) -> None:
    with sqlite.store.writing() as work:
        work.apply([placed("P1", personal=(disclosure("name", "Alix"),))])
    tamper("DELETE FROM person_key")
    with sqlite.store.reading() as view:
        assert list(view.disclosed()) == [Disclosed("P1", 1, "name", None)]
