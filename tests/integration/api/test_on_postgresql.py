"""The same API over a server: what a database may take otherwise than a file does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import initialise
from settings import Settings
from storage.accounts import Grant
from tests.integration.api.conftest import Desk, furnish, opened
from tests.integration.api.test_acting import ONE, SELECT, act, deadline
from tests.integration.console.conftest import CAMILLE
from tests.postgres import Server, fresh_name


@pytest.fixture
def desk(server: Server, tmp_path: Path) -> Iterator[Desk]:
    name = fresh_name()
    url = server.create(name)
    settings = Settings(database_url=url, actor="Ada", signing_key=tmp_path / "parcours.db.signing-key",
                        erasure_register=tmp_path / "erasures.jsonl")  # fmt: skip
    initialise(settings, sandbox=True)
    furnish(settings)
    yield from opened(tmp_path, url=url)
    server.drop(name)


def test_life_over_a_server(desk: Desk) -> None:
    program = desk.program(Grant("supervisor"), Grant("auditor"), Grant("admin"), name="Sophie")
    first, again = (act(program, "transitions", SELECT, '"3"', "k-1") for _ in range(2))
    assert (first.status_code, again.status_code, again.json()["repeated"]) == (200, 200, True)
    assert act(program, "reversal", {"reason": "other"}, '"3"').status_code == 412
    assert act(program, "reversal", {"reason": "other"}).status_code == 200
    assert act(program, "deadlines/selection/pause", {"reason": "other"}).status_code == 200
    assert deadline(program)["status"] == "paused"
    assert program.post(f"{ONE}/reveal").json()["fields"]["candidate_name"] == CAMILLE
    assert len(program.get("/api/v1/audit/accesses").json()["items"]) == 1
    assert program.post("/api/v1/audit/verification").json()["ok"]
    assert program.get("/api/v1/exports/entries").text.count("\n") == 8


def test_what_a_server_cannot_keep_is_refused_before_it_is_asked(desk: Desk) -> None:
    program = desk.program(Grant("supervisor"), Grant("auditor"), name="Sophie")
    assert program.get("/api/v1/placements/a%00b").status_code == 404
    assert program.get("/api/v1/placements", params={"text": "a\0"}).status_code == 400
    for text in ("a\0b", "é" * 300, "\u202e", "'; --"):
        for path in ("notes", "amendment"):
            body = {"text": text} if path == "notes" else {"reason": text, "fields": {"host_name": text}}
            assert act(program, path, body).status_code in (200, 422), (path, text)
    for path in ("audit/entries", "audit/accesses", "placements", "deadlines", "approvals"):
        for after in ("x", "WzEwMDAwMDAwMDAwMDAwMDAwMDAwMDAwLCJ4Il0", "WyJhXHUwMDAwYiJd", "WyJhIiwiYiJd"):
            answer = program.get(f"/api/v1/{path}", params={"after": after})
            assert answer.status_code in (200, 422), (path, after, answer.text)
