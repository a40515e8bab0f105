"""Claims in every store: no quota is exceeded, a value is held once, refusal writes nothing."""

from collections.abc import Callable

import pytest

from tests.store.builders import change, definition, placed
from workflow.changes import Change, Claim, Hold, QuotaClaim, Release
from workflow.errors import IntegrityBroken, StalePlacement
from workflow.store import ClaimRefused, Store

Apply = Callable[..., None]
TAKE, GIVE_BACK = QuotaClaim("posts", 1), QuotaClaim("posts", -1)


def claiming(reference: str, *claims: Claim) -> Change:
    return placed(reference, claims=claims)


def test_quota_is_not_exceeded(store: Store, apply: Apply) -> None:
    apply(claiming("P1", TAKE))
    with pytest.raises(ClaimRefused) as refused:
        apply(claiming("P2", TAKE), claiming("P3", TAKE), claiming("P4"))
    assert (refused.value.reference, refused.value.claim) == ("P3", TAKE)
    with store.reading() as view:
        assert view.known(["P1", "P2", "P3", "P4"]).keys() == {"P1"}
    apply(claiming("P2", TAKE))


def test_what_is_given_back_can_be_taken(apply: Apply) -> None:
    one = claiming("P1", TAKE)
    apply(one, claiming("P2", TAKE))
    apply(change(one.after, claims=(GIVE_BACK,)), claiming("P3", TAKE))
    with pytest.raises(ClaimRefused):
        apply(claiming("P4", TAKE))


def test_quota_without_a_ceiling_is_never_used_up(apply: Apply) -> None:
    apply(*(claiming(f"P{number}", QuotaClaim("unlimited", 1)) for number in range(20)))


def test_unknown_quota_cannot_be_met(apply: Apply) -> None:
    with pytest.raises(ClaimRefused):
        apply(claiming("P1", QuotaClaim("other", 1)))


def test_more_cannot_be_given_back_than_was_taken(apply: Apply) -> None:
    with pytest.raises(IntegrityBroken):
        apply(claiming("P1", GIVE_BACK))


def test_lowered_ceiling_refuses_new_claims_and_takes_back(store: Store, apply: Apply) -> None:
    one = claiming("P1", TAKE)
    apply(one, claiming("P2", TAKE))
    with store.writing() as work:
        work.publish(definition(2, quotas={"posts": 1}))
    with pytest.raises(ClaimRefused):
        apply(claiming("P3", TAKE))
    apply(change(one.after, claims=(GIVE_BACK,)))
    with pytest.raises(ClaimRefused):
        apply(claiming("P3", TAKE))


def test_value_is_held_by_one_placement(apply: Apply) -> None:
    apply(claiming("P1", Hold("candidate", "a")))
    with pytest.raises(ClaimRefused) as refused:
        apply(claiming("P2", Hold("candidate", "b")), claiming("P3", Hold("candidate", "a")))
    assert (refused.value.reference, refused.value.claim) == ("P3", Hold("candidate", "a"))
    apply(claiming("P2", Hold("candidate", "b")), claiming("P3", Hold("other_field", "a")))


def test_released_value_is_free(apply: Apply) -> None:
    one = claiming("P1", Hold("candidate", "a"))
    apply(one)
    apply(change(one.after, claims=(Release("candidate"),)), claiming("P2", Hold("candidate", "a")))


def test_other_value_replaces_the_one_held(apply: Apply) -> None:
    one = claiming("P1", Hold("candidate", "a"))
    apply(one)
    two = change(one.after, claims=(Hold("candidate", "b"),))
    apply(two)
    apply(claiming("P2", Hold("candidate", "a")))
    apply(change(two.after, claims=(Hold("candidate", "b"),)))


def test_refused_claim_keeps_what_was_held(store: Store, apply: Apply) -> None:
    one = claiming("P1", Hold("candidate", "a"))
    apply(one, claiming("P2", Hold("candidate", "b")))
    with store.writing() as work, pytest.raises(ClaimRefused):
        work.apply([change(one.after, claims=(TAKE, TAKE, Hold("candidate", "b")))])
    apply(claiming("P3", TAKE), claiming("P4", TAKE))
    with pytest.raises(ClaimRefused):
        apply(claiming("P5", Hold("candidate", "a")))


def test_stale_change_is_told_before_a_claim_that_cannot_be_met(apply: Apply) -> None:
    one = claiming("P1", Hold("candidate", "a"))
    apply(one)
    with pytest.raises(StalePlacement):
        apply(claiming("P2", Hold("candidate", "a")), claiming("P1"))


def test_releasing_nothing_is_nothing(apply: Apply) -> None:
    apply(claiming("P1", Release("candidate")))
