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
from workflow.language.forms import Document
from workflow.language.positions import Path, Source
from workflow.language.schema import keys_at
from workflow.language.shape_sentences import missing, no_name, not_one_of, wrong
from workflow.language.wording import Said, shown, suggestion, unknown

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
        return _Fault(path, "missing_key", missing((*path[:-1], last), french))
    if first["loc"][-1:] == ("[key]",):
        return _Fault(path, "bad_name", no_name(last))
    if kind == "literal_error":
        allowed = [str(item) for item in context["expected"].split("'")[1::2]]
        return _Fault(path, "wrong_value", not_one_of(path, found, allowed))
    return _Fault(path, "wrong_value", wrong(path, found, items))


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
