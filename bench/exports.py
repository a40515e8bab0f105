"""`make bench-full`: every form of export over a simulated cohort, its seals and their verification, beside reading it.

Each is measured in a process of its own, so that its memory can be told. Prints a table; writes results/exports.json.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from app import App, open_app, seal, verify
from audit.export_stream import Stream
from audit.exports import FORMS, FormName, export, loaded
from bench.cohort import NOW, build
from bench.large import url
from bench.rounds import alone, timed
from workflow.clock import VirtualClock

RESULTS = Path(__file__).with_name("results") / "exports.json"
READING, SEALING, VERIFYING = "reading alone", "audit seal", "audit verify"
_ALL = (*FORMS, "ocel as JSON", SEALING, VERIFYING)


def main() -> int:
    """Build, measure, print and write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=1_000_000)
    parser.add_argument("--database", type=Path, help="a cohort that was built before, of a schema of today")
    parser.add_argument("--forms", nargs="+", choices=_ALL, default=_ALL, help="what is measured beside reading alone")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = given.database or _built(Path(folder), given.entries)
        # The first one finds nothing of the file in memory.
        alone(measured, database, READING)
        rows = [alone(measured, database, form) for form in (READING, *given.forms)]
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")
    _print(rows)
    return 0


def _built(folder: Path, entries: int) -> Path:
    started_s = time.perf_counter()
    database = build(folder, entries)
    print(f"{entries:,} entries by the engine in {time.perf_counter() - started_s:,.0f} s", flush=True)
    return database


def measured(database: Path, form: str) -> dict[str, float | str]:
    """The rate by processor time, the size and the peak memory of this process, for one form."""
    target = database.with_name("log.json" if form == "ocel as JSON" else "log.sqlite")
    name = next((each for each in FORMS if each == form.split()[0]), None)
    if name is not None:
        # A library takes as long for one entry as for all.
        loaded(name, target)
    with open_app(url(database), clock=VirtualClock(NOW)) as app, timed(0) as taken:
        taken.count = _proved(app, form) if form in (SEALING, VERIFYING) else _run(app, name, target)
    size = target.stat().st_size if target.exists() else 0
    target.unlink(missing_ok=True)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "form": form,
        "entries": taken.count,
        "cpu_s": round(taken.cpu_s, 2),
        "wall_s": round(taken.wall_s, 2),
        "rows_per_s": round(taken.rate("cpu")),
        "size_mb": round(size / 1e6, 1),
        "peak_mb": round(peak_mb),
    }


def _proved(app: App, form: str) -> int:
    """Seal all that waits, or check the whole log. Raises RuntimeError where that is not whole."""
    if form == SEALING:
        return seal(app).sealed
    report = verify(app, None, None, lambda size: None)
    if report.faults:
        raise RuntimeError(f"the log does not hold: {report.faults[:3]}")
    return report.entries


def _run(app: App, form: FormName | None, target: Path) -> int:
    if form is None:
        # Each row, and the entry that its bytes say with their hash: what every form begins with.
        return sum(1 for each in app.queries.entries() if each.chained())  # type: ignore[misc] # 1 is an int
    return export(_stream(app), form, target, made_at=NOW).entries


def _stream(app: App) -> Stream:
    definition = app.engine.current_rules().definition
    return Stream(app.queries, lambda _: definition, [definition])


def _print(rows: Sequence[dict[str, float | str]]) -> None:
    print(f"{'form':<14} {'rows/s, CPU':>11} {'÷ reading':>9} {'CPU s':>9} {'wall s':>9} {'MB':>9} {'peak MB':>9}")
    reading = float(rows[0]["rows_per_s"])
    for row in rows:
        ratio = float(row["rows_per_s"]) / reading
        print(
            f"{row['form']:<14} {row['rows_per_s']:>11,} {ratio:>9.2f} {row['cpu_s']:>9} {row['wall_s']:>9} "
            f"{row['size_mb']:>9} {row['peak_mb']:>9}"
        )


if __name__ == "__main__":
    sys.exit(main())
