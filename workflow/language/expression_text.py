"""The text of a guard expression: its words, the names it uses, and `has(x)` and `given(x)` rewritten.

CEL's own `has()` takes only selections, so `has(x)` becomes a boolean variable of exactly the same length,
which keeps the columns of the engine's messages. Knows nothing of the engine's API.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from workflow.definition import FieldType
from workflow.language.borrowed import syntax_problem, types, use_problem
from workflow.language.wording import Said, a_noun, and_of, shown, unknown

HAS, GIVEN = "has__", "given__"
BUILT_IN = {"occurred_on": "date", "state": "text", "role": "text", "reason_given": "boolean"}
"""What every request has besides the fields: its day, the state before it, the role, if a reason is given."""

FUNCTIONS = {
    "lookup": ("name", "day", "number"),
    "last_day": ("name", "day"),
    "entered": ("name", "day"),
    "count": ("name", "number"),
    "total": ("name", "number"),
    "days_between": ("day", "day", "number"),
}
"""Name -> the kinds of the parameters, and last that of the result; a `name` is a quoted one."""

_PARAMETERS = {
    "name": Said("un nom", "a name"),
    "day": Said("un jour", "a day"),
    "number": Said("un nombre", "a number"),
}

# What CEL keeps for itself: its reserved words, literals, and the names of types.
RESERVED = frozenset(
    {
        "as",
        "break",
        "const",
        "continue",
        "else",
        "false",
        "for",
        "function",
        "if",
        "import",
        "in",
        "let",
        "loop",
    }
    | {"namespace", "null", "package", "return", "true", "var", "void", "while"}
    | {
        "bool",
        "bytes",
        "double",
        "duration",
        "dyn",
        "int",
        "list",
        "map",
        "string",
        "timestamp",
        "type",
        "uint",
    }
)

_MAX_LENGTH = 2000
_WORD = re.compile(
    r"""(?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<space>\s+)|(?P<sign>.)""",
    re.DOTALL,
)
_ENGINE_ERROR = re.compile(r"ERROR: <input>:1:([0-9]+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']*)' applied to '\((.*)\)'")


class ExpressionError(Exception):
    """An expression that cannot be used: the column (from 1) in its text, and one sentence in French and English."""

    def __init__(self, column: int, fr: str, en: str) -> None:
        self.column, self.said = column, Said(fr, en)
        super().__init__(en)


@dataclass(frozen=True)
class Declared:
    """The names of a definition that its expressions may use."""

    fields: Mapping[str, FieldType]
    lists: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    deadlines: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    triggers: tuple[str, ...] = ()

    @cached_property
    def variables(self) -> Mapping[str, str]:
        """Variable -> its kind: a field's type, `list` for a list."""
        return {**dict.fromkeys(self.lists, "list"), **self.fields, **BUILT_IN}

    def named_by(self, function: str) -> tuple[str, list[str]]:
        """What the first argument of a function names, and the names that there are."""
        sums = [name for name, kind in self.fields.items() if kind in ("integer", "money")]
        return {
            "lookup": ("table", list(self.tables)),
            "last_day": ("deadline", list(self.deadlines)),
            "entered": ("state", list(self.states)),
            "count": ("trigger", list(self.triggers)),
            "total": ("number or money field", sums),
        }[function]


@dataclass(frozen=True, slots=True)
class Parts:
    """An expression as the engine gets it, and what it names."""

    text: str
    names: frozenset[str]
    has: frozenset[str]
    given: frozenset[str]
    calls: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Word:
    kind: str
    text: str
    start: int

    @property
    def column(self) -> int:
        return self.start + 1


def read_parts(text: str, declared: Declared) -> Parts:
    """The parts of an expression; `ExpressionError` for unknown names in `has`, `given` and functions."""
    if len(text) > _MAX_LENGTH:
        fr = f"l'expression a plus de {_MAX_LENGTH} caractères : faites-en deux conditions"
        raise ExpressionError(1, fr, f"the expression has more than {_MAX_LENGTH} characters: make two guards of it")
    words = [word for word in _words(text) if word.kind != "space"]
    _refuse_what_is_not_read(words)
    asked = {HAS: _asked("has", words), GIVEN: _asked("given", words)}
    rewritten = text
    for prefix, found in asked.items():
        for start, end, field in found:
            _check_known(field, "field", list(declared.fields))
            rewritten = rewritten[:start] + f"{prefix}{field.text}".ljust(end - start) + rewritten[end:]
    _check_arguments(words, declared)
    inside = {field.start for found in asked.values() for _, _, field in found}
    return Parts(
        text=re.sub(r"\s", " ", rewritten),
        names=frozenset(_variables(words, inside)) & declared.variables.keys(),
        has=frozenset(field.text for _, _, field in asked[HAS]),
        given=frozenset(field.text for _, _, field in asked[GIVEN]),
        calls=frozenset(word.text for word in words if word.kind == "name") & FUNCTIONS.keys(),
    )


