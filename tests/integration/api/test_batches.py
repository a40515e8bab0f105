"""Many placements by the API: frozen, tried, confirmed by their count, followed, stopped; once, by one at a time."""

from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from operators.api.client import Parcours, ProblemError
from operators.api.models.batches import BatchActBody
from operators.batches.work import Work
from storage.accounts import Grant
from storage.batch_runs import SILENT_FOR
from tests.integration.api.conftest import Desk
from tests.integration.console.conftest import fire, place

BATCHES = "/api/v1/batches"
NOTE = {"kind": "note", "text": "Zoé Lambert a rappelé"}
PAUSE = {"kind": "pause", "name": "selection", "reason": "other"}
PERSON = "Zoé Lambert"


@pytest.fixture
def many(desk: Desk) -> Desk:
    """Three more posts in Paris, of which two have a candidate."""
    for number in range(1, 4):
        place(desk.app, f"Q-{number}")
        if number > 1:
            fire(desk.app, f"Q-{number}", "show_candidate", "platform", candidate_ref="C-1", candidate_name="Ana")
    return desk


def work(desk: Desk) -> Work:
    made = desk.site.api.state.work
    assert isinstance(made, Work)
    return made


def restarted(desk: Desk) -> None:
    """As another process would find the database, a minute later."""
    work(desk).end()
    desk.real.advance(SILENT_FOR * 2)
    desk.site.api.state.work = Work(desk.app, desk.real)


def ask(program: TestClient, body: Any, key: str | None = None) -> Response:
    return program.post(BATCHES, json=body, headers={} if key is None else {"Idempotency-Key": key})


def confirm(program: TestClient, tried: Any, act: Any, count: int | None = None) -> Response:
    said = {"act": act, "preview": tried["preview"], "count": tried["ready"] if count is None else count}
    return program.post(f"{BATCHES}/{tried['batch']}/confirmation", json=said)


def ended(desk: Desk, program: TestClient, batch: str) -> Any:
    work(desk).wait(batch, 30)
    return program.get(f"{BATCHES}/{batch}").json()


def kinds(desk: Desk, reference: str) -> list[str]:
    return [each.chained().entry.kind for each in desk.app.queries.history(reference)]


def test_batch_is_tried_confirmed_by_its_count_and_followed(many: Desk) -> None:
    program = many.program(Grant("supervisor"))
    answer = ask(program, {"where": {"territory": "75"}, "act": PAUSE})
    assert answer.status_code == 201, answer.text
    tried = answer.json()
    assert answer.headers["location"] == f"{BATCHES}/{tried['batch']}"
    assert (tried["status"], tried["count"], tried["ready"]) == ("draft", 4, 3)
    items = program.get(f"{BATCHES}/{tried['batch']}/items").json()["items"]
    told = {each["reference"]: (each["status"], each["message"]) for each in items}
    assert told["Q-1"][0] == "refused"
    assert "selection" in told["Q-1"][1]
    assert told["Q-2"][0] == "ready"
    assert "pause" not in kinds(many, "Q-2")
    followed = confirm(program, tried, PAUSE)
    assert (followed.status_code, followed.headers["location"]) == (202, answer.headers["location"])
    done = ended(many, program, tried["batch"])
    assert (done["status"], done["counts"]) == ("done", {"done": 3, "refused": 1})
    assert kinds(many, "Q-2").count("pause") == 1
    assert {each.chained().entry.correlation for each in many.app.queries.history("Q-2")} >= {done["correlation"]}


@pytest.mark.parametrize("count", [0, 1, 4])
def test_another_count_or_another_act_than_was_tried_does_nothing(many: Desk, count: int) -> None:
    program = many.program(Grant("supervisor"))
    tried = ask(program, {"where": {"territory": "75"}, "act": PAUSE}).json()
    answer = confirm(program, tried, PAUSE, count)
    assert (answer.status_code, answer.json()["code"]) == (422, "count_differs")
    other = confirm(program, tried, {**PAUSE, "kind": "resume"})
    assert (other.status_code, other.json()["code"]) == (409, "preview_overtaken")
    personal = confirm(program, tried, {**PAUSE, "ground": "art. 3"})
    assert personal.json()["code"] == "preview_overtaken"
    assert program.get(f"{BATCHES}/{tried['batch']}").json()["status"] == "draft"


