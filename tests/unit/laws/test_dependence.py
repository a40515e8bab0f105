"""What an entry cannot change is left alone: looking at every deadline anew with every entry would give the same."""

from collections.abc import Callable, Collection, Sequence

from hypothesis import given

from tests.unit.laws import test_migrations as migrations
from tests.unit.laws.test_corrections import SOURCES, SUPERVISOR, Step, carry_out, command
from tests.world import SHIPPED, World
from workflow.commands import Amend
from workflow.dependence import Dependence
from workflow.facts import Facts
from workflow.fold import RulesOf, fold
from workflow.history import HistoryEntry
from workflow.rules import Rules

Affected = Callable[[Dependence, Facts, Facts, HistoryEntry, Collection[str]], Sequence[str]]


class _Other(Dependence):
    """Depends on what it is told."""

    def __init__(self, rules: Rules, affected: Affected) -> None:
        super().__init__(rules.deadlines)
        self._affected = affected

    def affected(self, before: Facts, after: Facts, entry: HistoryEntry, emptied: Collection[str]) -> Sequence[str]:
        return self._affected(self, before, after, entry, emptied)


def every_deadline(
    of: Dependence, before: Facts, after: Facts, entry: HistoryEntry, emptied: Collection[str]
) -> Sequence[str]:
    return list(of.deadlines)


def none_by_a_field(
    of: Dependence, before: Facts, after: Facts, entry: HistoryEntry, emptied: Collection[str]
) -> Sequence[str]:
    return of.on_move(before.state, after.state, entry.trigger)


def looking_at(world: World, affected: Affected) -> RulesOf:
    """The rules of a world, which look at other deadlines."""
    known: dict[str, Rules] = {}

    def rules_of(digest: str) -> Rules:
        if digest not in known:
            rules = world.engine.rules(digest)
            known[digest] = Rules(rules.definition, rules.calendar)
            known[digest].__dict__["dependence"] = _Other(rules, affected)
        return known[digest]

    return rules_of


def differing(world: World, affected: Affected) -> list[int]:
    """After which entries of the history, some of them and the last, the facts would be other ones."""
    entries, other = world.history(), looking_at(world, affected)
    seqs = sorted({*range(1, len(entries), 4), len(entries)})
    return [n for n in seqs if fold(world.engine.rules, "P", entries[:n]) != fold(other, "P", entries[:n])]


def lived(steps: Sequence[Step | migrations.Change], source: bytes) -> World:
    """A life with late facts, corrections and other rules."""
    world = migrations.world_of_three(source)
    for step in steps:
        world.sleep(hours=step.hours)
        world.engine.sweep()
        if isinstance(step, migrations.Change):
            migrations.migrate(world, step, source)
        elif (asked := command(world, step)) is not None:
            carry_out(world, asked)
    world.sleep(days=500)
    world.engine.sweep()
    return world


@given(steps=migrations.lives, source=SOURCES)
def test_a_deadline_that_is_left_alone_would_stay_as_it_is(
    steps: Sequence[Step | migrations.Change], source: bytes
) -> None:
    assert differing(lived(steps, source), every_deadline) == []


def test_a_date_that_is_put_right_and_overlooked_would_be_found_out() -> None:
    world = migrations.world_of_three(SHIPPED)
    said = {"reference": "P", "actor": "Ada", "reason": "other", "roles": SUPERVISOR}
    assert carry_out(world, Amend(fields={"convention_months": "12"}, accept_earlier=True, **said)) == set()
    assert differing(world, every_deadline) == []
    assert len(world.history()) in differing(world, none_by_a_field)
