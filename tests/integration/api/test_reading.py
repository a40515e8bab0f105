"""What the API shows: the command line's shapes, pages by key, streams; personal values only where asked for."""

import json
from typing import Any

import pytest

from audit.export_stream import Selection
from audit.exports import export
from operators.cli.shapes import placement_object
from operators.exporting import stream_of
from storage.accounts import Grant
from tests.integration.api.conftest import Desk
from tests.integration.console.conftest import CAMILLE, place

ONE = "/api/v1/placements/P-75"


def lines(text: str) -> list[Any]:
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def test_placement_is_shown_as_on_the_command_line_but_for_personal_values(desk: Desk) -> None:
    answer = desk.program(Grant("operator")).get(ONE)
    shown, whole = answer.json(), placement_object(desk.app.engine.view("P-75"))
    assert answer.headers["etag"] == f'"{shown["revision"]}"'
    assert shown.pop("masked") == ["candidate_ref", "candidate_name"]
    assert [whole["fields"].pop(name) for name in ("candidate_ref", "candidate_name")] == ["C-7", CAMILLE]
    assert shown == whole


def test_personal_values_are_shown_to_who_may_and_asks_and_that_is_logged(desk: Desk) -> None:
    operator, viewer = desk.program(Grant("operator", "75")), desk.program(Grant("viewer"))
    assert viewer.post(f"{ONE}/reveal").status_code == 403
    revealed = operator.post(f"{ONE}/reveal").json()
    assert (revealed["fields"]["candidate_name"], revealed["masked"]) == (CAMILLE, [])
    seen = desk.program(Grant("auditor")).get("/api/v1/audit/accesses").json()["items"]
    assert [(each["name"], each["reference"], each["fields"]) for each in seen] == [
        ("operator@75", "P-75", ["candidate_name", "candidate_ref"])
    ]


def test_no_answer_but_the_reveal_has_a_personal_value(desk: Desk) -> None:
    everything = [Grant(role) for role in ("supervisor", "auditor", "admin", "host")]
    program = desk.program(*everything, name="Sophie")
    note = {"text": f"{CAMILLE} called"}
    assert program.post(f"{ONE}/notes", json=note, headers={"If-Match": "*"}).status_code == 200
    for path in program.get("/api/v1/openapi.json").json()["paths"]:
        answer = program.get(path.replace("{reference}", "P-75").replace("{name}", "selection"))
        assert CAMILLE not in answer.text, path


def test_pages_by_cursor_have_every_placement_once(desk: Desk) -> None:
    for number in range(7):
        place(desk.app, f"Q-{number}")
    program, seen, after = desk.program(Grant("viewer")), [], None
    while True:
        query = {"limit": 4, **({} if after is None else {"after": after})}
        page = program.get("/api/v1/placements", params=query).json()
        seen += [each["reference"] for each in page["items"]]
        if (after := page["next"]) is None:
            break
    assert seen == sorted(set(seen))
    assert len(seen) == 9


