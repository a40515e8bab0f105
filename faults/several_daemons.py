"""T8: two to four daemons on one database, each stopped and continued at random: nothing early, twice or lost.

The clock of a sandbox runs through half a year while they do, so that something is due all the time. Afterwards the
histories are those of one sweep at the end, by law 1.
"""

import signal
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from app import open_app
from faults import office
from faults.harness import Row, Tally, scratch
from tests.acceptance.driver import PROGRAM, Daemon, Said, Site, told
from tests.checker import Checker
from workflow.clock import VirtualClock
from workflow.commands import Fire, Life, Place

BEGUN = datetime(2021, 3, 1, 8, tzinfo=UTC)
END = datetime(2021, 9, 1, tzinfo=UTC)
FROM = BEGUN + timedelta(days=8)
STOP_S = 0.2
_START_S = 8.0
BROKEN = (PROGRAM[0], "-m", "faults.without_begin")
_EACH = 4
"""At least so many deadlines and reminders of a placement fall due between FROM and END."""


def _office(folder: Path, placements: int) -> Site:
    """Placements with a candidate shown in the first week; the choice, and much else, is due later."""
    site = Site(folder).at(BEGUN.isoformat()).init(sandbox=True)
    with open_app(site.url, clock=VirtualClock(FROM)) as app:
        outcomes = app.engine.enter([life(number) for number in range(placements)])
    if any(outcome.status != "created" for outcome in outcomes):
        raise RuntimeError(f"placements were refused: {outcomes[0]}")
    site.flush()
    return site


def life(number: int) -> Life:
    """A placement whose candidate was shown in the first week, at an hour of its own."""
    reference, at = f"P{number:05}", BEGUN + timedelta(hours=number % 160)
    fields = {"territory": "75", **office.HOST}
    facts = (
        Fire(reference=reference, trigger="grant_post", actor="Ada", roles=("anct",),
             fields={"granted_on": "2021-03-01"}),
        Fire(reference=reference, trigger="show_candidate", actor="Ada", roles=("platform",), at=at,
             fields={"candidate_ref": f"C{number}", "candidate_name": office.CANARY}),
    )  # fmt: skip
    place = Place(reference=reference, fields=fields, actor="import", at=BEGUN)
    return Life(reference=reference, place=place, facts=facts)


def _run(stops: int, placements: int, program: Sequence[str] = PROGRAM) -> Tally:
    with scratch("daemons") as folder:
        site = _office(folder, placements)
        undisturbed = site.copy(folder / "one")
        lasts_s = stops * STOP_S + _START_S
        clock = f"{FROM.isoformat()}*{(END - FROM).total_seconds() / lasts_s:.0f}"
        made, ended = _disturb(site.at(clock), stops, program)
        found = [*office.manners(ended), *_compared(site, undisturbed)]
        entries = site.count("history") - 3 * placements
        return Tally(made, tuple(found), f"{placements:,} placements, {entries:,} entries by 4 daemons")


def _disturb(site: Site, stops: int, program: Sequence[str]) -> tuple[int, list[Said]]:
    """Run two daemons, then four, and stop one after the other while the clock runs to the end."""
    dice, made, told_to = Random(8), 0, (*program, "run", "--until", END.isoformat())  # noqa: S311 - no secret
    with ExitStack() as stack:
        daemons = [stack.enter_context(site.program(*told_to)) for _ in range(2)]
        while made < stops and any(daemon.process.poll() is None for daemon in daemons):
            if made == stops // 4:
                daemons += [stack.enter_context(site.program(*told_to)) for _ in range(2)]
            made += _stop(dice.choice(daemons), dice)
        return made, [daemon.end() for daemon in daemons]


def _stop(daemon: Daemon, dice: Random) -> int:
    """Stop one for a while; tells whether it was there to be stopped."""
    if daemon.process.poll() is not None:
        return 0
    daemon.process.send_signal(signal.SIGSTOP)
    daemon.linger(dice.uniform(0.01, 2 * STOP_S))
    daemon.process.send_signal(signal.SIGCONT)
    daemon.linger(0.01)
    return 1


def _compared(site: Site, undisturbed: Site) -> Iterator[str]:
    with open_app(site.url, clock=END.isoformat()) as app, open_app(undisturbed.url, clock=END.isoformat()) as other:
        # Whatever the daemons left for the next sweep; the other has it all left.
        left = app.engine.sweep()
        other.engine.sweep()
        if left.entries or app.queries.incidents():
            yield f"{left.entries} entries and {len(app.queries.incidents())} incidents were left behind"
        names = office.references(app)
        yield from Checker(app.engine, app.store, names, canaries=[office.CANARY]).faults(END)
        yield from app.queries.integrity()
        for name in names:
            one, two = ([row.chained().entry for row in each.queries.history(name)] for each in (app, other))
            if told(one) != told(two):
                yield f"{name} has another history than by one sweep"


def run(count: int) -> Tally:
    """So many stops, and twenty deadlines or reminders for each."""
    return _run(count, max(20, count * 20 // _EACH))


def control() -> Tally:
    """The same with daemons whose writers begin no transaction."""
    return _run(40, 400, BROKEN)


ROW = Row(
    name="T8",
    fault="SIGSTOP and SIGCONT at two to four daemons on one database",
    run=run,
    defect="a store whose writers begin no transaction",
    control=control,
    sample=5,
    usual=500,
    many=50_000,
    slack=True,
)
