"""What operators may ask: filters, pages that neither repeat nor hide, counts, exports that stay small."""

import shutil
import tracemalloc
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from storage.compiling import bound
from storage.entries import EXPORTED, Entries, statements_of
from storage.listing import Reach, cursor
from storage.queries import PlacementFilter, Queries, QuotaUse
from storage.sqlite import library
from tests.postgres import fresh_name
from tests.store.backends import Postgres, Sql, Sqlite
from tests.store.builders import FIELDS, START, after, change, incident, notice, placed, row, seal_waiting
from workflow.changes import Change, QuotaClaim
from workflow.errors import StoreUnavailable

NOW = after(10)


FIVE = (
    placed("P1", wakes_at=after(9), deadlines=(row("choice", 9), row("start", 40)), notices=(notice(1),)),
    placed("P2", state="shown", state_since=after(8), deadlines=(row("choice", 8, status="missed"),)),
    placed("P3", deadlines=(row("signature", 15),), state_since=after(9), wakes_at=after(15)),
    placed("P4", fields={"territory": "2A"}, deadlines=(row("choice", 5, status="paused"),)),
    placed("Q1", fields={**FIELDS, "territory": "2A", "host_siret": "1" * 14}, state_since=after(-90)),
)
"""Placements: one late, one missed, one soon, one paused, one without deadline and stuck."""


@pytest.fixture
def queries(database: Sql) -> Queries:
    """FIVE, in a database of the test's own."""
    fill(database, *FIVE)
    return database.store.queries


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def five(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    """FIVE, in a database that is shared by tests that only ask."""
    with ExitStack() as closing:
        if request.param == "sqlite":
            made, folder = request.getfixturevalue("made_database"), tmp_path_factory.mktemp("five")
            database: Sql = Sqlite(Path(shutil.copy(made, folder / "parcours.db")), closing)
        else:
            server, name = request.getfixturevalue("server"), fresh_name()
            server.create(name, request.getfixturevalue("made_on_server"))
            closing.callback(server.drop, name)
            database = Postgres(server, name, closing)
        fill(database, *FIVE)
        yield database.store.queries


def fill(database: Sql, *changes: Change) -> None:
    with database.store.writing() as work:
        work.apply(changes)


@pytest.mark.parametrize(
    ("which", "found"),
    [
        ({}, ["P1", "P2", "P3", "P4", "Q1"]),
        ({"state": "shown"}, ["P2"]),
        ({"territory": "2A"}, ["P4", "Q1"]),
        ({"territory": "2A", "state": "shown"}, []),
        ({"host_siret": FIELDS["host_siret"]}, ["P1", "P2", "P3"]),
        ({"deadline": "choice"}, ["P1", "P2", "P4"]),
        ({"overdue": NOW}, ["P1", "P2"]),
        ({"overdue": after(8)}, ["P2"]),
        ({"overdue": NOW, "deadline": "start"}, []),
        ({"due_within": (NOW, timedelta(days=5))}, ["P3"]),
        ({"due_within": (NOW, timedelta(days=30))}, ["P1", "P3"]),
        ({"due_within": (NOW, timedelta(days=30)), "deadline": "start"}, ["P1"]),
        ({"stuck_since": (NOW, timedelta(days=10))}, ["P1", "P4", "Q1"]),
        ({"stuck_since": (NOW, timedelta(days=11))}, ["Q1"]),
    ],
)
def test_filters_select(five: Queries, which: dict[str, Any], found: list[str]) -> None:
    page = five.placements(PlacementFilter(**which))
    assert [item.reference for item in page.items] == found
    assert page.next is None


@pytest.mark.parametrize(
    ("which", "found"),
    [
        ({}, ["P4 choice", "P2 choice", "P1 choice", "P3 signature", "P1 start"]),
        ({"state": "shown"}, ["P2 choice"]),
        ({"deadline": "start"}, ["P1 start"]),
        ({"overdue": NOW}, ["P2 choice", "P1 choice"]),
        ({"due_within": (NOW, timedelta(days=30))}, ["P3 signature", "P1 start"]),
    ],
)
def test_deadlines_are_listed_as_they_fall_due(five: Queries, which: dict[str, Any], found: list[str]) -> None:
    page = five.deadlines(PlacementFilter(**which))
    assert [f"{item.reference} {item.name}" for item in page.items] == found


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 9])
def test_pages_neither_repeat_nor_hide(five: Queries, limit: int) -> None:
    for ask in (five.placements, five.deadlines):
        whole = ask(limit=100).items
        seen: list[object] = []
        after_key: str | None = None
        while True:
            page = ask(limit=limit, after=after_key)
            seen += page.items
            if (after_key := page.next) is None:
                break
        assert tuple(seen) == whole


