"""Guards: all their reasons at once, what cannot be evaluated refuses, and their outcomes are kept."""

import pytest

from tests.unit.definitions import SMALL, changed
from tests.unit.test_deadlines import world_of
from tests.world import World
from workflow.errors import TransitionRefused

GUARDS = """\
    guards:
      - {code: cheap, require: 'months <= 12', message: {fr: Trop long, en: Too long}}
      - {code: dated, require: 'due_on <= occurred_on', message: {fr: Trop tôt, en: Too early}}
      - {code: even, require: '120 / (months - 6) > 0', message: {fr: Impair, en: Odd}}
"""
GUARDED = changed(
    SMALL,
    (
        "  pass_on: {from: open, to: waiting, by: [clerk]}\n",
        "  pass_on:\n    from: open\n    to: waiting\n    by: [clerk]\n    takes: [due_on, months]\n" + GUARDS,
    ),
)


@pytest.fixture
def world() -> World:
    return world_of(GUARDED)


def test_every_guard_that_refuses_is_named(world: World) -> None:
    assert world.refusal("pass_on", "clerk", months=24, due_on="2021-03-05") == {"cheap", "dated"}


def test_a_sentence_is_told_in_both_languages(world: World) -> None:
    with pytest.raises(TransitionRefused) as refused:
        world.ask("pass_on", "clerk", months=24, due_on="2021-02-01")
    (blocker,) = refused.value.blockers
    assert (blocker.sentence("fr"), blocker.sentence("en")) == ("Trop long", "Too long")


def test_a_field_that_is_not_set_is_asked_for(world: World) -> None:
    with pytest.raises(TransitionRefused) as refused:
        world.ask("pass_on", "clerk", months=8)
    (blocker,) = refused.value.blockers
    assert (blocker.code, blocker.details) == ("field_needed", {"field": "due_on"})


def test_what_cannot_be_evaluated_refuses(world: World) -> None:
    assert world.refusal("pass_on", "clerk", months=6, due_on="2021-02-01") == {"guard_failed"}


def test_the_outcomes_are_kept_with_the_entry(world: World) -> None:
    outcome = world.ask("pass_on", "clerk", months=8, due_on="2021-02-01")
    assert outcome.entries[0].entry.guards == {"cheap": True, "dated": True, "even": True}


def test_asking_without_values_does_not_speak_of_them(world: World) -> None:
    (answer,) = world.engine.can("P", "pass_on", roles=["clerk"])
    assert answer.allowed
    assert answer.takes == ("due_on", "months")
