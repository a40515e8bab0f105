"""`parcours token`: told once, listed without its secret, ended; each act is an entry of the log's own chain."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app import open_app
from operators.api.tokens import holder_of
from operators.console.accounts import add
from storage.accounts import Grant
from tests.integration.conftest import Cli
from workflow.clock import SystemClock


@pytest.fixture
def office(cli: Cli) -> Cli:
    """A sandbox with an account for a program: it operates in Paris, and looks everywhere."""
    assert cli("init", "--sandbox").code == 0
    with open_app() as app:
        grants = (Grant("operator", "75"), Grant("viewer"))
        add(app, "Ada", "Robot", grants, datetime(2021, 3, 1, tzinfo=UTC))
    return cli


def acts() -> list[dict[str, object]]:
    with open_app() as app, app.store.seals.reading() as reading:
        return [json.loads(row.data) for row in reading.acts() if row.data is not None]


def test_token_is_told_once_and_kept_as_a_hash(office: Cli, tmp_path: Path) -> None:
    made = office("token", "add", "Robot", "--for", "nightly report", "--grant", "viewer@75", "--json").json
    assert made["secret"].startswith(made["token"] + "_")
    assert (made["account"], made["for"], made["grants"]) == ("Robot", "nightly report", ["viewer@75"])
    listed = office("token", "list", "--json").json["items"]
    assert [each["token"] for each in listed] == [made["token"]]
    assert made["secret"] not in json.dumps([listed, acts()])
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("parcours.db*"))
    assert made["token"].encode() in kept
    assert made["secret"].encode() not in kept


def test_token_opens_what_it_was_given_of_what_its_account_may(office: Cli) -> None:
    narrow = office("token", "add", "Robot", "--for", "x", "--grant", "viewer@974", "--json").json["secret"]
    whole = office("token", "add", "Robot", "--for", "x", "--json").json["secret"]
    with open_app() as app:
        now = SystemClock().now()
        opened = [holder_of(app, secret, now) for secret in (narrow, whole)]
        assert holder_of(app, narrow + "x", now) is None
    assert [None if each is None else each[1].grants for each in opened] == [
        (Grant("viewer", "974"),), (Grant("operator", "75"), Grant("viewer")),
    ]  # fmt: skip


def test_revoked_token_opens_nothing_and_is_entered_once(office: Cli) -> None:
    made = office("token", "add", "Robot", "--for", "x", "--json").json
    first, again = (office("token", "revoke", made["token"], "--json") for _ in range(2))
    assert (first.code, again.code) == (0, 0)
    assert first.json["revoked_at"] == again.json["revoked_at"] is not None
    with open_app() as app:
        assert holder_of(app, made["secret"], SystemClock().now()) is None
    assert [each["kind"] for each in acts()][-2:] == ["token_added", "token_revoked"]
    assert office("audit", "verify").code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", "Nobody", "--for", "x"), 5),
        (("add", "Robot", "--for", "x", "--grant", "operator"), 2),
        (("add", "Robot", "--for", "x", "--grant", "admin"), 2),
        (("add", "Robot", "--for", "x", "--grant", "wizard"), 2),
        (("add", "Robot", "--for", "x", "--lasts", "367d"), 2),
        (("add", "Robot", "--for", "x", "--lasts", "0d"), 2),
        (("add", "Robot", "--for", "x", "--lasts", "soon"), 2),
        (("add", "Robot", "--for", "\n"), 2),
        (("add", "Robot"), 2),
        (("revoke", "pcs_00000000"), 5),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_what_cannot_be_is_one_sentence_and_enters_nothing(office: Cli, words: tuple[str, ...], code: int) -> None:
    before = acts()
    said = office("token", *words)
    assert (said.code, said.out, said.err.count("\n")) == (code, "", 1), said
    assert acts() == before
    assert office("token", "list", "--json").json == {"items": []}


def test_tokens_of_a_closed_account_open_nothing(office: Cli) -> None:
    secret = office("token", "add", "Robot", "--for", "x", "--json").json["secret"]
    with open_app() as app:
        account = app.store.accounts.named("Robot")
        assert account is not None
        with app.store.writing() as unit:
            unit.accounts.disable(account.id, SystemClock().now())
        assert holder_of(app, secret, SystemClock().now()) is None
    assert office("token", "add", "Robot", "--for", "x").code == 2