@pytest.mark.parametrize("after_key", ["", "x", "é", cursor("P1", "P2"), cursor(1), "W10="])
def test_cursor_of_another_list_is_refused(five: Queries, after_key: str) -> None:
    for ask in (five.placements, five.deadlines):
        with pytest.raises(ValueError, match="cursor"):
            ask(after=after_key)
    with pytest.raises(ValueError, match="at least one"):
        five.placements(limit=0)


def test_placement_is_shown_as_its_facts_say(five: Queries) -> None:
    item = five.placement("P1")
    assert item is not None
    assert (item.reference, item.territory, item.host_name) == ("P1", "974", "Ville de Saint-Denis")
    assert (item.state, item.state_since, item.revision, item.seq) == ("applied", START, 1, 1)
    assert (item.wakes_at, item.created_at) == (after(9), START)
    assert [listed.name for listed in five.deadlines_of("P1")] == ["choice", "start"]
    assert five.placement("nobody") is None
    assert five.deadlines_of("nobody") == ()


def test_history_is_given_as_it_lies_there(database: Sql, queries: Queries) -> None:
    second = change(placed("P1").after)
    fill(database, second)
    first, last = queries.history("P1")
    assert (first.seq, first.reference, first.prev) == (1, "P1", "0" * 64)
    assert (last.data, last.hash, last.chained()) == (
        second.entries[0].data,
        second.entries[0].hash,
        second.entries[0],
    )
    assert queries.history("nobody") == ()


def test_counts(database: Sql, queries: Queries) -> None:
    fill(database, placed("Q2", claims=(QuotaClaim("posts", 1),), notices=(notice(1, stale=True),)))
    with database.store.writing() as work:
        work.report(incident("P3"))
    assert queries.count_by_state_and_territory() == {
        ("applied", "2A"): 2,
        ("applied", "974"): 3,
        ("shown", "974"): 1,
    }
    stats = queries.stats()
    assert (stats.placements, stats.entries, stats.incidents) == (6, 6, 1)
    assert stats.deadlines == {"missed": 1, "paused": 1, "running": 3}
    assert stats.notices == {"pending": 1, "stale": 1}
    assert stats.quotas == (QuotaUse("posts", 1, 2), QuotaUse("unlimited", 0, None))
    due = queries.due_counts(NOW)
    assert (due.waking, due.oldest, due.overdue) == (2, after(1), {"choice": 2})


def test_a_placement_that_a_change_touches_twice_is_counted_once(database: Sql, queries: Queries) -> None:
    counts = database.store.counts
    digests = list(counts.by_definition())
    touched = counts.touched(digests, {"applied"}, {"choice"})
    items = queries.placements(PlacementFilter(), 50).items
    listed = [{each.name for each in queries.deadlines_of(item.reference)} for item in items]
    touching = [item.state == "applied" or "choice" in names for item, names in zip(items, listed, strict=True)]
    assert touched.placements == sum(touching)
    assert touched.states == {"applied": sum(item.state == "applied" for item in items)}
    assert touched.deadlines == {"choice": sum("choice" in names for names in listed)}
    assert counts.touched(digests, (), ()).placements == 0
    assert counts.touched((), {"applied"}, {"choice"}).placements == 0


def test_incidents_name_their_placement(database: Sql, queries: Queries) -> None:
    with database.store.writing() as work:
        work.report(incident("P3"))
    (item,) = queries.incidents()
    assert (item.reference, item.code, item.since_at, item.retry_at) == (
        "P3",
        "guard_failed",
        START,
        after(1),
    )


