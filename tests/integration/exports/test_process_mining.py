"""The event logs, read by pm4py: every case conforms to a Petri net made from the definition."""

import contextlib
import io
import sqlite3
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.integration.exports.conftest import Exported, Office
from workflow.definition import Definition

# Its own warnings are about how it might be faster.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def pm4py() -> ModuleType:
    with contextlib.redirect_stdout(io.StringIO()):
        import pm4py

        return pm4py


def net_of(definition: Definition) -> tuple[Any, Any, Any]:
    """The definition as a Petri net: a place for each state, a transition for each allowed move or recorded fact."""
    from pm4py.objects.petri_net.obj import Marking, PetriNet
    from pm4py.objects.petri_net.utils.petri_utils import add_arc_from_to

    net = PetriNet(definition.name)
    places = {name: PetriNet.Place(name) for name in (*definition.states, "before", "after")}
    net.places.update(places.values())

    def move(label: str | None, start: str, end: str, number: int) -> None:
        step = PetriNet.Transition(f"{label} {start} {number}", label)
        net.transitions.add(step)
        add_arc_from_to(places[start], step, net)
        add_arc_from_to(step, places[end], net)

    move("placed", "before", definition.initial, 0)
    edges = [edge for several in definition.transitions.values() for edge in several]
    for number, edge in enumerate([*edges, *definition.automatic]):
        for start in sorted(edge.sources):
            move(edge.trigger, start, edge.to or start, number)
    for state in definition.states:
        move(None, state, "after", 0)
    return net, Marking({places["before"]: 1}), Marking({places["after"]: 1})


def test_pm4py_reads_every_case_and_event_of_xes(pm4py: ModuleType, cohort: Office, exported: Exported) -> None:
    log = pm4py.read_xes(str(exported("xes", "log.xes")))
    items = cohort.items()
    assert Counter(log["case:concept:name"]) == Counter(item.stored.reference for item in items)
    assert Counter(log["concept:name"]) == Counter(item.activity for item in items)
    assert set(log["lifecycle:transition"]) == {"complete"}
    assert set(log["org:resource"]) == {item.entry.actor for item in items}
    assert set(log["hash"]) == {item.chained.hash for item in items}
    moments = dict(zip(log["hash"], log["time:timestamp"], strict=True))
    assert all(moments[item.chained.hash] == item.entry.occurred_at for item in items)


def test_every_case_conforms_to_the_definition(pm4py: ModuleType, cohort: Office, exported: Exported) -> None:
    (definition,) = cohort.stream().definitions
    log = pm4py.read_xes(str(exported("xes", "log.xes")))
    moves = log[~log["kind"].isin(["reminder", "missed", "milestone"])]
    replayed = pm4py.conformance_diagnostics_token_based_replay(moves, *net_of(definition))
    assert len(replayed) == log["case:concept:name"].nunique()
    assert all(case["trace_is_fit"] for case in replayed)


def test_case_that_breaks_the_definition_does_not_conform(
    pm4py: ModuleType, cohort: Office, exported: Exported
) -> None:
    (definition,) = cohort.stream().definitions
    log = pm4py.read_xes(str(exported("xes", "log.xes")))
    moves = log[~log["kind"].isin(["reminder", "missed", "milestone"])]
    without = moves[moves["concept:name"] != "select_candidate"]
    assert not all(
        case["trace_is_fit"] for case in pm4py.conformance_diagnostics_token_based_replay(without, *net_of(definition))
    )


@pytest.mark.parametrize("name", ["log.sqlite", "log.json"])
def test_pm4py_reads_every_event_and_object_of_ocel(
    pm4py: ModuleType, cohort: Office, exported: Exported, name: str
) -> None:
    log = pm4py.read_ocel2(str(exported("ocel", name)))
    items, placements = cohort.items(), list(cohort.stream().placements())
    hosts = {f"host:{placement.host_siret}" for placement in placements}
    assert Counter(log.events["ocel:activity"]) == Counter(item.activity for item in items)
    assert set(log.events["hash"]) == {item.chained.hash for item in items}
    of_type = {kind: set(rows["ocel:oid"]) for kind, rows in log.objects.groupby("ocel:type")}
    assert of_type == {"host": hosts, "placement": {f"placement:{each.reference}" for each in placements}}
    assert len(log.objects) == len(placements) + len(hosts)
    assert Counter(log.relations["ocel:qualifier"]) == {"placement": len(items), "host": len(items)}
    assert len(log.o2o) == len(placements)
    changed = [item for item in items if item.entry.changes_state]
    last = {item.stored.reference: item.entry.to_state for item in changed}
    assert last == {placement.reference: placement.state for placement in placements}
    assert len(log.object_changes) >= len(changed) - len(placements)


def test_ocel_holds_every_constraint_of_the_standard(pm4py: ModuleType, exported: Exported) -> None:
    from pm4py.objects.ocel.validation import ocel20_rel_validation

    satisfied, broken = ocel20_rel_validation.apply(str(exported("ocel", "log.sqlite")))
    assert satisfied
    assert not broken


def test_ocel_refers_to_nothing_that_is_not_there(exported: Exported) -> None:
    connection = sqlite3.connect(exported("ocel", "log.sqlite"))
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_ocel_as_json_leaves_no_database_behind(cohort: Office, tmp_path: Path) -> None:
    cohort.export("ocel", tmp_path / "log.json")
    assert not list(tmp_path.glob("*.sqlite*"))
