"""What a definition was seen to do: situations, what was asked in them, what came of it. Kept beside the definition.

One JSON document, a line for each thing that was tried, so that a change shows where it is. Read strictly.
"""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from workflow.errors import InputRefused
from workflow.language.borrowed import json_problem
from workflow.language.positions import START, Source
from workflow.language.wording import Said

FORMAT = 1
FROZEN: dict[str, Any] = {"forbid_unknown_fields": True, "omit_defaults": True}


class Try(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """A request that differs in one thing: `as`, `without`, `with`, `only`, `reason` or `used`; its outcome."""

    what: str
    value: str | dict[str, str | int] | None
    gives: str = ""


class Asked(msgspec.Struct, **FROZEN):
    """One request, and those that differ from it. `others`: what each field gives that is not in `takes`."""

    ask: str
    at: str
    role: str = ""
    fields: dict[str, str] = {}
    reason: str | None = None
    gives: str = ""
    takes: list[str] | None = None
    others: str = ""
    tries: list[Try] = []


class Seen(msgspec.Struct, **FROZEN):
    """One situation: the step that leads to it from another, what that gave, and what happens if nobody acts.

    `elsewhere`: what each of these triggers gives here. `alone`: None where that is not looked at.
    """

    id: int
    at: str
    after: int | None = None
    placed: dict[str, str] | None = None
    ask: str | None = None
    role: str = ""
    fields: dict[str, str] = {}
    reason: str | None = None
    gives: list[str] = []
    clocks: list[str] = []
    alone: list[str] | None = None
    asks: list[Asked] = []
    elsewhere: dict[str, str] = {}


class Placed(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    """A placement made with other values than usual (None: left out), and what came of it."""

    fields: dict[str, str | None]
    gives: str = ""


class Rival(msgspec.Struct, **FROZEN):
    """Of two placements that went the same way to `after`, the second asks what the first was granted."""

    after: int
    ask: Asked
    gives: str = ""


class Record(msgspec.Struct, **FROZEN):
    """All that was seen of one definition. `samples`: one value for each field, `usual`: those of placing."""

    format: int
    definition: str
    version: int
    placed_at: str
    usual: dict[str, str]
    samples: dict[str, str]
    placings: list[Placed] = []
    situations: list[Seen] = []
    rivals: list[Rival] = []


def read_record(data: bytes, file: str) -> Record:
    """The record in a file's bytes. Raises InputRefused."""
    try:
        record = msgspec.json.decode(data, type=Record)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        why = Said(json_problem(str(error)), str(error))
        fr = f"ce n'est pas un relevé des résultats attendus ({why.fr}) : faites-le récrire par --record"
        en = f"this is no record of expected outcomes ({why.en}): have it written anew by --record"
        raise InputRefused([Source(file).finding(START, "record_invalid", fr, en)]) from None
    if record.format != FORMAT:
        fr = f"ce relevé a le format {record.format}, attendu {FORMAT} : faites-le récrire par --record"
        en = f"this record has the format {record.format}, expected {FORMAT}: have it written anew by --record"
        raise InputRefused([Source(file).finding(START, "record_invalid", fr, en)])
    return record


def record_text(record: Record) -> str:
    """The record as it is kept: a line for each thing tried."""
    plain: dict[str, Any] = msgspec.to_builtins(record)
    head = {name: value for name, value in plain.items() if name not in ("placings", "situations", "rivals")}
    parts = [f" {_text(name)}: {_text(value)}" for name, value in head.items()]
    for name in ("placings", "rivals"):
        parts.append(f" {_text(name)}: {_list([_text(each) for each in plain.get(name, [])], ' ')}")
    parts.append(f' "situations": {_list([_seen(each) for each in plain["situations"]], " ")}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _seen(plain: Mapping[str, Any]) -> str:
    listed = ("gives", "clocks", "alone", "asks")
    parts = [f"{_text(name)}: {_text(value)}" for name, value in plain.items() if name not in (*listed, "elsewhere")]
    for name in listed:
        if name in plain:
            texts = [_asked(each) if name == "asks" else _text(each) for each in plain[name]]
            parts.append(f"{_text(name)}: {_list(texts, '   ')}")
    if "elsewhere" in plain:
        parts.append(f'"elsewhere": {_text(plain["elsewhere"])}')
    return "{" + ",\n   ".join(parts) + "}"


def _asked(plain: Mapping[str, Any]) -> str:
    head = {name: value for name, value in plain.items() if name != "tries"}
    if not plain.get("tries"):
        return _text(head)
    return _text(head)[:-1] + ', "tries": ' + _list([_text(each) for each in plain["tries"]], "     ") + "}"


def _list(texts: list[str], indent: str) -> str:
    inner = f",\n{indent} ".join(texts)
    return f"[\n{indent} {inner}\n{indent}]" if texts else "[]"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