def test_notices_are_paged_and_stale_ones_are_not_pending(database: Sql, queries: Queries) -> None:
    fill(database, placed("Q2", notices=(notice(1, stale=True),)), placed("R2", notices=(notice(1, kind="missed"),)))
    first = queries.notices(limit=2)
    assert [(item.reference, item.status) for item in first.items] == [("P1", "pending"), ("Q2", "stale")]
    rest = queries.notices(limit=2, after=first.next)
    assert [(item.kind, item.territory) for item in rest.items] == [("missed", "974")]
    assert rest.next is None
    assert [item.reference for item in queries.pending_outbox().items] == ["P1", "R2"]


def test_references_complete_what_was_typed(five: Queries) -> None:
    assert five.references("P") == ("P1", "P2", "P3", "P4")
    assert five.references("P", limit=2) == ("P1", "P2")
    assert five.references("P%") == ()
    assert five.references("") == ("P1", "P2", "P3", "P4", "Q1")


def told(queries: Queries, *, grouped: bool = False, **asked: Any) -> list[tuple[str, int]]:
    return [(entry.reference, entry.seq) for entry in queries.entries(Entries(**asked), grouped=grouped)]


def test_entries_that_nobody_sealed_are_exported_by_when_they_were_recorded(database: Sql, queries: Queries) -> None:
    later = placed("A1", recorded_at=after(4), occurred_at=after(2))
    fill(database, later, change(placed("P1").after, 2))
    recorded = [("P1", 1), ("P1", 2), ("P1", 3), ("P2", 1), ("P3", 1), ("P4", 1), ("Q1", 1), ("A1", 1)]
    assert told(queries) == recorded
    assert told(queries, grouped=True) == sorted(recorded)
    assert told(queries, territory="2A") == [("P4", 1), ("Q1", 1)]
    assert told(queries, since=after(4)) == [("A1", 1)]
    assert told(queries, since=after(3), by="occurred") == []
    assert told(queries, since=after(2), until=after(3), by="occurred") == [("A1", 1)]
    assert ("A1", 1) not in told(queries, until=after(4))


def test_sealed_entries_are_exported_in_the_order_of_the_log_before_the_others(database: Sql, queries: Queries) -> None:
    seal_waiting(database.store, "Q1", "P2")
    fill(database, change(placed("P1").after))
    assert told(queries) == [("Q1", 1), ("P2", 1), ("P1", 1), ("P1", 2), ("P3", 1), ("P4", 1)]
    assert [entry.position for entry in queries.entries()] == [0, 1, None, None, None, None]
    assert told(queries, first=0) == [("Q1", 1), ("P2", 1)]
    assert told(queries, first=1) == told(queries, first=0, territory="974") == [("P2", 1)]
    assert told(queries, first=0, grouped=True) == [("P2", 1), ("Q1", 1)]
    assert told(queries, first=2) == []


def test_entry_that_is_neither_sealed_nor_queued_is_exported(database: Sql, queries: Queries) -> None:
    with database.store.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM unsealed")
    assert len(told(queries)) == 5


def test_entries_of_a_kind_are_found_wherever_they_are(database: Sql, queries: Queries) -> None:
    seal_waiting(database.store, "P1")
    fill(database, change(placed("P1").after))
    assert sorted(entry.reference for entry in queries.entries_of("placed")) == ["P1", "P2", "P3", "P4", "Q1"]
    assert [(entry.reference, entry.seq) for entry in queries.entries_of("recorded", "974")] == [("P1", 2)]
    assert list(queries.entries_of("recorded", "2A")) == []


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize(
    "asked", [{}, {"since": START, "until": after(1)}, {"territory": "974", "by": "occurred", "until": after(2)}]
)
def test_exports_read_what_is_told_of_entries(
    database: Sql, queries: Queries, asked: dict[str, Any], grouped: bool
) -> None:
    seal_waiting(database.store, "Q1", "P2")
    fill(database, change(placed("P1").after, 120))
    entries = queries.entries(Entries(**asked), grouped=grouped)
    rows = [row for page in queries.exported(Entries(**asked), grouped=grouped) for row in page]
    assert rows == [(each.reference, each.territory, each.data, each.position) for each in entries]
    assert rows


