"""What libraries say in English of a text that they cannot read, in French: the readers of YAML and JSON, expressions.

What they say and is not listed here is quoted as it is, with the remark that it is English.
"""

import re
from collections.abc import Iterable
from typing import Final

_PROBLEMS: Final = {
    "mapping values are not allowed in this context":
        "« : » n'a pas sa place ici : le retrait est mal aligné, ou un texte qui contient « : » est sans guillemets",
    "mapping keys are not allowed in this context": "une clé n'a pas sa place ici",
    "block sequence entries are not allowed in this context": "une liste à tirets ne peut commencer ici",
    "could not find expected ':'": "il manque « : » après une clé",
    "did not find expected ',' or ']'": "il manque « , » ou « ] »",
    "did not find expected ',' or '}'": "il manque « , » ou « } »",
    "did not find expected '-' indicator": "il manque un tiret, ou le retrait est mal aligné",
    "did not find expected key": "il manque une clé, ou le retrait est mal aligné",
    "did not find expected node content": "il manque une valeur",
    "did not find expected comment or line break": "attendu un retour à la ligne ou un commentaire",
    "did not find expected alphabetic or numeric character": "attendu une lettre ou un chiffre",
    "did not find expected hexdecimal number": "attendu un nombre hexadécimal",
    "did not find expected <document start>": "rien ne peut suivre la fin du contenu",
    "found unexpected ':'": "« : » n'a pas sa place ici",
    "found unexpected document indicator": "« --- » ou « ... » n'a pas sa place ici",
    "found unexpected end of stream": "le fichier s'arrête trop tôt",
    "found character that cannot start any token":
        "aucune valeur ne commence par ce caractère : mettez-la entre guillemets",
    "found unknown escape character": "aucun code ne s'écrit ainsi après une barre oblique inverse",
    "found invalid Unicode character escape code": "ce code ne désigne aucun caractère",
    "found undefined tag handle": "une étiquette (!…) est inconnue",
    "did not find expected tag URI": "une étiquette (!…) est mal formée",
    "did not find the expected '>'": "une étiquette (!…) est mal formée",
    "found incompatible YAML document": "cette version de YAML n'est pas lue",
    "found unknown directive name": "une directive % est inconnue",
    "found duplicate %TAG directive": "une directive % est là deux fois",
    "found duplicate %YAML directive": "une directive % est là deux fois",
    "did not find expected whitespace or line break": "une étiquette (!…) est mal formée",
    "did not find expected version number": "une directive % est mal formée",
    "did not find expected digit or '.' character": "une directive % est mal formée",
    "found unexpected non-alphabetical character": "une directive % est mal formée",
    "could not find expected directive name": "une directive % est mal formée",
}  # fmt: skip
_CONTEXTS: Final = {
    "while parsing a flow sequence": "dans une liste entre crochets",
    "while parsing a flow mapping": "dans un groupe de clés entre accolades",
    "while parsing a block collection": "dans une liste à tirets",
    "while parsing a block mapping": "dans un groupe de clés",
    "while parsing a quoted scalar": "dans un texte entre guillemets",
    "while scanning a quoted scalar": "dans un texte entre guillemets",
    "while scanning a block scalar": "dans un texte de plusieurs lignes",
    "while scanning a simple key": "dans une clé",
}

_TYPES: Final = {
    "bool": "oui ou non",
    "double": "nombre à virgule",
    "google.protobuf.duration": "durée",
    "google.protobuf.timestamp": "date",
    "int": "nombre",
    "list": "liste",
    "null_type": "rien",
    "string": "texte",
    "timestamp": "date",
    "uint": "nombre",
}
_SYNTAX: Final = (
    (r"(?:mismatched|extraneous) input '<EOF>'.*", "l'expression s'arrête trop tôt"),
    (r"mismatched input '(.*?)' expecting .*", "« {} » n'a pas sa place ici"),
    (r"extraneous input '(.*?)' expecting .*", "« {} » est de trop"),
    (r"missing '(.*?)' at .*", "il manque « {} »"),
    (r"token recognition error at: '(.*)'", "« {} » ne se lit pas"),
    (r".* recursion limit exceeded.*", "il y a trop de parenthèses les unes dans les autres"),
    (r"no viable alternative at input '(.*)'", "« {} » ne se comprend pas"),
)
_USE: Final = (
    (r"expression of type '.*?' cannot be the operand of a select operation", "un point ne peut suivre cette valeur"),
    (r"reserved identifier: (.*)", "le mot « {} » est réservé"),
    (r"invalid int literal", "ce nombre est trop grand"),
    (r"invalid constant literal expression", "cette valeur ne se lit pas"),
    (r"unsupported syntax '(.*)'", "« {} » n'a pas sa place ici"),
    (r"(.*)\(\) variable name must be a simple identifier", "{}(…) prend d'abord un nom simple"),
)
_JSON: Final = (
    (r"Input data was truncated", "le fichier s'arrête trop tôt"),
    (r"JSON is malformed: .* \(byte (\d+)\)", "ce n'est plus du JSON à partir de l'octet {}"),
    (r"Object missing required field `(.*?)`(?: - at .*)?", "la clé « {} » manque"),
    (r"Object contains unknown field `(.*?)`(?: - at .*)?", "la clé « {} » n'existe pas"),
    (r"Expected .* - at `\$\.?(.*)`", "la valeur de « {} » n'est pas de la forme attendue"),
    (r"Expected .*", "le contenu n'est pas de la forme attendue"),
    (r"'utf-8' codec can't decode byte (0x..) .*", "l'octet {} n'est pas de l'UTF-8"),
)


def json_problem(problem: str) -> str:
    """What the JSON reader finds wrong."""
    return _matched(_JSON, problem, "le lecteur de JSON")


def yaml_problem(problem: str) -> str:
    """What the YAML reader finds wrong."""
    return _PROBLEMS.get(problem) or _quoted("le lecteur de YAML", problem)


def yaml_context(context: str | None, line: int | None) -> str:
    """In what it was found, and on which line that begins: to be put behind; nothing where that says nothing."""
    told = _CONTEXTS.get(context or "", "")
    begins = "" if line is None else f" qui commence à la ligne {line}"
    return f", {told}{begins}" if told else ""


def syntax_problem(problem: str) -> str:
    """What the engine finds wrong with the form of an expression."""
    return _matched(_SYNTAX, problem)


def use_problem(problem: str) -> str:
    """What the engine finds wrong with what an expression does."""
    return _matched(_USE, problem)


def types(listed: str) -> str:
    """The engine's types, one or several."""
    return re.sub(r"[a-z_.]+", lambda word: _TYPES.get(word[0], word[0]), listed.lower())


def _matched(rules: Iterable[tuple[str, str]], problem: str, who: str = "le moteur d'expressions") -> str:
    for pattern, told in rules:
        found = re.fullmatch(pattern, problem, re.DOTALL)
        if found:
            return told.format(*found.groups())
    return _quoted(who, problem)


def _quoted(who: str, problem: str) -> str:
    return f"{who} dit en anglais « {problem} »"
