"""A stage on which actors take turns, by the dice of one seed and a clock that nobody waits for.

An actor is a thread, but only the one whose turn it is runs, and it hands the turn on at the points that it reaches: so
the same seed is the same play. Knows nothing of the product.
"""

import zlib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from threading import Lock, Thread

_AT_ONCE = timedelta()
_PAUSES = (*[_AT_ONCE] * 4, timedelta(milliseconds=3), timedelta(milliseconds=70), timedelta(seconds=1))
_FROZEN = (timedelta(minutes=3), timedelta(hours=7), timedelta(days=20), timedelta(days=50))
_BEGUN_ANEW = (timedelta(seconds=1), timedelta(minutes=2), timedelta(hours=9), timedelta(days=3))


class Killed(BaseException):
    """The process is gone, wherever it was: nobody may catch this but the stage."""


@dataclass(frozen=True)
class Weather:
    """How often, at a point that an actor reaches, it is killed there or freezes."""

    killed: float = 0.0
    frozen: float = 0.0


@dataclass(eq=False)
class Actor:
    """What is done by turns: `life` is begun anew after each death, and what it remembers it keeps elsewhere."""

    name: str
    life: Callable[[], None]
    wakes_at: datetime
    doomed_until: datetime | None = None
    is_dead: bool = False
    ended: bool = False
    turn: Lock = field(default_factory=Lock)
    thread: Thread | None = None

    def __post_init__(self) -> None:
        self.turn.acquire()


class Stage:
    """Who runs, what time it is, and what has happened so far as one number."""

    def __init__(self, dice: Random, now: datetime, weather: Weather) -> None:
        self.dice, self.now, self.weather = dice, now, weather
        self.actors: list[Actor] = []
        self.running: Actor | None = None
        self.trace, self.befallen = 0, Counter[str]()
        self.error: BaseException | None = None
        self._until, self._over, self._done = now, False, Lock()

    def enter(self, name: str, life: Callable[[], None]) -> Actor:
        """An actor more, who begins at once."""
        actor = Actor(name, life, self.now)
        self.actors.append(actor)
        return actor

    def play(self, until: datetime) -> None:
        """Let all act until then; afterwards all are killed where they are. Raises what an actor did not expect."""
        self._until = until
        self._done.acquire()
        for actor in self.actors:
            actor.thread = Thread(target=self._perform, args=(actor,), daemon=True)
            actor.thread.start()
        self._hand_on()
        self._done.acquire()
        self._over = True
        for actor in self.actors:
            self._end(actor)
        self.running = None
        if self.error is not None:
            raise self.error

    def reach(self, point: str) -> None:
        """A point at which others may go on, and at which one may be killed or freeze; nothing where nobody plays."""
        if self.running is None:
            return
        self.trace = zlib.crc32(f"{self.running.name} {point}".encode(), self.trace)
        if self.befalls("killed", self.weather.killed):
            raise Killed
        frozen = self.befalls("frozen", self.weather.frozen)
        self.sleep(self.dice.choice(_FROZEN if frozen else _PAUSES))

    def befalls(self, what: str, chance: float) -> bool:
        """Whether something happens to who runs, by the dice; it is counted."""
        happens = self.running is not None and self.dice.random() < chance
        self.befallen[what] += happens
        return happens

    def sleep(self, span: timedelta) -> None:
        """Let so much time pass for who runs."""
        self.sleep_until(self.now + span)

    def sleep_until(self, moment: datetime) -> None:
        """Let the others go on until then; or until somebody rouses who sleeps."""
        if self.running is None or self._over:
            raise Killed
        if moment <= self.now:
            return
        actor = self.running
        actor.wakes_at = moment
        if self._next() is not actor:
            self._hand_on()
            actor.turn.acquire()
        if self._over or actor.doomed_until is not None:
            raise Killed
        self.now = max(self.now, actor.wakes_at)

    def rouse(self, actor: Actor, within: timedelta) -> None:
        """Wake somebody who would sleep for longer, at some moment within that span; the dead sleep on."""
        if not actor.is_dead:
            actor.wakes_at = min(actor.wakes_at, self.now + within * self.dice.random())

    def kill(self, actor: Actor, until: datetime) -> None:
        """End somebody who does not run, wherever they are; they begin anew then."""
        actor.doomed_until, actor.is_dead, actor.wakes_at = until, True, self.now

    def _next(self) -> Actor | None:
        """Who wakes first; who runs goes on before others of the same moment. None: all is over."""
        first = None if self.running is None or self.running.ended else self.running
        for actor in self.actors:
            if not actor.ended and (first is None or actor.wakes_at < first.wakes_at):
                first = actor
        return first if first is not None and first.wakes_at <= self._until else None

    def _hand_on(self) -> None:
        chosen = self._next()
        if chosen is None:
            self._done.release()
            return
        self.running = chosen
        self.now = max(self.now, chosen.wakes_at)
        chosen.turn.release()

    def _perform(self, actor: Actor) -> None:
        actor.turn.acquire()
        try:
            while not self._over:
                self._live(actor)
        except BaseException as error:
            self.error = self.error or error
            self._until = self.now - timedelta(days=1)
        actor.ended = True
        if not self._over:
            self._hand_on()

    def _live(self, actor: Actor) -> None:
        with suppress(Killed):
            actor.life()
        while not self._over:
            try:
                self._lie_dead(actor)
                return
            except Killed:
                pass

    def _lie_dead(self, actor: Actor) -> None:
        until, actor.doomed_until, actor.is_dead = actor.doomed_until, None, True
        self.sleep_until(until or self.now + self.dice.choice(_BEGUN_ANEW))
        actor.is_dead = False

    def _end(self, actor: Actor) -> None:
        """Let somebody's thread run out, from where it waits."""
        if not actor.ended:
            self.running = actor
            actor.turn.release()
        if actor.thread is not None:
            actor.thread.join()
