"""T5: the disk is full, or fails, at each call of a command: once, and from then on; afterwards it works again.

Never a traceback, one sentence and exit code 1, nothing half-written, and the same command succeeds once it can.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from faults.harness import ALL, Row, Tally, replaced, some, tried
from faults.kill_at_each_write import Bench, Boundary, bench, case, left_behind
from faults.office import COMMANDS
from faults.program import Said, forked
from storage import sqlite_database

NAMES = ("place", "fire", "import", "run --once", "audit seal", "person erase")
_WRITES = ("pwrite64", "write", "ftruncate")
_FAILED = 1


@dataclass(frozen=True)
class Failure:
    """An error at one call, or at that one and all that follow."""

    at: Boundary
    error: str
    for_good: bool

    @property
    def expression(self) -> str:
        """As strace wants it."""
        return f"{self.at.call}:error={self.error}:when={self.at.number}{'+' * self.for_good}"

    def __str__(self) -> str:
        return f"{self.at}, {self.error} {'for good' if self.for_good else 'once'}"


def failures(bench: Bench) -> list[Failure]:
    """Every error that each call may meet; only what writes can find the disk full."""
    return [
        Failure(at, error, for_good)
        for at in bench.boundaries
        for error in (("ENOSPC", "EIO") if at.call in _WRITES else ("EIO",))
        for for_good in (False, True)
    ]


def failed(bench: Bench, failure: Failure) -> list[str]:
    """Let the command fail there; what does not hold then, and after the disk works again."""
    command = failure.at.command
    with case(bench, command) as site:
        answer = forked(site, *command.words, inject=failure.expression)
        found = [*_manners(answer), *left_behind(bench, command, site, answer.code == 0)]
    return [f"{failure}: {sentence}" for sentence in found]


def _manners(answer: Said) -> Iterator[str]:
    if answer.is_traceback:
        yield f"a traceback: {answer.err[-600:]}"
    elif answer.code not in (0, _FAILED):
        yield f"the exit code is {answer.code}: {answer.err}"
    elif answer.code == _FAILED and not _is_one_sentence(answer):
        yield f"not one sentence: {answer.err!r}"


def _is_one_sentence(answer: Said) -> bool:
    # Where no answer could be written, the sentence about that may not have been written either.
    lines = [line for line in answer.err.splitlines() if not line.startswith("{")]
    return len(lines) == 1 or bool(answer.out) or answer.err == ""


def run(count: int) -> Tally:
    """Each failure at each call of six commands, or so many of them."""
    with bench("disk", [command for command in COMMANDS if command.name in NAMES]) as shared:
        cases = some(failures(shared), count)
        return tried(partial(failed, shared), cases, f"{len(NAMES)} commands")


def control() -> Tally:
    """The same on one command whose store passes the database's errors on as they come."""

    @contextmanager
    def unexplained(name: str) -> Iterator[None]:
        yield

    place = [command for command in COMMANDS if command.name == "place"]
    with bench("disk-control", place) as shared, replaced(sqlite_database, "explained", unexplained):
        return tried(partial(failed, shared), some(failures(shared), 12))


ROW = Row(
    name="T5",
    fault="disk full, and input/output errors, at each call of six commands, once and for good",
    run=run,
    defect="a store that passes the database's errors on as they come",
    control=control,
    sample=10,
    usual=ALL,
    many=ALL,
    needs=("strace",),
)
