"""What every row is made of: cases that are tried, a sentence for all that does not hold, a control that must fail.

Knows nothing of the product.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any, TypeVar

C = TypeVar("C")
ALL = 10**9
"""As many as there are."""

WORKERS = 2
_ALONE = 40
"""So few cases are tried in this process: a pool would take longer."""

_check: Callable[[Any], Sequence[str]] | None = None
_cases: Sequence[Any] = ()


@dataclass(frozen=True)
class Tally:
    """How many faults were tried, what did not hold, and what was measured on the way."""

    tried: int
    violations: tuple[str, ...] = ()
    figures: str = ""


@dataclass(frozen=True)
class Row:
    """One row of the plan. `run` is given how many cases to try; `control` does the same with `defect` brought back.

    `sample` cases are tried by `make test`, `usual` by `make faults`, `many` with `--long`. `needs` names programs;
    `lacks` tells what else is needed and is not there. Where `sample` is 0 it is not among the tests; one that is
    `named_only` is tried only by its name. One that is `slack` waits, or has one process at work at a time: another row
    is tried beside it.
    """

    name: str
    fault: str
    run: Callable[[int], Tally]
    defect: str
    control: Callable[[], Tally]
    sample: int
    usual: int
    many: int
    needs: tuple[str, ...] = ()
    lacks: Callable[[], Sequence[str]] = tuple
    named_only: bool = False
    slack: bool = False

    def missing(self) -> list[str]:
        """What is needed, and this machine does not have."""
        return [*(name for name in self.needs if shutil.which(name) is None), *self.lacks()]


def some(cases: Sequence[C], count: int, seed: int = 2021) -> Sequence[C]:
    """So many of the cases, always the same ones; all where there are no more."""
    if count >= len(cases):
        return cases
    chosen = sorted(Random(seed).sample(range(len(cases)), count))  # noqa: S311 - the same ones every time
    return [cases[number] for number in chosen]


def tried(check: Callable[[C], Sequence[str]], cases: Sequence[C], figures: str = "") -> Tally:
    """Try every case, two at a time where there are many."""
    found = [sentence for sentences in _answers(check, cases) for sentence in sentences]
    return Tally(len(cases), tuple(found), figures)


def _answers(check: Callable[[C], Sequence[str]], cases: Sequence[C]) -> Iterator[Sequence[str]]:
    if len(cases) <= _ALONE:
        yield from map(check, cases)
        return
    global _check, _cases
    # Forked workers inherit both: nothing has to be pickled, and what a control broke stays broken in them.
    _check, _cases = check, cases
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("fork")) as pool:
        yield from pool.map(_at, range(len(cases)), chunksize=max(1, min(20, len(cases) // 50)))


def _at(number: int) -> Sequence[str]:
    if _check is None:
        raise RuntimeError("no check was given before the workers were forked")
    return _check(_cases[number])


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """A folder for the time being, in memory where there is such a disk: what is tried is no test of the disk."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
    within = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix=f"parcours-{name}-", dir=within) as folder:
        yield Path(folder)


@contextmanager
def replaced(owner: Any, name: str, value: object) -> Iterator[None]:
    """An attribute is another one for the time being: how a control brings its defect back."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)