def test_older_dry_run_than_the_last_is_not_confirmed(many: Desk) -> None:
    program = many.program(Grant("supervisor"))
    first = ask(program, {"references": ["Q-2"], "act": PAUSE}).json()
    again = program.post(f"{BATCHES}/{first['batch']}/preview", json=NOTE).json()
    assert confirm(program, first, PAUSE).json()["code"] == "preview_overtaken"
    assert confirm(program, again, NOTE).status_code == 202
    assert program.post(f"{BATCHES}/{first['batch']}/preview", json=PAUSE).json()["code"] == "confirmed"


def test_placement_that_changed_since_it_was_read_is_left_alone(many: Desk) -> None:
    program = many.program(Grant("supervisor"))
    revisions = {name: many.app.engine.view(name).facts.revision for name in ("Q-2", "Q-3")}
    seen = [{"reference": name, "revision": number} for name, number in revisions.items()]
    fire(many.app, "Q-2", "select_candidate", "host", selected_candidate_ref="C-1")
    tried = ask(program, {"placements": seen, "act": NOTE}).json()
    assert tried["counts"] == {"moved": 1, "ready": 1}
    confirm(program, tried, NOTE)
    assert ended(many, program, tried["batch"])["counts"] == {"moved": 1, "done": 1}
    assert ("note" in kinds(many, "Q-2"), "note" in kinds(many, "Q-3")) == (False, True)


