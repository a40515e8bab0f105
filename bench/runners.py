"""`make bench-runners`: one backlog on PostgreSQL fired by one, two and four runners, beside the same rows by hand.

Where they are installed, DBOS's queue and Procrastinate's worker drain a backlog of jobs, Procrastinate's also one that
lies among many jobs that are due later, as deadlines do. The server runs on the same machine, and takes its share of
the processors. Prints a table and writes results/runners.json.
"""

import argparse
import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import median
from typing import Any

from app import open_app
from bench import queues, raw_postgres
from bench.large import DUE_AT, fill, unlimited
from bench.rounds import alone
from settings import read_settings
from tests.postgres import SAFE, Server, fresh_name, running
from workflow.clock import VirtualClock

RESULTS = Path(__file__).with_name("results") / "runners.json"
COUNTS = (1, 2, 4)
_BATCHES = (1, 100, 10_000)
_FEW = 500
"""So many of the rows are enough where each has a commit of its own."""

_JOBS, _LATER = 1_000, 100_000
_OTHERS: dict[str, tuple[Callable[..., None], queues.Drain]] = {
    "dbos": (queues.fill_dbos, queues.drain_dbos),
    "procrastinate": (queues.fill_procrastinate, queues.drain_procrastinate),
    "procrastinate_among_later": (partial(queues.fill_procrastinate, later=_LATER), queues.drain_procrastinate),
}
_SETTINGS = {**SAFE, "shared_buffers": "512MB", "max_wal_size": "4GB"}
_PAUSE_S = 0.005

Work = Callable[..., None]
"""What one process does; its last argument is called when it is ready, and returns when all are."""


def main() -> int:
    """Build, measure, print and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--placements", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=10_000, help="so many of them fall due at one instant")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with running(_SETTINGS) as server, tempfile.TemporaryDirectory() as folder:
        template = _template(server, Path(folder), given.placements, given.due)
        taken = _measured(server, template, given.due, given.runs)
        for name in _OTHERS:
            if name.partition("_")[0] in queues.missing():
                continue
            taken[name] = _drained(server, name, given.runs)
    result = _result(taken, given.placements, given.due, given.runs)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    for name, value in result.items():
        print(f"{name:<40} {value:>12,}" if isinstance(value, int) else f"{name:<40} {value:>12,.2f}")
    return 0


def _template(server: Server, folder: Path, placements: int, due: int) -> str:
    name = fresh_name()
    values = {"database_url": server.create(name), "definition": unlimited(folder), "signing_key": folder / "key"}
    fill(read_settings(values, environ={}), placements, due)
    with server.connect(name) as connection:
        connection.execute("VACUUM (ANALYZE)")
    return name


def _measured(server: Server, template: str, due: int, runs: int) -> dict[str, list[float]]:
    """The rates of each, in turn, so that a slow moment of the machine falls on all alike."""
    taken: dict[str, list[float]] = defaultdict(list)
    works: dict[int, list[raw_postgres.Batch]] = {}
    for _ in range(runs):
        for count in COUNTS:
            with _copied(server, template) as url:
                taken[f"engine_{count}"].append(due / _together(_sweep, [(url,)] * count))
                if not works:
                    sizes = (raw_postgres.BATCH, *_BATCHES)
                    works = {size: raw_postgres.difference(server.url(template), url, size) for size in sizes}
        for count in COUNTS:
            with _copied(server, template) as url:
                shares = [(url, works[raw_postgres.BATCH][number::count]) for number in range(count)]
                taken[f"raw_{count}"].append(due / _together(raw_postgres.write, shares))
        for size in _BATCHES:
            some = works[size] if size > 1 else works[size][:_FEW]
            with _copied(server, template) as url:
                written = due if size > 1 else len(some)
                taken[f"raw_by_{size}"].append(written / _together(raw_postgres.write, [(url, some)]))
    return taken


def _drained(server: Server, name: str, runs: int) -> list[float]:
    """The rates at which one process of another's runs jobs that are due."""
    fill, drain = _OTHERS[name]
    taken = []
    for _ in range(runs):
        database = fresh_name()
        url = server.create(database)
        alone(fill, url, _JOBS)
        taken.append(_JOBS / _together(drain, [(url,)]))
        server.drop(database)
    return taken


@contextmanager
def _copied(server: Server, template: str) -> Iterator[str]:
    """A copy of the template, until the end of the context."""
    name = fresh_name()
    url = server.create(name, template)
    with server.connect() as connection:
        connection.execute("CHECKPOINT")
    yield url
    server.drop(name)


def _together(work: Work, shares: Sequence[tuple[Any, ...]]) -> float:
    """The seconds from the moment at which all processes are ready until the last one is done."""
    context = get_context("spawn")
    ready = context.Barrier(len(shares) + 1)
    processes = [context.Process(target=_wait, args=(ready, work, share)) for share in shares]
    for process in processes:
        process.start()
    ready.wait()
    started_s = time.perf_counter()
    for process in processes:
        process.join()
    took_s = time.perf_counter() - started_s
    if any(process.exitcode for process in processes):
        raise RuntimeError("a process failed")
    return took_s


def _wait(ready: Barrier, work: Work, share: tuple[Any, ...]) -> None:
    work(*share, ready.wait)


def _sweep(url: str, ready: Callable[[], object]) -> None:
    """One runner: sweeps until nothing is left that is due."""
    with open_app(url, clock=VirtualClock(DUE_AT)) as app:
        # What a daemon has long done when the moment comes.
        app.engine.current_rules()
        app.engine.next_wake()
        ready()
        while (wake_at := app.engine.next_wake()) is not None and wake_at <= DUE_AT:
            if not app.engine.sweep().placements:
                time.sleep(_PAUSE_S)


def _result(taken: dict[str, list[float]], placements: int, due: int, runs: int) -> dict[str, float | int]:
    rate = {name: median(rates) for name, rates in taken.items()}
    return {
        "placements": placements,
        "due": due,
        "runs": runs,
        "processors": os.cpu_count() or 0,
        **{f"{name}_per_s": round(value) for name, value in rate.items()},
        **{f"sweep_postgres_ratio_{n}": round(rate[f"engine_{n}"] / rate[f"raw_{n}"], 2) for n in COUNTS},
        **{f"runners_{n}_to_1": round(rate[f"engine_{n}"] / rate["engine_1"], 2) for n in COUNTS[1:]},
        **{f"raw_{n}_to_1": round(rate[f"raw_{n}"] / rate["raw_1"], 2) for n in COUNTS[1:]},
        **{f"engine_to_{name}": round(rate["engine_1"] / rate[name], 1) for name in _OTHERS if name in rate},
    }


if __name__ == "__main__":
    raise SystemExit(main())
