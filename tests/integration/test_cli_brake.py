"""The brake on the command line: what is refused, with which exit code, and how it is released."""

import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from app import open_app
from operators.chores import Anchoring
from settings import read_settings
from tests.integration.conftest import Cli, grant, place, show_candidate

RELEASE = ("run", "--release", "--reason", "Zéphyrine closed the laptop", "--role", "supervisor", "--as", "Ada")
APRIL = "2021-04-15T09:00:00Z"


@pytest.fixture
def office(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A sandbox that asked for a brake, with a candidate shown on the 1st of March 2021."""
    monkeypatch.setenv("PARCOURS_BRAKE", "on")
    monkeypatch.setenv("PARCOURS_LANG", "en")
    assert cli("init", "--sandbox").code == 0
    place(cli, "A-1")
    grant(cli, "A-1")
    assert show_candidate(cli, "A-1").code == 0
    return cli


def history(cli: Cli) -> list[str]:
    return [entry["kind"] for entry in cli("history", "A-1", "--json").json]


def test_everything_that_would_fire_after_a_month_answers_8(office: Cli) -> None:
    before = history(office)
    withdraw = ("fire", "A-1", "withdraw", "--role", "host", "--reason", "host_withdrew")
    for words in (("run", "--once"), withdraw, (*withdraw, "--dry-run"), ("can", "A-1"), ("audit", "seal")):
        said = office(*words, clock=APRIL)
        assert (said.code, said.out) == (8, ""), words
        assert "2021-04-15T09:00:00Z" in said.err
        assert "Traceback" not in said.err
    blockers = office(*withdraw, "--json").json["error"]["blockers"]
    assert [(blocker["code"], blocker["details"]["cause"]) for blocker in blockers] == [("held", "gap")]
    assert history(office) == before


def test_reads_and_what_is_not_due_go_on(office: Cli) -> None:
    assert office("show", "A-1", "--json", clock=APRIL).json["behind"]
    assert office("list").code == office("deadlines").code == office("history", "A-1").code == 0
    assert place(office, "A-2", at="2021-04-15").code == 0
    granted = ("fire", "A-2", "grant_post", "--role", "anct", "--set", "granted_on=2021-04-15")
    assert office(*granted).code == 0


def test_doctor_and_stats_say_that_it_holds_and_how_to_release_it(office: Cli) -> None:
    for command in ("doctor", "stats"):
        answer = office(command, "--json", clock=APRIL)
        assert answer.code == 0
        held = answer.json["brake"]["held"]
        assert (held["cause"], held["since"], held["now"]) == ("gap", "2021-03-01T09:00:00Z", APRIL)
        assert "parcours run --release --reason" in office(command).out
    assert "le frein tient" in office("doctor", "--lang", "fr").out


def test_release_is_entered_and_the_sweep_goes_on(office: Cli) -> None:
    released = office(*RELEASE, "--json", clock=APRIL)
    assert released.code == 0
    assert (released.json["released"]["cause"], released.json["brake"]["held"]) == ("gap", None)
    assert released.json["brake"]["released_at"] == APRIL
    assert json.loads(released.err.splitlines()[-1])["event"] == "brake.released"
    assert "Zéphyrine" not in released.err
    assert office("run", "--once").code == 0
    assert "timeout" in history(office)
    assert office("audit", "seal").code == 0
    assert office("audit", "verify").code == 0
    assert office("doctor", "--json").json["brake"]["released_at"] == APRIL
    assert f"The brake was released last at {APRIL}." in office("doctor").out


def test_release_is_in_the_evidence(office: Cli, tmp_path: Path) -> None:
    office(*RELEASE, clock=APRIL)
    assert office("audit", "export", "--format", "bundle", "--out", "bundle.zip").code == 0
    with ZipFile(tmp_path / "bundle.zip") as bundle:
        bundle.extractall(tmp_path / "bundle")
    checked = subprocess.run([sys.executable, "verify.py"], cwd=tmp_path / "bundle", capture_output=True, check=False)
    assert checked.returncode == 0, checked.stdout
    assert b'"kind":"released"' in b"".join(path.read_bytes() for path in (tmp_path / "bundle").glob("*.jsonl"))


def test_release_with_once_sweeps_too(office: Cli) -> None:
    assert office(*RELEASE, "--once", clock=APRIL).code == 0
    assert "timeout" in history(office)


def test_daemon_sends_no_checkpoint_by_a_clock_in_doubt(office: Cli, tmp_path: Path) -> None:
    """The next one would be due, and a failed one tried again, by that clock's time."""
    assert office("audit", "seal").code == 0
    record = tmp_path / "parcours.db.signing-key.anchors.jsonl"
    mail = {"smtp_host": "127.0.0.1", "smtp_port": 1, "mail_from": "a@example.org", "mail_to": "b@example.org"}
    for clock, sent in ((APRIL, False), ("2021-03-02T09:00:00Z", True)):
        with open_app(settings=read_settings({**mail, "clock": clock})) as app:
            Anchoring(app, lambda: True)._send()
        assert record.exists() == sent


def test_going_on_from_a_restored_copy_waits_for_the_release(office: Cli) -> None:
    """An old copy is held too: it must not be accepted by a clock that is in doubt."""
    accepted = office("audit", "seal", "--accept-restored", "--reason", "the disk died", clock=APRIL)
    assert (accepted.code, accepted.out) == (8, "")
    assert office(*RELEASE).code == 0
    assert office("audit", "seal", "--accept-restored", "--reason", "the disk died").code == 0


def test_nothing_to_release_is_said(office: Cli) -> None:
    said = office(*RELEASE)
    assert (said.code, said.out) == (0, "Nothing holds: there is nothing to release.\n")
    assert office(*RELEASE, "--json").json["disclosure"] is None


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("run", "--release"), 2, "--release and --reason go together."),
        (("run", "--reason", "why"), 2, "--release and --reason go together."),
        (("run", "--release", "--reason", "why"), 3, "role"),
        (("run", "--release", "--reason", "why", "--role", "host"), 3, "supervisor"),
    ],
)
def test_release_by_nobody_in_particular_is_refused(office: Cli, words: tuple[str, ...], code: int, told: str) -> None:
    said = office(*words, clock=APRIL)
    assert (said.code, said.out) == (code, "")
    assert told in said.err
    assert office("run", "--once").code == 8


