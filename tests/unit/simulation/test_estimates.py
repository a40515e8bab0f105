"""Odds and delays from spells: known answers, and simulated people whose habits are found again."""

from random import Random

import pytest

from operators.simulation.comparing import compared, mean_of, t_95
from operators.simulation.distributions import Empirical, Exponential, Lognormal
from operators.simulation.estimating import Spell, estimated
from operators.simulation.fitting import Observed, fitted
from operators.simulation.running import end_of
from tests.unit.simulation.plays import START, lived, shipped_habits, shipped_rules
from workflow.standing import standing

# Remissions under 6-MP (Freireich and others, 1963), in weeks; those below were still going on.
ENDED = (6, 6, 6, 7, 10, 13, 16, 22, 23)
GOING_ON = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)


def test_the_textbook_example_has_its_published_answer() -> None:
    spells = [Spell(days, "relapse") for days in ENDED] + [Spell(days, None) for days in GOING_ON]
    found = estimated(spells, "empirical")["relapse"]
    # Kaplan and Meier's survival at 23 weeks is 0.448 for these.
    assert found.odds == pytest.approx(1 - 0.448, abs=0.001)
    assert isinstance(found.days, Empirical)
    assert (found.days.days[0], found.days.days[-1]) == (6, 23)


def spells_of(count: int, seed: int, odds: float, draw: str) -> list[Spell]:
    """People who act after some days or never, looked at for fifteen days or so."""
    dice, found = Random(seed), []
    for _ in range(count):
        days = dice.lognormvariate(2.0, 0.6) if draw == "lognormal" else dice.expovariate(1 / 8)
        until = dice.uniform(12, 30)
        acts = dice.random() < odds and days <= until
        found.append(Spell(days if acts else until, "act" if acts else None))
    return found


def test_a_censored_lognormal_is_recovered() -> None:
    found = estimated(spells_of(3_000, 1, 0.8, "lognormal"), "lognormal")["act"]
    assert isinstance(found.days, Lognormal)
    assert found.odds == pytest.approx(0.8, abs=0.03)
    assert found.days.median == pytest.approx(7.389, rel=0.05)
    assert found.days.sigma == pytest.approx(0.6, rel=0.08)


def test_a_censored_exponential_is_recovered() -> None:
    found = estimated(spells_of(3_000, 2, 0.7, "exponential"), "exponential")["act"]
    assert isinstance(found.days, Exponential)
    assert found.odds == pytest.approx(0.7, abs=0.04)
    assert found.days.mean == pytest.approx(8, rel=0.1)


def test_leaving_out_what_is_censored_would_be_wrong() -> None:
    """The control: without the spells that were cut off, people look quicker and surer than they are."""
    seen = [spell for spell in spells_of(3_000, 2, 0.7, "exponential") if spell.act]
    naive = estimated(seen, "exponential")["act"]
    assert naive.odds == 1
    assert isinstance(naive.days, Exponential)
    assert naive.days.mean < 7


def test_habits_are_found_again_in_the_history_that_they_made() -> None:
    rules, habits = shipped_rules(), shipped_habits()
    play = lived(rules, habits, 300, months=20)
    observed = Observed(rules, habits, end_of(START, 20))
    for life in play.lives.values():
        observed.see(life.facts.territory, standing(life.journal.past.entries))
    found = fitted(observed, "lognormal").behaviours
    grant, select = found.decisions["ami_application"][0], found.decisions["candidate_shown"][0]
    assert grant.odds == pytest.approx(0.92, abs=0.04)
    assert isinstance(grant.delay.days, Lognormal)
    assert grant.delay.days.median == pytest.approx(25, rel=0.1)
    assert grant.delay.days.sigma == pytest.approx(0.6, rel=0.12)
    # What a host forgets is found as smaller odds; who would have chosen after fifteen days counts all the same.
    assert select.odds == pytest.approx(0.82 * 0.97, abs=0.06)
    training = found.decisions["contract_signed"][0]
    assert isinstance(training.delay.days, Lognormal)
    assert training.delay.days.median == pytest.approx(12, rel=0.1)
    equipment = found.records["equipment"].act
    assert equipment.odds == pytest.approx(0.85 * 0.97, abs=0.08)
    territories = found.beginnings["territory"].weights
    assert territories["75"] / sum(territories.values()) == pytest.approx(8 / 61, abs=0.05)


def test_too_few_acts_leave_the_habit_as_it_was() -> None:
    rules, habits = shipped_rules(), shipped_habits()
    result = fitted(Observed(rules, habits, START), "lognormal")
    assert result.remarks["decisions/in_post"] == "kept as it was: 0 occasions, 0 acts, 0 censored"
    assert result.behaviours.decisions["in_post"][0].delay == habits.decisions["in_post"][0].delay


@pytest.mark.parametrize(("freedom", "t"), [(1, 12.706), (9, 2.262), (30, 2.042), (60, 2.000), (120, 1.980)])
def test_students_t_is_that_of_the_tables(freedom: int, t: float) -> None:
    assert t_95(freedom) == pytest.approx(t, abs=0.001)


def test_differences_are_taken_pair_by_pair() -> None:
    first = [{"x": 10.0}, {"x": 50.0}, {"x": 90.0}]
    other = [{"x": 12.0}, {"x": 53.0}, {"x": 91.0}]
    (found,) = compared(first, other)
    assert (found.first, found.other, found.change.mean) == (50, 52, 2)
    assert found.change.half == pytest.approx(4.303 * 1 / 3**0.5, abs=0.001)
    assert mean_of([3.0]).half is None
