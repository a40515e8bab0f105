"""Small simulations for tests: the shipped definition and habits, and a play whose lives are kept."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from operators.simulation.behaviours import Behaviours
from operators.simulation.reading import load_behaviours, read_behaviours, shipped_for
from operators.simulation.running import NOWHERE, claims_of, end_of, rules_of
from operators.simulation.world import Refusals, Scene, World
from tests.unit.definitions import STATES_YAML
from workflow.definition import Definition
from workflow.history import HistoryEntry
from workflow.living import Life, Living
from workflow.loader import check_definition, load_definition
from workflow.rules import Rules

START = datetime(2022, 1, 3, 8, tzinfo=UTC)
TICKETS = """\
definition: tickets
version: 1
initial: open
roles: [clerk, customer]
fields:
  territory: {type: territory, required: true}
  host_name: {type: text, required: true}
  host_siret: {type: siret, required: true}
  host_type: {type: text, required: true}
  cost: {type: money}
quotas:
  desks: {limit: 3, taken_by: take, given_back_by: [closed], message: {fr: Plus de place, en: No desk left}}
states:
  open: {}
  working: {}
  closed: {final: true}
transitions:
  take: {from: open, to: working, by: [clerk]}
  close: {from: [open, working], to: closed, by: [clerk, scheduler], takes: [cost]}
deadlines:
  answer: {after: open, within: 15 days, while: open, then: close}
  work: {after: working, within: 20 days, while: working, then: close}
"""
HABITS = """\
behaviours: tickets
arrivals: {after: {uniform: {least: 0, most: 20}}, fields: {territory: {value: "974"}}}
decisions:
  open: [{do: take, by: clerk, odds: 0.9, after: {lognormal: {median: 8, sigma: 0.8}}}]
  working: [{do: close, by: clerk, odds: 0.8, after: {exponential: {mean: 9}}, fields: {cost: {between: {least: 100, most: 900}}}}]
"""  # noqa: E501


@cache
def shipped() -> Definition:
    return load_definition(STATES_YAML)


@cache
def tickets() -> Definition:
    return check_definition(TICKETS.encode(), "tickets.yaml")


@cache
def shipped_rules() -> Rules:
    return rules_of(shipped(), str(STATES_YAML))


@cache
def shipped_habits() -> Behaviours:
    path = shipped_for(shipped())
    assert path is not None
    return load_behaviours(path, shipped())


def habits(text: str = HABITS, definition: Definition | None = None) -> Behaviours:
    return read_behaviours(text.encode(), "habits.yaml", definition or tickets())


@dataclass
class Play:
    """One replication that was lived, with all its lives and entries."""

    lives: dict[int, Life] = field(default_factory=dict)
    entries: list[tuple[int, HistoryEntry]] = field(default_factory=list)
    refusals: Refusals = field(default_factory=Refusals)

    def see(self, life: Life, entry: HistoryEntry) -> None:
        self.lives[life.number] = life
        self.entries.append((life.number, entry))

    def story(self, number: int) -> list[tuple[str, str | None, datetime]]:
        return [(e.kind, e.trigger, e.occurred_at) for n, e in self.entries if n == number]


def lived(rules: Rules, behaviours: Behaviours, count: int, months: int = 12, seed: int = 1) -> Play:
    play = Play()
    scene = Scene(rules, behaviours, seed, 0, START, end_of(START, months))
    world = World(scene, Living(rules, lambda digest: rules, NOWHERE, claims_of(rules.definition).grant), play.see)
    world.people(count)
    world.run()
    play.refusals = world.refusals
    return play
