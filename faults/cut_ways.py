"""T11: the way to a PostgreSQL server is cut at a named point: reset, half closed, silent, or amid small late pieces.

Whoever asked is answered within bounds, asks again under the same key, and gets the truth; nothing is done twice.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Literal, TypeVar

from sqlalchemy.exc import DBAPIError

from app import App, initialise, open_app
from faults import office
from faults.harness import Row, Tally, replaced, scratch, tried
from settings import Settings, read_settings
from storage import postgres
from storage.postgres_database import PostgresDatabase
from storage.queries import RunnerItem
from tests.checker import Acknowledged, Checker
from tests.postgres import Server, missing, running
from tests.postgres_proxy import Cut, Proxy, never, opened
from workflow.clock import VirtualClock
from workflow.commands import Fire, Outcome, Place
from workflow.definition import COMPILED_FORMAT
from workflow.errors import NotFound, StoreUnavailable

T = TypeVar("T")
NOW = datetime(2021, 3, 10, 8, tzinfo=UTC)
LATER = datetime(2021, 6, 1, 8, tzinfo=UTC)

# So much shorter than in life, as nobody wants to wait for a minute in each case.
_LIMITS = postgres.Limits(timedelta(seconds=2), timedelta(seconds=2), timedelta(seconds=4))
_FORGETS_S = 6.0
_GRACE = timedelta(seconds=0.5)
_PATIENCE = timedelta(seconds=1)
_ANSWERED_S = 20.0
"""One attempt: a connection's two seconds, or the longest silence, some times over for what is tried again."""
_GIVEN_UP_S = 60.0


@dataclass(frozen=True)
class Point:
    """A moment: of what work, told by what the client then says, and whether the server hears that."""

    name: str
    work: "Work"
    says: bytes
    where: Literal["before", "after"]


How = Literal["reset", "half", "silence", "pieces"]
HOWS: tuple[How, ...] = ("reset", "half", "silence", "pieces")


@dataclass(frozen=True)
class Case:
    """One cut."""

    number: int
    point: Point
    how: How

    def __str__(self) -> str:
        return f"{self.number} ({self.point.name}, {self.how})"


@dataclass(frozen=True)
class Bench:
    """What a case works with: the way, the application at its end, the same by another way, and dice."""

    case: Case
    way: Proxy
    through: App
    direct: App
    clock: VirtualClock
    dice: Random


Work = Callable[[Bench], Iterator[str]]


def _cases(count: int, points: "Sequence[Point]") -> Sequence[Case]:
    """Every point in every way, over and over; the first ones have all points, and all ways."""
    pairs = [(point, HOWS[(turn + place) % 4]) for turn in range(4) for place, point in enumerate(points)]
    return [Case(number, *pairs[number % len(pairs)]) for number in range(count)]


def _answered(bench: Bench, ask: Callable[[], T]) -> tuple[T, list[str]]:
    """Ask until there is an answer; and what each attempt came to that had none."""
    failed: list[str] = []
    until_s = time.monotonic() + _GIVEN_UP_S
    while True:
        begun_s = time.monotonic()
        try:
            return ask(), failed
        except StoreUnavailable as error:
            failed.append(error.code)
            if time.monotonic() > until_s:
                raise
            bench.way.cut = never
        finally:
            if (took_s := time.monotonic() - begun_s) > _ANSWERED_S:
                failed.append(f"no answer for {took_s:.0f} s")
        time.sleep(0.05)


def _cut(bench: Bench) -> None:
    """From now on: cut once, at the case's point."""
    point, way, how = bench.case.point, bench.way, bench.case.how
    cut = Cut(point.where, how) if how != "pieces" else Cut("amid" if point.where == "before" else "after", "close")
    writing = point.says != b"COMMIT\0"
    begun = way.cuts

    def rule(count: int, data: bytes) -> Cut | None:
        nonlocal writing
        # Views end by a commit too, and are not what is cut.
        writing = writing or b"READ COMMITTED" in data
        return cut if writing and way.cuts == begun and point.says in data else None

    if how == "pieces":
        way.pieces, way.late_s = bench.dice.randrange(1, 60), bench.dice.choice((0, 0.001, 0.004))
    way.cut = rule


