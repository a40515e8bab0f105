"""T11: the way to a PostgreSQL server is cut at a named point: reset, half closed, silent, or amid small late pieces.

Whoever asked is answered within bounds, asks again under the same key, and gets the truth; nothing is done twice.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy.exc import DBAPIError

from app import App, initialise, open_app
from faults import office
from faults.cut_points import ANSWERED_S, GIVEN_UP_S, HOWS, NOW, POINTS, Bench, How, Point
from faults.harness import Row, Tally, replaced, scratch, tried
from settings import Settings, read_settings
from storage import postgres
from storage.postgres_database import PostgresDatabase
from tests.postgres import Server, missing, running
from tests.postgres_proxy import Proxy, opened
from workflow.clock import VirtualClock
from workflow.commands import Fire, Place

# So much shorter than in life, as nobody wants to wait for a minute in each case.
_LIMITS = postgres.Limits(timedelta(seconds=2), timedelta(seconds=2), timedelta(seconds=4))
_FORGETS_S = 6.0
_GRACE = timedelta(seconds=0.5)
_PATIENCE = timedelta(seconds=1)


@dataclass(frozen=True)
class Case:
    """One cut."""

    number: int
    point: Point
    how: How

    def __str__(self) -> str:
        return f"{self.number} ({self.point.name}, {self.how})"


def _cases(count: int, points: "Sequence[Point]") -> Sequence[Case]:
    """Every point in every way, over and over; the first ones have all points, and all ways."""
    pairs = [(point, HOWS[(turn + place) % 4]) for turn in range(4) for place, point in enumerate(points)]
    return [Case(number, *pairs[number % len(pairs)]) for number in range(count)]


def _check(server: Server, template: str, folder: Path, case: Case) -> Sequence[str]:
    name = f"cut{case.number}"
    server.create(name, template)
    try:
        return [f"case {case}: {sentence}" for sentence in _violated(server, name, folder, case)]
    finally:
        server.drop(name)


def _violated(server: Server, name: str, folder: Path, case: Case) -> Iterator[str]:
    clock, hung = VirtualClock(NOW), threading.Event()
    with ExitStack() as stack:
        way = stack.enter_context(opened(server.folder))
        way.forgets_s = _FORGETS_S
        watch = threading.Timer(GIVEN_UP_S + ANSWERED_S, _let_go, (way, hung))
        stack.callback(watch.cancel)
        watch.start()
        through, direct = (
            stack.enter_context(open_app(settings=_settings(url, folder), clock=clock, patience=_PATIENCE))
            for url in (way.url(name) + "?connect_timeout=2", server.url(name))
        )
        if case.point.says == b"user\0":
            through.close()
        try:
            yield from case.point.work(Bench(case.point, case.how, way, through, direct, clock, Random(case.number)))  # noqa: S311 - no secret
        except Exception as error:
            yield f"{type(error).__name__}: {error}"
        if not way.cuts:
            yield "the way was not cut"
        if hung.is_set():
            yield "it hung"


def _let_go(way: Proxy, hung: threading.Event) -> None:
    """What hangs is ended by the end of everything, and told of."""
    hung.set()
    way.close()


def _settings(url: str, folder: Path) -> Settings:
    return read_settings({"database_url": url, "signing_key": str(folder / "signing-key")}, environ={})


@contextmanager
def _server() -> Iterator[tuple[Server, Path]]:
    """A server that flushes nothing, which no cut concerns, and the template of every case's database."""
    short = (("WRITING", _LIMITS), ("READING", _LIMITS), ("WATCHING", _LIMITS), ("GRACE", _GRACE))
    with scratch("ways") as folder, running() as server, ExitStack() as stack:
        for name, value in short:
            stack.enter_context(replaced(postgres, name, value))
        settings = _settings(server.create("template"), folder)
        initialise(settings, sandbox=True)
        with open_app(settings=settings, clock=VirtualClock(NOW)) as app:
            for number in range(3):
                _born(app, number)
        yield server, folder


def _born(app: App, number: int) -> None:
    """A placement; the first one has a candidate."""
    reference, fields = f"A-{number}", {"territory": "75", **office.HOST}
    app.engine.place(Place(reference=reference, fields=fields, actor="Ada"))
    granted = {"granted_on": "2021-03-10"}
    app.engine.fire(Fire(reference=reference, trigger="grant_post", actor="Ada", roles=("anct",), fields=granted))
    if number == 0:
        shown = {"candidate_ref": "C-0", "candidate_name": office.CANARY}
        app.engine.fire(
            Fire(reference=reference, trigger="show_candidate", actor="Ada", roles=("platform",), fields=shown)
        )


def _run(count: int, points: Sequence[Point]) -> Tally:
    with _server() as (server, folder):
        return tried(partial(_check, server, "template", folder), _cases(count, points), f"{len(points)} points")


def run(count: int) -> Tally:
    """So many cuts."""
    return _run(count, POINTS)


def _believing(database: PostgresDatabase, commit: Callable[[], None]) -> None:
    with suppress(DBAPIError):
        commit()


def control() -> Tally:
    """The same, where the server never hears of the commit, with a store that takes a lost one for done."""
    believing: Any = _believing
    with replaced(PostgresDatabase, "_commit", believing):
        return _run(len(HOWS), [point for point in POINTS if point.name == "COMMIT, unheard"])


ROW = Row(
    name="T11",
    fault="cuts of the way to a PostgreSQL server at named points: reset, half closed, silent, amid small late pieces",
    run=run,
    defect="a store that takes a lost commit for done",
    control=control,
    sample=8,
    usual=40,
    many=5_000,
    lacks=missing,
    slack=True,
)
