"""Mutants: each is one slip of the pen with its line; the record finds out nearly all of them."""

from rehearsal.mutant_words import KINDS
from rehearsal.mutating import changed, mutants
from rehearsal.surviving import hunt
from tests.unit.rehearsal.loan import FILE, LOAN, record_of
from workflow.language.yaml_nodes import read_yaml


def test_every_mutant_changes_one_thing_and_says_where() -> None:
    source, _ = read_yaml(LOAN.encode(), FILE)
    every = mutants(source)
    assert {each.kind for each in every} <= set(KINDS)
    assert {"state", "transition", "role", "guard", "deadline", "need"} <= {each.kind for each in every}
    lines = LOAN.splitlines()
    for each in every:
        assert 1 <= each.place.line <= len(lines)
        assert repr(changed(source, each)) != repr(source.data)


def test_the_data_stay_as_they_are() -> None:
    source, _ = read_yaml(LOAN.encode(), FILE)
    before = repr(source.data)
    for each in mutants(source):
        changed(source, each)
    assert repr(source.data) == before


def test_a_seed_draws_the_same_mutants_again() -> None:
    first, second = (hunt(LOAN.encode(), FILE, record_of(), 5, seed=7) for _ in range(2))
    assert [each.mutant for each in first.fates] == [each.mutant for each in second.fates]
    assert len(first.fates) == 5


def test_nearly_all_mutants_of_the_loan_are_found_out() -> None:
    result = hunt(LOAN.encode(), FILE, record_of(), 40, seed=1)
    assert result.percent >= 95, [each.what for each in result.survivors]
    assert all(fate.given_away for fate in result.fates if fate.mutant not in result.survivors)
