"""Guard expressions: what they may say, what they answer, and how they are refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from tests.unit.definitions import STATES_YAML
from workflow.expressions import Environment, ExpressionError, ExpressionFailed, environment_of
from workflow.language.expression_text import Declared, read_parts
from workflow.loader import load_definition

DECLARED = Declared(
    fields={
        "pay": "money",
        "starts_on": "date",
        "ends_on": "date",
        "host_type": "choice",
        "rank": "integer",
        "rural": "boolean",
        "has_car": "boolean",
        "car": "text",
    },
    lists=("eligible",),
    tables=("minimum_wage",),
    deadlines=("convention",),
    states=("in_post",),
    triggers=("record",),
)
ENVIRONMENT = Environment(DECLARED)
VALUES: Mapping[str, Any] = {
    "pay": 160312,
    "starts_on": "2021-03-01",
    "host_type": "EPCI",
    "rank": 2,
    "rural": False,
    "has_car": True,
    "eligible": ["COMMUNE", "EPCI"],
    "occurred_on": date(2021, 3, 16),
    "state": "in_post",
    "role": "host",
    "reason_given": False,
}


class TableSilent(Exception):
    """What a look-up of these tests raises for a day it does not know."""


@dataclass(frozen=True)
class Answers:
    """Functions with fixed answers; the table knows 2021 and later."""

    def lookup(self, table: str, day: date) -> int:
        if day.year < 2021:
            raise TableSilent(table, day)
        return 155458

    def last_day(self, deadline: str) -> date:
        return date(2024, 2, 29)

    def entered(self, state: str) -> date:
        return date(2021, 3, 10)

    def count(self, trigger: str) -> int:
        return 1

    def total(self, field: str) -> int:
        return 300000


def ask(text: str, *, given: tuple[str, ...] = (), **changes: Any) -> bool:
    return ENVIRONMENT.compile(text).evaluate({**VALUES, **changes}, Answers(), given)


@pytest.mark.parametrize(
    "text",
    [
        "pay >= lookup('minimum_wage', starts_on)",
        "host_type in eligible",
        "host_type in ['EPCI', 'COMMUNE']",
        "starts_on <= occurred_on && occurred_on < last_day('convention')",
        "occurred_on > entered('in_post')",
        "rank == count('record') + 1",
        "total('pay') + pay > 400000",
        "days_between(starts_on, occurred_on) == 15",
        "role == 'host' && state == 'in_post' && !reason_given",
        "has(pay) && !has(ends_on) && !has(car) && has(has_car) && has_car",
        "has( pay ) && 'has(x)' != \"given(x)\"",
        "!has(ends_on) || ends_on > starts_on",
        "!given(ends_on)",
        "[1, 2].exists(x, x == rank)",
        "false || rural == false",
    ],
)
def test_expression_holds(text: str) -> None:
    assert ask(text) is True


@pytest.mark.parametrize("text", ["pay < 1", "given(pay)", "has(car)", "host_type == 'commune'"])
def test_expression_does_not_hold(text: str) -> None:
    assert ask(text) is False


def test_given_is_about_the_request_and_has_about_the_value() -> None:
    assert ask("given(ends_on) && has(ends_on)", given=("ends_on",), ends_on="2022-01-01")
    assert ask("given(ends_on) && !has(ends_on)", given=("ends_on",))


def test_unset_field_that_is_needed_is_named() -> None:
    with pytest.raises(ExpressionFailed) as failed:
        ask("ends_on > starts_on")
    assert failed.value.missing == "ends_on"


def test_expression_without_an_answer_fails() -> None:
    with pytest.raises(ExpressionFailed, match="divide by zero") as failed:
        ask("rank / (rank - 2) == 1")
    assert failed.value.missing is None


def test_what_a_function_raises_comes_out_unchanged() -> None:
    with pytest.raises(TableSilent):
        ask("pay >= lookup('minimum_wage', starts_on)", starts_on="2020-12-31")


def test_an_answer_that_does_not_depend_on_a_failed_function_stands() -> None:
    assert ask("pay >= lookup('minimum_wage', starts_on) || rank == 2", starts_on="2020-12-31")


@pytest.mark.parametrize(
    ("text", "column", "part"),
    [
        ("pay > 'a'", 5, "does not apply"),
        ("pay > rnk", 7, "did you mean 'rank'?"),
        ("pay >= ", 8, "cannot be read"),
        ("rank", 1, "expected true or false"),
        ("has(ra)", 5, "'ra' is unknown"),
        ("has(pay.x)", 1, "takes the name of one field"),
        ("has(pay) && has(cra)", 17, "did you mean 'car'?"),
        ("'é' == 'é' && foo > 1", 15, "'foo' is unknown"),
        ("lookup('minimum_wag', starts_on) > 1", 8, "did you mean 'minimum_wage'?"),
        ("lookup(host_type, starts_on) > 1", 1, "quoted name of a table"),
        ("lookup('minimum_wage') > 1", 7, "takes a name and a day"),
        ("last_day('conventio') > starts_on", 10, "did you mean 'convention'?"),
        ("entered('in_pot') > starts_on", 9, "did you mean 'in_post'?"),
        ("count('recrd') > 1", 7, "did you mean 'record'?"),
        ("total('host_type') > 1", 7, "expected one of pay, rank"),
        ("has__pay", 1, "two underscores"),
        ("r'a' == 'a'", 1, "prefix r"),
        ("rural // why", 7, "no comments"),
        ("(" * 200 + "rural" + ")" * 200, 1, "recursion"),
        ("rural || " * 300 + "rural", 1, "more than 2000 characters"),
    ],
)
def test_expression_is_refused_at_its_column(text: str, column: int, part: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        ENVIRONMENT.compile(text)
    assert (refused.value.column, part in refused.value.said.en) == (column, True), refused.value.said.en


def test_rewriting_keeps_every_column() -> None:
    text = "has( pay )  && !given(car) && car == 'has(pay)'"
    parts = read_parts(text, DECLARED)
    assert len(parts.text) == len(text)
    assert parts.text.endswith("&& car == 'has(pay)'")


def test_program_knows_what_it_reads() -> None:
    program = ENVIRONMENT.compile("has(ends_on) && given(car) && host_type in eligible && total('pay') > rank")
    assert program.names == {"host_type", "eligible", "rank"}
    assert program.asks_has == {"ends_on"}
    assert program.asks_given == {"car"}
    assert program.uses_history


def test_each_expression_is_compiled_once() -> None:
    assert ENVIRONMENT.compile("rank == 2") is ENVIRONMENT.compile("rank == 2")


def test_a_definition_has_one_environment() -> None:
    definition = load_definition(STATES_YAML)
    assert environment_of(definition) is environment_of(load_definition(STATES_YAML))
    program = environment_of(definition).compile("monthly_gross >= lookup('minimum_wage', contract_starts_on)")
    assert program.evaluate({"monthly_gross": 155458, "contract_starts_on": "2021-03-01"}, Answers())
