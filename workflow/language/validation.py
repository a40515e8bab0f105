"""From plain data to the models of the language, with every fault of shape as a positioned finding.

Goes on after a fault as far as it can, so that the names are looked at too: an unknown key is read as the one
that was probably meant, what is of the wrong form is left out. Knows nothing of what names refer to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from workflow.definition import Place
from workflow.errors import Finding
from workflow.language.forms import BETWEEN, Document
from workflow.language.positions import Path, Source
from workflow.language.schema import keys_at
from workflow.language.wording import Said, alternatives, shown, suggestion, unknown, unknown_value

_MAPPING = Said("un groupe de clés", "a mapping")
_EXPECTED = {
    "string_type": Said("du texte", "text"),
    "int_type": Said("un nombre entier", "a whole number"),
    "bool_type": Said("true ou false", "true or false"),
    "list_type": Said("une liste", "a list"),
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
}
_LIMITS = {
    "greater_than_equal": Said("au moins {ge}", "at least {ge}"),
    "less_than_equal": Said("au plus {le}", "at most {le}"),
    "string_too_short": Said("un texte qui n'est pas vide", "some text"),
    "string_too_long": Said("au plus {max_length} caractères", "at most {max_length} characters"),
    "too_short": Said("au moins un élément", "at least one item"),
}
_NAME = Said(
    "un nom en minuscules sans accents, chiffres et tirets bas isolés, qui commence par une lettre",
    "a name of lower-case letters, digits and single underscores, a letter first",
)
_LENGTH = Said(
    "une durée telle que 15 days, 4 months, 48 hours ou 10 working days",
    "a length such as 15 days, 4 months, 48 hours or 10 working days",
)
_DAY = Said("un jour tel que 2021-03-16", "a day such as 2021-03-16")
_REMINDER = Said(
    "un rappel tel que 5 days before ou 10 days after", "a reminder such as 5 days before or 10 days after"
)
_PATTERNS = (
    {"while": _NAME, "remind": _REMINDER}
    | dict.fromkeys(("within", "stale_after", "keep", "longest", "at_most"), _LENGTH)
    | dict.fromkeys(("from_day", "until", "known_until"), _DAY)
)
_MAY_BE_NULL = {"default", "value", "limit"}
_ROUNDS = 8
_NO_WORDS: Mapping[str, str] = {}

M = TypeVar("M", bound=BaseModel)
Known = Callable[[Any, Path], list[str]]

# What goes on with a definition whose name or version is missing, to look at the rest.
_STAND_INS: dict[str | int, Any] = {"definition": "unnamed", "version": 1}


@dataclass(frozen=True, slots=True)
class Validated:
    """The document, or what could be made of it; `whole` when nothing had to be left out."""

    document: Document | None
    findings: tuple[Finding, ...]
    whole: bool


def validate(source: Source) -> Validated:
    """The document in a source's data, and every fault of shape; the source then has the mended data."""
    return Validated(*validate_as(source, Document, keys_at))


def validate_as(
    source: Source, form: type[M], known: Known, french: Mapping[str, str] = _NO_WORDS
) -> tuple[M | None, tuple[Finding, ...], bool]:
    """The same for another language of such files: its form, and the keys that it knows at a path.

    `french`: what a sentence in French calls keys, where a file has been written with other words than the form has.
    """
    repair = _Repair(source, french)
    repair.drop_empty_keys()
    for _ in range(_ROUNDS):
        try:
            document = form.model_validate(source.data)
        except ValidationError as error:
            faults = _faults(source.data, error, known, french)
        else:
            return document, tuple(repair.findings), not repair.dropped
        # A key that is written wrong is no missing key: those first.
        for fault in [fault for fault in faults if fault.code == "unknown_key"] or faults:
            repair.mend(fault)
        if () in repair.dropped:
            break
    return None, tuple(repair.findings), False


@dataclass(frozen=True, slots=True)
class _Fault:
    path: Path
    code: str
    said: Said
    meant: str | None = None


@dataclass(slots=True)
class _Repair:
    source: Source
    french: Mapping[str, str]
    findings: list[Finding] = field(default_factory=list)
    dropped: set[Path] = field(default_factory=set)

    def drop_empty_keys(self) -> None:
        for path, place in list(self.source.values.items()):
            if not path or not isinstance(path[-1], str) or path[-1] in _MAY_BE_NULL:
                continue
            if _at(self.source.data, path, ...) is None:
                key = self.french.get(path[-1], path[-1])
                fr = f"rien ne suit {shown(key).fr} : donnez une valeur ({{}} pour un groupe sans clés)"
                en = f"found nothing behind {path[-1]!r}: give a value ({{}} for a mapping without keys)"
                self.findings.append(self.source.finding(place, "wrong_value", fr, en))
                self._drop(path)

    def mend(self, fault: _Fault) -> None:
        if fault.path not in self.dropped:
            self.findings.append(self.source.finding(self._place(fault), fault.code, *fault.said))
        if fault.code == "missing_key":
            self._do_without(fault.path)
        elif fault.code == "unknown_key":
            self._rename(fault)
        else:
            self._drop(fault.path)

    def _do_without(self, path: Path) -> None:
        self.dropped.add(path)
        if path[0] in _STAND_INS and len(path) == 1:
            self.source.data[path[0]] = _STAND_INS[path[0]]
        else:
            self._drop(path[:-1])

    def _place(self, fault: _Fault) -> Place:
        if fault.code == "missing_key":
            return self.source.key(*fault.path[:-1])
        return self.source.value(*fault.path) if fault.code == "wrong_value" else self.source.key(*fault.path)

    def _rename(self, fault: _Fault) -> None:
        parent = _at(self.source.data, fault.path[:-1])
        value = parent.pop(fault.path[-1], None)
        if fault.meant is None or fault.meant in parent:
            return
        parent[fault.meant] = value
        old, new = fault.path, (*fault.path[:-1], fault.meant)
        for places in (self.source.values, self.source.keys):
            moved = {(*new, *path[len(old) :]): at for path, at in places.items() if path[: len(old)] == old}
            places.update(moved)

    def _drop(self, path: Path) -> None:
        if any(path[:length] in self.dropped for length in range(len(path))):
            return
        # A list goes as a whole: without one of its items, the places of the others would be wrong.
        while path and not isinstance(_at(self.source.data, path[:-1]), dict):
            path = path[:-1]
        self.dropped.add(path)
        if path:
            _at(self.source.data, path[:-1]).pop(path[-1], None)


