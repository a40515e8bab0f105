"""Tokens of programs are found by their hash alone, while they and their account are good."""

from dataclasses import replace
from datetime import timedelta

import pytest

from storage.accounts import Account, Grant
from storage.tokens import Token
from tests.store.backends import Postgres, Sqlite
from tests.store.builders import START

LATER = START + timedelta(days=1)
ROBOT = Account("operator:r", "Robot", None, (Grant("viewer"),), "fr", START, None, None)
TOKEN = Token("pcs_1", ROBOT.id, "report", (Grant("viewer", "75"),), START, START + timedelta(days=9), None)


@pytest.fixture
def kept(database: Sqlite | Postgres) -> Sqlite | Postgres:
    with database.store.writing() as work:
        work.accounts.add(ROBOT, None)
        work.tokens.add(TOKEN, "hash-1")
    return database


def test_token_is_found_by_its_hash_until_it_expires(kept: Sqlite | Postgres) -> None:
    tokens = kept.another().tokens
    assert tokens.of_hash("hash-1", LATER) == TOKEN
    assert tokens.of_hash("hash-2", LATER) is None
    assert tokens.of_hash("pcs_1", LATER) is None
    assert tokens.of_hash("hash-1", TOKEN.expires_at) is None


def test_revoked_token_is_listed_and_opens_nothing(kept: Sqlite | Postgres) -> None:
    newer = replace(TOKEN, prefix="pcs_2", created_at=LATER)
    with kept.store.writing() as work:
        work.tokens.add(newer, "hash-2")
        work.tokens.revoke("pcs_1", LATER)
        work.tokens.revoke("pcs_1", LATER + timedelta(days=1))
    tokens = kept.another().tokens
    assert tokens.listed() == (newer, replace(TOKEN, revoked_at=LATER))
    assert tokens.of_hash("hash-1", LATER) is None
    assert tokens.of_hash("hash-2", LATER) == newer


def test_closed_account_opens_nothing(kept: Sqlite | Postgres) -> None:
    with kept.store.writing() as work:
        work.accounts.disable(ROBOT.id, LATER)
    assert kept.store.tokens.of_hash("hash-1", LATER) is None
    with kept.store.writing() as work:
        work.accounts.enable(ROBOT.id)
        assert work.tokens.known("pcs_1") == TOKEN
        assert work.tokens.known("pcs_9") is None
    assert kept.store.tokens.of_hash("hash-1", LATER) == TOKEN
