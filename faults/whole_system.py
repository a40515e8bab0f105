"""T2: the whole system for 36 months on one seed: daemons, people, a supervisor, one database, and what befalls them.

All that happens follows from the seed, down to the bytes of the history. What was committed is lived a second time, by
one process alone that nothing befalls, and must come to the same histories.
"""

import hashlib
import random
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from msgspec.structs import replace

from faults.actors import DAY, RELEASE, Daemon, Office, Outages, Person, Supervisor, Told, attempt, hear
from faults.harness import Row, Tally, replaced, tried
from faults.shaky_store import Commit, ShakyStore, Troubles
from faults.stage import Stage, Weather
from tests.unit.laws import laws
from tests.world import FOUR_EYES, SHIPPED, World, published
from workflow import sweeping
from workflow.brake import Limits
from workflow.changes import Remembered
from workflow.clock import VirtualClock
from workflow.commands import Fire, Outcome
from workflow.engine import Engine
from workflow.history import HistoryEntry

MONTHS = 36
LASTS = timedelta(days=1_096)
_BATCH = 2
_SOURCES = tuple(source.replace(b"limit: 4000", b"limit: 3") for source in (SHIPPED, SHIPPED, FOUR_EYES))
_TIMES = {"done": (1,), "erased": (1,), "refused": (0,), None: (0, 1)}
_CONTROLS = 40
_CLEARLY_AFTER = timedelta(minutes=1)
"""Later than the clock of anybody who is ahead."""


@dataclass(frozen=True)
class Lived:
    """What a seed has come to."""

    office: Office
    source: bytes
    world: World

    @property
    def store(self) -> ShakyStore:
        """With its log."""
        return self.office.store


def live(seed: int) -> Lived:
    """The 36 months of a seed, and what is done when all is calm again. Raises what nobody should meet."""
    dice = Random(seed)  # noqa: S311 - the same ones every time
    source = dice.choice(_SOURCES)
    kept, chance = published(source), Random(~seed)  # noqa: S311 - no secret is kept
    begun = datetime(2021, 1, 4, 9, 30, tzinfo=UTC) + timedelta(hours=dice.randrange(24 * 365))
    with ExitStack() as stack:
        for owner, name, value in (
            (secrets, "token_bytes", chance.randbytes),
            (secrets, "token_hex", lambda count: chance.randbytes(count).hex()),
            (random, "uniform", dice.uniform),
            (sweeping, "BATCH", _BATCH),
        ):
            stack.enter_context(replaced(owner, name, value))
        office = _open(dice, begun)
        with office.store.writing() as unit:
            unit.publish(kept)
        office.stage.play(begun + LASTS)
        return Lived(office, source, _calm(office))


def _open(dice: Random, begun: datetime) -> Office:
    weather = Weather(killed=dice.choice((0, 0.002, 0.01, 0.03)), frozen=dice.choice((0, 0.001, 0.004)))
    stage = Stage(dice, begun, weather)
    troubles = Troubles(
        many_writers=dice.random() < 0.5,
        away=dice.choice((0, 0.01, 0.05)),
        interrupted=dice.choice((0, 0.02, 0.2)),
        lost=dice.choice((0, 0.02, 0.1)),
    )
    office = Office(
        stage,
        ShakyStore(stage, troubles),
        Limits(max_gap=dice.choice((14, 40)) * DAY, min_firings=dice.choice((50, 2))),
        [f"P{number}" for number in range(dice.randrange(2, 6))],
        unheard=dice.choice((0, 0.05, 0.2)),
        skew_s=dice.choice((0, 0, 20)),
    )
    daemons = [Daemon(office, f"daemon {number}").actor for number in range(dice.choice((1, 2, 2, 2, 3)))]
    people = [Person(office, f"person {number}").actor for number in range(dice.choice((2, 2, 3)))]
    Outages(office, daemons, [*people, Supervisor(office).actor])
    return office


def _calm(office: Office) -> World:
    """All that is due is entered, and half of those who know nothing of their request ask again under its key."""
    clock = VirtualClock(office.stage.now + _CLEARLY_AFTER)
    world = World(office.store, clock, lambda store, clock: Engine(store, clock, limits=office.limits))
    _settle(world)
    for told in office.told:
        if told.answer is None and office.stage.dice.random() < 0.5:
            _ask_again(world, office, told)
    _settle(world)
    world.references += [reference for reference in office.references if _is_there(office.store, reference)]
    world.acknowledged += [promise for told in office.told for promise in told.promises]
    return world


def _settle(world: World) -> None:
    """A sweep, and another one where a person has to release the brake first."""
    for _ in range(3):
        if world.engine.sweep().held is None:
            return
        world.engine.release(RELEASE)


def _ask_again(world: World, office: Office, told: Told) -> None:
    answer = attempt(world.engine, told.asked)
    if answer is not None:
        hear(told, answer)
    if isinstance(answer, Outcome) and not answer.repeated:
        office.store.log.append(Commit("granted", world.now, told.asked))


