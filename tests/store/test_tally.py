"""The counts by state and territory: kept with every change, the same as counting anew, whoever writes."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from random import Random

import pytest
from msgspec.structs import replace
from sqlalchemy import insert, update

from storage import tally
from storage.listing import PlacementFilter, Reach
from storage.tables.placements import tally as table
from tests.store.backends import Postgres, Sql
from tests.store.builders import FIELDS, change, facts_of
from workflow.changes import Change
from workflow.facts import Facts
from workflow.store import Store

STATES, TERRITORIES = ("applied", "shown", "vacant"), ("974", "2A", "57")


def moved(facts: Facts, state: str, territory: str) -> Change:
    """A change after which a placement is there."""
    return change(replace(facts, state=state, fields={**FIELDS, "territory": territory}))


def write(store: Store, *changes: Change) -> None:
    with store.writing() as work:
        work.apply(changes)


def live(store: Store, name: str, chance: Random, steps: int) -> None:
    """Placements that come into being and move, several in one transaction."""
    known: dict[str, Facts] = {}
    for _ in range(steps):
        chosen = {f"{name}-{chance.randrange(6)}" for _ in range(chance.randint(1, 4))}
        changes = [
            moved(known.get(each, facts_of(each)), chance.choice(STATES), chance.choice(TERRITORIES))
            for each in sorted(chosen)
        ]
        write(store, *changes)
        known.update((each.after.reference, each.after) for each in changes)


@pytest.mark.parametrize("seed", range(3))
def test_kept_counts_are_those_of_counting(database: Sql, seed: int) -> None:
    live(database.store, "P", Random(seed), 25)
    assert database.store.counts.misplaced() == ()
    assert (
        sum(database.store.queries.count_by_state_and_territory().values()) == database.store.queries.stats().placements
    )


def test_several_who_write_at_once_count_together(postgres: Postgres) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(live, postgres.another(), f"P{number}", Random(number), 20) for number in range(4)]:
            done.result()
    assert postgres.store.counts.misplaced() == ()


def test_nobody_waits_for_who_counts_and_has_not_committed(postgres: Postgres) -> None:
    with ExitStack() as open_ones:
        for number in range(12):
            work = open_ones.enter_context(postgres.another().writing())
            work.apply([moved(facts_of(f"P{number}"), "shown", "2A")])
    assert postgres.store.queries.count_by_state_and_territory() == {("shown", "2A"): 12}
    assert postgres.store.counts.misplaced() == ()


def test_change_that_is_given_up_is_not_counted(database: Sql) -> None:
    def give_up() -> None:
        with database.store.writing() as work:
            work.apply([moved(facts_of("P1"), "shown", "2A")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()
    assert database.store.queries.count_by_state_and_territory() == {}


def test_counts_are_looked_up_where_nothing_else_is_asked() -> None:
    known = (PlacementFilter(), PlacementFilter(state="shown", territory="2A"), PlacementFilter(within=(Reach("2A"),)))
    assert all(map(tally.knows, known))
    others = (
        PlacementFilter(text="P"),
        PlacementFilter(deadline="choice"),
        PlacementFilter(within=(Reach(None, "1"),)),
    )
    assert not any(map(tally.knows, others))


def test_counts_are_the_same_looked_up_and_counted(database: Sql) -> None:
    live(database.store, "P", Random(7), 25)
    counts = database.store.counts
    for state in (None, *STATES):
        for within in ((Reach(),), (Reach("2A"),), (Reach("2A"), Reach("57")), ()):
            asked = PlacementFilter(state=state, within=within)
            counted = counts.placements(PlacementFilter(state=state, within=within, text="P"))
            assert counts.placements(asked) == counted


def test_difference_is_found(database: Sql) -> None:
    write(database.store, moved(facts_of("P1"), "shown", "2A"))
    with database.store.database.writing() as connection:
        connection.execute(update(table).values(placements=3))
        connection.execute(insert(table).values(state="applied", territory="57", part=0, placements=1))
    assert database.store.counts.misplaced() == ((("applied", "57"), 1, 0), (("shown", "2A"), 3, 1))
