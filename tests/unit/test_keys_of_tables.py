"""What is a placement's is kept under the placement, so that its rows can lie together on one server of several."""

from collections.abc import Iterator
from typing import Final

import pytest
from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint

from storage.tables.schema import METADATA

# Named with their reasons in docs/explanation/scale.md, "Past one server".
TABLES: Final = {
    "exclusive": "one value, one placement: kept by the value",
    "quota": "one ceiling counts all placements",
    "tally": "a sum over placements, kept by parts",
    "leaf": "one tree over all entries, in one order",
    "tile": "the tree",
    "seal": "the tree",
    "sealer": "one row",
    "log_key": "of the log",
    "system_entry": "a chain of its own, of no placement",
    "definition": "placements are pinned to it",
    "calendar": "definitions count with it",
    "installation": "one row",
    "brake": "one row",
    "runner": "of a daemon",
    "actor": "of a person",
    "account": "of a person",
    "identity": "of a person",
    "web_session": "of an account",
    "api_token": "of an account",
    "access": "of an account, by when it looked",
    "account_notice": "of an account",
    "saved_view": "of an account",
    "feed": "of an account",
    "feed_use": "of an account",
    "token_use": "of a token",
    "batch": "of an account",
    "batch_run": "of a batch",
    "batch_ask": "of a token",
    "batch_item": "of a batch",
    "dismissal": "of a delivery",
    "delivery": "by its key, which begins with the placement's id; a digest is of no placement",
}
CONSTRAINTS: Final = {"uq_placement_reference": "one reference, one placement"}


def keys(table: Table) -> Iterator[PrimaryKeyConstraint | UniqueConstraint]:
    yield from (each for each in table.constraints if isinstance(each, PrimaryKeyConstraint | UniqueConstraint))
    assert not [index.name for index in table.indexes if index.unique]


def is_by_placement(table: Table, key: PrimaryKeyConstraint | UniqueConstraint) -> bool:
    return ("id" if table.name == "placement" else "placement") in key.columns


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=str)
def test_every_key_of_what_is_a_placements_has_the_placement_in_it(table: Table) -> None:
    others = {str(key.name) for key in keys(table) if not is_by_placement(table, key)}
    if table.name in TABLES:
        assert others, f"{table.name} is no exception any more"
    else:
        assert others == (CONSTRAINTS.keys() if table.name == "placement" else set())


def test_exceptions_are_of_tables_that_there_are() -> None:
    assert TABLES.keys() <= METADATA.tables.keys()
