"""The command line in this process: a sandbox database of its own for each test, at a fixed clock."""

import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from operators.cli import main

ROOT = Path(__file__).parents[2]
POST = ("host_name=Ville de Nuits", "host_siret=13002603200016", "host_type=COMMUNE")


@dataclass(frozen=True)
class Said:
    """What one command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Said]


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Cli]:
    """Runs `parcours` with these words; `clock` sets the sandbox's clock, for good."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARCOURS_DATABASE_URL", f"sqlite:///{tmp_path}/parcours.db")
    monkeypatch.setenv("PARCOURS_CLOCK", "2021-03-01T09:00:00Z")
    before = logging.getLogger().handlers[:]

    def run(*words: str, clock: str | None = None) -> Said:
        if clock is not None:
            monkeypatch.setenv("PARCOURS_CLOCK", clock)
        capfd.readouterr()
        code = main(words)
        out, err = capfd.readouterr()
        return Said(code, out, err)

    yield run
    logging.getLogger().handlers[:] = before
    logging.getLogger().setLevel(logging.WARNING)


Once = Callable[[Callable[[Cli], object]], Cli]


@pytest.fixture(scope="session")
def _made() -> dict[Callable[[Cli], object], tuple[Path, str]]:
    """What some commands have led to: its folder, and the clock at their end."""
    return {}


@pytest.fixture
def once(
    cli: Cli,
    _made: dict[Callable[[Cli], object], tuple[Path, str]],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Once:
    """Gives each test a copy of what these commands lead to; they are carried out for the first one alone."""

    def given(commands: Callable[[Cli], object]) -> Cli:
        if commands not in _made:
            folder = tmp_path_factory.mktemp("made")
            with monkeypatch.context() as there:
                there.chdir(folder)
                there.setenv("PARCOURS_DATABASE_URL", f"sqlite:///{folder}/parcours.db")
                commands(cli)
            _made[commands] = folder, os.environ["PARCOURS_CLOCK"]
        folder, clock = _made[commands]
        shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
        monkeypatch.setenv("PARCOURS_CLOCK", clock)
        return cli

    return given


def initialised(cli: Cli) -> None:
    """A sandbox."""
    assert cli("init", "--sandbox").code == 0


@pytest.fixture
def office(once: Once) -> Cli:
    """The same, with a sandbox that was initialised."""
    return once(initialised)


def place(cli: Cli, reference: str, territory: str = "75", at: str = "2021-03-01") -> Said:
    """A post, applied for on the 1st of March 2021."""
    fields = [word for field in POST for word in ("--set", field)]
    return cli("place", "--reference", reference, "--territory", territory, "--at", at, *fields, "--json")


def grant(cli: Cli, *references: str) -> Said:
    """Granted on the same day."""
    return cli(
        "fire",
        *references,
        "grant_post",
        "--role",
        "anct",
        "--set",
        "granted_on=2021-03-01",
        "--json",
        "--yes",
    )


def show_candidate(cli: Cli, *references: str, at: str = "2021-03-01T09:00:00+00:00") -> Said:
    """One candidate, shown at that moment."""
    fields = ("--set", "candidate_ref=C-7", "--set", "candidate_name=Camille Roux")
    return cli("fire", *references, "show_candidate", "--role", "platform", *fields, "--at", at, "--json", "--yes")