@pytest.mark.parametrize("sealed", [False, True])
def test_export_keeps_memory_flat(database: Sql, sealed: bool) -> None:
    first = placed("P1")
    fill(database, first)
    fill(database, change(first.after, 8000))
    if sealed:
        seal_waiting(database.store)
    entries = database.store.queries.entries()
    next(entries)
    tracemalloc.start()
    total = sum(len(entry.data) for entry in entries)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert total > 3_000_000
    assert peak < total / 2


@contextmanager
def planned(sqlite: Sqlite, table: str) -> Iterator[list[str]]:
    """The steps that SQLite plans for what is asked of a table meanwhile."""
    plans: list[str] = []

    def explain(connection: Connection, cursor: Any, statement: str, parameters: Any, *_: object) -> None:
        if "FROM" in statement and table in statement:
            rows = connection.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[3] for row in rows)

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        yield plans
    finally:
        event.remove(Engine, "before_cursor_execute", explain)


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("first", [None, 0, 2])
@pytest.mark.parametrize(
    "which", [{}, {"territory": "974"}, {"since": START, "until": after(1)}, {"since": START, "by": "occurred"}]
)
def test_export_sorts_one_placement_at_most(
    sqlite: Sqlite, grouped: bool, first: int | None, which: dict[str, Any]
) -> None:
    plans: list[str] = []
    with sqlite.store.database.reading() as connection:
        for asked in statements_of(Entries(**which, first=first), grouped, EXPORTED):
            text, values = bound(asked, connection.dialect)
            plans.extend(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values))
    assert plans
    # The last term, where they are grouped, is the number of an entry of its placement.
    sorting = "TEMP B-TREE FOR ORDER BY" if grouped else "TEMP B-TREE"
    assert not [step for step in plans if sorting in step]


@pytest.mark.parametrize(
    "which",
    [
        PlacementFilter(state="in_post"),
        PlacementFilter(territory="75"),
        PlacementFilter(state="in_post", territory="75"),
        PlacementFilter(within=(Reach(territory="75"),)),
        PlacementFilter(state="in_post", within=(Reach(territory="75"),)),
    ],
)
def test_list_sorts_nothing(sqlite: Sqlite, which: PlacementFilter) -> None:
    with planned(sqlite, "placement") as plans:
        sqlite.store.queries.placements(which)
    assert len(plans) == 1
    assert plans[0].startswith("SEARCH placement USING INDEX")


def test_queries_cannot_write(database: Sql) -> None:
    sentence = "cannot be written|takes no changes"
    with pytest.raises(StoreUnavailable, match=sentence), database.store.reading() as view:
        view._connection.exec_driver_sql("DELETE FROM deadline")


def test_broken_references_are_found(database: Sqlite | Postgres, queries: Queries) -> None:
    assert queries.integrity() == ()
    statement = "UPDATE deadline SET placement = 'nobody' WHERE placement = 'id-of-P3'"
    if isinstance(database, Postgres):
        # What replicates rows may leave their references unchecked.
        database.run("ALTER DATABASE " + database.database + " SET session_replication_role = replica")
        database.run(statement)
    else:
        with closing(library().connect(database.path, isolation_level=None)) as connection:
            connection.execute(statement)
    assert len(queries.integrity()) == 1
    assert "deadline" in queries.integrity()[0]


def test_lives_are_whole_and_of_those_that_moved_last(database: Sql, queries: Queries) -> None:
    def lives(*told: Any) -> list[tuple[str, int]]:
        return [(each.reference, each.seq) for each in database.store.search.lives(("placed",), *told)]

    assert {reference for reference, _ in lives(2)} == {"P2", "P3"}
    assert {reference for reference, _ in lives(9)} == {"P1", "P2", "P3", "P4", "Q1"}
    assert [reference for reference, _ in lives(9, (Reach("2A", "1" * 14),))] == ["Q1"]
    assert database.store.search.lives(("note",), 9) == []
