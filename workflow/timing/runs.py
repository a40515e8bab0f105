"""A path lived through by the engine itself, in memory, from a real day on: only what it enters is shown to people.

A life of one placement in a journal that nobody stores; settling, guards and corrections are those of every other.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from workflow.calendar import local_day, start_of_day, zone_of
from workflow.commands import Fire, Place
from workflow.deadlines import events
from workflow.deciding import decide_fire
from workflow.definition import IMPORT, SCHEDULER, FieldAnchor
from workflow.errors import ParcoursError
from workflow.facts import Facts, Occurrence
from workflow.fold import fold
from workflow.history import HistoryEntry
from workflow.journal import Desk, Journal
from workflow.placing import decide_place, waiting_fields
from workflow.refusals import Refused
from workflow.rules import Rules
from workflow.settling import Undecidable, settle_next
from workflow.situation import Past
from workflow.timing.exploring import Visit
from workflow.timing.lengths import Span
from workflow.timing.model import NOW, Model, Timer
from workflow.timing.values import Texts, placing_values, values_for

TERRITORY = "75"
_WHO = "operator:0"
_TOO_OFTEN = 60
_MUCH_LATER, _NOTHING = timedelta(days=800), timedelta()
Act = Callable[[Texts], None]


class Unlike(Exception):
    """The engine does something else than the path says; `life` is how far it went."""

    def __init__(self, message: str, life: "Life | None" = None) -> None:
        self.life = life
        super().__init__(message)


@dataclass
class Life:
    """One placement's life: its journal, and which deadlines fell due together."""

    rules: Rules
    begins: datetime
    together: list[tuple[datetime, frozenset[str]]] = field(default_factory=list)
    open_clocks: list[Mapping[str, int]] = field(default_factory=list)
    restless: bool = False

    def __post_init__(self) -> None:
        self._desk = Desk("0" * 32, bytes(32), self.begins, lambda digest: self.rules, lambda: bytes(16))
        self.journal = Journal(self._desk, "P", self.rules, None, Past(tuple, dict))

    @property
    def entries(self) -> Sequence[HistoryEntry]:
        """What was entered so far."""
        return [item.entry for item in self.journal.entries]

    def facts_after_each(self) -> Iterator[Facts]:
        """The facts as each entry left them."""
        items = self.journal.entries
        return (fold(lambda digest: self.rules, "P", items[: number + 1]) for number in range(len(items)))

    @property
    def state(self) -> str:
        """Where the placement is."""
        return self.journal.facts.state

    def place(self, fields: Texts) -> None:
        """Begin. Raises Refused."""
        decide_place(self.journal, Place(reference="P", fields=fields, actor="", at=self.begins), _WHO, "0" * 32)
        self._note_open()

    def ask(self, command: Fire) -> None:
        """Ask for a transition, after what is due. Raises Refused."""
        decide_fire(self.journal, command, _WHO)
        self._note_open()

    def sleep(self, until: datetime) -> None:
        """Let everything fall due that does by a moment, one after the other."""
        self.journal.desk = replace(self._desk, now=until)
        here: datetime | None = None
        times = 0
        while (event := self.journal.next_event) is not None and event.moment <= until:
            times = times + 1 if event.moment == here else 1
            here = event.moment
            if times > _TOO_OFTEN:
                self.restless = True
                return
            self._note_together(event.moment)
            settle_next(self.journal)
            self._note_open()

    def _note_together(self, moment: datetime) -> None:
        due = [e for e in events(self.rules, self.journal.facts) if e.moment == moment and not e.is_reminder]
        self.together.append((moment, frozenset(event.deadline for event in due)))

    def _note_open(self) -> None:
        known = self.journal.facts.occurrences.items()
        self.open_clocks.append({name: each.anchor_seq for name, each in known if each.closed is None})


@dataclass(frozen=True)
class Rehearsal:
    """Lives a path: which day each of its visits has, counted from the first."""

    model: Model
    path: Sequence[Visit]
    days: Sequence[int]
    begins_on: date
    inserted: Mapping[int, str] = field(default_factory=dict)
    lengths: Literal["minimum", "maximum"] | None = None

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
        at = self._moment(number, asked)
        for move in self.model.definition.transitions_from(life.state, trigger):
            if move.to is None:
                roles = tuple(sorted(move.by - {SCHEDULER}))
                tries = [{**values, **_second(values)} for values in
                         values_for(self.model.definition, move, self._day(number), {}, frozenset())]  # fmt: skip
                self._first(
                    life,
                    lambda values: life.ask(
                        Fire(reference="P", trigger=trigger, actor="", fields=values, at=at, roles=roles, reason="a")
                    ),
                    iter(tries),
                )
                return

    def _aimed(self, number: int) -> dict[str, list[date]]:
        """For the date fields that a clock counts from: days from which it is due when the path says."""
        found: dict[str, list[date]] = {}
        for timer in self.model.timers:
            due = next((n for n, v in enumerate(self.path) if n >= number and v.step.name == timer.name), None)
            last = len(self.path) - 1
            ends_due = self.path[last].node.status[timer.number] == NOW
            day = self._day(last if due is None else due) + (_MUCH_LATER if due is None and not ends_due else _NOTHING)
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
