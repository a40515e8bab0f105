"""What T10 rests on, without its cluster: operators remember what they were told, and a machine dies as a whole."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults import office
from faults.machine import Machine, wait_until
from faults.operator_threads import Operator, Told, lost, refused_and_there
from tests.acceptance.driver import Site
from workflow.history import ChainedEntry

Histories = dict[str, list[ChainedEntry]]


@pytest.fixture
def worked(site: Site) -> tuple[Told, Histories]:
    """What an operator was told, and what is there."""
    with site.at("2021-03-01T08:00:00Z").init(sandbox=True).open() as app:
        operator = Operator(app, "O1")
        operator.start()
        wait_until(lambda: len(operator.told.answers) > 8, "answers")
        operator.end()
        kept = {name: [row.chained() for row in app.queries.history(name)] for name in office.references(app)}
    return operator.told, kept


def test_what_was_acknowledged_is_there_once(worked: tuple[Told, Histories]) -> None:
    told, kept = worked
    assert (told.wrong, told.refused) == ([], [])
    assert list(lost(told, kept)) == []


def test_acknowledged_change_that_is_gone_twice_there_or_another_is_found(worked: tuple[Told, Histories]) -> None:
    told, kept = worked
    first, second, third = sorted(kept)[:3]
    last = kept[second].pop()
    kept[third].append(kept[third][-1])
    del kept[first]
    gone = [key for key, promise in told.answers.items() if promise.reference == first]
    twice = kept[third][-1].entry.key
    assert {sentence.split()[4] for sentence in lost(told, kept)} == {f"{k}:" for k in [*gone, last.entry.key, twice]}


def test_refused_change_that_is_there_is_found(worked: tuple[Told, Histories]) -> None:
    told, kept = worked
    told.refused += ["never-made", next(iter(told.answers))]
    assert len(list(refused_and_there(told, kept))) == 1


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine(tmp_path / "one", ["sh", "-c", "setsid sleep 600 & touch started; sleep 600"], {})
    made.folder.mkdir()
    yield made
    made.kill()


def working_in(folder: Path) -> list[str]:
    found = subprocess.run(["sh", "-c", "readlink /proc/[0-9]*/cwd"], capture_output=True, text=True, check=False)
    return [line for line in found.stdout.splitlines() if line == str(folder)]


def test_machine_dies_with_all_that_it_has_started(machine: Machine) -> None:
    machine.start()
    wait_until(lambda: (machine.folder / "started").exists() and len(working_in(machine.folder)) == 3, "its processes")
    machine.kill()
    assert working_in(machine.folder) == []
    assert machine.process is not None
    assert machine.process.returncode == -9
