"""One replication: an agenda of what is meant and what falls due, and lives that are moved from moment to moment.

Placements share one order in time, since they meet in quotas and in values that one has alone.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from operators.simulation.agenda import Agenda
from operators.simulation.behaviours import Behaviours
from operators.simulation.draws import Draws
from operators.simulation.people import Intent, Person, arrival, beginning
from workflow.calendar import local_day
from workflow.commands import Place
from workflow.errors import UnknownName
from workflow.facts import Facts
from workflow.history import HistoryEntry
from workflow.living import Life, Living
from workflow.refusals import Refused
from workflow.rules import Rules
from workflow.situation import Past

See = Callable[[Life, HistoryEntry], None]
"""Told of every entry, in the order of the simulation."""

Reach = Callable[[datetime, Sequence[Life]], None]
"""Told before time goes on to a moment, with the lives that have something new; for whoever writes them down."""


@dataclass(slots=True)
class Refusals:
    """What people asked for in vain, by trigger and the code of the first reason; what could not be said at all."""

    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    stuck: dict[str, int] = field(default_factory=dict)

    def note(self, trigger: str, code: str) -> None:
        """One more."""
        self.counts[trigger, code] = self.counts.get((trigger, code), 0) + 1


@dataclass(frozen=True, slots=True)
class Scene:
    """What a replication is made of."""

    rules: Rules
    behaviours: Behaviours
    seed: int
    replication: int
    start: datetime
    end: datetime
    actor: Callable[[str], str] = "operator:{}".format
    """The id of whoever acts in a role."""


class World:
    """One replication in the making."""

    def __init__(self, scene: Scene, living: Living, see: See, reach: Reach = lambda at, lives: None) -> None:
        self._scene, self._living, self._see, self._reach = scene, living, see, reach
        self._agenda = Agenda[tuple[Life | int, Intent | None]]()
        self._persons: list[Person] = []
        self._wakes: dict[int, datetime] = {}
        self._news: dict[int, Life] = {}
        self.refusals = Refusals()

    def people(self, count: int) -> None:
        """So many placements are going to begin, each on its day."""
        scene = self._scene
        for number in range(count):
            draws = Draws.of(scene.seed, scene.replication, str(number))
            self._persons.append(Person(scene.rules, scene.behaviours, draws))
            self._push(arrival(scene.behaviours, draws, scene.start), number, None)

    def take_up(self, rules: Rules, facts: Facts, past: Past) -> None:
        """A placement as it is recorded goes on from the start."""
        scene, number = self._scene, len(self._persons)
        draws = Draws.of(scene.seed, scene.replication, facts.reference)
        person = Person(rules, scene.behaviours, draws)
        self._persons.append(person)
        life = self._living.taken_up(rules, facts, past, number, scene.start)
        told = [item.entry for item in past.entries]
        for intent in filter(None, person.resumed(life, scene.start, told)):
            self._push(max(intent.at, scene.start), life, intent)
        self._wake(life)

    def run(self) -> None:
        """Let time pass to the end."""
        with _uncollected():
            while (due := self._agenda.next(self._scene.end)) is not None:
                at, (whose, intent) = due
                self._reach(at, ())
                if isinstance(whose, int):
                    life = self._begun(whose, at)
                    if life is not None:
                        self._live(life, at, None)
                elif intent is not None or self._wakes.get(whose.number) == at:
                    self._live(whose, at, intent)

    def _live(self, life: Life, at: datetime, intent: Intent | None) -> None:
        if life.stuck is not None:
            return
        self._living.settle(life, at)
        if intent is not None and life.stuck is None and intent.still_stands(life.facts):
            self._ask(life, intent, at)
        if life.stuck is not None:
            self.refusals.stuck[life.stuck.code] = self.refusals.stuck.get(life.stuck.code, 0) + 1
        self._tell(life, at)
        self._wake(life)

    def _tell(self, life: Life, at: datetime) -> None:
        if life.seen == len(life.journal.entries):
            return
        news = [item.entry for item in life.news()]
        for entry in news:
            self._see(life, entry)
        for meant in filter(None, self._persons[life.number].intents(life, news)):
            self._push(max(meant.at, at), life, meant)
        self._reach(at, (life,))

    def _begun(self, number: int, at: datetime) -> Life | None:
        scene, draws = self._scene, Draws.of(self._scene.seed, self._scene.replication, str(number))
        fields = beginning(scene.rules, scene.behaviours, draws, local_day(at, "75"))
        command = Place(reference=f"S{number + 1:05}", fields=fields, actor="", at=at)
        try:
            return self._living.place(command, scene.actor("applicant"), number, at)
        except (Refused, UnknownName) as refused:
            self.refusals.note("place", _code(refused))
            return None

    def _ask(self, life: Life, intent: Intent, at: datetime) -> None:
        actor = self._scene.actor(intent.act.role)
        command = self._persons[life.number].asks(life, intent, at, actor)
        if command is None:
            self.refusals.note(intent.act.trigger, "no_value")
            return
        try:
            self._living.fire(life, command, actor, at)
        except (Refused, UnknownName) as refused:
            self.refusals.note(intent.act.trigger, _code(refused))

    def _wake(self, life: Life) -> None:
        event = life.journal.next_event if life.stuck is None else None
        if event is not None and self._wakes.get(life.number) != event.moment:
            self._wakes[life.number] = event.moment
            self._push(event.moment, life, None)

    def _push(self, at: datetime, whose: Life | int, intent: Intent | None) -> None:
        if at <= self._scene.end:
            number = whose if isinstance(whose, int) else whose.number
            self._agenda.add(at, number, (whose, intent))


def _code(error: Refused | UnknownName) -> str:
    return error.blockers[0].code if isinstance(error, Refused) else error.code


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for cycles meanwhile: all that is made is kept to the end, and looking at it takes time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
