"""Where the way to a PostgreSQL server is cut, what is at work then, and what must hold of that afterwards."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from random import Random
from typing import Literal, TypeVar

from app import App
from faults import office
from storage.queries import RunnerItem
from tests.checker import Acknowledged, Checker
from tests.postgres_proxy import Cut, Proxy
from workflow.clock import VirtualClock
from workflow.commands import Fire, Outcome, Place
from workflow.definition import COMPILED_FORMAT
from workflow.errors import NotFound, StoreUnavailable

T = TypeVar("T")
NOW = datetime(2021, 3, 10, 8, tzinfo=UTC)
LATER = datetime(2021, 6, 1, 8, tzinfo=UTC)
ANSWERED_S = 45.0
"""One attempt: a connection's two seconds, or the longest silence, some times over for what is tried again."""
GIVEN_UP_S = 120.0


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
class Bench:
    """What a case works with: the way, the application at its end, the same by another way, and dice."""

    point: Point
    how: How
    way: Proxy
    through: App
    direct: App
    clock: VirtualClock
    dice: Random


Work = Callable[[Bench], Iterator[str]]


def _answered(bench: Bench, ask: Callable[[], T]) -> tuple[T, list[str]]:
    """Ask until there is an answer; and what each attempt came to that had none."""
    failed: list[str] = []
    until_s = time.monotonic() + GIVEN_UP_S
    while True:
        begun_s = time.monotonic()
        try:
            return ask(), failed
        except StoreUnavailable as error:
            failed.append(error.code)
            if time.monotonic() > until_s:
                raise
        finally:
            if (took_s := time.monotonic() - begun_s) > ANSWERED_S:
                failed.append(f"no answer for {took_s:.0f} s")
        time.sleep(0.05)


def _cut(bench: Bench) -> None:
    """From now on: cut once, at the case's point."""
    point, way, how = bench.point, bench.way, bench.how
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
    direct, failed, until_s = bench.direct, list[str](), time.monotonic() + GIVEN_UP_S
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
