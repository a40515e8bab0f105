"""T7: clocks that jump, the nights in which they are changed, leap days: nothing early, nothing twice, the same dates.

The clock is injected. What a placement is due is computed a second time, naively, by the tests' model.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from faults.harness import Row, Tally, replaced, tried
from tests.model_days import day_after, last_day_of, local_day, start_of
from tests.unit.laws import laws
from tests.unit.laws.laws import Lived
from tests.unit.laws.lives import DOINGS, HOURS, Step, led_in, wish
from tests.world import World
from workflow import journal

# France changes its clocks in the first of these nights, and has none to change overseas.
_NIGHTS = (
    date(2021, 3, 28), date(2021, 10, 31), date(2022, 3, 27), date(2022, 10, 30), date(2023, 3, 26), date(2024, 3, 31),
    date(2024, 2, 29), date(2024, 2, 28), date(2023, 2, 28), date(2021, 12, 31), date(2023, 12, 31), date(2022, 1, 1),
)  # fmt: skip
_TERRITORIES = ("75", "971", "974", "975", "987", "67")
_JUMPS_H = (1, -1, 24, -24, 24 * 40, -24 * 40, 24 * 400, -24 * 400, 24 * 4_000)
_STEP = timedelta(minutes=15)


def wrong(seed: int) -> list[str]:
    """One case; what does not hold."""
    dice = Random(seed)  # noqa: S311 - the same ones every time
    kinds = (_jumping, _night, _leap, _night)
    kind = kinds[seed % len(kinds)]
    try:
        return [f"{kind.__name__.strip('_')} {seed}: {sentence}" for sentence in kind(dice)]
    except AssertionError as error:
        return [f"{kind.__name__.strip('_')} {seed}: {error}"]


def _steps(dice: Random, count: int) -> list[Step]:
    drawn = [Step(dice.choice(DOINGS), dice.choice(HOURS), tuple(dice.randrange(12) for _ in range(8)))
             for _ in range(count)]  # fmt: skip
    return led_in(dice.randrange(8), drawn)


def _jumping(dice: Random) -> Iterator[str]:
    """A life in which the clock jumps, and is set right or not, between requests and sweeps of daemons started anew."""
    world, life = laws.begin(Lived(dice.choice(_TERRITORIES), datetime(2021, 1, 4, 9, 30, tzinfo=UTC), ()))
    for step in _steps(dice, 12):
        world.sleep(hours=step.hours)
        jump = timedelta(hours=dice.choice(_JUMPS_H))
        world.clock.advance(jump)
        world.restart()
        world.engine.sweep()
        if dice.random() < 0.7:
            world.clock.advance(-jump)
        laws.attempt(world, wish(life, world.now, step.dice).command("P"))
        yield from world.faults()


def _night(dice: Random) -> Iterator[str]:
    """A choice that ends with such a night: it lapses at the first quarter of an hour after that, and no sooner."""
    night, territory = dice.choice(_NIGHTS), dice.choice(_TERRITORIES)
    anchor = night - timedelta(days=15)
    world = World.starting(_local(anchor - timedelta(days=1), territory))
    world.place(territory=territory)
    world.ask("grant_post", "anct", granted_on=world.now.date())
    world.clock.at = _local(anchor, territory)
    world.ask("show_candidate", "platform", candidate_ref="C", candidate_name="Alix")
    due_at = start_of(day_after(last_day_of(local_day(world.now, territory), "15d"), 1), territory)
    if world.due("selection") != due_at:
        yield f"the choice of {night} in {territory} is due at {world.due('selection')}, and not at {due_at}"
    world.clock.at = due_at - timedelta(hours=5)
    while world.now < due_at + timedelta(hours=5):
        world.engine.sweep()
        expected = "post_vacant" if world.now >= due_at else "candidate_shown"
        if world.state() != expected:
            yield f"at {world.now} the placement is in {world.state()}: due at {due_at}"
        world.clock.advance(_STEP)
    yield from world.faults(swept=True)


def _local(day: date, territory: str) -> datetime:
    """Somewhere in the local day."""
    return start_of(day, territory) + timedelta(hours=time(13).hour)


def _leap(dice: Random) -> Iterator[str]:
    """A life that begins around a leap day, or around the end of a month, beside the naive model."""
    day = dice.choice((date(2024, 2, 26), date(2024, 1, 29), date(2023, 2, 26), date(2021, 8, 29), date(2023, 12, 29)))
    start = datetime.combine(day, time(dice.randrange(24), 30), UTC)
    laws.agrees_with_the_model(Lived(dice.choice(_TERRITORIES), start, _steps(dice, 15)))
    yield from ()


def run(count: int) -> Tally:
    """So many cases: jumps, nights and leap days by turns."""
    return tried(wrong, range(count), "a quarter jumps, half nights, a quarter leap days")


def control() -> Tally:
    """The same with an engine that records by its clock even where that went back."""
    with replaced(journal.Journal, "now", property(lambda self: self.desk.now)):
        return tried(wrong, range(0, 80, 4))


ROW = Row(
    name="T7",
    fault="clock jumps, nights of clock changes, leap days, by an injected clock",
    run=run,
    defect="an engine that records by its clock even where that went back",
    control=control,
    sample=24,
    usual=400,
    many=20_000,
)
