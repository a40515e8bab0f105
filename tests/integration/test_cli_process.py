"""`parcours` as a process: what it imports, pipes, signals, terminals, completion."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT, Cli, grant, place

PARCOURS = (sys.executable, "-m", "operators.cli")
IMPORTED = "import sys; from operators.cli import main; main({words!r}); print(*sys.modules, file=sys.stderr)"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The surroundings of a process: the sources, and the database that `office` uses."""
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PARCOURS_DATABASE_URL": f"sqlite:///{tmp_path}/parcours.db",
        "PARCOURS_CLOCK": "2021-03-01T09:00:00Z",
        "TERM": "xterm",
    }


def run(environ: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PARCOURS, *words], env=environ, capture_output=True, text=True, check=False)


def imported(environ: Mapping[str, str], *words: str) -> set[str]:
    code = IMPORTED.format(words=list(words))
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_help_imports_next_to_nothing(environ: dict[str, str]) -> None:
    modules = imported(environ, "--help")
    dear = {"rich", "pydantic", "sqlalchemy", "structlog", "settings", "app", "workflow.definition"}
    assert modules & dear == set()


def test_show_imports_only_what_it_needs(office: Cli, environ: dict[str, str]) -> None:
    place(office, "A-1")
    modules = imported(environ, "show", "A-1")
    dear = {
        "rich",
        "structlog",
        "alembic",
        "apscheduler",
        "jours_feries_france",
        "runner",
        "sqlalchemy.dialects.postgresql",
        "typer.rich_utils",
    }
    assert modules & dear == set()


def test_help_names_every_command(environ: dict[str, str]) -> None:
    done = run(environ, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "deadlines" in done.stdout
    assert "Usage: parcours fire" in run(environ, "fire", "--help").stdout


def test_reader_that_goes_away_is_no_error_message(office: Cli, environ: dict[str, str]) -> None:
    grant(office, *[place(office, f"A-{number}").json["reference"] for number in range(3)])
    process = subprocess.Popen(
        [*PARCOURS, "list", "--json"], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait() == 1
    assert said == ""


def test_interruption_is_one_sentence(environ: dict[str, str], tmp_path: Path) -> None:
    # A pipe without a writer holds the command until the signal has come.
    os.mkfifo(tmp_path / "cases.csv")
    process = subprocess.Popen(
        [*PARCOURS, "date", "--batch", "cases.csv"], cwd=tmp_path, env=environ,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with (tmp_path / "cases.csv").open("w"):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err) == (1, "", "Interrompu : rien de plus n'a été fait.\n")


def on_terminal(environ: Mapping[str, str], *words: str, typed: str = "") -> str:
    """What a person sees who types this: stdin and stdout are a terminal."""
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    process = subprocess.Popen([*PARCOURS, *words], env=environ, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL)
    os.close(theirs)
    seen = b""
    try:
        while data := os.read(ours, 65536):
            seen += data
    except OSError:
        pass  # the other end is closed: Linux tells it so
    os.close(ours)
    process.wait()
    return seen.decode()


def test_colours_are_for_terminals_that_want_them(office: Cli, environ: dict[str, str]) -> None:
    place(office, "A-1")
    assert "\x1b[" in on_terminal(environ, "show", "A-1")
    for plain in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b[3" not in on_terminal(environ | plain, "show", "A-1")
    assert "\x1b[3" not in on_terminal(environ, "show", "A-1", "--no-color")
    assert json.loads(on_terminal(environ, "show", "A-1", "--json"))["reference"] == "A-1"
    assert "\x1b" not in run(environ, "show", "A-1").stdout


def test_a_person_is_asked_before_a_bulk(office: Cli, environ: dict[str, str]) -> None:
    for reference in ("A-1", "A-2"):
        place(office, reference)
    words = ("fire", "A-1", "A-2", "grant_post", "--role", "anct", "--set", "granted_on=2021-03-01")
    assert "A-2" in on_terminal(environ, *words, typed="n\n")
    assert office("show", "A-1", "--json").json["revision"] == 1
    assert "2 faits, 0 refusés." in on_terminal(environ, *words, typed="oui\n")
    assert office("show", "A-2", "--json").json["revision"] == 2


def complete(environ: Mapping[str, str], line: str) -> list[str]:
    asked = {
        "_PARCOURS_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-c", "from operators.cli import main; main([])"],
        env={**environ, **asked}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split()


def test_references_are_completed_from_the_database(office: Cli, environ: dict[str, str]) -> None:
    for reference in ("A-1", "A-2", "B-1"):
        place(office, reference)
    assert complete(environ, "parcours show A") == ["A-1", "A-2"]
    assert "grant_post" in complete(environ, "parcours fire A-1 grant")
    assert "deadlines" in complete(environ, "parcours dea")
    assert complete(environ, "parcours notices re") == ["retry"], "also of a group that means a command by itself"


def test_completion_is_silent_without_a_database(environ: dict[str, str]) -> None:
    assert complete(environ, "parcours show A") == []


def test_log_lines_are_json_where_nobody_watches(office: Cli, environ: dict[str, str]) -> None:
    place(office, "A-1")
    done = run(environ, "fire", "A-1", "grant_post", "--role", "anct", "--set", "granted_on=2021-03-01",
               "--log-level", "info", "--json")  # fmt: skip
    assert json.loads(done.stdout)["revision"] == 2
    (line,) = [json.loads(each) for each in done.stderr.splitlines()]
    assert (line["event"], line["level"], line["reference"]) == ("fact.recorded", "info", "A-1")


@pytest.mark.parametrize("words", [("list",), ("list", "--json"), ("show", "NOPE", "--json")])
def test_answer_that_cannot_be_written_fails_with_one_sentence(
    office: Cli, environ: dict[str, str], words: tuple[str, ...]
) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*PARCOURS, *words], env=environ, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "No space left on device" in done.stderr


def test_log_that_cannot_be_written_changes_nothing(office: Cli, environ: dict[str, str]) -> None:
    place(office, "A-1")
    environ["PARCOURS_CLOCK"] = "2021-05-03T00:00:00Z"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*PARCOURS, "run", "--once"], env=environ, stdout=subprocess.PIPE, stderr=full, text=True)
    assert (done.returncode, done.stdout) == (0, "")
    assert office("history", "A-1", "--json").json[-1]["kind"] == "missed"