def _faults(data: Any, error: ValidationError, known: Known, french: Mapping[str, str]) -> list[_Fault]:
    by_path: dict[Path, list[Any]] = {}
    for item in error.errors(include_url=False):
        by_path.setdefault(_data_path(data, item["loc"], item["type"]), []).append(item)
    return [_fault(data, path, items, known, french) for path, items in by_path.items()]


def _fault(data: Any, path: Path, items: Sequence[Any], keys: Known, french: Mapping[str, str]) -> _Fault:
    first = items[0]
    kind, found, context = first["type"], first["input"], first.get("ctx", {})
    last = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        known = keys(data, path[:-1])
        return _Fault(path, "unknown_key", unknown("key", last, known), suggestion(last, known))
    if kind == "missing":
        return _Fault(path, "missing_key", _missing((*path[:-1], last), french))
    if first["loc"][-1:] == ("[key]",):
        return _Fault(path, "bad_name", _no_name(last))
    if kind == "literal_error":
        return _literal(path, found, [str(item) for item in context["expected"].split("'")[1::2]])
    return _Fault(path, "wrong_value", _wrong(path, found, items))


def _missing(path: Path, french: Mapping[str, str]) -> Said:
    *above, key = (str(step) for step in path)
    *above_fr, key_fr = (french.get(step, step) for step in (*above, key))
    fr, en = (f" dans {'.'.join(above_fr)}", f" in {'.'.join(above)}") if above else ("", "")
    return Said(f"la clé {shown(key_fr).fr} manque{fr}", f"key {key!r} is missing{en}")


def _no_name(text: str) -> Said:
    given = shown(text)
    return Said(
        f"{given.fr} ne peut être un nom : attendu {_NAME.fr}", f"{given.en} cannot be a name: expected {_NAME.en}"
    )


def _wrong(path: Path, found: Any, items: Sequence[Any]) -> Said:
    given, hint = shown(found), _hint(found, items)
    wanted = alternatives([_phrase(path, item) for item in items])
    return Said(f"trouvé {given.fr}, attendu {wanted.fr}{hint.fr}", f"found {given.en}, expected {wanted.en}{hint.en}")


def _literal(path: Path, found: Any, allowed: list[str]) -> _Fault:
    if isinstance(found, str):
        return _Fault(path, "wrong_value", unknown_value(_key_name(path), found, allowed))
    given, listed = shown(found), ", ".join(allowed) or "true"
    said = Said(f"trouvé {given.fr}, attendu {listed}", f"found {given.en}, expected one of {listed}")
    return _Fault(path, "wrong_value", said)


def _phrase(path: Path, item: Any) -> Said:
    kind, context = item["type"], item.get("ctx", {})
    if kind == "wrong_form":
        return Said(*str(item["msg"]).split(BETWEEN))
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(_pattern_key(path, context), _NAME)
    return expected(item)


def expected(item: Any) -> Said:
    """What was expected, for the kinds of fault that need no more than what pydantic says of them."""
    kind, context = item["type"], item.get("ctx", {})
    if kind in _EXPECTED:
        return _EXPECTED[kind]
    limit = _LIMITS.get(kind, Said("une autre valeur", str(item["msg"]).lower()))
    return Said(limit.fr.format(**context), limit.en.format(**context))


def _pattern_key(path: Path, context: dict[str, Any]) -> str:
    if "[0-9]{4}" in context["pattern"]:
        return "known_until"
    return next((str(step) for step in reversed(path) if isinstance(step, str)), "")


def _hint(found: Any, items: Sequence[Any]) -> Said:
    kinds = {item["type"] for item in items}
    if not (kinds & {"string_type", "wrong_form"} and isinstance(found, bool | int)):
        return Said("", "")
    text = str(found).lower()
    return Said(f' : si c\'est du texte, mettez des guillemets ("{text}")', f': quote it ("{text}") if it is text')


def _key_name(path: Path) -> str:
    return next((str(step) for step in reversed(path) if isinstance(step, str)), "value")


def _data_path(data: Any, loc: Sequence[str | int], kind: str) -> Path:
    """The path of the data that pydantic speaks of: its own steps into alternatives are left out."""
    path: list[str | int] = []
    node = data
    for index, step in enumerate(loc):
        last = index == len(loc) - 1
        below = _at(node, (step,), ...)
        if below is not ...:
            node = below
            path.append(step)
        elif last and kind == "missing":
            path.append(step)
    return tuple(path)


def _at(data: Any, path: Path, default: Any = None) -> Any:
    for step in path:
        known = step in data if isinstance(data, dict) else isinstance(data, list) and step in range(len(data))
        if not known:
            return default
        data = data[step]
    return data
