"""T9: a PostgreSQL server goes down again and again under four daemons and eight operators who ask all the time.

The clock of a sandbox runs through three quarters of a year meanwhile. What the operators were told is there, once.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import NamedTuple

from app import App, open_app, seal, verify
from bench.large import unlimited
from faults import office
from faults.harness import Row, Tally, replaced, scratch
from faults.operator_processes import Answers, operators
from faults.server_ends import ENDS, terminate_one
from faults.several_daemons import FROM, life
from faults.without_flush import without_flush
from storage import postgres
from storage.instants import micros
from tests.acceptance.driver import PROGRAM, Daemon, Said
from tests.acceptance.postgres_site import PostgresSite, initialised, new_site
from tests.checker import Acknowledged, Checker
from tests.postgres import SAFE, Server, missing, running
from workflow.clock import VirtualClock
from workflow.errors import ParcoursError

UNTIL = datetime(2021, 12, 1, tzinfo=UTC)
BROKEN = (PROGRAM[0], "-m", "faults.without_flush")


class Staff(NamedTuple):
    """How many are at work, and how many entries they make at least between two restarts."""

    daemons: int
    operators: int
    entries: int


ALL, FEW = Staff(4, 8, 500), Staff(2, 3, 250)
_ALL_FROM = 10
"""For fewer restarts a few are enough: a process takes a second to start."""
_SHARED = 60
"""So many placements for each restart, beside those that the operators bring."""
_UP_S = 2.0
_RESTART_S = 5.0
_START_S = 10.0
_REST_S = 600.0
_ASKED_AGAIN = 200
_DUE = "SELECT count(*) FROM placement WHERE wakes_at <= %s"

# What is not flushed by who commits is not flushed soon by anybody else.
_SETTINGS = {**SAFE, "wal_writer_delay": "10s", "wal_writer_flush_after": "100MB"}


def _office(server: Server, folder: Path, placements: int) -> PostgresSite:
    site = initialised(new_site(server, folder, definition=str(unlimited(folder)), seal_interval_s="5"), sandbox=True)
    with open_app(settings=site._settings(), clock=VirtualClock(FROM)) as app:
        outcomes = app.engine.enter([life(number) for number in range(placements)])
        if any(outcome.status != "created" for outcome in outcomes):
            raise RuntimeError(f"placements were refused: {outcomes[0]}")
        seal(app)
    return site


def _installations(site: PostgresSite, count: int) -> Iterator[PostgresSite]:
    """The same one for each daemon; only the first has the key, and seals."""
    yield site
    for _ in range(count - 1):
        yield replace(site, settings={**site.settings, "signing_key": str(site.folder / "none")})


def _run(restarts: int, staff: Staff, program: Sequence[str] = PROGRAM) -> Tally:
    with scratch("restarts") as folder, running(_SETTINGS) as server:
        site = _office(server, folder, restarts * _SHARED)
        before, lasts_s = site.count("history"), restarts * _RESTART_S + _START_S
        clock = f"{FROM.isoformat()}*{(UNTIL - FROM).total_seconds() / lasts_s:.0f}"
        clocked = replace(site, settings={**site.settings, "clock": clock})
        answers, ended = _disturbed(clocked, restarts, before + restarts * staff.entries, staff, program)
        found = [*answers.broken, *office.manners(ended), *_examined(clocked, answers)]
        made, seals = site.count("history") - before, site.count("seal")
    figures = (
        f"{made:,} entries by {staff.daemons} daemons and {staff.operators} operators, "
        f"who were told of {len(answers.told):,}, {answers.resolved} of them when they asked again; {seals} seals"
    )
    return Tally(restarts, tuple(found), figures)


def _disturbed(
    site: PostgresSite, restarts: int, entries: int, staff: Staff, program: Sequence[str]
) -> tuple[Answers, list[Said]]:
    """Take the server down so often while all are at work, until there are so many entries and nothing is due."""
    with ExitStack() as stack:
        # Forked before there are threads here.
        with operators(staff.operators, site._settings(), restarts * _SHARED, site.folder) as there:
            daemons = [
                stack.enter_context(each.program(*program, "run")) for each in _installations(site, staff.daemons)
            ]
            for daemon in daemons:
                daemon.wait_for("runner.started")
            there.opened.set()
            _take_down(site.server, restarts, daemons[0])
            _wait_until(daemons[0], lambda: site.count("history") >= entries)
        with site.open() as app:
            now_us = micros(app.clock.now())
        _wait_until(daemons[0], lambda: site.rows(_DUE, now_us)[0][0] == 0)
        return there.answers, [daemon.stop() for daemon in daemons]


def _take_down(server: Server, restarts: int, daemon: Daemon) -> None:
    dice = Random(9)  # noqa: S311 - the same ones every time
    for name in islice(cycle(ENDS), restarts):
        daemon.linger(dice.uniform(0.2, _UP_S))
        terminate_one(server, dice)
        daemon.linger(dice.uniform(0.2, _UP_S))
        ENDS[name](server, dice)


def _wait_until(daemon: Daemon, holds: Callable[[], bool]) -> None:
    """Or as long as anybody would; what is then not there is found."""
    until_s = time.monotonic() + _REST_S
    while not holds() and time.monotonic() < until_s and daemon.process.poll() is None:
        daemon.linger(0.5)


def _examined(site: PostgresSite, answers: Answers) -> Iterator[str]:
    try:
        with site.open() as app:
            yield from _kept(app, answers)
            yield from _sound(app)
    except ParcoursError as error:
        yield f"{type(error).__name__}: {error}"


def _sound(app: App) -> Iterator[str]:
    yield from (f"incident: {each.message}" for each in app.queries.incidents())
    yield from app.queries.integrity()
    seal(app)
    yield from (fault.sentence("en") for fault in verify(app, None, None, lambda count: None).faults)
    names = office.references(app)
    yield from Checker(app.engine, app.store, names, canaries=[office.CANARY]).faults()


def _kept(app: App, answers: Answers) -> Iterator[str]:
    """Every key that was acknowledged is there once, with that outcome; and no other."""
    made: dict[str, list[tuple[str, int, str, str | None]]] = {}
    for stored in app.queries.entries():
        item = stored.chained()
        if item.entry.key is not None:
            line = (stored.reference, item.entry.seq, item.hash, item.entry.to_state)
            made.setdefault(item.entry.key, []).append(line)
    for told in answers.told:
        promised = [(told.reference, seq, digest, told.state) for seq, digest in told.entries]
        if (there := made.pop(told.key, [])) != promised:
            yield f"{told.key} was acknowledged as {promised}, and is {there}"
    yield from (f"{key} was done, and nobody was told" for key in made)
    some = answers.told[:: max(1, len(answers.told) // _ASKED_AGAIN)]
    kept = [Acknowledged(told.reference, told.key, tuple(digest for _, digest in told.entries)) for told in some]
    yield from Checker(app.engine, app.store, (), kept)._forgotten()


def run(count: int) -> Tally:
    """So many restarts."""
    return _run(count, FEW if count < _ALL_FROM else ALL)


def control() -> Tally:
    """A few restarts under a store that acknowledges before it is flushed."""
    with replaced(postgres, "_prepare", without_flush):
        return _run(2, FEW, BROKEN)


ROW = Row(
    name="T9",
    fault="a PostgreSQL server killed, stopped at once or fast, or crashing, under daemons and operators at work",
    run=run,
    defect="commits that are acknowledged before they are flushed (synchronous_commit=off)",
    control=control,
    sample=2,
    usual=60,
    many=10_000,
    lacks=missing,
    slack=True,
)
