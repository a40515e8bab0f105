"""A path lived through by the engine itself, in memory, from a real day on: only what it enters is shown to people.

A life of one placement in a journal that nobody stores; settling, guards and corrections are those of every other.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from workflow.calendar import local_day, start_of_day, zone_of
from workflow.commands import Fire
from workflow.definition import IMPORT, SCHEDULER, FieldAnchor
from workflow.errors import ParcoursError
from workflow.facts import Occurrence
from workflow.placing import waiting_fields
from workflow.refusals import Refused
from workflow.rules import Rules
from workflow.settling import Undecidable
from workflow.timing.exploring import Visit
from workflow.timing.lengths import Span
from workflow.timing.lives import TERRITORY, Life
from workflow.timing.model import Model, Timer
from workflow.timing.nodes import NOW
from workflow.timing.values import Texts, placing_values, values_for

_MUCH_LATER, _NOTHING = timedelta(days=800), timedelta()
Act = Callable[[Texts], None]


class Unlike(Exception):
    """The engine does something else than the path says; `life` is how far it went."""

    def __init__(self, message: str, life: "Life | None" = None) -> None:
        self.life = life
        super().__init__(message)


@dataclass(frozen=True)
class Rehearsal:
    """Lives a path: which day each of its visits has, counted from the first."""

    model: Model
    path: Sequence[Visit]
    days: Sequence[int]
    begins_on: date
    inserted: Mapping[int, str] = field(default_factory=dict)
    lengths: Literal["minimum", "maximum"] | None = None
    long_past: bool = False

    def lived(self) -> Life:
        """The life, as far as the path goes. Raises Unlike where the engine goes another way."""
        life = Life(Rules(self.model.definition, self.model.calendar), self._moment(0, 0))
        try:
            self._live(life)
        except (Undecidable, ParcoursError, ValueError, LookupError) as error:
            raise Unlike(str(error), life) from error
        except Unlike as unlike:
            raise Unlike(str(unlike), life) from unlike
        return life

    def narrowed(self, life: Life) -> Model:
        """The model with the lengths that its deadlines really had in a life, where they had one."""
        if not life.entries:
            return self.model
        known = life.journal.facts.occurrences
        timers = [self._narrowed(timer, known.get(timer.name)) for timer in self.model.timers]
        return replace(self.model, timers=tuple(timers))

    def _narrowed(self, timer: Timer, occurrence: Occurrence | None) -> Timer:
        if occurrence is None or timer.limit or timer.is_exact:
            return timer
        days = (local_day(occurrence.due_at, TERRITORY) - occurrence.anchored_on).days
        return replace(timer, days=Span(days, days))

    def _live(self, life: Life) -> None:
        asked = 0
        for number, visit in enumerate(self.path):
            if visit.step.kind == "placed":
                self._first(life, lambda values: life.place(values), self._placing(number))
            elif visit.step.kind in ("moved", "recorded"):
                asked += 1
                life.sleep(self._moment(number, asked))
                self._insert(life, number, asked)
                self._same(life, self.path[number - 1])
                self._ask(life, number, asked)
        life.sleep(self._moment(len(self.path) - 1, asked + 1))

    def _same(self, life: Life, visit: Visit) -> None:
        if life.state != visit.node.state:
            raise Unlike(f"{life.state} is not {visit.node.state}")

    def _moment(self, number: int, asked: int) -> datetime:
        day = self.begins_on + timedelta(days=self.days[number])
        if self.path[number].node.midnight:
            return start_of_day(day, TERRITORY)
        noon = datetime.combine(day, time(12), zone_of(TERRITORY)).astimezone(UTC)
        return noon + timedelta(minutes=asked)

    def _placing(self, number: int) -> Iterator[Texts]:
        given = self.path[number].step.given
        tries = placing_values(self.model.definition, self._day(number), TERRITORY, self._aimed(number), given)
        return ({**values, **self._extremes()} for values in tries)

    def _extremes(self) -> dict[str, str]:
        """The least or the most of each length that is told when a placement is placed."""
        if self.lengths is None:
            return {}
        definition = self.model.definition
        names = {timer.length_field for timer in self.model.timers} - waiting_fields(definition) - {None}
        bounds = {str(name): getattr(definition.fields[str(name)], self.lengths) for name in names}
        return {name: str(bound) for name, bound in bounds.items() if bound is not None}

    def _day(self, number: int) -> date:
        return self.begins_on + timedelta(days=self.days[number])

    def _first(self, life: Life, act: Act, tries: Iterator[Texts]) -> None:
        """Act with the first values that are granted, and lead where the path leads. Raises Unlike."""
        for values in tries:
            try:
                act(values)
            except Refused:
                continue
            return
        raise Unlike("no values were granted")

    def _ask(self, life: Life, number: int, asked: int) -> None:
        move, step = self.path[number].step.move, self.path[number].step
        if move is None:
            return
        expected = self.path[number].node.state
        at = self._moment(number, asked)
        roles = tuple(sorted(move.by - {SCHEDULER, IMPORT}))
        reasons = [next(iter(self.model.definition.reasons), "a"), None]

        def act(values: Texts) -> None:
            for reason in reasons:
                mark = life.journal.mark()
                try:
                    life.ask(Fire(reference="P", trigger=move.trigger, actor="", fields=values, at=at, roles=roles,
                                  reason=reason))  # fmt: skip
                except Refused:
                    continue
                if self._went(life, mark.entries, expected):
                    return
                life.journal.rewind(mark)
            raise Refused([])

        chosen = self._aimed(number)
        tries = values_for(self.model.definition, move, local_day(at, TERRITORY), chosen, step.given)
        self._first(life, act, tries)

    def _went(self, life: Life, entered: int, expected: str) -> bool:
        return life.entries[entered].to_state == expected

    def _insert(self, life: Life, number: int, asked: int) -> None:
        trigger = self.inserted.get(number)
        if trigger is None:
            return
        moves = self.model.definition.transitions_from(life.state, trigger)
        move = next((each for each in moves if each.to is None), None)
        if move is None:
            raise Unlike(f"{trigger} is not recorded in {life.state}")
        at, roles = self._moment(number, asked), tuple(sorted(move.by - {SCHEDULER}))

        def act(values: Texts) -> None:
            life.ask(Fire(reference="P", trigger=trigger, actor="", fields=values, at=at, roles=roles, reason="a"))

        plain = values_for(self.model.definition, move, self._day(number), {}, frozenset())
        self._first(life, act, ({**values, **_second(values)} for values in plain))

    def _aimed(self, number: int) -> dict[str, list[date]]:
        """For the date fields that a clock counts from: days from which it is due when the path says."""
        found: dict[str, list[date]] = {}
        for timer in self.model.timers:
            due = next((n for n, v in enumerate(self.path) if n >= number and v.step.name == timer.name), None)
            last = len(self.path) - 1
            ends_due = self.path[last].node.status[timer.number] == NOW
            day = self._day(last if due is None else due) + (_MUCH_LATER if due is None and not ends_due else _NOTHING)
            day = self._day(0) - _MUCH_LATER if self.long_past else day
            for anchor in timer.anchors:
                if isinstance(anchor, FieldAnchor):
                    found.setdefault(anchor.field, []).extend(self._before(timer.days, day))
        return found

    def _before(self, days: Span, due: date) -> list[date]:
        highest = days.lowest if days.highest is None else days.highest
        lengths = dict.fromkeys((highest, days.lowest, *range(days.lowest, min(highest, days.lowest + 6))))
        return [due - timedelta(days=length) for length in lengths]


def _second(values: Texts) -> Texts:
    """The same with another text, so that something else is spoken of than in the path."""
    return {name: "b" for name, text in values.items() if text == "a"}
