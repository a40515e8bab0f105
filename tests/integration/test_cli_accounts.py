"""Accounts on the command line: who may enter the console, with what, and what the log says of it."""

import json

from app import open_app
from tests.integration.conftest import Cli


def acts() -> list[str]:
    with open_app() as app, app.store.seals.reading() as reading:
        return [json.loads(row.data)["kind"] for row in reading.acts() if row.data is not None]


def test_account_is_added_invited_changed_and_disabled(office: Cli) -> None:
    made = office("account", "add", "Sophie Leroy", "--grant", "viewer", "--grant", "host@75", "--as", "Ada", "--json")
    assert (made.code, made.json["name"]) == (0, "Sophie Leroy")
    assert made.json["link"].startswith("/welcome?token=")
    assert office("account", "invite", "Sophie Leroy", "--json").json["link"] != made.json["link"]
    assert office("account", "grant", "Sophie Leroy", "--grant", "host@@13002603200016", "--json").code == 0
    assert office("account", "disable", "Sophie Leroy").code == 0
    (item,) = office("account", "list", "--json").json["items"]
    assert (item["grants"], item["has_password"]) == (["host@@13002603200016"], False)
    assert item["disabled_at"] is not None
    assert acts()[-4:] == ["account_added", "account_invited", "account_changed", "account_disabled"]


def test_unknown_role_territory_or_account_is_one_sentence(office: Cli) -> None:
    for grant, said in (("king", "king"), ("host@00", "00"), ("host@@123", "123")):
        refused = office("account", "add", "X", "--grant", grant)
        assert (refused.code, said in refused.err, refused.err.count("\n")) == (2, True, 1)
    assert office("account", "add", "X", "--grant", "viewer").code == 0
    assert office("account", "add", "X", "--grant", "viewer").code == 2
    assert office("account", "invite", "Nobody").code == 5
    assert [each["name"] for each in office("account", "list", "--json").json["items"]] == ["X"]


def test_erasing_a_name_closes_its_account_and_forgets_it_there_too(office: Cli) -> None:
    office("account", "add", "Sophie Leroy", "--grant", "viewer")
    erased = office("actor", "erase", "Sophie Leroy", "--role", "supervisor", "--ground", "no_longer_necessary",
                    "--decision", "DPO-1")  # fmt: skip
    assert erased.code == 0, erased.err
    (item,) = office("account", "list", "--json").json["items"]
    assert item["name"] == item["id"]
    assert item["disabled_at"] is not None
