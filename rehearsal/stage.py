"""A stage: the real engine on a store in memory, with a clock that is set by hand. It forks in no time.

Knows nothing of what is to be tried on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from storage.memory import MemoryStore
from workflow.calendar import zone_of
from workflow.changes import Notice, Published
from workflow.clock import VirtualClock
from workflow.commands import Fire, Outcome, Place
from workflow.engine import Engine
from workflow.facts import Facts
from workflow.history import ChainedEntry
from workflow.rules import Rules

REFERENCE = "P"
ACTOR = "rehearsal"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
HOUR = 10
"""The local hour at which people act on a stage, unless they are told another."""


@dataclass(frozen=True)
class Ask:
    """What somebody asks: values as they are typed, a role (or some, with spaces between), a reason or none."""

    trigger: str
    role: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    reason: str | None = None

    def command(self, reference: str = REFERENCE) -> Fire:
        """The request in the engine's words, for the present moment or the day that dates it."""
        return Fire(
            reference=reference,
            trigger=self.trigger,
            actor=ACTOR,
            fields=self.fields,
            roles=tuple(self.role.split()),
            reason=self.reason,
        )

    def with_value(self, name: str, value: str | None) -> "Ask":
        """The same with another value of a field; None leaves it out."""
        kept = {known: text for known, text in self.fields.items() if known != name}
        return replace(self, fields=kept if value is None else {**kept, name: value})


def published(source: bytes, file: str) -> Published:
    """A definition as publishing keeps it. Raises DefinitionError with all findings."""
    return Engine(MemoryStore(), VirtualClock(LONG_AGO)).publish(source, file)


@lru_cache(maxsize=65536)
def at_hour(day: date, territory: str, hour: int = HOUR) -> datetime:
    """An hour of a local day, in UTC."""
    return datetime.combine(day, time(hour), zone_of(territory)).astimezone(UTC)


@dataclass
class Stage:
    """One store, one clock, one engine, and mostly one placement."""

    store: MemoryStore
    clock: VirtualClock
    engine: Engine

    @classmethod
    def opened(cls, definition: Published, at: datetime) -> "Stage":
        """An empty stage on which a definition is published."""
        store, clock = MemoryStore(), VirtualClock(at)
        with store.writing() as unit:
            unit.publish(definition)
        return cls(store, clock, Engine(store, clock))

    def fork(self) -> "Stage":
        """A second stage, as this one is now."""
        store, clock = self.store.fork(), VirtualClock(self.clock.at)
        return Stage(store, clock, Engine(store, clock))

    @property
    def now(self) -> datetime:
        """The moment at which the clock stands."""
        return self.clock.at

    @property
    def rules(self) -> Rules:
        """The rules of the definition that is played."""
        return self.engine.current_rules()

    def facts(self, reference: str = REFERENCE) -> Facts:
        """The facts of the placement as they are recorded."""
        with self.store.reading() as reading:
            return self.engine.session(reading).find(reference)

    def history(self, reference: str = REFERENCE) -> Sequence[ChainedEntry]:
        """The entries of the placement."""
        with self.store.reading() as reading:
            return reading.history(self.engine.session(reading).find(reference).id)

    def notices(self) -> list[Notice]:
        """The notices that were put into the outbox, oldest first."""
        return [notice for _, notice in self.store.notices()]

    def place(self, fields: Mapping[str, str], reference: str = REFERENCE) -> Outcome:
        """Place one now. Raises TransitionRefused."""
        return self.engine.place(Place(reference=reference, fields=fields, actor=ACTOR))

    def ask(self, ask: Ask, reference: str = REFERENCE) -> Outcome:
        """Carry out a request now. Raises TransitionRefused."""
        return self.engine.fire(ask.command(reference))

    def preview(self, ask: Ask, reference: str = REFERENCE) -> Outcome:
        """What a request would do now. Raises TransitionRefused."""
        return self.engine.preview(ask.command(reference))

    def today(self, reference: str = REFERENCE) -> date:
        """The placement's local day."""
        return self.now.astimezone(zone_of(self.facts(reference).territory)).date()

    @property
    def is_stuck(self) -> bool:
        """Whether the placement cannot be decided: it would only be tried again and again."""
        with self.store.reading() as reading:
            known = reading.find(REFERENCE)
            return known is not None and reading.incident(known.id) is not None

    def sleep_until(self, moment: datetime) -> None:
        """Time passes and nobody is awake; then all that fell due is entered in one go."""
        self.clock.at = max(self.clock.at, moment)
        self.engine.sweep()

    def wait_until(self, moment: datetime) -> None:
        """Time passes, and whatever falls due is entered as it falls due."""
        while (wake := self.engine.next_wake()) is not None and wake <= moment and not self.is_stuck:
            self.clock.at = max(self.clock.at, wake)
            self.engine.sweep()
        self.clock.at = max(self.clock.at, moment)

    def live_until(self, moment: datetime, every: timedelta = timedelta(days=1)) -> None:
        """Time passes, and the daemon wakes every day."""
        while self.clock.at < moment:
            self.sleep_until(min(moment, self.clock.at + every))
