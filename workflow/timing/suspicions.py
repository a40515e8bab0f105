"""From a path of the model to a finding: lived through by the engine where that succeeds, and said where it does not.

The model allows more than the engine does. What the engine itself can be brought to do is shown as it did it; for the
rest the finding says that it cannot be excluded.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import chain, islice
from typing import Literal

from workflow.definition import FieldAnchor, Place
from workflow.errors import Finding, Happening
from workflow.language.positions import Source
from workflow.timing.exploring import Visit
from workflow.timing.lives import Life
from workflow.timing.model import Model
from workflow.timing.narrating import supposed, told
from workflow.timing.rehearsing import Rehearsal, Unlike
from workflow.timing.schedules import schedules, stretched

_BEGINNINGS = tuple(date(2021, 1, 4) + timedelta(days=days) for days in (0, 27, 57, 88, 118, 210, 236, 300, 329, 1091))
_SCHEDULES = 3
_MOST_LIVES = 24
_CORRECTIONS = 2
_BOUNDS: tuple[Literal["maximum", "minimum"], ...] = ("maximum", "minimum")

Shows = Callable[[Life], Sequence[Happening] | None]
"""Whether a fault shows in a life, by what more there is to tell of it; None where it does not."""


@dataclass(frozen=True)
class Suspicion:
    """A fault that the model has: where to change what, paths that lead to it, and how it shows in a life."""

    place: Place
    code: str
    fr: str
    en: str
    model: Model
    paths: tuple[tuple[Visit, ...], ...]
    shows: Shows


def finding_of(suspicion: Suspicion, source: Source) -> Finding:
    """The finding, with a path that the engine has gone, or that is only supposed."""
    path = lived(suspicion)
    fr, en = suspicion.fr, suspicion.en
    if path is None:
        path = _Lives(suspicion).supposed()
        fr, en = f"{fr} (ne peut être exclu)", f"{en} (cannot be excluded)"
    return replace(source.finding(suspicion.place, suspicion.code, fr, en), path=path)


def lived(suspicion: Suspicion) -> tuple[Happening, ...] | None:
    """A path that the engine has gone and on which the fault shows; None where none was found."""
    return next(_Lives(suspicion).shown(), None)


@dataclass(frozen=True)
class _Lives:
    suspicion: Suspicion

    def shown(self) -> Iterator[tuple[Happening, ...]]:
        """The paths of the lives in which the fault shows."""
        for rehearsal in chain(islice(self._plain(), _MOST_LIVES), self._with_extremes()):
            yield from self._lived(rehearsal, _CORRECTIONS)
        for rehearsal in islice(self._with_more_facts(), _MOST_LIVES):
            yield from self._lived(rehearsal, 0)

    def _lived(self, rehearsal: Rehearsal, corrections: int) -> Iterator[tuple[Happening, ...]]:
        """A life, and where the fault does not show in it, another on days that fit its deadlines' real lengths."""
        more: Sequence[Happening] | None = None
        life: Life | None
        try:
            life = rehearsal.lived()
            more = self.suspicion.shows(life)
        except Unlike as unlike:
            life = unlike.life
        if life is not None and more is not None:
            yield (*told(self.suspicion.model.definition, life), *more)
        elif life is not None and corrections:
            model = rehearsal.narrowed(life)
            days = next(schedules(model, rehearsal.path, 1), None)
            if days is not None and days != rehearsal.days:
                yield from self._lived(replace(rehearsal, model=model, days=days), corrections - 1)

    def supposed(self) -> tuple[Happening, ...]:
        """The first path as the model has it, from the first beginning on."""
        path, model = self.suspicion.paths[0], self.suspicion.model
        days = next(iter(schedules(model, path, 1)), None)
        return () if days is None else supposed(model.definition, path, days, _BEGINNINGS[0])

    def _plain(self) -> Iterator[Rehearsal]:
        """The paths in turn, on several days."""
        for begins in _BEGINNINGS:
            for path, found in self._planned:
                yield from (Rehearsal(self.suspicion.model, path, days, begins) for days in found)

    def _with_extremes(self) -> Iterator[Rehearsal]:
        """The paths with dates long past, and with the least and the most that fields make of lengths."""
        timers = self.suspicion.model.timers
        bounds = _BOUNDS if any(timer.length_field for timer in timers) else ()
        dated = any(isinstance(anchor, FieldAnchor) for timer in timers for anchor in timer.anchors)
        for path, found in self._planned:
            for days in found[:1]:
                plain = Rehearsal(self.suspicion.model, path, days, _BEGINNINGS[0])
                yield from [replace(plain, long_past=True)] if dated else []
                yield from (replace(plain, lengths=bound) for bound in bounds)

    def _with_more_facts(self) -> Iterator[Rehearsal]:
        """The paths with one more fact recorded on the way."""
        for path, found in self._planned:
            for number, trigger in self._facts_beside(path):
                for days in found[:1]:
                    yield Rehearsal(self.suspicion.model, path, days, _BEGINNINGS[0], {number: trigger})

    @cached_property
    def _planned(self) -> list[tuple[tuple[Visit, ...], list[tuple[int, ...]]]]:
        model = self.suspicion.model
        paths = [way for path in self.suspicion.paths for way in (stretched(path), path)]
        return [(path, list(schedules(model, path, _SCHEDULES))) for path in paths]

    def _facts_beside(self, path: tuple[Visit, ...]) -> Iterator[tuple[int, str]]:
        """What could be recorded besides, before a step of the path, for guards that look back."""
        for number, visit in reversed(list(enumerate(path))):
            if visit.step.kind != "moved":
                continue
            state = path[number - 1].node.state
            for moves in self.suspicion.model.definition.transitions.values():
                for move in moves:
                    if move.to is None and state in move.sources:
                        yield number, move.trigger