def _request(bench: Bench) -> Iterator[str]:
    key = "k-cut"
    engine, direct = bench.through.engine, bench.direct.engine
    with suppress(NotFound):
        engine.view("nobody")
    ask = bench.dice.choice((_place, _show, _select))
    _cut(bench)
    outcome, failed = _answered(bench, lambda: ask(bench.through, key))
    yield from (said for said in failed if said.startswith("no answer"))
    once = [row.chained() for row in bench.direct.queries.history(outcome.reference)]
    made = [item.hash for item in once if item.entry.key == key]
    if made != [item.hash for item in outcome.entries]:
        yield f"{len(made)} entries under the key, after {failed}; {len(outcome.entries)} were acknowledged"
    again = ask(bench.direct, key)
    if not again.repeated or again.entries != outcome.entries:
        yield f"asked again, it is another answer, after {failed}"
    told = [Acknowledged.of(outcome, key)]
    yield from Checker(direct, bench.direct.store, office.references(bench.direct), told).faults()


def _place(app: App, key: str) -> Outcome:
    fields = {"territory": "75", **office.HOST}
    return app.engine.place(Place(reference="A-9", fields=fields, actor="Ada", key=key))


def _show(app: App, key: str) -> Outcome:
    fields = {"candidate_ref": "C-9", "candidate_name": office.CANARY}
    return app.engine.fire(
        Fire(reference="A-1", trigger="show_candidate", actor="Ada", roles=("platform",), fields=fields, key=key)
    )


def _select(app: App, key: str) -> Outcome:
    fields = {"selected_candidate_ref": "C-0"}
    return app.engine.fire(
        Fire(reference="A-0", trigger="select_candidate", actor="Ada", roles=("host",), fields=fields, key=key)
    )


def _sweep(bench: Bench) -> Iterator[str]:
    bench.through.engine.next_wake()
    bench.clock.at = LATER
    _cut(bench)
    direct, failed, until_s = bench.direct, list[str](), time.monotonic() + _GIVEN_UP_S
    # What the server still holds for the lost connection is passed over, until it lets go.
    while (wake := direct.engine.next_wake()) is not None and wake <= LATER and time.monotonic() < until_s:
        failed += _answered(bench, bench.through.engine.sweep)[1]
        time.sleep(0.1)
    yield from (said for said in failed if said.startswith("no answer"))
    yield from Checker(direct.engine, direct.store, office.references(direct)).faults(LATER)


def _listen(bench: Bench) -> Iterator[str]:
    _cut(bench)
    before, failed = _answered(bench, bench.through.store.change_token)
    yield from (said for said in failed if said.startswith("no answer"))
    _place(bench.direct, "k-heard")
    after, _ = _answered(bench, bench.through.store.change_token)
    if before == after:
        yield "a change was not heard of"


def _beat(bench: Bench) -> Iterator[str]:
    runners = bench.through.store.runners
    mine = RunnerItem("r-1", "host", 1, "0", COMPILED_FORMAT, False, NOW, NOW)
    runners.present()
    _cut(bench)
    _, failed = _answered(bench, partial(runners.beat, mine))
    yield from (said for said in failed if said.startswith("no answer"))
    listed = bench.direct.store.runners.listed()
    if [(item.id, item.alive) for item in listed] != [("r-1", True)]:
        yield f"the daemons that beat are {listed}"


POINTS = (
    Point("connecting", _request, b"user\0", "before"),
    Point("BEGIN", _request, b"READ COMMITTED", "before"),
    Point("the lock", _request, b"FOR NO KEY UPDATE", "after"),
    Point("the inserts", _request, b"INSERT INTO history", "after"),
    Point("COMMIT, unheard", _request, b"COMMIT\0", "before"),
    Point("COMMIT, unanswered", _request, b"COMMIT\0", "after"),
    Point("a sweep's inserts", _sweep, b"INSERT INTO history", "after"),
    Point("a sweep's COMMIT, unanswered", _sweep, b"COMMIT\0", "after"),
    Point("LISTEN", _listen, b"LISTEN", "before"),
    Point("a heartbeat", _beat, b"INSERT INTO runner", "after"),
)


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
        watch = threading.Timer(_GIVEN_UP_S + _ANSWERED_S, _let_go, (way, hung))
        stack.callback(watch.cancel)
        watch.start()
        through, direct = (
            stack.enter_context(open_app(settings=_settings(url, folder), clock=clock, patience=_PATIENCE))
            for url in (way.url(name) + "?connect_timeout=2", server.url(name))
        )
        if case.point.says == b"user\0":
            through.close()
        try:
            yield from case.point.work(Bench(case, way, through, direct, clock, Random(case.number)))  # noqa: S311
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
)
