"""The columns of the exports: stable ids, types, a sentence in French and English, and how a value is had.

An id never changes its meaning; a column that does is a new one, and raises VERSION. It refuses to know how a
form writes a value.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from audit.export_stream import Item, Stream
from audit.records import shown_fields
from workflow.definition import Definition, Field

VERSION = 1
Kind = Literal["text", "integer", "boolean", "instant", "date", "money", "json"]
Cell = str | int | bool | datetime | date | Decimal | None
FIELD = "field_"
"""Before the name of a definition's public field, where each has a column of its own."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `get` gives its value: instants aware, money in euros, None for nothing."""

    id: str
    kind: Kind
    fr: str
    en: str
    get: Callable[[Item], Cell]


_HEAD = (
    Column("reference", "text", "Référence du placement", "Reference of the placement", lambda i: i.stored.reference),
    Column("territory", "text", "Département", "Département", lambda i: i.stored.territory),
    Column("activity", "text", "Ce qui s'est passé : le déclencheur, sinon la nature et l'échéance",
           "What happened: the trigger, else the kind and the deadline", lambda i: i.activity),
)  # fmt: skip
_ENTRY = (
    Column("seq", "integer", "Rang dans le placement : 1, 2, 3…", "Place in the placement: 1, 2, 3…",
           lambda i: i.entry.seq),
    Column("kind", "text", "Nature de l'écriture", "Kind of entry", lambda i: i.entry.kind),
    Column("trigger", "text", "Déclencheur", "Trigger", lambda i: i.entry.trigger),
    Column("from", "text", "État avant", "State before", lambda i: i.entry.from_state),
    Column("to", "text", "État après", "State after", lambda i: i.entry.to_state),
    Column("occurred_at", "instant", "Quand le fait a eu lieu", "When the fact happened",
           lambda i: i.entry.occurred_at),
    Column("recorded_at", "instant", "Quand le système l'a su", "When the system was told",
           lambda i: i.entry.recorded_at),
    Column("actor", "text", "Auteur, sous un identifiant tiré au hasard", "Actor, under a random id",
           lambda i: i.entry.actor),
    Column("role", "text", "Rôle de l'auteur", "Role of the actor", lambda i: i.entry.role),
    Column("reason", "text", "Code du motif", "Code of the reason", lambda i: i.entry.reason),
    Column("deadline", "text", "Échéance en cause", "Deadline that gave rise to it", lambda i: i.entry.deadline),
    Column("due_at", "instant", "Instant de cette échéance", "Instant of that deadline", lambda i: i.entry.due_at),
    Column("late", "boolean", "Fait saisi après coup", "Fact entered late", lambda i: i.entry.late),
    Column("concerns", "integer", "Rang de l'écriture corrigée ou annulée", "Seq of the entry corrected or reversed",
           lambda i: i.entry.concerns),
    Column("reversed_by", "integer", "Rang de l'écriture qui annule celle-ci", "Seq of the entry that reverses it",
           lambda i: i.reversed_by),
    Column("correlation", "text", "Commun aux écritures d'une même demande groupée",
           "Common to the entries of one bulk request", lambda i: i.entry.correlation),
    Column("definition_version", "integer", "Version de la définition", "Version of the definition",
           lambda i: i.entry.definition.version),
    Column("key", "text", "Clé de la commande", "Key of the command", lambda i: i.entry.key),
    Column("prev_hash", "text", "Empreinte de l'écriture précédente", "Chain hash of the entry before",
           lambda i: i.entry.prev),
    Column("hash", "text", "Empreinte de l'écriture", "Chain hash of the entry", lambda i: i.chained.hash),
)  # fmt: skip
_KINDS: Mapping[str, Kind] = {"integer": "integer", "boolean": "boolean", "date": "date", "money": "money"}


def fields_column(stream: Stream) -> Column:
    """All public values that an entry sets, as JSON; null empties one."""

    def get(item: Item) -> Cell:
        if not item.entry.fields:
            return "{}"
        return json.dumps(shown_fields(item.chained, stream.definition_of), ensure_ascii=False)

    return Column("fields", "json", "Valeurs publiques posées", "Public values that the entry sets", get)


def narrow_columns(stream: Stream) -> tuple[Column, ...]:
    """The columns of `csv` and `jsonl`: the reference, and the keys of `history --json`."""
    at = [column.id for column in _ENTRY].index("deadline")
    return _HEAD[0], *_ENTRY[:at], fields_column(stream), *_ENTRY[at:]


def event_columns(stream: Stream) -> tuple[Column, ...]:
    """The columns of the forms for process mining: with territory and activity."""
    return *_HEAD, *_ENTRY, fields_column(stream)


def wide_columns(stream: Stream) -> tuple[Column, ...]:
    """The columns of `csv-fr`, `xlsx` and `parquet`: the same, and one for each public field."""
    return *event_columns(stream), *field_columns(stream.definitions)


def field_columns(definitions: Sequence[Definition]) -> Iterator[Column]:
    """One column for each public field of all these definitions, by name; text where they differ about its type."""
    found: dict[str, list[Field]] = {}
    for definition in definitions:
        for name, field in definition.fields.items():
            found.setdefault(name, []).append(field)
    for name, fields in sorted(found.items()):
        if not any(field.personal for field in fields):
            yield _field_column(name, fields)


def _field_column(name: str, fields: Sequence[Field]) -> Column:
    kinds = {_KINDS.get(field.type, "text") for field in fields}
    kind = kinds.pop() if len(kinds) == 1 else "text"
    label = fields[-1].label

    def get(item: Item) -> Cell:
        value = item.entry.fields.get(name)
        return None if value is None else _typed(kind, value)

    return Column(f"{FIELD}{name}", kind, label["fr"], label["en"], get)


def _typed(kind: Kind, value: str | int | bool) -> Cell:
    if kind == "money":
        return Decimal(int(value)).scaleb(-2)
    if kind == "date":
        return date.fromisoformat(str(value))
    return str(value) if kind == "text" else value


def description(form: str, columns: Sequence[Column], names: Mapping[str, str]) -> Mapping[str, Any]:
    """The schema file: every column, and the name under which this form writes it."""
    return {
        "schema": "parcours.export",
        "version": VERSION,
        "format": form,
        "columns": [
            {"id": c.id, "name": names.get(c.id, c.id), "type": c.kind, "fr": c.fr, "en": c.en} for c in columns
        ],
    }
