"""T3: kill -9 at every system call by which a command writes; what it acknowledged is there, the rest is whole.

strace kills on entering the call, so that the nth case is the state after the call before it.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from faults import office
from faults.harness import ALL, Row, Tally, replaced, scratch, some, tried
from faults.office import COMMANDS, Command
from faults.program import KILLED, calls_of, forked, said
from storage.sql import SqlStore
from tests.acceptance.driver import Site

AGAIN = (0, 3)
"""The same command once more: it is done, or there is nothing left to do."""


@dataclass(frozen=True)
class Boundary:
    """Before the nth call of this name that a command makes."""

    command: Command
    call: str
    number: int

    def __str__(self) -> str:
        return f"{self.command.name}, {self.call} {self.number}"


@dataclass(frozen=True)
class Bench:
    """What the cases share: the office, how it begins and how it ends for each command."""

    folder: Path
    site: Site
    before: Mapping[str, object]
    after: Mapping[str, Mapping[str, object]]
    boundaries: Sequence[Boundary]


@contextmanager
def bench(name: str, commands: Sequence[Command] = COMMANDS) -> Iterator[Bench]:
    """The office, and every boundary of these commands: found by running each to its end."""
    with scratch(name) as folder:
        site = office.make(folder / "office")
        after: dict[str, Mapping[str, object]] = {}
        boundaries: list[Boundary] = []
        for number, command in enumerate(commands):
            own, trace = _begin(site, command, folder / f"whole-{number}"), folder / f"trace-{number}"
            answer = forked(own, *command.words, trace=trace)
            if answer.code or not office.is_acknowledged(answer):
                raise RuntimeError(f"{command.name} cannot be tried: {answer}")
            after[command.name] = office.ends(own)
            calls = calls_of(trace)
            boundaries += [Boundary(command, call, n + 1) for call, count in calls.items() for n in range(count)]
        yield Bench(folder, site, office.ends(site), after, boundaries)


def _begin(site: Site, command: Command, folder: Path) -> Site:
    return office.empty(site, folder) if command.makes else office.copy(site, folder)


@contextmanager
def case(bench: Bench, command: Command) -> Iterator[Site]:
    """An office for one case, removed after it."""
    with scratch("case") as folder:
        yield _begin(bench.site, command, folder / "office")


def killed(bench: Bench, at: Boundary) -> list[str]:
    """Kill the command there; what does not hold afterwards."""
    with case(bench, at.command) as site:
        answer = forked(site, *at.command.words, inject=f"{at.call}:signal=KILL:when={at.number}")
        if answer.code not in (0, KILLED):
            return [f"{at}: answered {answer.code}: {answer.err}"]
        return [
            f"{at}: {sentence}" for sentence in left_behind(bench, at.command, site, office.is_acknowledged(answer))
        ]


def left_behind(bench: Bench, command: Command, site: Site, acknowledged: bool) -> Iterator[str]:
    """What does not hold of what a broken command left, and of the same command asked once more."""
    after = bench.after[command.name]
    if not command.makes or acknowledged:
        found, end = office.examined(site)
        yield from found
        if acknowledged and end != after:
            yield "what was acknowledged is not there"
        if end not in (bench.before, after):
            yield f"half of it was written: {_difference(end, after)}"
    again = said(site, *command.words)
    if again.code not in AGAIN or again.is_traceback:
        yield f"asked again, it answered {again.code}: {again.err}"
        return
    found, end = office.examined(site)
    yield from found
    if end != after:
        yield f"asked again, it came to another end: {_difference(end, after)}"


def _difference(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    return sorted(name for name in {*one, *other} if one.get(name) != other.get(name))


def run(count: int) -> Tally:
    """Each boundary of each command, or so many of them."""
    with bench("kill") as shared:
        cases = some(shared.boundaries, count)
        return tried(partial(killed, shared), cases, f"{len(COMMANDS)} commands")


def control() -> Tally:
    """The same on one command that says yes when its transaction is ready, before it commits."""
    (place,) = (command for command in COMMANDS if command.name == "place")
    with bench("kill-control", [place]) as shared, replaced(SqlStore, "transact", _too_early(SqlStore.transact)):
        return tried(partial(killed, shared), some(shared.boundaries, 16))


def _too_early(transact: Any) -> Any:
    def acknowledging(self: SqlStore, work: Callable[[Any], Any]) -> Any:
        def told(unit: Any) -> Any:
            given = work(unit)
            sys.stdout.write("done\n")
            sys.stdout.flush()
            return given

        return transact(self, told)

    return acknowledging


ROW = Row(
    name="T3",
    fault="kill -9 at every write, sync, cut, rename and removal of each command",
    run=run,
    defect="a command that acknowledges before it commits",
    control=control,
    sample=10,
    usual=ALL,
    many=ALL,
    needs=("strace",),
)
