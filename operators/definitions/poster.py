"""What a poster of a process says: states by phase, who may do what in each, and the deadlines with their legal bases.

Knows nothing of paper (poster_html.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from operators.definitions import words
from workflow.definition import SCHEDULER, Deadline, Definition, Transition


@dataclass(frozen=True, slots=True)
class Act:
    """What may be done in a state; `to` None: it is recorded, and the state stays. No roles: it goes by itself."""

    text: str
    roles: str
    to: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """A state; `clocks` are the numbers of the deadlines that run there, `paused` of those that stand still."""

    text: str
    initial: bool
    final: bool
    acts: tuple[Act, ...]
    clocks: tuple[int, ...]
    paused: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A deadline under its number, with what is said of it; `fires` tells what it does by itself."""

    number: int
    text: str
    length: str
    starts: str
    fires: str | None
    awaits: str
    legal_basis: str
    everywhere: bool


@dataclass(frozen=True, slots=True)
class Poster:
    """All that the poster says, in one language."""

    lang: str
    title: str
    version: str
    phases: tuple[tuple[str, tuple[Card, ...]], ...]
    always: tuple[Act, ...]
    rows: tuple[Row, ...]


def poster_of(definition: Definition, lang: str) -> Poster:
    """The poster of a definition in French or English."""
    return Poster(
        lang=lang,
        title=definition.title[lang],
        version=f"{definition.name} {definition.version} · {definition.calendar} · {definition.digest[:12]}",
        phases=tuple(_phases(definition, lang)),
        always=tuple(_acts(definition, None, lang)),
        rows=tuple(_row(definition, spec, lang) for spec in definition.deadlines.values()),
    )


def _phases(definition: Definition, lang: str) -> Iterator[tuple[str, tuple[Card, ...]]]:
    """The states by phase, phases in the order of their first state; those of no phase under none."""
    for phase in dict.fromkeys(state.phase for state in definition.states.values()):
        named = [name for name, state in definition.states.items() if state.phase == phase]
        label = "" if phase is None else words.phase(definition, phase)[lang]
        yield label, tuple(_card(definition, name, lang) for name in named)


def _card(definition: Definition, name: str, lang: str) -> Card:
    state = definition.states[name]
    running = [spec for spec in definition.deadlines.values() if not state.final and name in spec.span]
    # What runs in every open state stands beside its deadline, once.
    here = [spec for spec in running if not _is_everywhere(definition, spec)]
    return Card(
        text=state.label[lang],
        initial=name == definition.initial,
        final=state.final,
        acts=tuple(_acts(definition, name, lang)),
        clocks=tuple(_number(spec) for spec in here if name not in spec.stops),
        paused=tuple(_number(spec) for spec in here if name in spec.stops),
    )


def _acts(definition: Definition, state: str | None, lang: str) -> Iterator[Act]:
    """What people may do in a state; for None, what they may do in every open one. What deadlines fire is theirs."""
    asked = [move for moves in definition.transitions.values() for move in moves if move.by - {SCHEDULER}]
    seen: set[Act] = set()
    for move in (*asked, *definition.automatic):
        always = definition.open_states <= move.sources
        if always if state is None else state in move.sources and not always:
            act = _act(definition, move, lang)
            if act not in seen:
                seen.add(act)
                yield act


def _act(definition: Definition, move: Transition, lang: str) -> Act:
    to = None if move.to is None else words.state(definition, move.to)[lang]
    roles = "" if move.automatic else words.roles(move.by - {SCHEDULER})[lang]
    return Act(words.move(move)[lang], roles, to)


def _row(definition: Definition, spec: Deadline, lang: str) -> Row:
    parts = [words.length(definition, spec), words.counting(spec), words.roll(spec)]
    fires = None if spec.then is None else _fires(definition, spec.then, lang)
    return Row(
        number=_number(spec),
        text=spec.label[lang],
        length=", ".join(part[lang] for part in parts if part is not None),
        starts=words.anchors(definition, spec)[lang],
        fires=fires,
        awaits=words.roles(spec.awaits)[lang],
        legal_basis="" if spec.legal_basis is None else spec.legal_basis[lang],
        everywhere=_is_everywhere(definition, spec),
    )


def _fires(definition: Definition, trigger: str, lang: str) -> str:
    """What a deadline does by itself, and where that leads."""
    said = []
    for move in definition.transitions[trigger]:
        label = words.move(move)[lang]
        said.append(label if move.to is None else f"{label} → {words.state(definition, move.to)[lang]}")
    return " ; ".join(dict.fromkeys(said))


def _is_everywhere(definition: Definition, spec: Deadline) -> bool:
    return len(definition.open_states) > 1 and definition.open_states <= spec.span and not spec.stops


def _number(spec: Deadline) -> int:
    return spec.order + 1
