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
from workflow.language.borrowed import yaml_context, yaml_problem
from workflow.language.positions import START, Path, Source
from workflow.language.wording import Said, shown

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

    def note(self, place: Place, code: str, fr: str, en: str) -> None:
        self.findings.append(self.source.finding(place, code, fr, en))

    def stop(self, place: Place, code: str, fr: str, en: str) -> _Stopped:
        self.note(place, code, fr, en)
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
            fr, en = "un second document commence ici : attendu un seul", "a second document begins here: expected one"
            raise self.stop(_place(event), "several_documents", fr, en)
        if event.version or event.tags:
            fr, en = "une directive % n'est pas permise : supprimez-la", "a % directive is not allowed: leave it out"
            self.note(_place(event), "directive_not_allowed", fr, en)

    def _alias(self, event: Any) -> None:
        fr = f"le renvoi *{event.anchor} n'est pas permis : écrivez la valeur"
        en = f"the alias *{event.anchor} is not allowed: write the value out"
        self.note(_place(event), "alias_not_allowed", fr, en)
        if self._awaits_key():
            self._key_is("*" + event.anchor, _place(event))
        else:
            self._add(None, _place(event))

    def _open(self, event: Any) -> None:
        self._check_node(event)
        if self._awaits_key():
            fr = "un groupe de clés ou une liste ne peut être une clé : attendu un nom"
            en = "a mapping or list cannot be a key: expected a name"
            raise self.stop(_place(event), "key_not_text", fr, en)
        if len(self.stack) >= MAX_DEPTH:
            fr = f"plus de {MAX_DEPTH} niveaux les uns dans les autres : une définition en demande moins"
            en = f"nested more than {MAX_DEPTH} deep: a definition needs less"
            raise self.stop(_place(event), "too_deep", fr, en)
        node: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.stack.append(_Open(node, self._add(node, _place(event))))

    def _scalar(self, event: Any) -> None:
        self._check_node(event)
        place = _place(event)
        if _FORBIDDEN.search(event.value):
            fr = "le texte contient un caractère de contrôle codé : supprimez-le"
            en = "the text holds an escaped control character: leave it out"
            self.note(place, "character_not_allowed", fr, en)
        if self._awaits_key():
            self._key_is(self._key_of(event, place), place)
            return
        path = self._add(self._value_of(event, place), place)
        if event.style in ("|", ">"):
            self.source.folded.add(path)

    def _check_node(self, event: Any) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            fr = f"plus de {_thousands(MAX_NODES)} valeurs : attendu moins"
            raise self.stop(_place(event), "too_many_nodes", fr, f"more than {MAX_NODES:,} values: expected fewer")
        if event.anchor is not None:
            fr = f"le repère &{event.anchor} n'est pas permis : écrivez la valeur partout où il le faut"
            en = f"the anchor &{event.anchor} is not allowed: write the value out where it is needed"
            self.note(_place(event), "anchor_not_allowed", fr, en)
        if event.tag is not None:
            tag = shown(event.tag)
            fr, en = f"l'étiquette {tag.fr} n'est pas permise", f"the tag {tag.en} is not allowed"
            self.note(_place(event), "tag_not_allowed", f"{fr} : supprimez-la", f"{en}: leave it out")

    def _awaits_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1].node, dict) and self.stack[-1].key is None

    def _key_is(self, key: str, place: Place) -> None:
        top = self.stack[-1]
        top.key, top.repeated = key, key in top.node
        if top.repeated:
            first = self.source.keys[(*top.path, key)]
            fr = f"la clé {shown(key).fr} est là deux fois : elle est déjà à la ligne {first.line}"
            en = f"key {shown(key).en} is here twice: it is on line {first.line} already"
            self.note(place, "duplicate_key", fr, en)
        self.source.keys.setdefault((*top.path, key), place)

    def _key_of(self, event: Any, place: Place) -> str:
        text = str(event.value)
        value = text if event.style else _resolved(text)
        if not isinstance(value, str):
            read = shown(value)
            fr = f"une clé est un texte, et {text or 'rien'} se lit comme {read.fr} : mettez des guillemets"
            en = f"a key must be text, and {text or 'nothing'} is read as {read.en}: quote it"
            self.note(place, "key_not_text", fr, en)
        elif not event.style and text.lower() in _ELSEWHERE_BOOLEANS:
            fr = f"une clé est un texte, et bien des lecteurs de YAML prennent {text} pour oui ou non : "
            en = f"a key must be text, and many YAML readers take {text} for a boolean: quote it, or rename it"
            self.note(place, "key_not_text", f"{fr}mettez des guillemets, ou renommez-la", en)
        elif not event.style and text == "<<":
            fr = "une clé de fusion (<<) n'est pas permise : écrivez les clés"
            self.note(place, "merge_key_not_allowed", fr, "merge keys (<<) are not allowed: write the keys out")
        return text

    def _value_of(self, event: Any, place: Place) -> Any:
        text = str(event.value)
        if event.style:
            return text
        if _LEADING_ZERO.fullmatch(text):
            fr = f'trouvé {text}, un nombre qui commence par 0 : si c\'est un code, mettez des guillemets ("{text}")'
            en = f'found {text}, a number that begins with 0: quote it ("{text}") if it is a code'
            self.note(place, "number_not_allowed", fr, en)
        elif _INTEGER.fullmatch(text) and len(text) > _MAX_DIGITS:
            fr = f"trouvé un nombre de {len(text)} chiffres : attendu au plus {_MAX_DIGITS}"
            en = f"found a number of {len(text)} digits: expected at most {_MAX_DIGITS}"
            self.note(place, "number_not_allowed", fr, en)
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
        fr = f"le fichier a plus de {_thousands(MAX_BYTES)} octets : attendu une définition"
        en = f"the file has more than {MAX_BYTES:,} bytes: expected a definition"
        raise reader.stop(START, "too_large", fr, en)
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        byte = f"0x{data[error.start]:02x}"
        fr = f"l'octet {byte} n'est pas de l'UTF-8 : enregistrez le fichier en UTF-8"
        en = f"byte {byte} is not UTF-8: save the file as UTF-8"
        raise reader.stop(_place_after(before), "not_utf8", fr, en) from None
    found = _FORBIDDEN.search(text)
    if found:
        raise reader.stop(_place_after(text[: found.start()]), "character_not_allowed", *_refusal(found[0]))
    return text.replace("\r\n", "\n")


def _refusal(character: str) -> Said:
    if character == "\t":
        return Said("trouvé une tabulation : mettez des espaces", "found a tab: indent and separate with spaces")
    code = f"U+{ord(character):04X}"
    return Said(
        f"le caractère {code} n'est pas permis : attendu du texte simple",
        f"the character {code} is not allowed: expected plain text",
    )


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", " ")


def _parse(reader: _Reader, text: str) -> None:
    try:
        reader.read(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        place = Place(mark.line + 1, mark.column + 1) if mark else START
        raise reader.stop(place, "yaml_syntax", *_no_yaml(error)) from None
    if reader.documents == 0 or reader.source.data is None:
        fr, en = "le fichier est vide : attendu une définition", "the file is empty: expected a definition"
        raise reader.stop(START, "empty", fr, en)


def _no_yaml(error: yaml.YAMLError) -> Said:
    problem = str(getattr(error, "problem", None) or "it cannot be read")
    context, mark = getattr(error, "context", None), getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else None
    begins = f" that begins on line {line}" if context and line else ""
    return Said(
        f"ce n'est pas du YAML : {yaml_problem(problem)}{yaml_context(context, line)}",
        f"this is not YAML: {problem}{f' {context}' if context else ''}{begins}",
    )


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
