"""Many operators at once on SQLite: a commit for those who wait together, and a commit each; beside their rows by hand.

By the clock on the wall, since a commit is mostly waiting for the disk. Each answer is durable before it is given.
"""

from functools import partial
from pathlib import Path
from threading import Thread

from app import App, open_app
from bench import raw
from bench.large import READY_AT, build, copy, url
from bench.rounds import Case, Taken, timed
from storage.turns import TOGETHER
from workflow.clock import VirtualClock
from workflow.commands import Fire

SHARED, EACH = "64 operators at once, commits shared", "64 operators at once, a commit each"
ALONE, BY_HAND = "one operator alone", "their rows by hand, a commit each"
SPARING = "the columns that change alone, a commit each"
_OPERATORS, _EACH = 64, 12
_COUNT = _OPERATORS * _EACH


def cases() -> list[Case]:
    """All beside the same rows in a commit for each request, by one who decides nothing."""
    return [
        Case(SHARED, partial(_asked, _OPERATORS, TOGETHER), BY_HAND, "wall"),
        Case(EACH, partial(_asked, _OPERATORS, 1), BY_HAND, "wall"),
        Case(ALONE, partial(_asked, 1, TOGETHER), BY_HAND, "wall"),
        Case(BY_HAND, partial(_by_hand, False), BY_HAND, "wall"),
        Case(SPARING, partial(_by_hand, True), BY_HAND, "wall"),
    ]


def _asked(operators: int, together: int, folder: Path) -> Taken:
    with _open(copy(_prepared(folder), "asked.db"), together) as app:
        # What a console has long done: definitions read, statements compiled.
        _select(app, range(_COUNT, _COUNT + 20))
        threads = [Thread(target=_select, args=(app, range(each, _COUNT, operators))) for each in range(operators)]
        with timed(_COUNT) as taken:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    return taken


def _by_hand(sparing: bool, folder: Path) -> Taken:
    before, after = _prepared(folder), folder / "together" / "asked-all.db"
    if not after.exists():
        with _open(copy(before, after.name), 1) as app:
            _select(app, range(_COUNT))
    work = raw.difference(before, after, sparing=sparing)
    database = copy(before, "raw.db")
    with timed(_COUNT) as taken:
        raw.write(database, work, size=1)
    return taken


def _prepared(folder: Path) -> Path:
    own = folder / "together"
    return own / "large.db" if own.exists() else build(own, 4 * _COUNT, 2 * _COUNT)


def _open(database: Path, together: int) -> App:
    return open_app(url(database), clock=VirtualClock(READY_AT), together=together)


def _select(app: App, numbers: range) -> None:
    """A host selects the candidate of each of these, under a key. Raises where one of them is refused."""
    for number in numbers:
        name = f"P{2 * number + 1:06}"
        chosen = {"selected_candidate_ref": name}
        fire = Fire(reference=name, trigger="select_candidate", actor="Ada", roles=("host",), fields=chosen, key=name)
        app.engine.fire(fire)
