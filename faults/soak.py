"""T21: three years of the whole office in one process: every day a sweep and requests, and the memory stays flat.

The process is one of its own, so that its memory is the product's. `python -m faults.soak` is that process.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from app import open_app
from bench.cohort import life
from bench.large import unlimited, url
from faults import office
from faults.harness import Row, Tally, replaced, scratch
from storage import sqlite
from tests.acceptance.driver import ROOT, Site
from tests.checker import Checker
from workflow.clock import VirtualClock
from workflow.commands import Fire, Life, Place
from workflow.errors import TransitionRefused

MONTHS = 36
_DAYS = 1_096
_ALLOWED_MB = 16
"""So much more memory than after a year: heaps are not returned to the last page."""

_SMALL_CACHE = "cache_size=-2048"
"""SQLite's cache of pages fills to its limit (64 MB for a connection), and would hide what should not grow."""


def run(count: int) -> Tally:
    """So many placements, through 36 months."""
    return _soaked(count)


def _soaked(count: int, *defect: str) -> Tally:
    with scratch("soak") as folder:
        command = [sys.executable, "-m", "faults.soak", str(folder), str(count), *defect]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - its own program
        if done.returncode:
            return Tally(count, (f"it ended with {done.returncode}: {done.stderr[-600:]}",))
        told = json.loads(done.stdout)
        found = [*told["faults"], *_growth(told["rss_mb"]), *_checked(folder, told["now"])]
    first, last = told["rss_mb"][11], told["rss_mb"][-1]
    figures = f"{count:,} placements, {told['entries']:,} entries, {first} MB after 12 months, {last} MB at the end"
    return Tally(count, tuple(found), figures)


def _growth(rss_mb: list[int]) -> Iterator[str]:
    if rss_mb[-1] - rss_mb[11] > _ALLOWED_MB:
        yield f"memory grew from {rss_mb[11]} MB after 12 months to {rss_mb[-1]} MB: {rss_mb}"


def _checked(folder: Path, now: str) -> Iterator[str]:
    site = Site(folder, {"clock": now}, "cohort.db")
    with site.open() as app:
        sample = office.references(app)[::20]
        faults = Checker(app.engine, app.store, sample, canaries=[office.CANARY]).faults()
        # The notices of all placements are compared with those due to the sample.
        yield from (fault for fault in faults if not fault.startswith(("the notices", "the store wakes")))
        yield from app.queries.integrity()
        yield from (f"incident: {each.message}" for each in app.queries.incidents())


def control() -> Tally:
    """The same, small, with an engine that keeps what it has told."""
    return _soaked(60, "keeping")


def _live(folder: Path, count: int, *defect: str) -> dict[str, Any]:
    """Each placement begins on some day of the first two years, and each of its facts is entered on its own day."""
    site = Site(folder, {"definition": str(unlimited(folder))}, "cohort.db")
    clock = VirtualClock(office.BEGUN)
    site.at(office.BEGUN.isoformat()).init(sandbox=True)
    kept: list[bytes] = []
    pragmas = tuple(_SMALL_CACHE if "cache_size" in pragma else pragma for pragma in sqlite._PRAGMAS)
    with (
        replaced(sqlite, "_PRAGMAS", pragmas),
        open_app(url(site.database), clock=clock, witness=lambda *told: _keep(kept, *defect)) as app,
    ):
        plan = _plan(count)
        rss_mb = []
        for day in range(_DAYS):
            clock.at = office.BEGUN + timedelta(days=day)
            app.engine.sweep()
            for asked in plan.pop(day, ()):
                _ask(app, asked)
            if (day + 1) % 30 == 0:
                rss_mb.append(_rss_mb())
        entries = app.queries.stats().entries
    return {"rss_mb": rss_mb, "entries": entries, "faults": [], "now": clock.now().isoformat()}


def _keep(kept: list[bytes], *defect: str) -> None:
    if defect:
        kept.append(bytes(200_000))


def _plan(count: int) -> dict[int, list[Life | Fire]]:
    """What is asked on which day, counted from the first."""
    dice, plan = Random(21), dict[int, list[Life | Fire]]()  # noqa: S311 - the same ones every time
    for number in range(count):
        born = dice.randrange(720)
        whole = life(f"S{number:05}", dice)
        plan.setdefault(born, []).append(whole)
        for step, fact in enumerate(whole.facts, start=1):
            plan.setdefault(born + step * dice.randrange(1, 12), []).append(fact)
    return plan


def _ask(app: Any, asked: Life | Fire) -> None:
    """Today; what the process refuses by then is refused, as in life."""
    today = app.clock.now()
    try:
        if isinstance(asked, Life):
            fields = asked.place.fields if asked.place else {}
            app.engine.place(Place(reference=asked.reference, fields=fields, actor="Ada"))
            return
        fields = {
            name: today.date().isoformat() if name.endswith("_on") and name != "contract_ends_on" else value
            for name, value in asked.fields.items()
        }
        if "contract_ends_on" in fields:
            fields["contract_ends_on"] = (today.date() + timedelta(days=730)).isoformat()
        app.engine.fire(Fire(reference=asked.reference, trigger=asked.trigger, actor="Ada", roles=asked.roles,
                             fields=fields, reason=asked.reason))  # fmt: skip
    except TransitionRefused:
        pass


def _rss_mb() -> int:
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) // 1024


ROW = Row(
    name="T21",
    fault="36 simulated months in one process: a sweep and requests each day",
    run=run,
    defect="a process that keeps what it has told",
    control=control,
    sample=12,
    usual=4_000,
    many=40_000,
    slack=True,
)

if __name__ == "__main__":
    print(json.dumps(_live(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])))