def test_clock_far_behind_is_one_sentence_and_1(office: Cli, tmp_path: Path) -> None:
    before = history(office)
    (tmp_path / "none.csv").write_text("reference,trigger,at\n")
    for words in (
        ("run", "--once"),
        ("fire", "A-1", "withdraw", "--role", "host"),
        ("import", "none.csv"),
        ("can", "A-1"),
    ):
        said = office(*words, clock="2010-01-01T00:00:00Z")
        assert (said.code, said.out) == (1, ""), words
        assert said.err.splitlines()[-1].startswith("Nothing was written: the clock says 2010-01-01T00:00:00Z")
    assert office("run", "--once", "--json").json["error"]["code"] == "clock_behind"
    assert (history(office), office("doctor").code) == (before, 0)
    assert "2010-01-01" in office("stats").out


def test_great_share_is_held(office: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARCOURS_BRAKE_MIN_FIRINGS", "1")
    assert office("run", "--once", clock="2021-03-10T09:00:00Z").code == 0
    assert office("run", "--once", clock="2021-03-18T09:00:00Z").code == 8
    held = office("stats", "--json").json["brake"]["held"]
    assert (held["cause"], held["due"], held["open"]) == ("share", 1, 1)
    assert office(*RELEASE, "--once").code == 0
    assert "timeout" in history(office)


def test_sandbox_has_no_brake_unless_asked(cli: Cli) -> None:
    assert cli("init", "--sandbox").code == 0
    place(cli, "A-1")
    assert cli("run", "--once", clock="2040-01-01T00:00:00Z").code == 0
    place(cli, "A-2")
    assert cli("run", "--once", clock="2010-01-01T00:00:00Z").code == 0
    brake = cli("stats", "--json").json["brake"]
    assert brake == {"on": False, "held": None, "seen_at": None, "written_at": None, "released_at": None}


@pytest.mark.parametrize("setting", ["BRAKE=maybe", "BRAKE_MAX_GAP_S=3600", "BRAKE_MAX_SHARE=2", "BRAKE_MIN_FIRINGS=0"])
def test_limits_that_make_no_sense_are_wrong_usage(cli: Cli, monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    name, _, value = setting.partition("=")
    monkeypatch.setenv(f"PARCOURS_{name}", value)
    said = cli("stats")
    assert said.code == 2
    assert f"PARCOURS_{name}" in said.err
