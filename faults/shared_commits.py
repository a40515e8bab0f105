"""T22: kill -9, at any moment, at a process whose operators write at once and share commits.

Each of them writes down what it was told before it asks again. What was told is there; of the rest each request is
there whole or not at all, and is carried out once when it is asked again under its key.
"""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import msgspec

from app import App, open_app, verify
from bench.large import unlimited
from faults import office
from faults.harness import Row, Tally, replaced, scratch
from faults.operator_threads import Asked, life
from storage.shared import Shared
from storage.turns import TOGETHER
from tests.acceptance.driver import Site
from tests.checker import Checker
from workflow.commands import Outcome, Place
from workflow.errors import ParcoursError

_OPERATORS = 16
_TOLD_FIRST = 40
"""So many answers before the process may be killed."""
_LONGEST_S = 0.4
_START_S = 60.0
_FORK = get_context("fork")


@dataclass(frozen=True)
class Line:
    """A placement, a key, and what was told of it; nothing, where it was only asked."""

    reference: str
    key: str
    hashes: tuple[str, ...] = ()


class Notes:
    """A file to which lines are appended, each by one call: what was written outlives the process."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, line: Line) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(descriptor, msgspec.json.encode(line) + b"\n")
        os.close(descriptor)

    def lines(self) -> Sequence[Line]:
        """All whole lines."""
        text = self.path.read_bytes() if self.path.exists() else b""
        return [msgspec.json.decode(line, type=Line) for line in text.splitlines(keepends=True) if line[-1:] == b"\n"]

    def told(self) -> dict[str, Line]:
        """What was answered, by key."""
        return {line.key: line for line in self.lines() if line.hashes}


def _serve(site: Site, name: str, notes: Notes, commits: Any) -> None:
    """A process with a thread for each operator, until it is killed."""
    begin = Shared.__init__

    def counted(self: Shared, *given: Any) -> None:
        with commits.get_lock():
            commits.value += 1
        begin(self, *given)

    with replaced(Shared, "__init__", counted), open_app(settings=site._settings(), together=TOGETHER) as app:
        threads = [Thread(target=_work, args=(app, f"{name}-{each}", notes), daemon=True) for each in range(_OPERATORS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _work(app: App, name: str, notes: Notes) -> None:
    for number in count():
        for request in _life(app, f"{name}-{number}"):
            notes.write(Line(request.reference, str(request.key)))
            outcome = _ask(app, request)
            notes.write(Line(outcome.reference, str(request.key), tuple(item.hash for item in outcome.entries)))


def _life(app: App, reference: str) -> Iterator[Asked]:
    return life(reference, _today(app), selects=True)


def _today(app: App) -> date:
    return app.clock.now().date()


def _ask(app: App, request: Asked) -> Outcome:
    return app.engine.place(request) if isinstance(request, Place) else app.engine.fire(request)


@contextmanager
def _office() -> Iterator[Site]:
    with scratch("shared") as folder:
        site = Site(folder, {"definition": str(unlimited(folder))}).at(office.NOW)
        site.init(sandbox=True)
        yield site


def _killed(site: Site, number: int, dice: Random, commits: Any) -> Iterator[str]:
    """One process that is killed at some moment; what does not hold afterwards."""
    notes = Notes(site.folder / f"told-{number}")
    process = _FORK.Process(target=_serve, args=(site, f"A{number}", notes, commits))
    process.start()
    until_s = time.monotonic() + _START_S
    while len(notes.lines()) < _TOLD_FIRST and process.is_alive() and time.monotonic() < until_s:
        time.sleep(0.01)
    time.sleep(dice.uniform(0, _LONGEST_S))
    process.kill()
    process.join()
    if process.exitcode != -signal.SIGKILL:
        yield f"process {number} ended by itself, with {process.exitcode}"
    with site.open() as app:
        yield from _examined(app, notes)


def _examined(app: App, notes: Notes) -> Iterator[str]:
    told, asked = notes.told(), {line.key: line.reference for line in notes.lines()}
    for line in told.values():
        if _under(app, line.reference, line.key) != list(line.hashes):
            yield f"what was acknowledged under {line.key} is not there"
    for key in asked.keys() - told.keys():
        yield from _asked_again(app, asked[key], key)


def _under(app: App, reference: str, key: str) -> list[str]:
    history = [each.chained() for each in app.queries.history(reference)]
    return [each.hash for each in history if each.entry.key == key]


def _asked_again(app: App, reference: str, key: str) -> Iterator[str]:
    (request,) = (each for each in _life(app, reference) if each.key == key)
    try:
        _ask(app, request)
    except ParcoursError as error:
        yield f"asked again under {key}: {error}"
        return
    if (found := len(_under(app, reference, key))) != 1:
        yield f"asked again under {key}: it is there {found} times"


def _whole(app: App) -> Iterator[str]:
    yield from Checker(app.engine, app.store, office.references(app), canaries=[office.CANARY]).faults()
    yield from app.queries.integrity()
    yield from (fault.sentence("en") for fault in verify(app, None, None, lambda count: None).faults)


def run(count: int) -> Tally:
    """So many processes, one after the other, on one database."""
    dice, commits = Random(22), _FORK.Value("q", 0)  # noqa: S311 - the same ones every time
    with _office() as site:
        found = [sentence for number in range(count) for sentence in _killed(site, number, dice, commits)]
        told = sum(len(Notes(path).told()) for path in site.folder.glob("told-*"))
        with site.open() as app:
            found += _whole(app)
    figures = f"{told:,} requests of {_OPERATORS} operators that were answered, {told / commits.value:.1f} to a commit"
    return Tally(count, tuple(found), figures)


def control() -> Tally:
    """The same where each is answered as soon as its own part is written."""
    at_once = replaced(Shared, "when_over", lambda self, tell: tell())
    with replaced(Shared, "wait", lambda self: None), at_once:
        return run(3)


ROW = Row(
    name="T22",
    fault="kill -9 at a process whose operators write at once and share commits",
    run=run,
    defect="threads that are answered before their commit",
    control=control,
    sample=2,
    usual=60,
    many=2_000,
)
