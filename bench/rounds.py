"""How everything is measured: cases in processes of their own, taking turns, and the median of their rates.

The machine is never ours alone. What goes by in one process is told by processor time, which others disturb least; what
a server takes part in, by the clock on the wall.
"""

import gc
import multiprocessing
import os
import platform
import resource
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Literal, TypeVar

T = TypeVar("T")
By = Literal["cpu", "wall"]


@dataclass
class Taken:
    """What was done, and the seconds that it took: of processor time with all children, and on the wall."""

    count: int
    cpu_s: float = 0.0
    wall_s: float = 0.0

    def rate(self, by: By) -> float:
        """How many a second."""
        return self.count / max(self.cpu_s if by == "cpu" else self.wall_s, 1e-9)


Run = Callable[[Path], Taken]
"""One run of a case: is given the folder of what was prepared, and measures the part that counts."""


@dataclass(frozen=True)
class Case:
    """One thing to measure. Its rate is told as a share of that of the case `beside`."""

    name: str
    run: Run
    beside: str
    by: By = "cpu"


@dataclass(frozen=True)
class Rate:
    """The median rate of a case, by each clock, and of how many runs."""

    cpu: float
    wall: float
    runs: int

    def by(self, which: By) -> float:
        """The rate by one clock."""
        return self.cpu if which == "cpu" else self.wall


@contextmanager
def timed(count: int) -> Iterator[Taken]:
    """Measures the block, from a tidy start."""
    taken = Taken(count)
    gc.collect()
    cpu_s, wall_s = _cpu_s(), time.perf_counter()
    yield taken
    taken.cpu_s, taken.wall_s = _cpu_s() - cpu_s, time.perf_counter() - wall_s


def _cpu_s() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def in_turns(cases: list[Case], folder: Path, rounds: int, told: Callable[[str], None]) -> Iterator[dict[str, Rate]]:
    """Every case once in each round, so that a slow moment of the machine falls on all alike; medians after each."""
    taken: dict[str, list[Taken]] = {case.name: [] for case in cases}
    for number in range(rounds):
        for case in cases:
            told(f"round {number + 1} of {rounds}: {case.name}")
            taken[case.name].append(alone(case.run, folder))
        yield {name: _median(runs) for name, runs in taken.items()}


def alone(work: Callable[..., T], *given: object) -> T:
    """What it gives in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *given).result()


def _median(runs: list[Taken]) -> Rate:
    return Rate(median(run.rate("cpu") for run in runs), median(run.rate("wall") for run in runs), len(runs))


def ratios(cases: list[Case], rates: Mapping[str, Rate]) -> dict[str, float]:
    """The rate of each case, as a share of the one beside it."""
    return {each.name: rates[each.name].by(each.by) / rates[each.beside].by(each.by) for each in cases}


def machine() -> dict[str, float | int | str]:
    """What the figures were had on, as far as it says something: also which build of Python, since some are slower."""
    python = f"{platform.python_version()}, {', '.join(platform.python_build())}, {platform.python_compiler()}"
    return {"processors": os.cpu_count() or 0, "load": round(os.getloadavg()[0], 1), "python": python}
