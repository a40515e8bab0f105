"""Cycles to the day: what can really be gone round again and again, and what the clocks end after some rounds."""

import pytest

from tests.unit.definitions import examined
from workflow.timing import rounds

TWO_STATES = """\
definition: round
version: 1
initial: s0
roles: [clerk]
fields:
  territory: {type: territory, required: true}
states:
  s0: {}
  s1: {}
  s2: {final: true}
transitions:
  go: {from: s0, to: s1, by: [clerk]}
  leave: {from: s1, to: s2, by: [clerk]}
  lapse: {from: [s0, s1], to: s2, by: [scheduler]}
  back: {from: s1, to: s0, by: [scheduler]}
deadlines:
  ends: {after: s1, while: [s0, s1], if_unset: waits, within: END days, then: lapse}
  turns: {after: s0, while: s1, if_unset: waits, within: TURN days, then: back}
"""


def codes(end: int, turn: int) -> list[str]:
    text = TWO_STATES.replace("END", str(end)).replace("TURN", str(turn))
    return [each.code for each in examined(text) if "cycle" in each.code]


def test_cycle_that_leaves_less_time_each_round_is_none() -> None:
    assert codes(end=2, turn=3) == []


def test_cycle_that_leaves_as_much_time_each_round_is_endless() -> None:
    assert codes(end=4, turn=3) == ["endless_cycle"]


def test_cycle_in_which_the_only_clock_stands_still_is_endless() -> None:
    text = TWO_STATES.replace("END days, then: lapse", "1 days, paused_in: [s0, s1], then: lapse").replace("TURN", "3")
    (found,) = (e for e in examined(text) if e.code == "endless_cycle")
    assert found.path[-1].message_en == "and so on: s0, s1"


def test_cycle_through_a_guard_is_told_as_far_as_the_guard_goes() -> None:
    text = TWO_STATES.replace("END", "4").replace("TURN", "3")
    text = text.replace("to: s1, by: [clerk]", "to: s1, by: [clerk], guards: [{code: no, require: 1 < 2, message: No}]")
    (found,) = (e for e in examined(text) if e.code == "endless_cycle")
    assert found.path[-1].message_en == "and so on, as long as the guards grant it: s0, s1"


def test_cycle_with_too_many_zones_cannot_be_excluded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds.unfolded, "__defaults__", (2,))
    text = TWO_STATES.replace("END", "2").replace("TURN", "3")
    (found,) = (e for e in examined(text) if e.code == "endless_cycle")
    assert found.message.endswith("(cannot be excluded)")


def test_deadline_that_goes_before_another_at_its_instant_breaks_a_limit() -> None:
    text = TWO_STATES.replace("after: s1, while: [s0, s1]", "after: s0, while: [s0, s1]").replace(
        "  ends:", "  first: {after: s1, while: s1, if_unset: waits, within: 24 hours, then: back}\n  ends:"
    )
    text = text.replace("END", "0").replace("TURN", "9") + "invariants:\n"
    text += "  - leads_to: {from: s0, to: [s2], within: 1 days}\n"
    found = [each for each in examined(text) if each.code == "invariant_broken"]
    assert [each.path[-1].message_en for each in found] == ["deadline First (first) falls due, → S0"]
