"""`make bench-growth`: what a transition, a list and the daemon cost as the database grows, beside the same by hand.

Each size is the same placements that fall due among more and more others, in one file, in place: in each round the
engine fires some of them, then as many are written by hand as it would write them. Prints a table; writes
results/growth.json.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

from app import App
from bench import ballast, raw
from bench.ballast import DUE_AT
from bench.large import copy, environ, open_at
from bench.rounds import Taken, alone, timed
from storage.listing import PlacementFilter
from workflow.sweeping import BATCH as SWEEP_BATCH

RESULTS = Path(__file__).with_name("results") / "growth.json"
SIZES = (10_000, 100_000, 1_000_000)
_ASKED, _NOTED = 200, 50
_LATER = 2
"""So many rounds' placements are left for the daemon."""

Figures = dict[str, float]


def main() -> int:
    """Build, measure size by size, print and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--due", type=int, default=SWEEP_BATCH, help="so many of them in each round; whole batches")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where there is room: a million placements take some 20 GB")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        base = ballast.build(Path(folder) / "base.db", given.due * (2 * given.rounds + _LATER))
        work = _by_hand(base)
        found = [_measured(base, work, size, given.due, given.rounds) for size in given.sizes]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", "utf-8")
    _print(found)
    return 0


def _by_hand(base: Path) -> raw.Work:
    """What a sweep of all that is due writes."""
    swept = copy(base, "swept.db")
    with open_at(swept, DUE_AT) as app:
        app.engine.sweep()
    return raw.difference(base, swept)


def _measured(base: Path, work: raw.Work, size: int, due: int, rounds: int) -> Figures:
    path = copy(base, f"{size}.db")
    shutil.copyfile(f"{base}.signing-key", key := Path(f"{path}.signing-key"))
    key.chmod(0o600)
    started_s = time.perf_counter()
    ballast.grow(path, size)
    print(f"{size:,} placements: {time.perf_counter() - started_s:,.0f} s to build", file=sys.stderr, flush=True)
    found: Figures = {"placements": size, "mb": round(path.stat().st_size / 1e6), **alone(_lists, path)}
    found |= _swept(path, work, due, rounds)
    found["daemon_peak_mb"] = _daemon(path)
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink()
    return found


def _swept(path: Path, work: raw.Work, due: int, rounds: int) -> Figures:
    """The engine and the hand in turns: each goes on where the other ended."""
    names = work.placements
    taken: dict[str, list[Taken]] = {"engine": [], "raw": []}
    for number in range(rounds):
        first = (2 * number + 1) * due
        taken["engine"].append(alone(_by_the_engine, path, due))
        taken["raw"].append(alone(_write, path, _part(work, names[first : first + due])))
    cost = {f"{who}_{clock}_us": _cost(runs, clock) for who, runs in taken.items() for clock in ("cpu", "wall")}
    pairs = zip(taken["engine"], taken["raw"], strict=True)
    return {**cost, "ratio_cpu": round(median(hand.cpu_s / engine.cpu_s for engine, hand in pairs), 3)}


def _part(work: raw.Work, names: Sequence[str]) -> raw.Work:
    rows = {kind: {name: of[name] for name in names if name in of} for kind, of in work.rows.items()}
    return replace(work, rows=rows)


def _by_the_engine(path: Path, due: int) -> Taken:
    """So many of what is due, by a process that knows its rules."""
    with open_at(path, DUE_AT) as app:
        app.engine.current_rules()
        asked = count()
        with timed(due) as taken:
            result = app.engine.sweep(stop=lambda: next(asked) * SWEEP_BATCH >= due)
    if result.placements != due or result.incidents:
        raise RuntimeError(f"expected {due} placements: {result}")
    return taken


def _write(path: Path, work: raw.Work) -> Taken:
    with timed(len(work.placements)) as taken:
        raw.write(path, work)
    return taken


def _cost(runs: list[Taken], clock: str) -> float:
    """Microseconds for each placement, in the median."""
    return round(median((run.cpu_s if clock == "cpu" else run.wall_s) / run.count for run in runs) * 1e6, 1)


def _lists(path: Path) -> Figures:
    """What operators ask, each over and over: microseconds in the median, on the wall."""
    with open_at(path, DUE_AT) as app:
        one = app.queries.placements(PlacementFilter(state="in_post"), 1).items[0].reference
        counts = app.queries.count_by_state_and_territory()
        state, territory = max(counts, key=lambda place: counts[place])
        asked: dict[str, Callable[[], object]] = {
            "history_us": partial(app.queries.history, one),
            "overdue_us": partial(app.queries.deadlines, PlacementFilter(overdue=DUE_AT), 50),
            "filter_us": partial(app.queries.placements, PlacementFilter(state=state, territory=territory), 50),
            "filter_by_state_us": partial(app.queries.placements, PlacementFilter(state=state), 50),
            "filter_by_territory_us": partial(app.queries.placements, PlacementFilter(territory=territory), 50),
            "counts_us": app.queries.count_by_state_and_territory,
            "next_wake_us": app.engine.next_wake,
        }
        return {name: _middle(each) for name, each in asked.items()} | {"note_us": _notes(app)}


def _middle(ask: Callable[[], object]) -> float:
    return round(median(_seconds(ask) for _ in range(_ASKED)) * 1e6, 1)


def _seconds(ask: Callable[[], object]) -> float:
    started_s = time.perf_counter()
    ask()
    return time.perf_counter() - started_s


def _notes(app: App) -> float:
    """A remark on one placement after the other: each durable, alone."""
    from workflow.commands import Note

    names = app.queries.references("C", _NOTED)
    notes = [Note(reference=name, text="vu", actor="bench", key=name) for name in names]
    return round(median(_seconds(partial(app.engine.ask, each)) for each in notes) * 1e6, 1)


def _daemon(path: Path) -> float:
    """The peak of a daemon's memory (MB), from its start until nothing is due and it has gone to sleep."""
    given = environ(path, PARCOURS_CLOCK=DUE_AT.isoformat())
    command = [sys.executable, "-m", "operators.cli", "run"]
    with subprocess.Popen(command, env=given, cwd=path.parent, stderr=subprocess.DEVNULL) as daemon:  # noqa: S603 - its own program
        try:
            with open_at(path, DUE_AT) as app:
                for _ in _patiently():
                    wake_at = app.engine.next_wake()
                    if wake_at is None or wake_at > DUE_AT:
                        break
            time.sleep(2)
            status = Path(f"/proc/{daemon.pid}/status").read_text("utf-8")
        finally:
            daemon.terminate()
    return round(int(status.split("VmHWM:")[1].split()[0]) / 1024, 1)


def _patiently() -> Iterator[None]:
    for _ in range(600):
        yield
        time.sleep(0.1)
    raise RuntimeError("the daemon did not fire all that is due")


def _print(found: list[Figures]) -> None:
    for name in found[0]:
        values = " ".join(f"{each[name]:>14,.10g}" for each in found)
        print(f"{name:<20} {values}   x {found[-1][name] / found[0][name]:.2f}")


if __name__ == "__main__":
    sys.exit(main())
