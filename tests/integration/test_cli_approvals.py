"""Four eyes on the command line: what waits, who may answer, and what the answers say; of one placement and of many."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.conftest import Cli, Said, grant, place, show_candidate
from tests.world import FOUR_EYES

ASKING = ("--role", "supervisor", "--as", "Ada", "--json")
BY_ANCT = ("--role", "anct", "--as", "Grace", "--json")


@pytest.fixture
def selected(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A-1 and A-2 with a candidate shown, by a definition that asks for approvals; A-1 has selected one."""
    (tmp_path / "four-eyes.yaml").write_bytes(FOUR_EYES)
    monkeypatch.setenv("PARCOURS_DEFINITION", "four-eyes.yaml")
    assert cli("init", "--sandbox").code == 0
    for reference in ("A-1", "A-2"):
        place(cli, reference)
        grant(cli, reference)
        show_candidate(cli, reference)
    assert cli("fire", "A-1", "select_candidate", "--role", "host", "--set", "selected_candidate_ref=C-7").code == 0
    return cli


def codes(answer: Said) -> set[str]:
    return {blocker["code"] for blocker in answer.json["error"]["blockers"]}


def reverse(cli: Cli, *words: str) -> Said:
    return cli("reverse", *(words or ("A-1",)), "--reason", "Wrong line", *ASKING)


def test_correction_waits_and_says_so(selected: Cli) -> None:
    answer = reverse(selected)
    assert (answer.code, answer.json["state"], answer.json["moved"]) == (0, "candidate_selected", [])
    waits = answer.json["waits"]
    assert (waits["act"], waits["about"], waits["by"]) == ("reverse", "select_candidate", ["anct", "supervisor"])
    assert [entry["kind"] for entry in answer.json["entries"]] == ["approval"]
    assert "Wrong line" not in selected("history", "A-1", "--json").out


def test_approvals_lists_what_waits_since_when_and_for_whom(selected: Cli) -> None:
    assert selected("approvals", "--json").json == {"items": [], "next": None}
    reverse(selected)
    selected("stats", clock="2021-03-02T12:00:00Z")
    [item] = selected("approvals", "--json").json["items"]
    assert (item["reference"], item["request"], item["act"], item["waits_s"]) == ("A-1", 5, "reverse", 27 * 3600)
    assert "A-1      5        reverse  select_candidate  Ada          2021-03-01 10:00 Europe/Paris  1 j 3 h" in (
        selected("approvals", "--lang", "fr").out
    )
    assert selected("approvals", "--after", "nothing").code == 2


def test_show_tells_what_exactly_is_asked_and_why(selected: Cli) -> None:
    reverse(selected)
    [request] = selected("show", "A-1", "--json").json["requests"]
    assert (request["options"], request["fields"]) == ({"roles": "supervisor"}, {})
    assert (request["reason"], request["reason_text"]) == ("other", "Wrong line")
    said = selected("show", "A-1", "--lang", "en").out
    assert "Waits for approval: request no. 5, reverse select_candidate, by anct, supervisor." in said
    assert "Wrong line" in said


def test_second_person_approves_by_number_or_without(selected: Cli) -> None:
    reverse(selected)
    assert codes(selected("approve", "A-1", "--role", "anct", "--as", "Ada", "--json")) == {"second_person_needed"}
    assert codes(selected("approve", "A-1", "9", *BY_ANCT)) == {"no_request"}
    previewed = selected("approve", "A-1", "--dry-run", *BY_ANCT)
    assert (previewed.code, previewed.json["state"], previewed.json["dry_run"]) == (0, "candidate_shown", True)
    answer = selected("approve", "A-1", "5", *BY_ANCT)
    assert (answer.code, answer.json["state"], answer.json["waits"]) == (0, "candidate_shown", None)
    assert [entry["kind"] for entry in answer.json["entries"]] == ["approval", "reversal"]
    assert [each["name"] for each in answer.json["moved"]] == ["signature", "selection"]
    assert selected("approvals", "--json").json["items"] == []
    assert selected("doctor").code == 0


def test_refusal_and_withdrawal(selected: Cli) -> None:
    reverse(selected)
    assert codes(selected("refuse", "A-1", *BY_ANCT)) == {"reason_needed"}
    refused = selected("refuse", "A-1", "--reason", "other", *BY_ANCT).json
    assert refused["entries"][0]["fields"]["approval.step"] == "refused"
    reverse(selected)
    withdrawn = selected("refuse", "A-1", "--reason", "other", "--as", "Ada", "--json").json
    assert withdrawn["entries"][0]["fields"]["approval.step"] == "withdrawn"
    said = selected("history", "A-1", "--lang", "en").out
    assert "request reverse select_candidate (concerns 4) (answered by 6)" in said
    assert "refuses reverse select_candidate (concerns 5)" in said
    assert "withdraws reverse select_candidate (concerns 7)" in said


def test_bulk_has_an_outcome_per_item_and_waiting_is_no_refusal(selected: Cli) -> None:
    answer = reverse(selected, "A-1", "A-2", "--yes")
    assert (answer.code, answer.json["done"], answer.json["waiting"], answer.json["refused"]) == (0, 0, 2, 0)
    assert [item["done"] for item in answer.json["items"]] == [False, False]
    assert all(item["waits"]["act"] == "reverse" for item in answer.json["items"])
    words = ("reverse", "--where", "territory=75", "--reason", "other", "--role", "supervisor", "--yes", "--lang", "en")
    assert "0 done, 2 wait for approval, 0 refused." in selected(*words).out
    assert len(selected("approvals", "--json").json["items"]) == 4


def test_one_answer_may_be_given_to_all_that_a_filter_selects(selected: Cli) -> None:
    selected("void", "--where", "territory=75", "--reason", "entered_by_mistake", *ASKING, "--yes")
    asked = selected("approve", "--where", "territory=75", *BY_ANCT)
    assert (asked.code, len(asked.json["error"]["preview"])) == (2, 2)
    answer = selected("approve", "--where", "territory=75", *BY_ANCT, "--yes")
    assert (answer.code, [item["state"] for item in answer.json["items"]]) == (0, ["voided", "voided"])


def test_void_waits_like_the_others(selected: Cli) -> None:
    answer = selected("void", "A-2", "--reason", "entered_by_mistake", *ASKING)
    assert (answer.code, answer.json["state"], answer.json["waits"]["act"]) == (0, "candidate_shown", "void")
    assert selected("approve", "A-2", *BY_ANCT).json["state"] == "voided"


def test_each_step_is_logged_under_its_name(selected: Cli) -> None:
    words = ("--log-level", "info", "--log-format", "json")
    assert '"approval.requested"' in selected("reverse", "A-1", "--reason", "other", *ASKING, *words).err
    granted = selected("approve", "A-1", *BY_ANCT, *words).err
    assert '"approval.granted"' in granted
    assert '"entry.reversed"' in granted


def test_doctor_finds_a_request_that_the_list_lacks(selected: Cli, tmp_path: Path) -> None:
    reverse(selected)
    with closing(sqlite3.connect(tmp_path / "parcours.db")) as database:
        database.execute("DELETE FROM request")
        database.commit()
    answer = selected("doctor", "--json")
    assert (answer.code, len(answer.json["faults"])) == (7, 1)
    assert "les demandes listées" in answer.json["faults"][0]["message"]
