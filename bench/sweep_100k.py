"""`make bench`: one sweep of 4,000 deadlines among 100,000 placements, beside the same rows written by hand.

Prints a table and writes results/latest.json; its `sweep_sqlite_ratio` is the engine's rate divided by the raw one's.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.large import DUE_AT, build, copy, open_at, url
from bench.raw import difference, write

RESULTS = Path(__file__).with_name("results") / "latest.json"
ROOT = Path(__file__).parents[1]


def main() -> int:
    """Build, measure, print and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--placements", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=4_000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        started_s = time.perf_counter()
        database = build(Path(folder), given.placements, given.due)
        build_s = time.perf_counter() - started_s
        result = measured(database, given.due, given.runs)
    result |= {"placements": given.placements, "due": given.due, "build_s": round(build_s, 1)}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    _print(result)
    return 0


def measured(database: Path, due: int, runs: int) -> dict[str, float | int]:
    """The median of some sweeps, in this process and by command, and of the same rows written by hand."""
    engine_s = median(sweep(copy(database, "engine.db"), due) for _ in range(runs))
    work = difference(database, database.with_name("engine.db"))
    raw_s = median(write(copy(database, "raw.db"), work) for _ in range(runs))
    command_s = median(by_command(copy(database, "command.db")) for _ in range(min(runs, 3)))
    return {
        "sweep_sqlite_ratio": round(raw_s / engine_s, 2),
        "sweep_sqlite_s": round(engine_s, 3),
        "raw_sqlite_s": round(raw_s, 3),
        "run_once_s": round(command_s, 3),
        "runs": runs,
    }


def sweep(database: Path, due: int) -> float:
    """One sweep at the instant at which all fall due, in seconds. Raises RuntimeError where not all were fired."""
    with open_at(database, DUE_AT) as app:
        # What a daemon has long done when the moment comes.
        app.engine.current_rules()
        started_s = time.perf_counter()
        result = app.engine.sweep()
        took_s = time.perf_counter() - started_s
    if (result.placements, result.entries, result.incidents) != (due, due, 0):
        raise RuntimeError(f"expected {due} placements with one entry each: {result}")
    return took_s


def by_command(database: Path) -> float:
    """`parcours run --once` from start to end, its log thrown away, in seconds."""
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PARCOURS_DATABASE_URL": url(database),
        "PARCOURS_CLOCK": DUE_AT.isoformat(),
    }
    command = [sys.executable, "-m", "operators.cli", "run", "--once"]
    started_s = time.perf_counter()
    subprocess.run(command, env=environ, cwd=database.parent, stderr=subprocess.DEVNULL, check=True)  # noqa: S603
    return time.perf_counter() - started_s


def _print(result: dict[str, float | int]) -> None:
    due, placements = result["due"], result["placements"]
    rows = [
        (f"engine.sweep(): {due:,} of {placements:,}", result["sweep_sqlite_s"]),
        ("the same rows by executemany", result["raw_sqlite_s"]),
        ("parcours run --once, with its start", result["run_once_s"]),
        ("building the database", result["build_s"]),
    ]
    for name, seconds in rows:
        print(f"{name:<44} {seconds:>9.3f} s")
    print(f"{'engine ÷ raw, in rows a second':<44} {result['sweep_sqlite_ratio']:>9.2f}")


if __name__ == "__main__":
    sys.exit(main())
