"""What a picture of a definition shows, whatever draws it: states with the deadlines that run there, and arrows.

Labels come from people: whoever draws takes out of them what could end a label or begin a command.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from operators.definitions import words
from workflow.definition import SCHEDULER, Definition, Label, Transition

Kind = Literal["asked", "fired", "automatic"]

EVERYWHERE: Final = "EVERY_OPEN_STATE"
"""Stands for all open states at once: what leaves each of them is drawn from here. No state can be called so."""
_EVERYWHERE = Label("Dans tous les états ouverts", "In every open state")


SHADES: Final = 5
"""So many shades there are, from the palest, 0, to the strongest."""


@dataclass(frozen=True, slots=True)
class Note:
    """What is written under a state besides, and how strongly the state is shaded: 0 to 4."""

    text: str
    shade: int


Notes = Mapping[str, Note]
NO_NOTES: Notes = {}


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline in a state where it runs, or stands still."""

    name: str
    text: str
    paused: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A state; `clocks` are the deadlines that its placements may have, but for those that run in every open state."""

    name: str
    text: str
    initial: bool
    final: bool
    clocks: tuple[Clock, ...]


@dataclass(frozen=True, slots=True)
class Arrow:
    """One move from a state to another: asked for by people, fired by a deadline, or automatic."""

    source: str
    target: str
    text: str
    kind: Kind


def boxes(definition: Definition, lang: str) -> Iterator[Box]:
    """The states in their order."""
    common = {clock.name for clock in common_clocks(definition, lang)}
    for name, state in definition.states.items():
        clocks = [] if state.final else _clocks(definition, name, lang)
        yield Box(
            name=name,
            text=state.label[lang],
            initial=name == definition.initial,
            final=state.final,
            clocks=tuple(clock for clock in clocks if clock.name not in common),
        )


def _clocks(definition: Definition, state: str, lang: str) -> list[Clock]:
    specs = [spec for spec in definition.deadlines.values() if state in spec.span]
    return [Clock(spec.name, clock_text(definition, spec.name, lang), state in spec.stops) for spec in specs]


def clock_text(definition: Definition, name: str, lang: str) -> str:
    """A deadline with its length."""
    spec = definition.deadlines[name]
    return f"{spec.label[lang]} ({words.length(definition, spec)[lang]})"


def common_clocks(definition: Definition, lang: str) -> tuple[Clock, ...]:
    """The deadlines that run in every open state of several: they would stand in each box."""
    many = definition.open_states if len(definition.open_states) > 1 else frozenset({""})
    specs = [spec for spec in definition.deadlines.values() if many <= spec.span and not spec.stops]
    return tuple(Clock(spec.name, _since(definition, spec.name, lang), False) for spec in specs)


def _since(definition: Definition, name: str, lang: str) -> str:
    since = definition.deadlines[name].since
    text = clock_text(definition, name, lang)
    if since is None:
        return text
    label = words.quoted(definition.states[since].label)[lang]
    return f"{text}, after {label}" if lang == "en" else f"{text}, après {label}"


def everywhere(definition: Definition, lang: str) -> Box | None:
    """The box that stands for all open states, where deadlines run in all, or moves leave all of them."""
    clocks = common_clocks(definition, lang)
    leaves = any(_leaves_all(definition, move) for moves in definition.transitions.values() for move in moves)
    return Box(EVERYWHERE, _EVERYWHERE[lang], False, False, clocks) if clocks or leaves else None


def _leaves_all(definition: Definition, move: Transition) -> bool:
    return len(definition.open_states) > 1 and definition.open_states <= move.sources and move.to is not None


def arrows(definition: Definition, lang: str) -> Iterator[Arrow]:
    """The moves between states, each once, in the definition's order; facts that keep the state are none."""
    asked = [move for group in definition.transitions.values() for move in group]
    seen: set[Arrow] = set()
    for move in (*asked, *definition.automatic):
        if move.to is None:
            continue
        found = (each for source in _sources(definition, move) for each in _arrows(definition, source, move, lang))
        for arrow in dict.fromkeys(found):
            if arrow not in seen:
                seen.add(arrow)
                yield arrow


def _sources(definition: Definition, move: Transition) -> list[str]:
    if _leaves_all(definition, move):
        return [EVERYWHERE]
    return [name for name in definition.states if name in move.sources and name != move.to]


def _arrows(definition: Definition, source: str, move: Transition, lang: str) -> Iterator[Arrow]:
    """One for those who ask, one for each deadline that fires it in this state."""
    text, target = words.move(move)[lang], str(move.to)
    here = definition.open_states if source == EVERYWHERE else {source}
    if move.automatic:
        yield Arrow(source, target, text, "automatic")
        return
    if move.by - {SCHEDULER}:
        yield Arrow(source, target, text, "asked")
    for spec in definition.deadlines.values():
        if spec.then == move.trigger and here & (spec.span - spec.stops):
            yield Arrow(source, target, spec.label[lang], "fired")
