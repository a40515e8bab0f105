"""What the demonstration shows: a table of states and deadlines that moves, and a placement's history at the end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Group
from rich.table import Table
from rich.text import Text

from storage.queries import DeadlineItem, PlacementItem
from workflow.calendar import zone_of
from workflow.definition import Definition
from workflow.facts import Facts
from workflow.history import ChainedEntry

NEXT = 8


@dataclass(frozen=True, slots=True)
class Scene:
    """One moment of the demonstration."""

    now: datetime
    placements: Sequence[PlacementItem]
    next_due: Sequence[DeadlineItem]
    acted: int
    overtaken: int


def picture(definition: Definition, scene: Scene) -> Group:
    """The moment as tables: how many placements in each state, and what falls due next."""
    told = f"{scene.now:%d/%m/%Y} · {scene.acted} actes · {scene.overtaken} devancés par une échéance"
    return Group(Text(told, style="bold"), _states(definition, scene), _deadlines(definition, scene))


def _states(definition: Definition, scene: Scene) -> Table:
    counts = Counter(item.state for item in scene.placements)
    table = Table(title="États", title_justify="left", expand=False)
    table.add_column("état")
    table.add_column("placements", justify="right")
    table.add_column("", min_width=30)
    for name, state in definition.states.items():
        table.add_row(state.label.fr, str(counts[name]), "█" * (counts[name] // 2))
    return table


def _deadlines(definition: Definition, scene: Scene) -> Table:
    table = Table(title="Prochaines échéances", title_justify="left", expand=False)
    for column in ("placement", "échéance", "dernier jour", "puis"):
        table.add_column(column)
    for item in scene.next_due:
        label = definition.deadlines[item.name].label.fr
        table.add_row(item.reference, label, f"{item.last_day:%d/%m/%Y}", item.then or "avis")
    return table


def history_table(definition: Definition, facts: Facts, entries: Sequence[ChainedEntry]) -> Table:
    """The history of one placement, an entry a row, in local time."""
    zone = zone_of(facts.territory)
    table = Table(title=f"Histoire de {facts.reference} ({zone.key})", title_justify="left", expand=False)
    for column in ("n°", "survenu le", "nature", "déclencheur", "échéance", "état"):
        table.add_column(column)
    for item in entries:
        entry = item.entry
        state = definition.states[str(entry.to_state)].label.fr
        when = f"{entry.occurred_at.astimezone(zone):%d/%m/%Y %H:%M}"
        table.add_row(str(entry.seq), when, entry.kind, entry.trigger or "", entry.deadline or "", state)
    return table
