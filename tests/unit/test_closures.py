"""What a guard comes to as a plain function, beside what CEL's engine says of the very same: the engine is right."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.shipped import DEFINITIONS
from tests.unit.test_expressions import DECLARED, ENVIRONMENT
from workflow.expressions import ExpressionFailed, Program, environment_of
from workflow.loader import load_definition

T = TypeVar("T")
DAYS = st.dates(date(2020, 12, 30), date(2021, 1, 3))
NUMBERS = st.sampled_from([-(1 << 63), -1, 0, 1, 2, (1 << 63) - 1])
TEXTS = st.sampled_from(["", "EPCI", "COMMUNE", "é", "z", "\U0001f600", "\uffff"])
_OF_KIND = {"date": DAYS.map(date.isoformat), "integer": NUMBERS, "money": NUMBERS, "boolean": st.booleans()}
_ODD = st.sampled_from(["2020-12-32", "20210101", 1 << 70, True, 1, "1", 1.0, []])


class Silent(Exception):
    """What a function raises that has no answer."""


@dataclass(frozen=True)
class Answers:
    """Functions that answer what was drawn, and raise where that is nothing."""

    day: date | None
    number: int | None

    def lookup(self, table: str, day: date) -> int:
        return _told(self.number if day.year > 2020 else None)

    def last_day(self, deadline: str) -> date:
        return _told(self.day)

    def entered(self, state: str) -> date:
        return _told(self.day)

    def count(self, trigger: str) -> int:
        return _told(self.number)

    def total(self, field: str) -> int:
        return _told(self.number)


def _told(answer: T | None) -> T:
    if answer is None:
        raise Silent
    return answer


def _values() -> st.SearchStrategy[Mapping[str, Any]]:
    """Values of every variable: of its kind mostly, none sometimes, and rarely one that its kind does not allow."""
    drawn = {"eligible": st.lists(TEXTS, max_size=3), "occurred_on": DAYS}
    fields = {
        name: st.one_of(of_kind := _OF_KIND.get(kind, TEXTS), of_kind, of_kind, st.none(), _ODD)
        for name, kind in DECLARED.variables.items()
    }
    return st.fixed_dictionaries({**fields, **drawn})


def _either(*parts: Any) -> st.SearchStrategy[str]:
    return st.tuples(*(st.just(part) if isinstance(part, str) else part for part in parts)).map("".join)


_ASKED = ("lookup('minimum_wage', starts_on)", "days_between(starts_on, occurred_on)")
_SIMPLE = {
    "number": st.sampled_from(
        ["0", "1", "-1", "9223372036854775807", "pay", "rank", "count('record')", "total('pay')", *_ASKED]
    ),
    "day": st.sampled_from(["starts_on", "ends_on", "occurred_on", "last_day('convention')", "entered('in_post')"]),
    "text": st.sampled_from(["host_type", "car", "role", "state", "'EPCI'", '"\\u00e9"', "''"]),
}


def _reckoned(kind: str) -> st.SearchStrategy[str]:
    simple = _SIMPLE[kind]
    if kind == "day":
        return simple
    signs = st.sampled_from([" + ", " - ", " * ", " / ", " % "]) if kind == "number" else st.just(" + ")
    return st.one_of(simple, simple, _either(simple, signs, simple))


_COMPARED = st.sampled_from([" == ", " != ", " < ", " <= ", " > ", " >= "])
_PLAIN = st.one_of(
    *(_either(_reckoned(kind), _COMPARED, _reckoned(kind)) for kind in _SIMPLE),
    st.sampled_from(
        ["rural", "has_car", "reason_given", "true", "false", "has(ends_on)", "given(pay)", "has(has_car)"]
    ),
    _either(_SIMPLE["text"], " in ", st.sampled_from(["eligible", "['EPCI', car]", "[]", "['COMMUNE']"])),
    st.sampled_from(["rank in [1, 2]", "[1, 2].exists(x, x == rank)", "eligible == ['EPCI']", "rural == has_car"]),
)
EXPRESSIONS = st.recursive(
    _PLAIN,
    lambda inner: st.one_of(
        _either(inner, st.sampled_from([" && ", " || "]), inner),
        _either("(", inner, ") ? (", inner, ") : (", inner, ")"),
        _either("!(", inner, ")"),
        _either("(", inner, st.sampled_from([") && (", ") || (", ") == (", ") != ("]), inner, ")"),
    ),
    max_leaves=5,
)


def _outcome(asked: Any, *arguments: Any) -> tuple[str, Any]:
    try:
        return "answers", asked(*arguments)
    except ExpressionFailed as failed:
        return str(failed), failed.missing
    except (Silent, ValueError, TypeError, OverflowError) as error:
        return type(error).__name__, str(error)


@given(
    EXPRESSIONS,
    _values(),
    st.builds(Answers, DAYS | st.none(), NUMBERS | st.none()),
    st.frozensets(st.sampled_from(["pay", "ends_on", "rank"])),
)
@example("rank == 1", {"rank": True}, Answers(None, None), frozenset())
@example("rank + 1 > 0", {"rank": (1 << 63) - 1}, Answers(None, None), frozenset())
@example("rank * 2 > 0 || rural", {"rank": 1 << 62, "rural": True}, Answers(None, None), frozenset())
@example("ends_on > starts_on || rank == 2", {"starts_on": "2021-01-01", "rank": 2}, Answers(None, None), frozenset())
def test_a_guard_comes_to_what_the_engine_says(
    text: str, values: Mapping[str, Any], functions: Answers, given: frozenset[str]
) -> None:
    program = ENVIRONMENT.compile(text)
    expected = _outcome(lambda: program.answer_by_engine(program.data(values.get, given), functions))
    assert _outcome(program.evaluate, values, functions, given) == expected


def _is_answered_without_the_engine(program: Program) -> bool:
    return program._closure is not None


@pytest.mark.parametrize("name", DEFINITIONS)
def test_every_guard_that_is_shipped_is_answered_without_the_engine(name: str) -> None:
    definition = load_definition(DEFINITIONS[name])
    moves = [move for each in definition.transitions.values() for move in each] + [*definition.automatic]
    texts = [guard.require for move in moves for guard in move.guards]
    texts += [move.when.expression for move in moves if move.when]
    programs = [environment_of(definition).compile(text) for text in texts if text]
    assert [each.text for each in programs if not _is_answered_without_the_engine(each)] == []


@pytest.mark.parametrize("text", ["[1, 2].exists(x, x == rank)", "1.5 > 1.0", "car.startsWith('a')", "rank / 2 == 1"])
def test_what_is_not_read_is_left_to_the_engine(text: str) -> None:
    assert not _is_answered_without_the_engine(ENVIRONMENT.compile(text))
