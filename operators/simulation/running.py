"""A whole simulation: replications of one policy or of two, on the same draws, in memory or written to a database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from operators.simulation.behaviours import Behaviours
from operators.simulation.outcomes import Outcome
from operators.simulation.world import Refusals, Scene, World
from storage.memory_claims import MemoryClaims
from workflow.calendar import calendars_beside, load_calendar
from workflow.changes import Installation
from workflow.definition import Definition
from workflow.living import Life, Living, flushed
from workflow.rules import Rules
from workflow.store import Store

NOWHERE = Installation("0" * 32, bytes(32), True, datetime(2020, 1, 1, tzinfo=UTC))
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is simulated: placements, and replications of it, from a moment to another, from a seed."""

    placements: int
    start: datetime
    end: datetime
    seed: int
    replications: int = 1


@dataclass(frozen=True, slots=True)
class Run:
    """One replication that was run."""

    outcome: Outcome
    refusals: Refusals


def rules_of(definition: Definition, file: str) -> Rules:
    """The rules that a definition gives without a database. Raises CalendarError."""
    return Rules(definition, load_calendar(definition.calendar, calendars_beside(file)))


def simulate(
    rules: Rules, behaviours: Behaviours, plan: Plan, told: Callable[[int], None] = lambda done: None
) -> list[Run]:
    """Every replication of one policy."""
    runs, quiet = [], unreminded(rules)
    for replication in range(plan.replications):
        runs.append(_one(quiet, behaviours, plan, replication))
        told(replication + 1)
    return runs


def unreminded(rules: Rules) -> Rules:
    """The same rules without reminders, which change nothing that is counted: a quarter of all entries."""
    definition = rules.definition
    deadlines = {name: replace(spec, reminders=()) for name, spec in definition.deadlines.items()}
    return Rules(replace(definition, deadlines=deadlines, digest=f"{definition.digest} unreminded"), rules.calendar)


def _one(rules: Rules, behaviours: Behaviours, plan: Plan, replication: int) -> Run:
    scene = Scene(rules, behaviours, plan.seed, replication, plan.start, plan.end)
    outcome = Outcome(rules.definition, behaviours.payments)
    living = Living(rules, lambda digest: rules, NOWHERE, claims_of(rules.definition).grant, written=False)
    world = World(scene, living, outcome.see)
    world.people(plan.placements)
    world.run()
    return Run(outcome, world.refusals)


def claims_of(definition: Definition) -> MemoryClaims:
    """Nothing held yet, and the ceilings that the definition sets."""
    return MemoryClaims(ceilings={name: quota.limit for name, quota in definition.quotas.items()})


def simulate_into(store: Store, rules: Rules, behaviours: Behaviours, plan: Plan) -> Run:
    """The first replication, written to an empty database as it is lived, a few hundred placements at once."""
    installation = store.installation()
    with store.writing() as unit:
        names = ("applicant", *rules.definition.roles)
        ids = {role: unit.actor_id(_called(behaviours, role)) for role in names}
    scene = Scene(rules, behaviours, plan.seed, 0, plan.start, plan.end, ids.__getitem__)
    outcome = Outcome(rules.definition, behaviours.payments)
    living = Living(rules, lambda digest: rules, installation, claims_of(rules.definition).grant)
    written = _Writing(store)
    world = World(scene, living, outcome.see, written.reach)
    world.people(plan.placements)
    world.run()
    written.write()
    return Run(outcome, world.refusals)


def _called(behaviours: Behaviours, role: str) -> str:
    actor = behaviours.actors.get(role)
    return f"simulation: {actor.label.en if actor else role}"


class _Writing:
    """Writes lives with something new, once a day of theirs is over and they are many."""

    def __init__(self, store: Store) -> None:
        self._store, self._waiting = store, dict[int, Life]()
        self._until: datetime | None = None

    def reach(self, at: datetime, lives: Sequence[Life]) -> None:
        """Before time goes on to a moment."""
        if self._until is None:
            self._until = at + timedelta(days=1)
        if at >= self._until or len(self._waiting) >= _AT_ONCE:
            self.write()
            self._until = at + timedelta(days=1)
        self._waiting.update((life.number, life) for life in lives)

    def write(self) -> None:
        """Write all that waits, in one transaction."""
        if self._waiting:
            with self._store.writing() as unit:
                unit.apply(flushed(list(self._waiting.values())))
            self._waiting.clear()


def end_of(start: datetime, months: int) -> datetime:
    """The moment so many months later."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return start.replace(year=year, month=month + 1, day=min(start.day, 28))


def summed(runs: Sequence[Run]) -> Mapping[str, float]:
    """The mean of every figure over the replications."""
    all_figures = [run.outcome.figures() for run in runs]
    names = dict.fromkeys(name for figures in all_figures for name in figures)
    return {name: sum(each.get(name, 0.0) for each in all_figures) / len(all_figures) for name in names}