def engine_error(message: str, declared: Declared) -> ExpressionError:
    """What the engine has against an expression, in a sentence."""
    found = _ENGINE_ERROR.search(message)
    if found is None:
        return ExpressionError(1, *_not_read(message.splitlines()[0]))
    return ExpressionError(int(found[1]), *_said(found[2].removesuffix(" [INVALID_ARGUMENT]"), declared))


def _said(problem: str, declared: Declared) -> Said:
    undeclared, overload = _UNDECLARED.search(problem), _OVERLOAD.search(problem)
    if undeclared and undeclared[1] in FUNCTIONS:
        *parameters, _ = FUNCTIONS[undeclared[1]]
        taken = and_of(_PARAMETERS[kind] for kind in parameters)
        return Said(f"{undeclared[1]}(…) prend {taken.fr}", f"{undeclared[1]}(…) takes {taken.en}")
    if undeclared:
        known = [*declared.variables, *FUNCTIONS, "has", "given"]
        return unknown("name", undeclared[1], known)
    if overload:
        sign = overload[1].strip("_!") or "!"
        return Said(
            f"{sign.removeprefix('@')} ne s'applique pas à ({types(overload[2])}) : attendu des valeurs de même nature",
            f"{sign} does not apply to ({overload[2]}): expected values of matching types",
        )
    if problem.startswith("Syntax error: "):
        return _not_read(problem.removeprefix("Syntax error: "))
    return Said(
        f"l'expression n'est pas permise : {use_problem(problem)}", f"the expression is not allowed: {problem[:160]}"
    )


def _not_read(problem: str) -> Said:
    return Said(
        f"l'expression ne peut être lue : {syntax_problem(problem)}",
        f"the expression cannot be read: {problem[:120]}",
    )


def _words(text: str) -> Iterator[_Word]:
    for found in _WORD.finditer(text):
        yield _Word(str(found.lastgroup), found[0], found.start())


def _refuse_what_is_not_read(words: list[_Word]) -> None:
    for word, following in pairwise(words):
        together = following.start == word.start + len(word.text)
        if together and word.kind == "name" and following.kind == "text":
            fr = f"le préfixe {word.text} d'un texte n'est pas permis : supprimez-le"
            raise ExpressionError(word.column, fr, f"the prefix {word.text} of a text is not allowed: leave it out")
        if together and word.text == following.text == "/":
            fr = "une expression n'a pas de commentaire : écrivez-le dans le YAML, après #"
            raise ExpressionError(word.column, fr, "an expression has no comments: write it in the YAML, after #")
    for word in words:
        if word.kind == "name" and "__" in word.text:
            given = shown(word.text)
            fr = f"le nom {given.fr} n'existe pas : aucun nom n'a deux tirets bas de suite"
            en = f"name {given.en} is unknown: no name has two underscores in a row"
            raise ExpressionError(word.column, fr, en)


def _asked(function: str, words: list[_Word]) -> list[tuple[int, int, _Word]]:
    """Where a function of one plain name is called: start and end in the text, and the name."""
    found = []
    for index, word in enumerate(words):
        following = words[index + 1 : index + 4]
        if word.text != function or word.kind != "name" or not following or following[0].text != "(":
            continue
        if len(following) < 3 or following[1].kind != "name" or following[2].text != ")":
            fr, en = f"{function}(…) prend le nom d'un seul champ", f"{function}(…) takes the name of one field"
            raise ExpressionError(word.column, fr, en)
        found.append((word.start, following[2].start + 1, following[1]))
    return found


def _check_arguments(words: list[_Word], declared: Declared) -> None:
    for index, word in enumerate(words):
        following = words[index + 1 : index + 3]
        is_call = word.kind == "name" and following[:1] and following[0].text == "("
        if not is_call or FUNCTIONS.get(word.text, ("",))[0] != "name":
            continue
        what, known = declared.named_by(word.text)
        if len(following) < 2 or following[1].kind != "text":
            named = a_noun(what)
            fr = f"{word.text}(…) prend d'abord, entre guillemets, le nom d'{named.fr}"
            raise ExpressionError(word.column, fr, f"{word.text}(…) takes the quoted name of {named.en} first")
        argument = following[1]
        _check_known(_Word("name", argument.text[1:-1], argument.start), what, known)


def _check_known(word: _Word, what: str, known: list[str]) -> None:
    if word.text not in known:
        raise ExpressionError(word.column, *unknown(what, word.text, known))


def _variables(words: list[_Word], inside: set[int]) -> Iterator[str]:
    before = ""
    for word in words:
        if word.kind == "name" and word.start not in inside and before != ".":
            yield word.text
        before = word.text
