"""Entries are found by who acted, page by page; also those that were made before anybody kept that."""

from itertools import pairwise

import pytest
from msgspec.structs import replace as with_facts
from sqlalchemy import text

from storage.migrations.versions import v0020_found_by_who_acted as migration
from storage.searching import EntryFilter
from tests.store.backends import Postgres, Sqlite
from tests.store.builders import START, after, change, placed

ADA = "operator:1"
"""Who makes all entries of the builders."""


@pytest.fixture
def full(database: Sqlite | Postgres) -> Sqlite | Postgres:
    """Two placements with three entries."""
    first = placed("P1")
    with database.store.writing() as work:
        work.apply([first, placed("P2", recorded_at=after(1))])
        work.apply([change(with_facts(first.after, recorded_at=after(2)))])
    return database


def found(database: Sqlite | Postgres, **said: object) -> list[tuple[str, int]]:
    which, shown, cursor = EntryFilter(**said), [], None  # type: ignore[arg-type] # by name
    while True:
        page = database.store.search.entries(which, 1, cursor)
        shown += [(each.reference, each.seq) for each in page.items]
        if page.next is None:
            return shown
        cursor = page.next


def test_entries_of_a_person_are_found_the_newest_first(full: Sqlite | Postgres) -> None:
    every = found(full)
    assert found(full, actors=(ADA,)) == every
    assert found(full, actors=("operator:2", ADA), kind="placed") == [each for each in every if each[1] == 1]
    assert found(full, actors=(ADA,), reference="P2") == [("P2", 1)]
    assert found(full, actors=(ADA,), until=START) == []
    assert found(full, actors=("operator:2",)) == found(full, actors=()) == []


def test_entries_of_before_are_found_after_the_upgrade(full: Sqlite | Postgres) -> None:
    every = found(full, actors=(ADA,))
    backfill = migration._OF_SERVER if isinstance(full, Postgres) else migration._OF_FILE
    with full.store.database.writing() as connection:
        connection.execute(text("DELETE FROM acted"))
        connection.exec_driver_sql(backfill.replace("%", "%%") if isinstance(full, Postgres) else backfill)
    assert found(full, actors=(ADA,)) == every
    assert all(earlier != later for earlier, later in pairwise(every))
