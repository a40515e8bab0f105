"""Acts over the API: keys, revisions, dry runs, refusals; they are the engine's, and enter the same history."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from storage.accounts import Grant
from tests.integration.api.conftest import Desk

ONE = "/api/v1/placements/P-75"
SELECT = {"trigger": "select_candidate", "fields": {"selected_candidate_ref": "C-7"}}
NEW = {"territory": "75", "host_name": "Ville", "host_siret": "13002603200016", "host_type": "COMMUNE"}
PROBLEM = "application/problem+json"


def act(program: TestClient, path: str, body: Any, match: str | None = "*", key: str | None = None) -> Response:
    headers = {"If-Match": match, "Idempotency-Key": key}
    said = {name: value for name, value in headers.items() if value is not None}
    return program.post(f"{ONE}/{path}", json=body, headers=said)


@pytest.fixture
def host(desk: Desk) -> TestClient:
    return desk.program(Grant("host", "75"))


@pytest.fixture
def supervisor(desk: Desk) -> TestClient:
    return desk.program(Grant("supervisor"))


def test_transition_is_entered_under_the_name_of_the_account(desk: Desk, host: TestClient) -> None:
    answer = act(host, "transitions", SELECT, '"3"')
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == f'"{answer.json()["revision"]}"'
    with desk.app.store.reading() as reading:
        assert reading.actor(answer.json()["entries"][0]["actor"]) == "host@75"
    assert host.get(ONE).json()["state"] == answer.json()["state"] == "candidate_selected"


def test_dry_run_says_the_same_and_writes_nothing(host: TestClient) -> None:
    before = host.get(ONE).json()
    answer = act(host, "transitions", {**SELECT, "dry_run": True}, match=None)
    assert answer.status_code == 200, answer.text
    assert answer.json()["dry_run"]
    assert answer.json()["state"] == "candidate_selected"
    assert host.get(ONE).json() == before


def test_act_without_a_revision_is_asked_for_one(host: TestClient) -> None:
    answer = act(host, "transitions", SELECT, match=None)
    assert (answer.status_code, answer.json()["code"]) == (428, "revision_needed")


@pytest.mark.parametrize("match", ['"2"', '"99"', '"made-up"', 'W/"3"', '"2", "3"'])
def test_act_at_another_revision_changes_nothing(host: TestClient, match: str) -> None:
    answer = act(host, "transitions", SELECT, match)
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")
    assert host.get(ONE).headers["etag"] == '"3"'


def test_of_acts_at_one_revision_exactly_one_is_carried_out(supervisor: TestClient) -> None:
    bodies = [{"reason": "other", "fields": {"host_name": f"Ville {n}"}} for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda body: act(supervisor, "amendment", body, '"3"').status_code, bodies))
    assert sorted(answers) == [200, *[412] * 5]


def test_same_key_twice_is_one_act_even_at_an_overtaken_revision(host: TestClient) -> None:
    first, again = (act(host, "transitions", SELECT, '"3"', "k-1") for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.json()["repeated"], again.json()["repeated"]) == (False, True)
    assert first.json()["entries"] == again.json()["entries"]
    assert len([each for each in host.get(f"{ONE}/history").json() if each["key"] == "k-1"]) == 1


def test_key_of_another_act_is_a_conflict(host: TestClient) -> None:
    assert act(host, "notes", {"text": "seen"}, key="k-1").status_code == 200
    answer = act(host, "transitions", SELECT, key="k-1")
    assert answer.status_code == 409
    assert answer.json()["blockers"][0]["code"] == "key_reused"


@pytest.mark.parametrize("key", ["", " ", "two words", "x" * 101, "é"])
def test_key_that_will_not_do_is_refused(host: TestClient, key: str) -> None:
    answer = host.post(f"{ONE}/transitions", json=SELECT, headers={"If-Match": "*", "Idempotency-Key": key.encode()})
    assert answer.status_code == 422
    assert host.get(ONE).headers["etag"] == '"3"'


def test_refusal_tells_every_blocker_as_the_command_line_does(host: TestClient) -> None:
    answer = act(host, "transitions", {"trigger": "select_candidate"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, PROBLEM)
    told = answer.json()
    assert told["code"] == "refused"
    assert [each["code"] for each in told["blockers"]] == ["field_needed"]
    assert told["detail"].count("\n") == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"trigger": "fly"}, "unknown_name"),
        ({"trigger": "select_candidate", "fields": {"wings": 2}}, "unknown_name"),
        ({**SELECT, "at": "yesterday"}, "wrong_usage"),
        ({**SELECT, "at": "2030-01-01"}, "refused"),
        ({**SELECT, "extra": 1}, "unreadable"),
        ({"trigger": 7}, "unreadable"),
        ([], "unreadable"),
        ({**SELECT, "fields": {"selected_candidate_ref": 1.5}}, "unreadable"),
        ({**SELECT, "dry_run": "perhaps"}, "unreadable"),
    ],
)
def test_request_that_cannot_be_is_a_problem_with_one_sentence(host: TestClient, body: Any, code: str) -> None:
    answer = act(host, "transitions", body)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert answer.headers["content-type"] == PROBLEM
    assert host.get(ONE).headers["etag"] == '"3"'


def test_problem_is_told_in_the_language_that_is_asked_for(desk: Desk) -> None:
    secret = desk.secret(desk.account(Grant("host")))
    said = {}
    for wanted in ("fr", "en", "de, en;q=0.5, fr;q=0.4", "de", "", "fr;q=x, *"):
        answer = desk.with_secret(secret, wanted).get("/api/v1/placements/none")
        said[wanted] = (answer.headers["content-language"], answer.json()["title"])
    assert said["fr"] == said["de"] == said[""] == said["fr;q=x, *"] == ("fr", "Introuvable")
    assert said["en"] == said["de, en;q=0.5, fr;q=0.4"] == ("en", "Not found")


def test_placement_is_created_once_under_a_key(desk: Desk) -> None:
    program = desk.program(Grant("operator", "75"))
    first, again = (
        program.post("/api/v1/placements", json={"reference": "N/1 %", "fields": NEW}, headers={"Idempotency-Key": "n"})
        for _ in range(2)
    )
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.headers["location"] == "/api/v1/placements/N%2F1%20%25"
    assert program.get(first.headers["location"]).json()["reference"] == "N/1 %"
    taken = program.post("/api/v1/placements", json={"reference": "N/1 %", "fields": NEW})
    assert (taken.status_code, taken.json()["code"]) == (409, "stale")


def test_placement_elsewhere_is_not_created(desk: Desk) -> None:
    program = desk.program(Grant("operator", "974"))
    answer = program.post("/api/v1/placements", json={"reference": "N-1", "fields": NEW})
    assert answer.status_code == 403
    assert desk.app.queries.placement("N-1") is None


def test_corrections_move_deadlines_and_say_so(supervisor: TestClient) -> None:
    before = deadline(supervisor)
    longer = act(supervisor, "deadlines/selection/extension", {"reason": "other", "by": "2 days"})
    assert longer.status_code == 200, longer.text
    assert [each["name"] for each in longer.json()["moved"]] == ["selection"]
    assert deadline(supervisor)["last_day"] > before["last_day"]
    paused = act(supervisor, "deadlines/selection/pause", {"reason": "other", "ground": "art. 3"})
    assert (paused.status_code, deadline(supervisor)["status"]) == (200, "paused")
    assert act(supervisor, "deadlines/selection/resume", {"reason": "other"}).status_code == 200
    assert act(supervisor, "deadlines/selection/move", {"reason": "other", "to": "2021-04-20"}).status_code == 200
    assert deadline(supervisor)["last_day"] == "2021-04-20"
    shown = supervisor.get(f"{ONE}/deadlines/selection").json()
    assert [each["code"] for each in shown["steps"]].count("moved") == 1


def deadline(program: TestClient) -> dict[str, Any]:
    found = program.get(f"{ONE}/deadlines").json()["items"]
    return next(each for each in found if each["name"] == "selection")


def test_reversal_takes_back_the_last_move(supervisor: TestClient) -> None:
    assert act(supervisor, "reversal", {"reason": "other"}).json()["state"] == "ami_application"
    both = act(supervisor, "reversal", {"reason": "other", "extend_to": "2021-05-01", "waive": True})
    assert both.status_code == 422


def test_placement_made_by_mistake_is_put_aside(supervisor: TestClient) -> None:
    assert act(supervisor, "void", {"reason": "other"}).json()["state"] == "voided"


def test_late_fact_goes_before_what_the_scheduler_did_since(desk: Desk, supervisor: TestClient) -> None:
    desk.clock.advance(timedelta(days=25))
    desk.app.engine.sweep()
    assert supervisor.get(ONE).json()["state"] != "candidate_shown"
    body = {**SELECT, "at": "2021-03-20", "reason": "other"}
    refused = act(supervisor, "transitions", body)
    assert refused.status_code == 422
    done = act(supervisor, "late-facts", body)
    assert done.status_code == 200, done.text
    assert done.json()["state"] == "candidate_selected"
    assert ("transition", True) in [(each["kind"], each["late"]) for each in done.json()["entries"]]


def test_act_that_needs_a_revision_is_not_done_by_a_broken_body(host: TestClient) -> None:
    answer = host.post(f"{ONE}/transitions", content=b'{"trigger": ', headers={"If-Match": "*"})
    assert answer.status_code == 422
    assert answer.json()["code"] == "unreadable"
