"""Ways at whose end a deadline runs: the shortest of the map, or one whose requests say the day that it counts from."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from rehearsal.exploring import Map, Situation
from rehearsal.paths import rest
from rehearsal.replaying import Astray, Changes, Player
from rehearsal.stage import Stage
from workflow.definition import Deadline, Definition, FieldAnchor
from workflow.facts import Occurrence

_FAR = (400, 1200, 100, 30)
"""So many days ahead an anchor's day is tried: reminders need time to come, and no other clock may end it first."""


@dataclass(frozen=True)
class Opening:
    """A way at whose end a deadline runs."""

    way: Sequence[Situation]
    changes: Changes = field(default_factory=Changes)

    @property
    def ahead(self) -> Mapping[str, timedelta]:
        """How far ahead of the first day the days are that requests say."""
        first = self.way[0].stage.today()
        return {name: date.fromisoformat(text) - first for name, text in self.changes.said.items()}


def occurrence_of(stage: Stage, name: str) -> Occurrence | None:
    """The occurrence of a deadline that runs; None where none does."""
    found = stage.facts().occurrences.get(name)
    return found if found is not None and found.closed is None else None


def opening_of(found: Map, player: Player, spec: Deadline) -> Opening | None:
    """The shortest way on which a deadline runs at the end; where its anchor is a field, with a day far ahead."""
    running = [each for each in found.situations if occurrence_of(each.stage, spec.name)]
    fields = [each.field for each in spec.anchors if isinstance(each, FieldAnchor)]
    free = [name for name in fields if not _dates(player.definition, name)]
    for situation in sorted(running, key=lambda each: (_timed(each), each.depth))[:1]:
        return _farthest(situation.way, free, player, spec) or Opening(situation.way)
    return next(_opened(found, player, spec, free), None)


def _timed(situation: Situation) -> int:
    return sum(each.edge is not None and each.edge[1] < 0 for each in situation.way)


def _dates(definition: Definition, name: str) -> bool:
    every = (each for group in definition.transitions.values() for each in group)
    return any(each.dated_by == name for each in every)


def _farthest(way: Sequence[Situation], fields: Sequence[str], player: Player, spec: Deadline) -> Opening | None:
    """The same way with an anchor's day so far ahead that most reminders have time to come, and the end comes too."""
    best: tuple[int, Opening] | None = None
    for name in (name for name in fields if _is_said(way, name, player)):
        for days in _FAR:
            changes = Changes(said={name: (way[-1].stage.today() + timedelta(days=days)).isoformat()})
            told = _told(way, changes, player, spec)
            if told and (best is None or told > best[0]):
                best = told, Opening(way, changes)
    return best[1] if best else None


def _is_said(way: Sequence[Situation], name: str, player: Player) -> bool:
    return any(name in _fields_of(player, each.edge) for each in way if each.edge is not None and each.edge[1] >= 0)


def _told(way: Sequence[Situation], changes: Changes, player: Player, spec: Deadline) -> int:
    """How many entries the deadline gives rise to where it runs at the end of a way and is left alone."""
    try:
        stage, _ = player.replayed(way, changes)
    except Astray:
        return 0
    if occurrence_of(stage, spec.name) is None:
        return 0
    rest(stage)
    return sum(item.entry.deadline == spec.name for item in stage.history())


def _opened(found: Map, player: Player, spec: Deadline, fields: Sequence[str]) -> Iterator[Opening]:
    """Ways that end with a recorded fact that sets the anchor."""
    for situation in sorted(found.situations, key=lambda each: each.depth):
        if situation.state not in spec.span or (spec.since and spec.since not in situation.stage.facts().entered):
            continue
        for edge, move in situation.moves.items():
            if edge in situation.done and edge[1] >= 0 and not set(fields).isdisjoint(_fields_of(player, edge)):
                further = Situation(-1, situation, move.step, situation.stage, edge)
                opening = _farthest(further.way, fields, player, spec)
                if opening is not None:
                    yield opening


def _fields_of(player: Player, edge: tuple[str, int, str]) -> tuple[str, ...]:
    transition = player.transition(edge)
    return (*transition.needs, *transition.takes)
