"""Random lives of any definition: what its own triggers, roles and fields allow, most of it in the state at hand.

Knows no process: values are drawn by type, and what a guard refuses is refused.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from tests.world import World
from workflow.commands import Adjust, Fire, Place, Reverse
from workflow.definition import SCHEDULER, SUPERVISOR, Definition, Field, Transition
from workflow.errors import TransitionRefused
from workflow.loader import load_definition

START = datetime(2023, 1, 2, 9, 30, tzinfo=UTC)
HOURS = (0, 0, 1, 7, 24, 24 * 3, 24 * 9, 24 * 20, 24 * 45, 24 * 100)
ACTS = ("fire", "fire", "fire", "fire", "fire", "stray", "reverse", "pause", "resume", "extension", "wait")

Command = Fire | Reverse | Adjust


@dataclass(frozen=True)
class Step:
    """Wait so many hours, then do something; the numbers say what exactly."""

    act: str
    hours: int
    one: int
    two: int


steps = st.builds(
    Step, act=st.sampled_from(ACTS), hours=st.sampled_from(HOURS), one=st.integers(0, 59), two=st.integers(0, 11)
)
lives = st.lists(steps, min_size=4, max_size=16)


@cache
def definition_of(path: Path) -> Definition:
    """A definition, read once."""
    return load_definition(path)


def beginning(path: Path) -> World:
    """A world with one placement of the definition."""
    definition = definition_of(path)
    world = World.starting(START, definition.source)
    needed = [spec for spec in definition.fields.values() if spec.required and spec.default is None]
    fields = {spec.name: value_of(spec, START, 0) for spec in needed}
    world.engine.place(Place(reference="P", fields=fields, actor="Ada"))
    world.references.append("P")
    return world


def command(world: World, definition: Definition, step: Step) -> Command | None:
    """The command of a step, as somebody would give it who looks at the placement."""
    if step.act in ("fire", "stray"):
        return _fire(world, definition, step)
    said = {"reference": "P", "actor": "Grace", "reason": "other", "roles": (SUPERVISOR,)}
    if step.act == "reverse":
        return Reverse(waive=step.two % 2 == 0, **said)  # type: ignore[arg-type]
    running = [view.name for view in world.engine.view("P").deadlines if view.due_at]
    if step.act == "wait" or not running:
        return None
    deadline = running[step.one % len(running)]
    return Adjust(deadline=deadline, kind=step.act, by=f"{step.two + 1} days", **said)  # type: ignore[arg-type]


def _fire(world: World, definition: Definition, step: Step) -> Fire | None:
    state = world.state()
    asked = [move for moves in definition.transitions.values() for move in moves if move.by - {SCHEDULER}]
    here = [move for move in asked if step.act == "stray" or state in move.sources]
    if not here:
        return None
    move = here[step.one % len(here)]
    return Fire(
        reference="P",
        trigger=move.trigger,
        actor="Ada",
        roles=(sorted(move.by - {SCHEDULER})[0],),
        fields=_fields(world, definition, move, step),
        reason="other" if move.reason_required else None,
    )


def _fields(world: World, definition: Definition, move: Transition, step: Step) -> dict[str, str]:
    names = [*move.needs, *(name for name in move.takes if step.two % 3 == 0)]
    return {
        name: value_of(definition.fields[name], world.now, 0 if name == move.dated_by else step.two) for name in names
    }


def value_of(spec: Field, now: datetime, drawn: int) -> str:
    """A value of a field as somebody types it."""
    if spec.type == "integer":
        low = spec.minimum or 1
        return str(min(low + drawn, low + 3 if spec.maximum is None else spec.maximum))
    plain = {
        "date": (now - timedelta(days=drawn % 4)).date().isoformat(),
        "boolean": "yes" if drawn % 2 else "no",
        "territory": ("75", "974", "67")[drawn % 3],
        "choice": spec.values[drawn % len(spec.values)].value if spec.values else "",
        "email": "ada@ville.example",
        "siret": "13002603200016",
        "insee": "75056",
        "money": "2000.50",
    }
    return plain.get(spec.type, f"text {drawn}")


def carry_out(world: World, asked: Command) -> set[str]:
    """Give a command, and tell the codes of its refusal: none where it was carried out."""
    try:
        world.engine.ask(asked)
    except TransitionRefused as refused:
        return {blocker.code for blocker in refused.blockers}
    return set()
