"""From bytes to plain data with positions: a narrow YAML, whatever the bytes.

Reads the scalars of YAML 1.2 that a definition needs (text, whole numbers, true, false, null), so that dates
and amounts stay text. Refuses what would make a reader guess: anchors, aliases, tags, merge keys, directives,
several documents, duplicate keys, keys that are not text. Knows nothing of definitions.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import yaml

from workflow.definition import Place
from workflow.errors import DefinitionError, Finding
from workflow.language.positions import START, Path, Source, shown

MAX_BYTES = 1024 * 1024
MAX_NODES = 50_000
MAX_DEPTH = 32

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = {"", "~", "null", "Null", "NULL"}
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_ELSEWHERE_BOOLEANS = {"on", "off", "yes", "no"}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_MAX_DIGITS = 15

# Controls, breaks that only some programs see, surrogates, and marks that turn the reading direction around.
_FORBIDDEN = re.compile(
    "[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
    "|\r(?!\n)"
)


class _Stopped(Exception):
    """Reading cannot go on; the finding has been noted."""


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read; `key` is None where a mapping's next scalar is a key."""

    node: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None
    repeated: bool = False


@dataclass(slots=True)
class _Reader:
    source: Source
    findings: list[Finding] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    nodes: int = 0
    documents: int = 0

    def note(self, place: Place, code: str, message: str) -> None:
        self.findings.append(self.source.finding(place, code, message))

    def stop(self, place: Place, code: str, message: str) -> _Stopped:
        self.note(place, code, message)
        return _Stopped()

    def read(self, events: Iterable[Any]) -> None:
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._open(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.stack.pop()
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.DocumentStartEvent):
                self._document(event)

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self.stop(_place(event), "several_documents", "a second document begins here: expected one")
        if event.version or event.tags:
            self.note(_place(event), "directive_not_allowed", "a % directive is not allowed: leave it out")

    def _alias(self, event: Any) -> None:
        message = f"the alias *{event.anchor} is not allowed: write the value out"
        self.note(_place(event), "alias_not_allowed", message)
        if self._awaits_key():
            self._key_is("*" + event.anchor, _place(event))
        else:
            self._add(None, _place(event))

    def _open(self, event: Any) -> None:
        self._check_node(event)
        if self._awaits_key():
            raise self.stop(_place(event), "key_not_text", "a mapping or list cannot be a key: expected a name")
        if len(self.stack) >= MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} deep: a definition needs less"
            raise self.stop(_place(event), "too_deep", message)
        node: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.stack.append(_Open(node, self._add(node, _place(event))))

    def _scalar(self, event: Any) -> None:
        self._check_node(event)
        place = _place(event)
        if _FORBIDDEN.search(event.value):
            self.note(place, "character_not_allowed", "the text holds an escaped control character: leave it out")
        if self._awaits_key():
            self._key_is(self._key_of(event, place), place)
            return
        path = self._add(self._value_of(event, place), place)
        if event.style in ("|", ">"):
            self.source.folded.add(path)

    def _check_node(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self.stop(_place(event), "too_many_nodes", f"more than {MAX_NODES:,} values: expected fewer")
        if event.anchor is not None:
            message = f"the anchor &{event.anchor} is not allowed: write the value out where it is needed"
            self.note(_place(event), "anchor_not_allowed", message)
        if event.tag is not None:
            self.note(_place(event), "tag_not_allowed", f"the tag {shown(event.tag)} is not allowed: leave it out")

    def _awaits_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].node, dict) and self.stack[-1].key is None

    def _key_is(self, key: str, place: Place) -> None:
        top = self.stack[-1]
        top.key, top.repeated = key, key in top.node
        if top.repeated:
            first = self.source.keys[(*top.path, key)]
            message = f"key {shown(key)} is here twice: it is on line {first.line} already"
            self.note(place, "duplicate_key", message)
        self.source.keys.setdefault((*top.path, key), place)

    def _key_of(self, event: Any, place: Place) -> str:
        text = str(event.value)
        value = text if event.style else _resolved(text)
        if not isinstance(value, str):
            message = f"a key must be text, and {text or 'nothing'} is read as {shown(value)}: quote it"
            self.note(place, "key_not_text", message)
        elif not event.style and text.lower() in _ELSEWHERE_BOOLEANS:
            message = f"a key must be text, and many YAML readers take {text} for a boolean: quote it, or rename it"
            self.note(place, "key_not_text", message)
        elif not event.style and text == "<<":
            self.note(place, "merge_key_not_allowed", "merge keys (<<) are not allowed: write the keys out")
        return text

    def _value_of(self, event: Any, place: Place) -> Any:
        text = str(event.value)
        if event.style:
            return text
        if _LEADING_ZERO.fullmatch(text):
            message = f'found {text}, a number that begins with 0: quote it ("{text}") if it is a code'
            self.note(place, "number_not_allowed", message)
        elif _INTEGER.fullmatch(text) and len(text) > _MAX_DIGITS:
            message = f"found a number of {len(text)} digits: expected at most {_MAX_DIGITS}"
            self.note(place, "number_not_allowed", message)
        return _resolved(text)

    def _add(self, value: Any, place: Place) -> Path:
        if not self.stack:
            self.source.data = value
            self.source.values[()] = place
            return ()
        top = self.stack[-1]
        path: Path
        if isinstance(top.node, list):
            path = (*top.path, len(top.node))
            top.node.append(value)
            self.source.keys[path] = place
        else:
            key = str(top.key)
            path = (*top.path, key)
            if not top.repeated:
                top.node[key] = value
            top.key = None
        self.source.values.setdefault(path, place)
        return path


