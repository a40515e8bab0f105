"""Guard expressions: CEL, Google's engine, behind the few things that a definition may say with it.

Expressions are type-checked when they are compiled; what they cannot know (tables, other entries) is asked of
`Functions`. What a plain function can answer is not asked of the engine (closures.py). Knows nothing of blockers: what
a refusal says is decided by who evaluates.
"""

from collections.abc import Callable, Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any, Protocol

from workflow.closures import Closure, closure_of, moment
from workflow.definition import Definition
from workflow.language.borrowed import types
from workflow.language.expression_text import (
    FUNCTIONS,
    GIVEN,
    HAS,
    Declared,
    ExpressionError,
    Parts,
    engine_error,
    read_parts,
)

__all__ = ["Environment", "ExpressionError", "ExpressionFailed", "Functions", "Program", "environment_of"]

_UNSET = 'No value with name "'


class Functions(Protocol):
    """What an expression may ask about a placement; what is raised here comes out of `evaluate` as it is."""

    def lookup(self, table: str, day: date) -> int:
        """The value of a table on a day, in the placement's territory."""

    def last_day(self, deadline: str) -> date:
        """The last day of a deadline."""

    def entered(self, state: str) -> date:
        """The local day of the last standing entry into a state."""

    def count(self, trigger: str) -> int:
        """How often a trigger was fired, by standing entries."""

    def total(self, field: str) -> int:
        """The sum of a field over the standing entries that set it."""


class ExpressionFailed(Exception):
    """An expression that has no answer; `missing` names the unset field that it needed, where that is why."""

    def __init__(self, sentence: str, missing: str | None = None) -> None:
        self.missing = missing
        super().__init__(sentence)


@dataclass(slots=True)
class _Call:
    """One evaluation: who answers, and what an answer raised (the engine makes a value of that)."""

    functions: Functions
    raised: Exception | None = None


_CALL: ContextVar[_Call] = ContextVar("workflow.expressions.call")


@dataclass(frozen=True)
class Program:
    """A checked expression.

    `names` are the variables that it reads; `asks_has` and `asks_given` the fields of which it asks whether
    they are set, or came with the request; `uses_history` says that it counts or sums over entries.
    """

    text: str
    names: frozenset[str]
    asks_has: frozenset[str]
    asks_given: frozenset[str]
    uses_history: bool
    _compiled: Any = field(repr=False, compare=False)
    _kinds: Mapping[str, str] = field(repr=False, compare=False)

    @cached_property
    def needs(self) -> frozenset[str]:
        """The variables that must have a value: of the others it asks whether they do."""
        return self.names - self.asks_has - self.asks_given

    @cached_property
    def speaks_of(self) -> frozenset[str]:
        """All that it names."""
        return self.names | self.asks_has | self.asks_given

    @cached_property
    def _days(self) -> frozenset[str]:
        return frozenset(name for name in self.names if self._kinds[name] == "date")

    @cached_property
    def _closure(self) -> Closure | None:
        return closure_of(self._compiled.serialize(), self._kinds)

    def evaluate(self, values: Mapping[str, Any], functions: Functions, given: Collection[str] = frozenset()) -> bool:
        """Whether it holds, for fields and variables as a placement stores them: ISO dates, money in cents.

        None means unset. `given` names the fields that came with the request. `ExpressionFailed` where there
        is no answer, an unset field that was needed for one; what `functions` raise comes out unchanged.
        """
        return self.answer(self.data(values.get, given), functions)

    def data(self, value_of: Callable[[str], Any], given: Collection[str]) -> dict[str, Any]:
        """What the expression is evaluated with; what has no value is not in it."""
        data: dict[str, Any] = {}
        for name in self.names:
            value = value_of(name)
            if value is not None:
                data[name] = value
        for name in self.asks_has:
            data[HAS + name] = value_of(name) is not None
        for name in self.asks_given:
            data[GIVEN + name] = name in given
        return data

    def answer(self, data: dict[str, Any], functions: Functions) -> bool:
        """Whether it holds, for its data, whose days become moments."""
        self._make_moments(data)
        if self._closure is not None:
            try:
                return bool(self._closure(data, functions))
            except Exception:  # noqa: S110 # whatever it is: the engine knows whether it matters, and has the words
                pass
        return self.answer_by_engine(data, functions)

    def answer_by_engine(self, data: dict[str, Any], functions: Functions) -> bool:
        """The same, by CEL's own engine alone."""
        self._make_moments(data)
        call = _Call(functions)
        token = _CALL.set(call)
        try:
            answer = self._compiled.eval(data=data)
        finally:
            _CALL.reset(token)
        value = answer.value()
        if value is True or value is False:
            return value
        if call.raised is not None:
            raise call.raised
        raise _failure(self.text, str(value))

    def _make_moments(self, data: dict[str, Any]) -> None:
        for name in self._days:
            if name in data:
                data[name] = moment(data[name])