def _is_there(store: ShakyStore, reference: str) -> bool:
    with store.reading() as reading:
        return reading.find(reference) is not None


def wrong(seed: int) -> list[str]:
    """What does not hold of the life of this seed."""
    try:
        lived = live(seed)
        return [f"seed {seed}: {sentence}" for sentence in _faults(lived)]
    except Exception as error:
        return [f"seed {seed}: {type(error).__name__}: {error}"]


def _faults(lived: Lived) -> Iterator[str]:
    world = lived.world
    yield from world.faults(swept=True)
    for reference in world.references:
        if world.engine.view(reference).incident is not None:
            yield f"{reference} has an incident"
    yield from _keys(lived)
    yield from _second_life(lived)


def _keys(lived: Lived) -> Iterator[str]:
    """What was answered yes was done once, what was answered no never, and what nobody knows of once or never."""
    done = Counter(str(each.asked.key) for each in lived.store.log if each.asked and each.kind == "granted")
    seqs = _seqs_by_key(lived.world)
    for told in lived.office.told:
        key = str(told.asked.key)
        times = done.pop(key, 0)
        if times not in _TIMES[told.answer]:
            yield f"{told.asked.reference}: {key} was answered {told.answer}, and was done {times} times"
        made = _remembered(lived.store, told.asked.reference, key)
        if bool(made) != bool(times):
            yield f"{told.asked.reference}: {key} was done {times} times, and what is remembered is {made}"
        if made and told.answer == "erased" and made.fingerprint:
            yield f"{told.asked.reference}: {key} was not known again"
        for seq in seqs.pop((told.asked.reference, key), ()):
            if made is None or not made.first_seq <= seq <= made.last_seq:
                yield f"{told.asked.reference}: {key} has also made entry {seq}"
    for asked in (*done, *seqs):
        yield f"nobody asked under {asked}"


def _seqs_by_key(world: World) -> dict[tuple[str, str], list[int]]:
    seqs: dict[tuple[str, str], list[int]] = {}
    for reference in world.references:
        for item in world.history(reference):
            if item.entry.key is not None:
                seqs.setdefault((reference, item.entry.key), []).append(item.entry.seq)
    return seqs


def _remembered(store: ShakyStore, reference: str, key: str) -> Remembered | None:
    with store.reading() as reading:
        facts = reading.find(reference)
        return reading.remembered(facts.id, key) if facts else None


def _second_life(lived: Lived) -> Iterator[str]:
    """By the first law, what was granted is enough; where clocks disagreed, also what others' clocks let fall due."""
    disagreed = lived.office.skew_s > 0
    again = World.starting(lived.world.now, lived.source)
    with replaced(sweeping, "BATCH", _BATCH):
        for commit in lived.store.log:
            again.clock.at = commit.now
            if commit.kind == "granted" and commit.asked is not None:
                if not isinstance(answer := attempt(again.engine, commit.asked), Outcome):
                    yield f"{commit.asked.key} was granted, and by itself it is {answer}"
            elif disagreed:
                _repeat(again.engine, commit)
    again.clock.at = lived.world.now
    again.engine.sweep()
    for reference in lived.world.references:
        if _story(again, reference) != _story(lived.world, reference):
            yield f"{reference} has another history than by one process that nothing befalls"


def _story(world: World, reference: str) -> list[HistoryEntry]:
    """A history without what is drawn at random or depends on when it was written, hashes included."""
    return [replace(entry, concerns_hash=None) for entry in laws.told(world, reference)]


def _repeat(engine: Engine, commit: Commit) -> None:
    """One batch, or what one request settled without being granted."""
    if commit.kind == "swept":
        asked = iter((False, True))
        engine.sweep(stop=lambda: next(asked))
    elif commit.asked is not None:
        attempt(engine, Fire(reference=commit.asked.reference, trigger="withdraw", actor="x"))


def fingerprint(seed: int) -> str:
    """A hash of who acted when, and of all bytes of the histories that a seed comes to."""
    lived = live(seed)
    found = hashlib.sha256(f"{lived.office.stage.trace} {lived.office.stage.befallen}".encode())
    for reference in lived.world.references:
        for item in lived.world.history(reference):
            found.update(item.data)
    return found.hexdigest()


def run(count: int) -> Tally:
    """So many seeds."""
    return tried(wrong, range(count), f"{MONTHS} months each")


def control() -> Tally:
    """The same with a store that lets the second writer commit what it decided on what is no more."""
    with replaced(ShakyStore, "is_first", lambda store, before: True):
        return tried(lambda seed: wrong(seed)[:1], range(_CONTROLS))


ROW = Row(
    name="T2",
    fault="the whole system simulated: daemons, people who ask again, crashes, lost answers, outages",
    run=run,
    defect="a store that lets a writer commit though another has changed since what it had read",
    control=control,
    sample=30,
    usual=5_000,
    many=1_000_000,
    named_only=True,
)
