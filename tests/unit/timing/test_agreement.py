"""Checks and engine agree on drawn definitions; a broken check is found out. `CHECK_SEEDS=5000` tries more of them."""

import os
from collections.abc import Iterator

import pytest

from tests.unit.timing.agreement import disagreements
from tests.unit.timing.drawn_definitions import richer
from workflow.calendar import Calendar
from workflow.timing import model
from workflow.timing.clocks import Clocks
from workflow.timing.lengths import Rule, Span, span_of
from workflow.timing.zones import Zone

SEEDS = int(os.environ.get("CHECK_SEEDS", "100"))
_AT_ONCE = 10


@pytest.mark.parametrize("first", range(0, SEEDS, _AT_ONCE))
def test_checks_say_what_the_engine_does(first: int) -> None:
    assert [each for seed in range(first, first + _AT_ONCE) for each in disagreements(seed)] == []


@pytest.mark.parametrize("first", range(0, SEEDS // 3, _AT_ONCE))
def test_checks_say_what_the_engine_does_where_clocks_stand_still_and_guards_ask(first: int) -> None:
    assert [each for seed in range(first, first + _AT_ONCE) for each in disagreements(seed, draw=richer)] == []


def _a_day_late(rule: Rule, calendar: Calendar) -> Span:
    span = span_of(rule, calendar)
    return Span(span.lowest + 1, None if span.highest is None else span.highest + 1)


def _never_renewed(
    self: Clocks, node: object, after: object, touched: object, move: object, zone: Zone
) -> Iterator[object]:
    yield frozenset(), zone


def _two_days(self: Zone) -> Zone:
    return _LATER(_LATER(self))


_LATER = Zone.later
DEFECTS = {
    "deadlines a day late": (model, "span_of", _a_day_late),
    "clocks that nothing sets": (Clocks, "renewals", _never_renewed),
    "days that are left out": (Zone, "later", _two_days),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_broken_check_is_found_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, attribute, broken = DEFECTS[name]
    monkeypatch.setattr(owner, attribute, broken)
    assert any(disagreements(seed, points=150) for seed in range(40))