def test_filters_select_as_those_of_the_command_line(desk: Desk) -> None:
    program = desk.program(Grant("viewer"))

    def found(path: str, **query: Any) -> list[str]:
        answer = program.get(f"/api/v1/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return [each["reference"] for each in answer.json()["items"]]

    assert found("placements", state="candidate_shown") == ["P-75"]
    assert found("placements", territory="974") == ["P-974"]
    assert found("placements", text="Cilaos") == ["P-974"]
    assert found("placements", overdue="true") == []
    assert found("placements", overdue="false") == ["P-75", "P-974"]
    assert found("deadlines", deadline="selection") == ["P-75"]
    assert found("deadlines", due_within="16d") == ["P-75"]
    assert program.get("/api/v1/placements", params={"state": "flying"}).json()["code"] == "unknown_name"


@pytest.mark.parametrize("after", ["x", "bnVsbA", "WyJlbnRyaWVzIiwxXQ", "WzEwMDAwMDAwMDAwMDAwMDAwMDAwMDAwLCJ4Il0", "é"])
def test_cursor_of_no_page_is_a_problem(desk: Desk, after: str) -> None:
    program = desk.program(Grant("supervisor"), Grant("auditor"), name="Sophie")
    for path in ("placements", "deadlines", "approvals", "audit/entries", "audit/accesses"):
        answer = program.get(f"/api/v1/{path}", params={"after": after})
        assert answer.status_code in (200, 422), (path, answer.text)
        assert answer.status_code == 422 or path == "audit/entries"


def test_exported_entries_are_those_of_the_export_in_lines(desk: Desk, tmp_path: Any) -> None:
    answer = desk.program(Grant("auditor")).get("/api/v1/exports/entries")
    assert answer.headers["content-type"] == "application/x-ndjson"
    target = tmp_path / "entries.jsonl"
    export(stream_of(desk.app, Selection()), "jsonl", target, made_at=desk.clock.now())
    assert answer.text == target.read_text("utf-8")
    assert [each["reference"] for each in lines(answer.text)].count("P-75") == 3


def test_exported_placements_are_those_of_the_list(desk: Desk) -> None:
    program = desk.program(Grant("viewer", "75"))
    answer = program.get("/api/v1/exports/placements")
    assert lines(answer.text) == program.get("/api/v1/placements").json()["items"]
    assert program.get("/api/v1/exports/placements?territory=974").text == ""


def test_calculator_answers_as_the_command(desk: Desk) -> None:
    program = desk.program(Grant("author"))
    asked = {"from": "2021-03-01", "territory": "75", "within": "15 days"}
    answer = program.get("/api/v1/date", params=asked).json()
    assert (answer["last_day"], answer["due_at"]) == ("2021-03-16", "2021-03-16T23:00:00Z")
    assert answer["steps"][0]["sentence"] == answer["steps"][0]["en"]
    for wrong in ({"within": "15 moons"}, {"territory": "99"}, {"from": "then"}, {"counting": "x"}, {"roll": "x"}):
        refused = program.get("/api/v1/date", params={**asked, **wrong})
        assert (refused.status_code, refused.json()["code"]) == (422, "wrong_usage"), refused.text


def test_definition_is_told_with_its_versions_and_its_exact_bytes(desk: Desk) -> None:
    program = desk.program(Grant("author"))
    told = program.get("/api/v1/definition").json()
    rules = desk.app.engine.current_rules().definition
    assert [each["name"] for each in told["states"]] == list(rules.states)
    assert program.get("/api/v1/definition/versions").json()["items"][0]["digest"] == told["digest"]
    source = program.get("/api/v1/definition/source", params={"digest": told["digest"]})
    assert source.content == rules.source
    assert program.get("/api/v1/definition", params={"digest": "0" * 64}).status_code == 404


def test_log_is_verified_and_its_checkpoints_are_listed(desk: Desk) -> None:
    program = desk.program(Grant("auditor"))
    verified = program.post("/api/v1/audit/verification").json()
    assert (verified["ok"], verified["faults"]) == (True, [])
    assert program.get("/api/v1/audit/checkpoints").json()["unsealed"] == verified["unsealed"]


def test_who_asks_is_told_what_they_may(desk: Desk) -> None:
    told = desk.program(Grant("viewer", "75")).get("/api/v1/me").json()
    assert told["grants"] == ["viewer@75"]
    assert "placement.read" in told["actions"]
    assert "placement.act" not in told["actions"]


def test_what_is_not_there_is_said_in_the_language_of_the_answer(desk: Desk) -> None:
    account = desk.account(Grant("supervisor"), Grant("admin"), name="Sophie")
    view = desk.app.engine.view("P-75")
    later = next(name for name in view.rules.definition.deadlines if name not in view.facts.occurrences)
    said = {
        lang: [
            program.get(f"/api/v1/placements/P-75/deadlines/{later}").json()["detail"],
            program.get("/api/v1/definition", params={"digest": "0"}).json()["detail"],
            program.post("/api/v1/tokens/pcs_0/revocation").json()["detail"],
        ]
        for lang, program in ((lang, desk.with_secret(desk.secret(account), lang)) for lang in ("fr", "en"))
    }
    assert said["en"] == ["This deadline has not started for this placement.",
                          "No published version has this digest.", "No token begins so."]  # fmt: skip
    assert said["fr"] == ["Cette échéance n'a pas commencé pour ce dossier.",
                          "Aucune version publiée n'a cette empreinte.", "Aucun jeton ne commence ainsi."]  # fmt: skip
