"""Who acts on the stage: daemons, people who ask and ask again, a supervisor who releases the brake, and outages.

Each is a process with an engine of its own, made anew when it was killed. What a person has in hand they remember; what
a process knows is gone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from faults.shaky_store import Asked, Clock, Desk, ShakyStore
from faults.stage import Actor, Stage
from faults.wishes import wish
from tests.checker import Acknowledged
from workflow.brake import ClockBehind, Limits
from workflow.commands import Outcome, Place, Release
from workflow.engine import Engine
from workflow.errors import NotFound, StalePlacement, StoreUnavailable, TransitionRefused, UnknownName

SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=s) for s in (1, 60, 3_600, 86_400))
SAFETY = timedelta(days=13)
"""A daemon looks at least so often, though nobody woke it; shorter than any `max_gap`."""

_RESTS = (DAY, 90 * DAY, 250 * DAY, 500 * DAY)
_BETWEEN = (SECOND, HOUR, DAY, 3 * DAY, 10 * DAY)
_THINKS = (0 * SECOND, SECOND, MINUTE, HOUR)
_ASKS_AGAIN = (SECOND, MINUTE, HOUR)
RELEASE = Release(reason="other", actor="Ada", roles=("supervisor",))


def _pause_after(failures: int) -> timedelta:
    """Longer each time, up to a day."""
    return min(SECOND * 8.0 ** min(failures, 6), DAY)


def _office_day(moment: datetime) -> datetime:
    """Nine o'clock of the next day on which all come to see to one placement."""
    days = -moment.toordinal() % 40 + 1
    return moment.replace(hour=9, minute=0, second=0, microsecond=0) + days * DAY


No = Literal["refused", "erased"]
"""`erased`: it was done under this key, but what exactly is erased by now."""


@dataclass
class Told:
    """A request, and what whoever asked was told in the end; None: they do not know."""

    asked: Asked
    answer: No | Literal["done"] | None = None
    promises: list[Acknowledged] = field(default_factory=list)


@dataclass
class Office:
    """What all share: the stage, the store, the brake's limits, and what everybody was told."""

    stage: Stage
    store: ShakyStore
    limits: Limits
    references: Sequence[str]
    unheard: float
    skew_s: float
    told: list[Told] = field(default_factory=list)

    def desk(self, actor: Actor) -> Desk:
        """A place for an actor, with a clock that is wrong by some seconds."""
        wrong_by = timedelta(seconds=round(self.stage.dice.uniform(-self.skew_s, self.skew_s), 3))
        self.store.desks[actor] = Desk(Clock(self.stage, wrong_by))
        return self.store.desks[actor]

    def engine(self, desk: Desk) -> Engine:
        """A process begins."""
        return Engine(self.store, desk.clock, limits=self.limits)


class Daemon:
    """Sweeps what is due and sleeps until the next moment; most hear of others' commits; seldom it is told to stop."""

    def __init__(self, office: Office, name: str) -> None:
        self._office, self._stage = office, office.stage
        self.actor = office.stage.enter(name, self.live)
        self._desk = office.desk(self.actor)
        self._hears = self._stage.dice.random() < 0.6

    def live(self) -> None:
        """From the start of the process to its end."""
        engine, failures = self._office.engine(self._desk), 0
        while True:
            self._desk.listens = False
            try:
                token = self._office.store.change_token()
                rest = self._look(engine)
            except StoreUnavailable:
                rest, token = _pause_after(failures), None
                failures += 1
            else:
                failures = 0
            self._desk.listens = self._hears and token is not None
            if not self._desk.listens or token == self._office.store.change_token():
                self._stage.sleep(rest)

    def _look(self, engine: Engine) -> timedelta:
        """Sweep, or see the clock at least; how long there is nothing to do."""
        wakes_at, now = engine.next_wake(), self._desk.clock.now()
        try:
            if wakes_at is not None and wakes_at <= now:
                held = engine.sweep(stop=self._is_stopped).held
                wakes_at = engine.next_wake()
            else:
                held = engine.beat()
        except ClockBehind:
            return HOUR
        if held is not None:
            return DAY
        return SAFETY if wakes_at is None else min(SAFETY, max(timedelta(), wakes_at - self._desk.clock.now()))

    def _is_stopped(self) -> bool:
        self._stage.reach("batch")
        return self._stage.befalls("stopped", 0.05)