class Environment:
    """The variables and functions of one definition, with which its expressions are compiled, each once."""

    def __init__(self, declared: Declared) -> None:
        self._declared = declared
        self._programs: dict[str, Program] = {}

    @property
    def variables(self) -> Mapping[str, str]:
        """The variables and their kinds: a field's type, `list` for a list."""
        return self._declared.variables

    def compile(self, text: str) -> Program:
        """The checked program for an expression; `ExpressionError` says where it is wrong, and why."""
        program = self._programs.get(text)
        if program is None:
            program = self._programs[text] = self._compiled(text)
        return program

    def _compiled(self, text: str) -> Program:
        parts = read_parts(text, self._declared)
        try:
            compiled = self._engine.compile(parts.text)
        except RuntimeError as error:
            raise engine_error(str(error), self._declared) from None
        if str(compiled.return_type()) != "BOOL":
            kind = str(compiled.return_type())
            fr = f"l'expression donne autre chose ({types(kind)}) : attendu true ou false"
            raise ExpressionError(1, fr, f"the expression gives {kind}: expected true or false")
        return self._program(text, parts, compiled)

    def _program(self, text: str, parts: Parts, compiled: Any) -> Program:
        return Program(
            text=text,
            names=parts.names,
            asks_has=parts.has,
            asks_given=parts.given,
            uses_history=not parts.calls.isdisjoint({"count", "total"}),
            _compiled=compiled,
            _kinds=self._declared.variables,
        )

    @cached_property
    def _engine(self) -> Any:
        # Loaded late: most commands evaluate nothing.
        from cel_expr_python import cel

        kinds = {"date": cel.Type.TIMESTAMP, "integer": cel.Type.INT, "money": cel.Type.INT}
        kinds |= {"boolean": cel.Type.BOOL, "list": cel.Type.List(cel.Type.STRING)}
        variables = {n: kinds.get(kind, cel.Type.STRING) for n, kind in self._declared.variables.items()}
        for name in self._declared.fields:
            variables[HAS + name] = variables[GIVEN + name] = cel.Type.BOOL
        return cel.NewEnv(variables=variables, functions=[_declare(cel, name) for name in FUNCTIONS])


@lru_cache(maxsize=32)
def environment_of(definition: Definition) -> Environment:
    """The environment of a definition's expressions."""
    return Environment(
        Declared(
            fields={name: spec.type for name, spec in definition.fields.items()},
            lists=tuple(definition.lists),
            tables=tuple(definition.tables),
            deadlines=tuple(definition.deadlines),
            states=tuple(definition.states),
            triggers=tuple(definition.transitions),
        )
    )


def _declare(cel: Any, name: str) -> Any:
    kinds = {"name": cel.Type.STRING, "day": cel.Type.TIMESTAMP, "number": cel.Type.INT}
    *parameters, result = (kinds[kind] for kind in FUNCTIONS[name])
    answer = _days_between if name == "days_between" else _asking(name)
    return cel.FunctionDecl(name, [cel.Overload(name, return_type=result, parameters=parameters, impl=answer)])


def _asking(name: str) -> Any:
    def ask(*arguments: Any) -> Any:
        call = _CALL.get()
        plain = [item.date() if isinstance(item, datetime) else item for item in arguments]
        try:
            answer = getattr(call.functions, name)(*plain)
        except Exception as error:
            call.raised = call.raised or error
            raise
        return moment(answer) if isinstance(answer, date) else answer

    return ask


def _days_between(start: datetime, end: datetime) -> int:
    return (end.date() - start.date()).days


def _failure(text: str, answer: str) -> ExpressionFailed:
    if _UNSET in answer:
        missing = answer.split(_UNSET)[1].split('"')[0]
        return ExpressionFailed(f"{missing} is not set, and {text!r} needs it", missing)
    return ExpressionFailed(f"{text!r} has no answer: {answer}")
