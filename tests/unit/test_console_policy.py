"""The policy by itself: what a grant reaches, in which roles somebody acts where."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.console.policy import CONSOLE_ROLES, POLICY, may, reach_of, roles_at
from storage.accounts import Account, Grant
from storage.listing import EVERYWHERE, Reach

SIRET = "13002603200016"
roles = st.sampled_from([*CONSOLE_ROLES, "host", "anct"])
grants = st.builds(Grant, roles, st.sampled_from([None, "75", "974"]), st.sampled_from([None, SIRET]))


def account(*held: Grant) -> Account:
    return Account("operator:1", "Ada", None, held, "fr", datetime(2026, 1, 1, tzinfo=UTC), None, None)


def test_account_without_a_role_may_do_nothing() -> None:
    assert not any(may(account(), action) for action in POLICY)


@pytest.mark.parametrize("role", ["scheduler", "import"])
def test_nobody_holds_a_role_that_only_the_program_acts_in(role: str) -> None:
    assert roles_at(account(Grant(role)), "75", None) == ()


def test_reach_is_that_of_each_grant_whose_role_may() -> None:
    held = account(Grant("viewer", "75"), Grant("host", None, SIRET), Grant("author"))
    assert reach_of(held, "placement.read") == (Reach("75"), Reach(None, SIRET))
    assert reach_of(held, "placement.act") == (Reach(None, SIRET),)
    assert reach_of(held, "definition.read") == EVERYWHERE


def test_what_concerns_everything_needs_a_role_that_is_held_everywhere() -> None:
    assert not may(account(Grant("supervisor", "75")), "brake.release")
    assert may(account(Grant("supervisor")), "brake.release")
    assert not may(account(Grant("admin", None, SIRET)), "account.manage")


def test_roles_are_those_held_where_the_placement_is() -> None:
    held = account(Grant("host", "75"), Grant("anct"), Grant("supervisor", "974"), Grant("viewer"))
    assert roles_at(held, "75", None) == ("host", "anct")
    assert roles_at(held, "974", SIRET) == ("anct", "supervisor")


@given(st.lists(grants, max_size=4), grants)
def test_another_grant_never_takes_anything_away(held: list[Grant], more: Grant) -> None:
    before, after = account(*held), account(*held, more)
    for action in POLICY:
        for territory, siret in (("75", None), ("974", SIRET), ("2A", None)):
            had = any(reach.holds(territory, siret) for reach in reach_of(before, action))
            has = any(reach.holds(territory, siret) for reach in reach_of(after, action))
            assert has or not had
