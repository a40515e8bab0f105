"""Personal data on the command line: what was planted is shown, erased, and then in no file; registers and restores."""

import json
import shutil
from pathlib import Path

from tests.integration.conftest import Cli, grant, place

CANARY = "Zephyrine-Canari-7421"
ERASE = ("--ground", "objection", "--decision", "DPO-2021/7", "--role", "supervisor")


def planted(office: Cli) -> None:
    """One placement in which the canary is a field and a free text."""
    place(office, "A-1")
    grant(office, "A-1")
    said = ("--set", "candidate_ref=C-1", "--set", f"candidate_name={CANARY}", "--role", "platform")
    assert office("fire", "A-1", "show_candidate", *said).code == 0
    assert office("note", "A-1", f"{CANARY} a téléphoné").code == 0


def codes(answer: str) -> set[str]:
    return {blocker["code"] for blocker in json.loads(answer)["error"]["blockers"]}


def everywhere(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())


def test_what_is_kept_of_persons_is_shown_for_a_request_of_access(office: Cli) -> None:
    planted(office)
    found = office("person", "show", "A-1", "--json").json
    values = {(each["field"], each["category"]): each["value"] for each in found["values"]}
    assert values["candidate_name", "candidates"] == CANARY
    assert values["note", "remarks"] == f"{CANARY} a téléphoné"
    assert {"category": "candidates", "keep": "24 months", "erased_at": None} in found["retention"]
    assert CANARY in office("person", "show", "A-1").out


def test_what_is_erased_is_in_no_file_export_or_log(office: Cli, tmp_path: Path) -> None:
    planted(office)
    done = office("person", "erase", "A-1", "--all", *ERASE, "--log-level", "info", "--log-format", "json")
    assert done.code == 0
    assert '"event": "personal_data.erased"' in done.err
    assert CANARY not in done.out + done.err
    for form in ("csv", "jsonl"):
        assert office("audit", "export", "--format", form, "--out", f"log.{form}").code == 0
    assert CANARY.encode() not in everywhere(tmp_path)
    shown = office("show", "A-1", "--json").json
    assert shown["erased"] == ["candidate_name", "candidate_ref"]
    assert "candidate_name" not in shown["fields"]
    assert office("doctor").code == 0


def test_erasing_twice_is_refused_and_changes_nothing(office: Cli) -> None:
    planted(office)
    assert office("person", "erase", "A-1", "--field", "candidate_name", *ERASE).code == 0
    again = office("person", "erase", "A-1", "--field", "candidate_name", *ERASE, "--json")
    assert (again.code, codes(again.out)) == (3, {"nothing_to_erase"})
    assert office("person", "erase", "A-1", *ERASE).code == 2
    assert office("person", "erase", "A-1", "--field", "host_name", *ERASE).code == 2
    assert office("person", "erase", "nobody", "--all", *ERASE).code == 5


def test_can_says_that_a_guard_needs_what_was_erased(office: Cli) -> None:
    planted(office)
    office("person", "erase", "A-1", "--all", *ERASE)
    said = ("--set", "selected_candidate_ref=C-1", "--role", "host")
    refused = office("fire", "A-1", "select_candidate", *said, "--json")
    assert (refused.code, "value_erased" in codes(refused.out)) == (3, True)


def test_a_hold_blocks_erasure_and_retention_until_it_is_released(office: Cli) -> None:
    planted(office)
    asked = ("--role", "supervisor", "--reason", "litige en cours")
    assert office("person", "hold", "A-1", *asked).code == 0
    assert office("show", "A-1", "--json").json["held"]
    refused = office("person", "erase", "A-1", "--all", *ERASE, "--json")
    assert (refused.code, codes(refused.out)) == (3, {"legal_hold"})
    assert office("fire", "A-1", "withdraw", "--role", "host", "--reason", "host_withdrew").code == 0
    assert office("run", "--once", clock="2024-01-01T09:00:00Z").code == 0
    assert CANARY in office("person", "show", "A-1").out
    assert office("person", "release", "A-1", *asked).code == 0
    assert office("run", "--once").code == 0
    assert CANARY not in office("person", "show", "A-1").out


def test_a_restored_copy_erases_again_what_the_register_names(office: Cli, tmp_path: Path) -> None:
    planted(office)
    assert office("backup", "copy.db", "--with-keys").code == 0
    office("person", "erase", "A-1", "--all", *ERASE)
    register = tmp_path / "parcours.db.erasures.jsonl"
    assert office("person", "register", "--out", "mine.jsonl", "--json").json["erasures"] == 1
    assert (tmp_path / "mine.jsonl").read_text() == register.read_text()
    shutil.copy(tmp_path / "copy.db", tmp_path / "parcours.db")
    assert CANARY in office("person", "show", "A-1").out
    (warning,) = office("doctor", "--json").json["warnings"]
    assert "person reapply" in warning
    done = office("person", "reapply", str(register), "--role", "supervisor", "--json")
    assert done.json == {
        "items": [{"reference": "A-1", "status": "erased"}], "erased": 1, "nothing_left": 0, "unknown": 0,
    }  # fmt: skip
    assert CANARY not in office("person", "show", "A-1").out
    assert office("doctor", "--json").json["warnings"] == []
    again = office("person", "reapply", "mine.jsonl", "--role", "supervisor", "--json")
    assert (again.code, again.json["nothing_left"]) == (0, 1)


def test_a_register_that_is_none_is_refused_line_by_line(office: Cli, tmp_path: Path) -> None:
    (tmp_path / "wrong.jsonl").write_text('{"placement": "x"}\nnonsense\n')
    refused = office("person", "reapply", "wrong.jsonl", "--role", "supervisor", "--json")
    assert (refused.code, [f["line"] for f in refused.json["error"]["findings"]]) == (6, [1, 2])
    assert office("person", "reapply", "missing.jsonl", "--role", "supervisor").code == 6
