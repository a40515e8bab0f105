"""Whether two transitions of one trigger can never both be meant: their conditions contradict each other.

Proves only what can be read off plainly: a condition and its negation, and one variable that would need two
values.
"""

import re
from collections.abc import Iterator

from workflow.definition import Transition

_EQUALS = re.compile(r"([a-z][a-z0-9_]*) *== *('[^']*'|\"[^\"]*\"|-?[0-9]+|true|false)")
_WITHIN = re.compile(r"([a-z][a-z0-9_]*) +in +\[([^\[\]]*)\]")
_LITERAL = re.compile(r"'[^']*'|\"[^\"]*\"|-?[0-9]+")
_COMPARED = re.compile(r"(.+?) *(<=|>=|==|!=|<|>) *([^<>=!]+)")
_OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}


def are_apart(one: Transition, other: Transition) -> bool:
    """Whether what one transition demands, by `when` and guards, contradicts what the other demands."""
    return any(_contradict(a, b) for a in _demands(one) for b in _demands(other))


def _demands(transition: Transition) -> Iterator[str]:
    if transition.when is not None and transition.when.expression is not None:
        yield from _conjuncts(transition.when.expression)
    for guard in transition.guards:
        if guard.require is not None:
            yield from _conjuncts(guard.require)


def _conjuncts(expression: str) -> Iterator[str]:
    whole = _bare(expression)
    yield whole
    if "||" not in whole and "(" not in whole and "?" not in whole:
        yield from (_bare(part) for part in whole.split("&&"))


def _contradict(a: str, b: str) -> bool:
    if _negated(a) == b or _negated(b) == a:
        return True
    values, others = _values(a), _values(b)
    if values and others and values[0] == others[0]:
        return values[1].isdisjoint(others[1])
    return _opposed(a, b)


def _opposed(a: str, b: str) -> bool:
    one, other = _COMPARED.fullmatch(a), _COMPARED.fullmatch(b)
    simple = one and other and "&&" not in a + b and "||" not in a + b and "?" not in a + b
    if not (simple and one and other):
        return False
    return (one[1], one[3]) == (other[1], other[3]) and _OPPOSITE[one[2]] == other[2]


def _values(expression: str) -> tuple[str, frozenset[str]] | None:
    equals, within = _EQUALS.fullmatch(expression), _WITHIN.fullmatch(expression)
    if equals:
        return equals[1], frozenset({equals[2].strip("'\"")})
    if within:
        return within[1], frozenset(text.strip("'\"") for text in _LITERAL.findall(within[2]))
    return None


def _negated(expression: str) -> str | None:
    if not expression.startswith("!"):
        return None
    rest = expression[1:].strip()
    is_one = re.fullmatch(r"[a-z][a-z0-9_]*(\([^()]*\))?", rest)
    return _bare(rest) if is_one or _is_wrapped(rest) else None


def _bare(expression: str) -> str:
    bare = " ".join(expression.split())
    while _is_wrapped(bare):
        bare = bare[1:-1].strip()
    return bare


def _is_wrapped(text: str) -> bool:
    """Whether one pair of parentheses encloses the whole text."""
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for index, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0 and index < len(text) - 1:
            return False
    return depth == 0
