"""Guard expressions as plain Python functions: each node of the checked tree becomes a closure, once.

Most of what guards ask are comparisons of a few facts, for which setting up an evaluation by CEL's engine costs more
than the answer. So what the tree says is said in closures, wherever both must answer the same. They answer yes or no:
for whatever has no answer (an unset field, a table that says nothing, a sum that leaves 64 bits) they raise, and the
engine is asked, whose words a refusal has. It stays the judge: a property compares the two.
"""

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from workflow.language.checked_tree import Call, Constant, Listing, Name, Node, NotRead, checked_tree
from workflow.language.expression_text import FUNCTIONS, GIVEN, HAS

Closure = Callable[[Mapping[str, Any], Any], Any]
"""Given the data that the engine would get, and the functions (expressions.Functions), what a node comes to."""

_Typed = tuple[str, Closure]
"""A closure and the kind of what it gives: `day`, `number`, `text`, `truth` or `texts`."""

_INT64 = range(-(1 << 63), 1 << 63)
_KINDS = {"date": "day", "integer": "number", "money": "number", "boolean": "truth", "list": "texts"}
_GIVES = {name: kinds[-1] for name, kinds in FUNCTIONS.items()}
_TYPES = {"day": datetime, "number": int, "text": str, "truth": bool, "texts": list}
_COMPARISONS = {"_<_": operator.lt, "_<=_": operator.le, "_>_": operator.gt, "_>=_": operator.ge}
_EQUALITIES = {"_==_": operator.eq, "_!=_": operator.ne}
_SUMS = {"_+_": operator.add, "_-_": operator.sub, "_*_": operator.mul}


@lru_cache(maxsize=4096)
def moment(day: date | str) -> datetime:
    """A day as expressions see it: its midnight in UTC, so that days compare."""
    if isinstance(day, str):
        day = date.fromisoformat(day)
    return datetime.combine(day, time(), UTC)


class NotAnswered(Exception):
    """Something that only the engine has an answer to."""


def closure_of(serialized: bytes, variables: Mapping[str, str]) -> Closure | None:
    """The closure of a checked expression, given the kinds of its variables; None where only the engine can answer."""
    try:
        kind, closure = _Compiler(variables).typed(checked_tree(serialized))
    except NotRead:
        return None
    return closure if kind == "truth" else None


class _Compiler:
    """From nodes to closures, for the variables of one definition. Every method raises NotRead."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def typed(self, node: Node) -> _Typed:
        match node:
            case Constant(value):
                return _kind_of(value), lambda d, f: value
            case Name(text):
                return self._variable(text)
            case Listing(items):
                return "texts", _listed(self._all(items, "text"))
            case Call(function, arguments):
                return self._call(function, arguments)
        raise NotRead(str(node))

    def _all(self, nodes: tuple[Node, ...], kind: str) -> list[Closure]:
        typed = [self.typed(node) for node in nodes]
        if any(found != kind for found, _ in typed):
            raise NotRead(f"something else than a {kind}")
        return [closure for _, closure in typed]

    def _alike(self, nodes: tuple[Node, ...]) -> tuple[str, list[Closure]]:
        kind, _ = self.typed(nodes[0])
        return kind, self._all(nodes, kind)

    def _variable(self, name: str) -> _Typed:
        if name.startswith((HAS, GIVEN)):
            return "truth", lambda d, f: d[name]
        if name not in self._variables:
            raise NotRead(f"the name {name}")
        kind = _KINDS.get(self._variables[name], "text")
        return kind, _value_in(name, _TYPES[kind])

    def _call(self, function: str, arguments: tuple[Node, ...]) -> _Typed:
        if function in ("_&&_", "_||_", "!_"):
            return "truth", _logical(function, self._all(arguments, "truth"))
        if function == "_?_:_":
            kind, either = self._alike(arguments[1:])
            return kind, _chosen(*self._all(arguments[:1], "truth"), *either)
        if function == "@in":
            return "truth", _within(*self._all(arguments[:1], "text"), *self._all(arguments[1:], "texts"))
        if function in _SUMS and len(arguments) == 2:
            return "number", _number(_applied(_SUMS[function], self._all(arguments, "number")))
        if function in _COMPARISONS or function in _EQUALITIES:
            return "truth", self._comparison(function, arguments)
        return self._asking(function, arguments)

    def _comparison(self, function: str, arguments: tuple[Node, ...]) -> Closure:
        kind, closures = self._alike(arguments)
        if kind == "texts":
            raise NotRead("a comparison of lists")
        return _applied((_COMPARISONS | _EQUALITIES)[function], closures)

    def _asking(self, function: str, arguments: tuple[Node, ...]) -> _Typed:
        if function == "days_between":
            return "number", _applied(lambda start, end: (end - start).days, self._all(arguments, "day"))
        match arguments:
            case [Constant(str(name))] if function in FUNCTIONS:
                asked = _asked(function, name)
            case [Constant(str(name)), day] if function in FUNCTIONS:
                asked = _asked_on(function, name, *self._all((day,), "day"))
            case _:
                raise NotRead(f"{function} of {len(arguments)}")
        return _GIVES[function], _number(asked) if _GIVES[function] == "number" else _moment_of(asked)


def _kind_of(value: bool | int | str) -> str:
    return next(kind for kind in ("truth", "number", "text") if type(value) is _TYPES[kind])


def _value_in(name: str, kind: type) -> Closure:
    def value(data: Mapping[str, Any], functions: Any) -> Any:
        found = data[name]
        # To the engine, what is stored as something else than its field says is neither equal nor less.
        if type(found) is not kind or (kind is int and found not in _INT64):
            raise NotAnswered(name)
        return found

    return value


def _listed(items: list[Closure]) -> Closure:
    return lambda d, f: [item(d, f) for item in items]


def _logical(function: str, parts: list[Closure]) -> Closure:
    if function == "!_":
        (only,) = parts
        return lambda d, f: not only(d, f)
    left, right = parts
    if function == "_&&_":
        return lambda d, f: left(d, f) and right(d, f)
    return lambda d, f: left(d, f) or right(d, f)


def _chosen(condition: Closure, either: Closure, other: Closure) -> Closure:
    return lambda d, f: either(d, f) if condition(d, f) else other(d, f)


def _within(item: Closure, items: Closure) -> Closure:
    return lambda d, f: item(d, f) in items(d, f)


def _applied(function: Callable[[Any, Any], Any], pair: list[Closure]) -> Closure:
    left, right = pair
    return lambda d, f: function(left(d, f), right(d, f))


def _number(reckoned: Closure) -> Closure:
    """The same where it is a number of 64 bits, as all of the engine's are."""

    def number(data: Mapping[str, Any], functions: Any) -> int:
        found = reckoned(data, functions)
        if type(found) is not int or found not in _INT64:
            raise NotAnswered("no number of 64 bits")
        return found

    return number


def _moment_of(day: Closure) -> Closure:
    return lambda d, f: moment(day(d, f))


def _asked(function: str, name: str) -> Closure:
    return lambda d, f: getattr(f, function)(name)


def _asked_on(function: str, name: str, day: Closure) -> Closure:
    return lambda d, f: getattr(f, function)(name, day(d, f).date())
