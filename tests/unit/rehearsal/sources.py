"""Reads sources for their sentences: those that stand as a pair, in French and in English, and those alone."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

_PAIRING = {"Said", "Astray", "WrongUsage"}
PUT_IN = re.compile(r"\{.*?\}+")
_WORDS = re.compile(r"[a-zà-ÿ]+'? ?\{|\} [a-zà-ÿ]{2,}|[A-Za-zÀ-ÿ]{2,} [A-Za-zÀ-ÿ]+", re.IGNORECASE)


@dataclass(frozen=True)
class Pair:
    """A sentence in two languages, with what is put into it between braces; where it stands."""

    where: str
    fr: str
    en: str


def pairs(path: Path) -> Iterator[Pair]:
    """All pairs of a file."""
    for first, second in _paired(ast.parse(path.read_text("utf-8"))):
        fr, en = text(first), text(second)
        if fr is not None and en is not None:
            yield Pair(f"{path.name}:{first.lineno}", fr, en)


def alone(path: Path) -> Iterator[tuple[str, str]]:
    """The texts of several words in a file that are neither one side of a pair nor a docstring, each with its place."""
    tree = ast.parse(path.read_text("utf-8"))
    known = {node for pair in _paired(tree) for side in pair for node in ast.walk(side)}
    known |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    known |= {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in _literal(node)}
    for node in ast.walk(tree):
        found = text(node) if node not in known else None
        if found is not None and _WORDS.search(PUT_IN.sub("{}", found)) and "\\" not in found:
            yield f"{path.name}:{getattr(node, 'lineno', 0)}", found


def text(node: ast.AST) -> str | None:
    """A literal text as it is written, None for all else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    return "".join(
        f"{{{ast.unparse(each.value)}}}" if isinstance(each, ast.FormattedValue) else str(text(each))
        for each in node.values
    )


def _literal(node: ast.JoinedStr) -> Iterator[ast.AST]:
    """The literal parts of a text with values in it; what is in the values is looked at by itself."""
    yield from (each for each in node.values if isinstance(each, ast.Constant))


def _paired(tree: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_pairing(node):
            yield node.args[0], node.args[1]
        elif isinstance(node, ast.Assign) and _names(node) == ["fr", "en"]:
            yield from ((each.elts[0], each.elts[1]) for each in ast.walk(node.value) if isinstance(each, ast.Tuple))
        body = getattr(node, "body", None)
        for one, other in pairwise(body) if isinstance(body, list) else ():
            yield from _apart(one, other)


def _apart(one: ast.stmt, other: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr]]:
    """`fr = …`, and on the next line `en = …`, or a pair with `fr` in it."""
    if not isinstance(one, ast.Assign) or _names(one) != ["fr"]:
        return
    if isinstance(other, ast.Assign) and _names(other) == ["en"]:
        yield one.value, other.value
    for call in ast.walk(other):
        if isinstance(call, ast.Call) and _is_pairing(call) and ast.unparse(call.args[0]) == "fr":
            yield one.value, call.args[1]


def _is_pairing(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in _PAIRING and len(call.args) == 2


def _names(node: ast.Assign) -> list[str]:
    return [each.id for each in ast.walk(node.targets[0]) if isinstance(each, ast.Name)]