class Person:
    """Rests, looks at a placement, thinks, asks under a key of their own; without an answer, asks again under it."""

    def __init__(self, office: Office, name: str) -> None:
        self._office, self._stage, self._name = office, office.stage, name
        self._hand: Told | None = None
        self._busy, self._number, self._failures, self._reference = 0, 0, 0, ""
        self.actor = office.stage.enter(name, self.live)
        self._desk = office.desk(self.actor)

    def live(self) -> None:
        """From the start of a process to its end; what is in hand survives it, mostly."""
        engine = self._office.engine(self._desk)
        if self._hand is not None and self._stage.dice.random() < 0.1:
            self._hand = None
        while True:
            if self._hand is None:
                self._rest()
                self._think(engine)
            else:
                self._ask(engine, self._hand)

    def _rest(self) -> None:
        """For long, or only until the next step of what is being worked on; often until a day on which all come."""
        dice = self._stage.dice
        if self._busy:
            self._busy -= 1
            self._stage.sleep(dice.choice(_BETWEEN))
            return
        moment = self._stage.now + dice.choice(_RESTS)
        self._busy, self._reference = dice.randrange(12), dice.choice(self._office.references)
        if dice.random() < 0.8:
            moment = _office_day(moment)
            self._reference = self._office.references[moment.month % len(self._office.references)]
        self._stage.sleep_until(moment)

    def _think(self, engine: Engine) -> None:
        dice = self._stage.dice
        self._number += 1
        key = f"{self._name} {self._number}"
        try:
            asked = wish(engine, self._name, self._reference, key, self._desk.clock.now(), dice)
            self._wait_for_a_deadline(engine)
        except (TransitionRefused, ClockBehind):
            self._stage.sleep(DAY)
            return
        except StoreUnavailable:
            self._stage.sleep(MINUTE)
            return
        self._hand = Told(asked)
        self._office.told.append(self._hand)

    def _wait_for_a_deadline(self, engine: Engine) -> None:
        """Think it over, sometimes until the very moment at which something falls due."""
        dice = self._stage.dice
        wakes_at = engine.next_wake()
        if wakes_at is not None and self._stage.now < wakes_at < self._stage.now + 20 * DAY and dice.random() < 0.2:
            self._stage.sleep_until(wakes_at + dice.choice((-SECOND, 0 * SECOND, SECOND / 2)))
        else:
            self._stage.sleep(dice.choice(_THINKS))

    def _ask(self, engine: Engine, told: Told) -> None:
        self._desk.asking = told.asked
        try:
            answer = attempt(engine, told.asked)
            self._stage.reach("answer")
        except StoreUnavailable:
            self._stage.sleep(_pause_after(self._failures))
            self._failures += 1
            return
        finally:
            self._desk.asking = None
        self._failures = 0
        if answer is None:
            self._stage.befallen["held"] += 1
            self._stage.sleep(self._stage.dice.choice((HOUR, DAY, 3 * DAY)))
        elif self._stage.befalls("unheard", self._office.unheard):
            self._stage.sleep(self._stage.dice.choice(_ASKS_AGAIN))
        else:
            self._stage.befallen["known again"] += isinstance(answer, Outcome) and answer.repeated
            hear(told, answer)
            self._hand = None


def attempt(engine: Engine, asked: Asked) -> Outcome | No | None:
    """Ask once; None: the brake holds, ask again later. Raises StoreUnavailable."""
    try:
        return engine.place(asked) if isinstance(asked, Place) else engine.ask(asked)
    except TransitionRefused as refused:
        codes = {blocker.code for blocker in refused.blockers}
        if "held" in codes:
            return None
        # Everybody uses a key once.
        return "erased" if "key_reused" in codes else "refused"
    except (StalePlacement, NotFound, UnknownName):
        return "refused"
    except ClockBehind:
        return None


def hear(told: Told, answer: Outcome | No) -> None:
    """Whoever asked has the answer."""
    if isinstance(answer, Outcome):
        told.answer = "done"
        told.promises.append(Acknowledged.of(answer, told.asked.key))
    else:
        told.answer = answer


class Supervisor:
    """Looks from time to time whether the brake holds, thinks about it, and releases it."""

    def __init__(self, office: Office) -> None:
        self._office, self._stage = office, office.stage
        self.actor = office.stage.enter("supervisor", self.live)
        self._desk = office.desk(self.actor)

    def live(self) -> None:
        """From the start of a process to its end."""
        engine = self._office.engine(self._desk)
        while True:
            try:
                if engine.brake().held is not None:
                    self._stage.sleep(self._stage.dice.choice((MINUTE, 5 * HOUR, 4 * DAY)))
                    self._stage.befallen["released"] += engine.release(RELEASE) is not None
                self._stage.sleep(self._stage.dice.uniform(5, 40) * DAY)
            except (StoreUnavailable, TransitionRefused):
                self._stage.sleep(HOUR)


class Outages:
    """Power cuts of all daemons for weeks or months, and of everybody at once."""

    def __init__(self, office: Office, daemons: Sequence[Actor], all_others: Sequence[Actor]) -> None:
        self._stage, self._daemons, self._all = office.stage, daemons, [*daemons, *all_others]
        office.stage.enter("outages", self.live)

    def live(self) -> None:
        """One after the other."""
        while True:
            self._stage.sleep(self._stage.dice.uniform(30, 500) * DAY)
            self._stage.befallen["outage"] += 1
            struck = self._daemons if self._stage.dice.random() < 0.7 else self._all
            until = self._stage.now + self._stage.dice.choice((HOUR, 10 * DAY, 60 * DAY, 150 * DAY))
            for actor in struck:
                self._stage.kill(actor, until)