def read_yaml(data: bytes, file: str) -> tuple[Source, list[Finding]]:
    """The data of one YAML document with its positions, and what is not allowed in it.

    `DefinitionError` where there is nothing to go on with: not UTF-8, control characters, bad syntax, a limit
    passed (1 MiB, 50,000 values, 32 deep), an empty file.
    """
    source = Source(file)
    reader = _Reader(source)
    try:
        text = _text(reader, data)
        source.lines = text.split("\n")
        _parse(reader, text)
    except _Stopped:
        raise DefinitionError(reader.findings) from None
    return source, reader.findings


def _text(reader: _Reader, data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise reader.stop(START, "too_large", f"the file has more than {MAX_BYTES:,} bytes: expected a definition")
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        message = f"byte 0x{data[error.start]:02x} is not UTF-8: save the file as UTF-8"
        raise reader.stop(_place_after(before), "not_utf8", message) from None
    found = _FORBIDDEN.search(text)
    if found:
        raise reader.stop(_place_after(text[: found.start()]), "character_not_allowed", _refusal(found[0]))
    return text.replace("\r\n", "\n")


def _refusal(character: str) -> str:
    if character == "\t":
        return "found a tab: indent and separate with spaces"
    return f"the character U+{ord(character):04X} is not allowed: expected plain text"


def _parse(reader: _Reader, text: str) -> None:
    try:
        reader.read(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        place = Place(mark.line + 1, mark.column + 1) if mark else START
        raise reader.stop(place, "yaml_syntax", f"this is not YAML: {_problem(error)}") from None
    if reader.documents == 0 or reader.source.data is None:
        raise reader.stop(START, "empty", "the file is empty: expected a definition")


def _problem(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or "it cannot be read"
    context, mark = getattr(error, "context", None), getattr(error, "context_mark", None)
    if not context:
        return str(problem)
    return f"{problem} {context}" + (f" that begins on line {mark.line + 1}" if mark else "")


def _resolved(text: str) -> str | int | bool | None:
    if text in _NULLS:
        return None
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    is_number = _INTEGER.fullmatch(text) and not _LEADING_ZERO.fullmatch(text) and len(text) <= _MAX_DIGITS
    return int(text) if is_number else text


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _place_after(text: str) -> Place:
    line = text.count("\n") + 1
    return Place(line, len(text) - (text.rfind("\n") + 1) + 1)
