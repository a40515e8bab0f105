"""What every request must hold to: a token, a size, a rate, a name of the server; and no page of another site."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from operators.api.gate import LONGEST_BODY
from operators.console.throttle import PER_ADDRESS, WINDOW
from storage.accounts import Grant
from tests.integration.api.conftest import Desk, opened

NOTES = "/api/v1/placements/P-75/notes"
JSON = {"Content-Type": "application/json"}
HOSTILE = (
    "<script>alert(1)</script>", "' OR 1=1 --", "\x00", "a\x00b", "\ud800", "\u202egnp.exe", "../../etc/passwd", ".",
    "..", "%2F", "%00", "{{7*7}}", "\r\nSet-Cookie: a=b", "𝕳", "0" * 5000, "-1", "1e999", "NaN", "𑁍" * 300,
)  # fmt: skip


def test_long_body_is_refused_announced_or_not(desk: Desk) -> None:
    program = desk.program(Grant("operator"))
    body = b'{"text": "' + b"x" * LONGEST_BODY + b'"}'
    pieces = (body[i : i + 9999] for i in range(0, len(body), 9999))
    for content in (body, pieces):
        answer = program.post(NOTES, content=content, headers={"If-Match": "*"})
        assert (answer.status_code, answer.json()["code"]) == (413, "too_long")


def test_other_sites_get_no_leave_to_ask(desk: Desk) -> None:
    program = desk.program(Grant("operator"))
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    answer = program.options("/api/v1/placements", headers=asked)
    assert answer.status_code == 405
    told = program.get("/api/v1/placements", headers={"Origin": "https://evil.example"})
    for each in (answer, told):
        assert not [name for name in each.headers if name.startswith("access-control")]


@pytest.mark.parametrize("host", ["evil.example", "", "[::", "localhost.evil.example"])
def test_other_names_than_its_own_are_not_answered(desk: Desk, host: str) -> None:
    answer = desk.program(Grant("viewer")).get("/api/v1/me", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (421, "misdirected")


def test_answers_are_kept_nowhere_and_read_as_nothing_else(desk: Desk) -> None:
    program = desk.program(Grant("auditor"), Grant("operator"), name="Sophie")
    for path in ("me", "placements", "placements/P-75", "exports/entries", "nowhere"):
        headers = program.get(f"/api/v1/{path}").headers
        assert headers["cache-control"] == "no-store", path
        assert headers["x-content-type-options"] == "nosniff", path
        assert "set-cookie" not in headers, path


def test_console_still_answers_beside_the_api(desk: Desk) -> None:
    program = desk.with_secret(None)
    assert program.get("/livez").text == "live\n"
    assert program.get("/placements").status_code == 303
    assert program.post("/login", data={"name": "x"}).status_code == 403


def test_token_opens_no_page_of_the_console(desk: Desk) -> None:
    answer = desk.program(Grant("viewer")).get("/placements")
    assert answer.headers["location"].startswith("/login")


def test_guesses_are_slowed_down_and_real_tokens_are_not(desk: Desk) -> None:
    guessing, real = desk.with_secret("pcs_00000000_" + "x" * 43), desk.program(Grant("viewer"))
    statuses = [guessing.get("/api/v1/me").status_code for _ in range(PER_ADDRESS + 1)]
    assert statuses == [401] * PER_ADDRESS + [429]
    assert real.get("/api/v1/me").status_code == 200
    desk.real.advance(WINDOW)
    assert guessing.get("/api/v1/me").status_code == 401


@pytest.fixture
def slow(desk: Desk, tmp_path: Path) -> Iterator[Desk]:
    yield from opened(tmp_path, rate=3)


def test_token_that_asks_too_often_is_told_when_to_come_again(slow: Desk) -> None:
    busy, other = (slow.program(Grant("viewer"), name=name) for name in ("Busy", "Other"))
    answers = [busy.get("/api/v1/me") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert other.get("/api/v1/me").status_code == 200
    slow.real.advance(timedelta(seconds=int(answers[3].headers["retry-after"])))
    assert busy.get("/api/v1/me").status_code == 200


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:40])
def test_hostile_texts_are_answered_with_a_problem_or_as_text(desk: Desk, text: str) -> None:
    program = desk.program(*[Grant(role) for role in ("supervisor", "auditor", "admin", "host")], name="Sophie")
    bodies = {
        NOTES: {"text": text},
        "/api/v1/placements": {"reference": text, "fields": {"territory": "75", "host_name": text}},
        "/api/v1/placements/P-75/transitions": {"trigger": "select_candidate", "fields": {text: text}, "at": text},
        "/api/v1/placements/P-75/amendment": {"reason": text, "fields": {"host_name": text}},
        "/api/v1/placements/P-75/deadlines/selection/extension": {"reason": text, "by": text, "ground": text},
        "/api/v1/placements/P-75/deadlines/selection/move": {"reason": text, "to": text},
    }
    for path, body in bodies.items():
        answer = program.post(path, content=json.dumps(body), headers={"If-Match": "*", **JSON})
        assert answer.status_code < 500, (path, answer.text)
        assert answer.headers["content-type"].startswith("application/"), path
    sent = text.encode("utf-8", "replace").decode()
    for path in (
        "placements",
        "deadlines",
        "definition",
        "audit/entries",
        "exports/entries",
        "date",
        "exports/placements",
    ):
        for name in (
            "text",
            "state",
            "territory",
            "host_siret",
            "after",
            "limit",
            "digest",
            "since",
            "reference",
            "from",
        ):
            answer = program.get(f"/api/v1/{path}", params={name: sent})
            assert answer.status_code < 500, (path, name, answer.text)


@pytest.mark.parametrize("path", [b"%00", b"a%00b", b"%FF", b"%ED%A0%80", b"%2E%2E", b"%252F", b"a%0D%0Ab", b"%3Cb%3E"])
def test_hostile_references_in_addresses_are_no_placements(desk: Desk, path: bytes) -> None:
    program = desk.program(Grant("supervisor"))
    for part in ("", "/history", "/can", "/deadlines/x"):
        answer = program.get(f"/api/v1/placements/{path.decode()}{part}")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), answer.text


def test_content_that_is_no_json_is_a_problem(desk: Desk) -> None:
    program = desk.program(Grant("operator"))
    deep = b'{"text": ' + b"[" * 50_000 + b"]" * 50_000 + b"}"
    long_number = b'{"text": ' + b"9" * 5000 + b"}"
    for content in (b"", b"\xff\xfe", b"null", b'"text"', deep, long_number, b'{"text": NaN}', b'{"text": "\\ud800"}'):
        for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
            answer = program.post(NOTES, content=content, headers={"If-Match": "*", "Content-Type": kind})
            assert answer.status_code in (400, 422), (content[:20], kind, answer.text)
            assert answer.headers["content-type"] == "application/problem+json"


def test_unexpected_error_shows_nothing_of_the_inside(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    program = desk.program(Grant("viewer"))
    monkeypatch.setattr(desk.app.queries, "placements", lambda *_: 1 / 0)
    answer = program.get("/api/v1/placements")
    assert (answer.status_code, answer.json()["code"]) == (500, "failed")
    assert "division" not in answer.text
