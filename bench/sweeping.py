"""A sweep of many due deadlines on SQLite, beside its limit: the same rows by hand, in batches of several sizes."""

import subprocess
import sys
from functools import partial
from pathlib import Path

from bench import afternoon, raw
from bench.large import DUE_AT, build, copy, environ, open_at
from bench.rounds import Case, Taken, timed

ENGINE = "sweep by the engine, SQLite"
LIMIT = "its rows by executemany, 1,000 a commit"
SPARING = "the columns that change alone, 1,000 a commit"
ONCE = "parcours run --once, with its start"
AFTERNOON = "transitions + SQLModel"
BATCHES = (1, 100, 10_000)
_FEW = 200
"""So many of the rows are enough where each has a commit of its own."""


def prepare(folder: Path, placements: int, due: int) -> None:
    """Make the database to be swept, and one that was: the difference is what must be written."""
    database = build(folder, placements, due)
    with open_at(copy(database, "swept.db"), DUE_AT) as app:
        app.engine.sweep()
    afternoon.prepare(folder, _FEW)


def cases() -> list[Case]:
    """The engine, its limit, the limit at other sizes, and what one writes in an afternoon."""
    sizes = [Case(f"its rows by executemany, {size:,} a commit", partial(by_hand, size), LIMIT) for size in BATCHES]
    afternoons = [
        Case(f"{AFTERNOON}, the state alone", partial(afternoon.run, afternoon.state_alone), LIMIT),
        Case(f"{AFTERNOON}, with transitions and deadlines", partial(afternoon.run, afternoon.with_tables), LIMIT),
    ]
    limits = [Case(LIMIT, partial(by_hand, raw.BATCH), LIMIT), Case(SPARING, sparingly, LIMIT)]
    once = Case(ONCE, by_command, LIMIT)
    return [Case(ENGINE, by_the_engine, LIMIT), *limits, *sizes, *afternoons, once]


def by_the_engine(folder: Path) -> Taken:
    """One sweep by a process that has swept before, as a daemon has. Raises RuntimeError where something is left."""
    with open_at(copy(folder / "large.db", "warm.db"), DUE_AT) as app:
        app.engine.sweep()
    with open_at(copy(folder / "large.db", "engine.db"), DUE_AT) as app:
        app.engine.current_rules()
        with timed(0) as taken:
            result = app.engine.sweep()
    if result.placements != result.entries or result.incidents:
        raise RuntimeError(f"expected one entry for each placement: {result}")
    taken.count = result.placements
    return taken


def by_hand(size: int, folder: Path) -> Taken:
    """The rows that such a sweep writes, so many placements a transaction."""
    return _written(folder, raw.difference(folder / "large.db", folder / "swept.db"), size)


def sparingly(folder: Path) -> Taken:
    """The same by a hand that knows what of a placement's row a lapse leaves as it is; the engine finds that out."""
    return _written(folder, raw.difference(folder / "large.db", folder / "swept.db", sparing=True), raw.BATCH)


def _written(folder: Path, work: raw.Work, size: int) -> Taken:
    count = len(work.placements) if size > 1 else _FEW
    database = copy(folder / "large.db", "raw.db")
    with timed(count) as taken:
        raw.write(database, work, size, count)
    return taken


def by_command(folder: Path) -> Taken:
    """`parcours run --once` from start to end, its log thrown away."""
    database = copy(folder / "large.db", "command.db")
    due = len(raw.difference(folder / "large.db", folder / "swept.db").placements)
    command = [sys.executable, "-m", "operators.cli", "run", "--once"]
    with timed(due) as taken:
        given = environ(database, PARCOURS_CLOCK=DUE_AT.isoformat())
        subprocess.run(command, env=given, cwd=folder, stderr=subprocess.DEVNULL, check=True)  # noqa: S603 - its own program
    return taken