def test_same_key_is_the_same_batch_and_another_request_under_it_is_refused(many: Desk) -> None:
    program = many.program(Grant("supervisor"))
    body = {"references": ["Q-2"], "act": NOTE}
    first, again = ask(program, body, "k-1"), ask(program, body, "k-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["batch"] == again.json()["batch"]
    assert first.json()["preview"] == again.json()["preview"]
    other = ask(program, {"references": ["Q-3"], "act": NOTE}, "k-1")
    assert (other.status_code, other.json()["code"]) == (409, "key_reused")
    assert confirm(program, first.json(), NOTE).status_code == confirm(program, first.json(), NOTE).status_code == 202
    ended(many, program, first.json()["batch"])
    assert confirm(program, first.json(), NOTE).status_code == 202
    assert kinds(many, "Q-2").count("note") == 1


def test_items_come_in_pages_by_position_and_of_one_status(many: Desk) -> None:
    program = many.program(Grant("supervisor"))
    tried = ask(program, {"where": {"territory": "75"}, "act": PAUSE}).json()
    path, seen, after = f"{BATCHES}/{tried['batch']}/items", [], ""
    while True:
        page = program.get(f"{path}?limit=1{after}").json()
        seen += [each["position"] for each in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == [1, 2, 3, 4]
    assert [each["reference"] for each in program.get(f"{path}?status=refused").json()["items"]] == ["Q-1"]
    assert program.get(f"{path}?after=nonsense").status_code == 422


def test_batch_is_of_the_token_that_asked_and_reaches_no_further(many: Desk) -> None:
    account = many.account(Grant("supervisor"), name="Sophie")
    narrow = many.with_secret(many.secret(account, Grant("supervisor", "974")))
    wide = many.with_secret(many.secret(account))
    tried = ask(wide, {"references": ["Q-2"], "act": NOTE}).json()
    for path in ("", "/items"):
        assert narrow.get(f"{BATCHES}/{tried['batch']}{path}").status_code == 404
    assert confirm(narrow, tried, NOTE).status_code == 404
    assert narrow.post(f"{BATCHES}/{tried['batch']}/stop").status_code == 404
    assert ask(narrow, {"references": ["Q-2"], "act": NOTE}).status_code == 404
    confirm(wide, tried, NOTE)
    ended(many, wide, tried["batch"])
    assert [each["batch"] for each in wide.get(BATCHES).json()["items"]] == [tried["batch"]]
    assert narrow.get(BATCHES).json()["items"] == []


@pytest.mark.parametrize("why", ["revoked", "narrowed", "disabled"])
def test_who_lost_the_right_meanwhile_acts_no_more(many: Desk, why: str) -> None:
    account = many.account(Grant("supervisor"), name="Sophie")
    secret = many.secret(account)
    program = many.with_secret(secret)
    tried = ask(program, {"references": ["Q-2", "Q-3"], "act": PAUSE}).json()
    work(many).end()
    confirm(program, tried, PAUSE)
    with many.app.store.writing() as unit:
        if why == "revoked":
            unit.tokens.revoke("_".join(secret.split("_")[:2]), many.real.now())
        elif why == "disabled":
            unit.accounts.disable(account.id, many.real.now())
        else:
            unit.accounts.grant(account.id, [Grant("operator")])
    restarted(many)
    assert work(many).pick_up() == 1
    work(many).wait(tried["batch"], 30)
    found = many.app.store.batches.find(tried["batch"])
    assert found is not None
    counts = many.app.store.batches.counts(tried["batch"])
    assert (found.status, counts) == (("done", {"closed": 2}) if why == "narrowed" else ("stopped", {"ready": 2}))
    assert "pause" not in kinds(many, "Q-2")


@pytest.mark.parametrize(("role", "act"), [("operator", PAUSE), ("host", {"kind": "void", "reason": "other"})])
def test_corrections_of_many_are_for_who_may_correct(many: Desk, role: str, act: Any) -> None:
    answer = ask(many.program(Grant(role)), {"references": ["Q-2"], "act": act})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(("body", "said"), [
    ({}, "one of the three"),
    ({"references": ["Q-2"], "where": {}}, "one of the three"),
    ({"references": ["Q-2"], "act": {"kind": "pause", "reason": "other"}}, "name: needed"),
    ({"references": ["Q-2"], "act": {"kind": "note", "name": "x", "text": "y"}}, "name: not taken"),
    ({"references": ["Q-2"], "act": {"kind": "fire", "name": "nothing"}}, "nothing"),
    ({"references": ["Q-2"], "act": {"kind": "dance"}}, "act.kind"),
    ({"where": {"territory": "2A"}, "act": NOTE}, "No placement is chosen"),
    ({"references": ["Q-2"], "act": {"kind": "note", "text": "y", "at": "tomorrow"}}, "tomorrow"),
])  # fmt: skip
def test_what_cannot_be_asked_is_a_sentence(many: Desk, body: Any, said: str) -> None:
    answer = ask(many.program(Grant("supervisor")), body)
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["detail"]


def test_batch_without_personal_values_is_gone_on_with_by_the_next_console(many: Desk) -> None:
    program = many.program(Grant("supervisor"))
    tried = ask(program, {"references": ["Q-2", "Q-3"], "act": PAUSE}).json()
    work(many).end()
    confirm(program, tried, PAUSE)
    assert program.get(f"{BATCHES}/{tried['batch']}").json()["status"] == "interrupted"
    restarted(many)
    assert work(many).pick_up() == 1
    assert ended(many, program, tried["batch"])["counts"] == {"done": 2}
    assert work(many).pick_up() == 0


def test_batch_with_personal_values_goes_on_when_they_are_said_again(many: Desk) -> None:
    program = many.program(Grant("supervisor"))
    tried = ask(program, {"references": ["Q-2"], "act": NOTE}).json()
    work(many).end()
    confirm(program, tried, NOTE)
    restarted(many)
    assert work(many).pick_up() == 0
    path = f"{BATCHES}/{tried['batch']}/continuation"
    for body in ({}, {"act": {"kind": "note"}}, {"act": {"kind": "void", "reason": "other"}}):
        assert program.post(path, json=body).status_code == 409, body
    assert program.post(path, json={"act": NOTE}).status_code == 202
    assert ended(many, program, tried["batch"])["counts"] == {"done": 1}


def test_two_consoles_carry_a_batch_out_once_and_one_after_the_other(many: Desk) -> None:
    program = many.program(Grant("supervisor"))
    tried = ask(program, {"references": ["Q-2"], "act": PAUSE}).json()
    work(many).end()
    confirm(program, tried, PAUSE)
    runs, now = many.app.store.batch_runs, many.real.now()
    first = runs.take(tried["batch"], now)
    assert first == 1
    assert runs.take(tried["batch"], now) is None
    assert runs.unattended(now) == []
    assert program.get(f"{BATCHES}/{tried['batch']}").json()["status"] == "running"
    restarted(many)
    assert work(many).pick_up() == 1
    work(many).wait(tried["batch"], 30)
    # The first one was only slow: what it has to say is not noted over what the other one did.
    (item,) = many.app.store.batches.items(tried["batch"])
    assert not runs.judge(tried["batch"], first, item.position, item.verdict, now)
    runs.finish(tried["batch"], first)
    assert kinds(many, "Q-2").count("pause") == 1


def test_stopped_batch_does_nothing_until_it_goes_on(many: Desk) -> None:
    program = many.program(Grant("supervisor"))
    tried = ask(program, {"references": ["Q-2"], "act": PAUSE}).json()
    work(many).end()
    confirm(program, tried, PAUSE)
    assert program.post(f"{BATCHES}/{tried['batch']}/stop").json()["status"] == "stopped"
    restarted(many)
    assert work(many).pick_up() == 0
    assert program.post(f"{BATCHES}/{tried['batch']}/continuation", json={}).status_code == 202
    assert ended(many, program, tried["batch"])["status"] == "done"


def test_what_was_said_of_persons_is_in_no_row_of_a_batch(many: Desk) -> None:
    program = many.program(Grant("platform"))
    act = {"kind": "fire", "name": "show_candidate", "reason": PERSON,
           "fields": {"candidate_ref": "C-9", "candidate_name": PERSON}}  # fmt: skip
    tried = ask(program, {"references": ["Q-1"], "act": act}).json()
    assert confirm(program, tried, act).status_code == 202
    shown = ended(many, program, tried["batch"])
    assert shown["counts"] == {"done": 1}
    assert set(shown["act"]["withheld"]) == {"field.candidate_ref", "field.candidate_name", "words"}
    found = many.app.store.batches.find(tried["batch"])
    assert PERSON not in repr(found)


def test_client_freezes_confirms_and_follows(many: Desk) -> None:
    secret = many.secret(many.account(Grant("supervisor")))
    with Parcours("http://localhost", secret, lang="en", http=TestClient(many.site, "http://localhost")) as parcours:
        act = BatchActBody(kind="extension", name="selection", by="2 days", reason="other")
        tried = parcours.batch(act, where={"territory": "75"})
        ready = [each.reference for each in parcours.batch_items(tried.batch, "ready")]
        assert (ready, tried.ready) == (["P-75", "Q-2", "Q-3"], 3)
        with pytest.raises(ProblemError) as wrong:
            parcours.confirm_batch(tried, act, 2)
        assert wrong.value.code == "count_differs"
        parcours.confirm_batch(tried, act, 3)
        work(many).wait(tried.batch, 30)
        assert parcours.batch_of(tried.batch).counts == {"done": 3, "refused": 1}
        assert [each.batch for each in parcours.batches()] == [tried.batch]
        note = BatchActBody(kind="note", text="seen")
        again = parcours.try_batch(parcours.batch(act, placements={"Q-1": 2}).batch, note)
        assert parcours.stop_batch(again.batch).status == "draft"
        parcours.confirm_batch(again, note, again.ready)
        assert parcours.go_on_with_batch(again.batch, note).batch == again.batch
