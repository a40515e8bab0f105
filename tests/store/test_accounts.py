"""What every database promises about accounts and sessions, about counts beside lists, and about searching the log."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from storage.accounts import Account, Grant
from storage.listing import PlacementFilter, Reach
from storage.searching import EntryFilter
from tests.store.backends import Sql
from tests.store.builders import FIELDS, START, after, change, incident, placed, row
from workflow.changes import Change

NOW = after(10)
SOPHIE = Account("operator:1", "Sophie", None, (Grant("host", "974"),), "fr", START, None, after(3))


def add(database: Sql, *accounts: Account, link: str | None = None) -> None:
    with database.store.writing() as unit:
        for each in accounts:
            unit.accounts.add(each, link)


def fill(database: Sql, *changes: Change) -> None:
    with database.store.writing() as work:
        work.apply(changes)


def test_account_is_kept_as_it_was_added(database: Sql) -> None:
    bo = replace(SOPHIE, id="operator:2", name="Bo", grants=(Grant("admin"), Grant("host", None, "1" * 14)))
    add(database, SOPHIE, bo)
    accounts = database.store.accounts
    assert accounts.listed() == (bo, SOPHIE)
    assert (accounts.named("Sophie"), accounts.identified("operator:2")) == (SOPHIE, bo)
    assert accounts.named("nobody") is None


def test_link_leads_to_its_account_until_it_is_spent_or_late(database: Sql) -> None:
    add(database, SOPHIE, link="first")
    accounts = database.store.accounts
    assert accounts.invited("first", after(2)) == SOPHIE
    assert accounts.invited("first", after(3)) is None
    with database.store.writing() as unit:
        unit.accounts.invite(SOPHIE.id, "second", after(9))
    assert accounts.invited("first", after(2)) is None
    with database.store.writing() as unit:
        unit.accounts.keep_password(SOPHIE.id, "hash", NOW)
    assert accounts.invited("second", after(2)) is None


def test_session_lasts_until_it_ends_expires_or_its_account_is_closed(database: Sql) -> None:
    bo = replace(SOPHIE, id="operator:2", name="Bo")
    add(database, SOPHIE, bo)
    accounts = database.store.accounts
    for token, who in (("a", SOPHIE), ("b", SOPHIE), ("c", bo)):
        accounts.open_session(token, who.id, START, after(1))
    assert [accounts.of_session(token, after(0.5)) for token in "abcx"] == [SOPHIE, SOPHIE, bo, None]
    accounts.end_session("a", after(0.5))
    assert [accounts.of_session(token, after(0.5)) for token in "ab"] == [None, SOPHIE]
    with database.store.writing() as unit:
        unit.accounts.disable(SOPHIE.id, after(0.5))
    assert accounts.of_session("b", after(0.5)) is None
    with database.store.writing() as unit:
        unit.accounts.enable(SOPHIE.id)
    assert accounts.of_session("b", after(0.5)) is None, "ended for good"
    assert accounts.of_session("c", after(1)) is None


def test_stronger_hash_does_not_bring_an_old_password_back(database: Sql) -> None:
    add(database, replace(SOPHIE, password="old"))
    database.store.accounts.rehash(SOPHIE.id, "other", "wrong")
    database.store.accounts.rehash(SOPHIE.id, "old", "stronger")
    found = database.store.accounts.named("Sophie")
    assert found is not None
    assert found.password == "stronger"


def test_accesses_are_told_last_first_page_by_page(database: Sql) -> None:
    add(database, SOPHIE)
    fill(database, placed("P1"))
    for day in range(5):
        database.store.accounts.record_access(SOPHIE.id, "id-of-P1", ["name", "email"], after(day))
    seen, cursor = [], None
    for _ in range(3):
        page = database.store.accounts.accesses(2, cursor)
        seen += [(item.at, item.name, item.reference, item.fields) for item in page.items]
        cursor = page.next
    assert cursor is None
    assert seen == [(after(day), "Sophie", "P1", ("email", "name")) for day in (4, 3, 2, 1, 0)]


@pytest.fixture
def crowd(database: Sql) -> Sql:
    """Four placements in two territories and states, with deadlines and an incident."""
    fill(
        database,
        placed("P1", deadlines=(row("choice", 9), row("start", 40))),
        placed("P2", state="shown", deadlines=(row("choice", 8, status="missed"),)),
        placed("P3", deadlines=(row("signature", 15),)),
        placed("Q1", fields={**FIELDS, "territory": "2A", "host_siret": "1" * 14, "host_name": "École_d'Été"}),
    )
    with database.store.writing() as work:
        work.report(incident("Q1"))
    return database


@pytest.mark.parametrize(
    ("which", "total", "states", "territories", "deadlines"),
    [
        ({}, 4, {"applied": 3, "shown": 1}, {"2A": 1, "974": 3}, {"choice": 2, "signature": 1, "start": 1}),
        ({"state": "applied"}, 3, {"applied": 3, "shown": 1}, {"2A": 1, "974": 2},
         {"choice": 1, "signature": 1, "start": 1}),
        ({"state": "shown", "territory": "2A"}, 0, {"applied": 1}, {"974": 1}, {}),
        ({"deadline": "choice"}, 2, {"applied": 1, "shown": 1}, {"974": 2}, {"choice": 2, "signature": 1, "start": 1}),
        ({"overdue": NOW}, 2, {"applied": 1, "shown": 1}, {"974": 2}, {"choice": 2}),
        ({"text": "école"}, 1, {"applied": 1}, {"2A": 1}, {}),
        ({"text": "P"}, 3, {"applied": 2, "shown": 1}, {"974": 3}, {"choice": 2, "signature": 1, "start": 1}),
        ({"text": "%"}, 0, {}, {}, {}),
        ({"within": (Reach("2A"),)}, 1, {"applied": 1}, {"2A": 1}, {}),
        ({"within": (Reach("2A"), Reach(None, FIELDS["host_siret"]))}, 4, {"applied": 3, "shown": 1},
         {"2A": 1, "974": 3}, {"choice": 2, "signature": 1, "start": 1}),
        ({"within": ()}, 0, {}, {}, {}),
    ],
)  # fmt: skip
def test_counts_agree_with_the_list(
    crowd: Sql, which: dict[str, Any], total: int, states: Any, territories: Any, deadlines: Any
) -> None:
    asked = PlacementFilter(**which)
    counts = crowd.store.counts.placements(asked)
    assert (counts.total, counts.states, counts.territories, counts.deadlines) == (
        total, states, territories, deadlines,
    )  # fmt: skip
    assert len(crowd.store.queries.placements(asked).items) == total


def test_counts_of_deadlines_agree_with_their_list(crowd: Sql) -> None:
    for asked in (PlacementFilter(), PlacementFilter(overdue=NOW), PlacementFilter(state="shown"),
                  PlacementFilter(due_between=(NOW, after(20))), PlacementFilter(within=(Reach("2A"),))):  # fmt: skip
        listed = crowd.store.queries.deadlines(asked).items
        counts = crowd.store.counts.deadlines(asked)
        assert counts.total == crowd.store.counts.number(asked) == len(listed)
        assert sum(counts.deadlines.values()) == len(listed)


def test_what_waits_is_counted_within_ones_reach(crowd: Sql) -> None:
    counts = crowd.store.counts
    assert (counts.waiting().incidents, counts.waiting((Reach("974"),)).incidents) == (1, 0)
    assert [item.reference for item in crowd.store.queries.incidents((Reach("2A"),))] == ["Q1"]
    assert crowd.store.queries.incidents((Reach("974"),)) == ()
    assert crowd.store.queries.placement("Q1", (Reach("974"),)) is None


def test_log_is_searched_newest_first(crowd: Sql) -> None:
    with crowd.store.reading() as reading:
        facts = reading.find("P1")
    assert facts is not None
    fill(crowd, change(facts, 2))
    search = crowd.store.search

    def found(limit: int = 50, after: str | None = None, **which: Any) -> list[tuple[str, int]]:
        return [(item.reference, item.seq) for item in search.entries(EntryFilter(**which), limit, after).items]

    assert found(reference="P1") == [("P1", 3), ("P1", 2), ("P1", 1)]
    assert found(kind="recorded") == [("P1", 3), ("P1", 2)]
    assert found(territory="2A") == found(within=(Reach("2A"),)) == [("Q1", 1)]
    assert found(since=START + timedelta(days=1)) == found(until=START) == []
    first = search.entries(EntryFilter(), 4)
    assert [*((item.reference, item.seq) for item in first.items), *found(after=first.next)] == found()


def test_unsealed_entries_of_a_placement_are_counted(crowd: Sql) -> None:
    assert crowd.store.counts.unsealed("id-of-P1") == 1
    assert crowd.store.counts.unsealed("nobody") == 0
    assert crowd.store.counts.by_definition() == {"d" * 64: 4}
