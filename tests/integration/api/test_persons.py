"""Personal data over the API: given out and logged, erased by the count of a dry run, held; and what would follow."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from operators.api.client import Parcours, ProblemError
from storage.accounts import Grant
from tests.integration.api.conftest import Desk
from tests.integration.console.conftest import CAMILLE

ONE = "/api/v1/placements/P-75"
ERASE = {"ground": "objection", "decision": "DPD-2021/7"}


@pytest.fixture
def supervisor(desk: Desk) -> TestClient:
    return desk.program(Grant("supervisor", "75"), Grant("auditor"), name="Sophie")


def erase(program: TestClient, **said: Any) -> Any:
    return program.post(f"{ONE}/erasure", json={**ERASE, **said}, headers={"If-Match": "*"})


def test_what_is_kept_is_given_out_and_that_is_logged_without_values(supervisor: TestClient) -> None:
    shown = supervisor.post(f"{ONE}/personal-data").json()
    assert CAMILLE in {each["value"] for each in shown["values"]}
    (access,) = supervisor.get("/api/v1/audit/accesses").json()["items"]
    assert "candidate_name" in access["fields"]
    assert CAMILLE not in repr(access)
    assert supervisor.post("/api/v1/placements/P-974/personal-data").status_code == 404


def test_only_as_many_values_as_a_dry_run_named_are_erased(supervisor: TestClient) -> None:
    tried = erase(supervisor, fields=["candidate_name"], dry_run=True)
    assert tried.status_code == 200, tried.text
    assert tried.json()["entries"][-1]["kind"] == "erasure"
    for count in (None, 2):
        refused = erase(supervisor, fields=["candidate_name"], count=count)
        assert (refused.status_code, refused.json()["code"]) == (422, "count_differs")
    assert CAMILLE in supervisor.post(f"{ONE}/personal-data").text
    assert erase(supervisor, fields=["candidate_name"], count=1).status_code == 200
    assert CAMILLE not in supervisor.post(f"{ONE}/personal-data").text
    again = erase(supervisor, fields=["candidate_name"], count=1)
    assert [each["code"] for each in again.json()["blockers"]] == ["nothing_to_erase"]


@pytest.mark.parametrize("said", [{}, {"fields": ["candidate_name"], "everything": True}])
def test_it_is_said_what_is_to_be_erased(supervisor: TestClient, said: Any) -> None:
    answer = erase(supervisor, **said)
    assert (answer.status_code, "one of the two" in answer.text) == (422, True)


def test_legal_hold_forbids_erasing_until_it_ends(supervisor: TestClient) -> None:
    begun = supervisor.post(f"{ONE}/hold", json={"on": True, "reason": "other"}, headers={"If-Match": "*"})
    assert begun.status_code == 200, begun.text
    assert [each["code"] for each in erase(supervisor, everything=True, dry_run=True).json()["blockers"]] == [
        "legal_hold"
    ]
    ended = supervisor.post(f"{ONE}/hold", json={"on": False, "reason": "other"}, headers={"If-Match": "*"})
    assert ended.status_code == 200
    assert erase(supervisor, everything=True, dry_run=True).status_code == 200


def test_what_would_follow_is_told_and_not_written(desk: Desk, supervisor: TestClient) -> None:
    said = {"suppose": [{"what": "select_candidate", "at": "2021-03-12"}], "fields": {"selected_candidate_ref": "C-7"}}
    answer = supervisor.post(f"{ONE}/suppositions", json=said)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["state"] == "candidate_selected"
    assert {each["name"] for each in found["deadlines"]} >= {"selection", "signature"}
    assert desk.app.engine.view("P-75").facts.state == "candidate_shown"
    refused = supervisor.post(f"{ONE}/suppositions", json={"suppose": [{"what": "nothing"}]})
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_name")


def test_client_gives_out_erases_holds_and_supposes(desk: Desk) -> None:
    secret = desk.secret(desk.account(Grant("supervisor")))
    with Parcours("http://localhost", secret, lang="en", http=TestClient(desk.site, "http://localhost")) as parcours:
        assert CAMILLE in {each["value"] for each in parcours.personal_data("P-75").values}
        assert parcours.suppose("P-75", "select_candidate", None, {"selected_candidate_ref": "C-7"}).state
        parcours.hold("P-75", "other")
        with pytest.raises(ProblemError, match="legal hold"):
            parcours.erase("P-75", **ERASE, dry_run=True)
        parcours.hold("P-75", "other", on=False)
        tried = parcours.erase("P-75", **ERASE, fields=["candidate_name"], dry_run=True)
        count = len(tried.entries[-1].fields["erased"].split())
        assert parcours.erase("P-75", **ERASE, fields=["candidate_name"], count=count).entries[-1].kind == "erasure"
