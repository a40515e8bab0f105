"""The columns of the exports: stable ids, types, a sentence in French and English, and how a value is had.

An id never changes its meaning; a column that does is a new one, and raises VERSION. It refuses to know how a
form writes a value.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as having
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import starmap
from typing import Any, Literal

from audit.export_said import Said
from audit.export_stream import Page, Stream
from workflow.definition import Definition, Field, Value
from workflow.values import show_value

VERSION = 1
Kind = Literal["text", "integer", "boolean", "instant", "date", "money", "json"]
Cell = str | int | bool | date | Decimal | None
FIELD = "field_"
"""Before the name of a definition's public field, where each has a column of its own."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `code` is the expression of its value (rows_of), in which `names` stand for what they are.

    An instant is a text as in the entry, money a Decimal in euros, None nothing.
    """

    id: str
    kind: Kind
    fr: str
    en: str
    code: str
    names: Mapping[str, Any] = having(default_factory=dict)


_JSON = json.JSONEncoder(ensure_ascii=False).encode
ACTIVITY = Column(
    "activity",
    "text",
    "Ce qui s'est passé : le déclencheur, sinon la nature et l'échéance",
    "What happened: the trigger, else the kind and the deadline",
    '(e.trigger or (f"{e.kind} {e.deadline}" if e.deadline else e.kind))',
)
_HEAD = (
    Column("reference", "text", "Référence du placement", "Reference of the placement", "reference"),
    Column("territory", "text", "Département", "Département", "territory"),
    ACTIVITY,
)  # fmt: skip
_ENTRY = (
    Column("seq", "integer", "Rang dans le placement : 1, 2, 3…", "Place in the placement: 1, 2, 3…", "e.seq"),
    Column("kind", "text", "Nature de l'écriture", "Kind of entry", "e.kind"),
    Column("trigger", "text", "Déclencheur", "Trigger", "e.trigger"),
    Column("from", "text", "État avant", "State before", "e.from_state"),
    Column("to", "text", "État après", "State after", "e.to_state"),
    Column("occurred_at", "instant", "Quand le fait a eu lieu", "When the fact happened", "e.occurred_at"),
    Column("recorded_at", "instant", "Quand le système l'a su", "When the system was told", "e.recorded_at"),
    Column("actor", "text", "Auteur, sous un identifiant tiré au hasard", "Actor, under a random id", "e.actor"),
    Column("role", "text", "Rôle de l'auteur", "Role of the actor", "e.role"),
    Column("reason", "text", "Code du motif", "Code of the reason", "e.reason"),
    Column("deadline", "text", "Échéance en cause", "Deadline that gave rise to it", "e.deadline"),
    Column("due_at", "instant", "Instant de cette échéance", "Instant of that deadline", "e.due_at"),
    Column("late", "boolean", "Fait saisi après coup", "Fact entered late", "e.late"),
    Column("concerns", "integer", "Rang de l'écriture corrigée ou annulée", "Seq of the entry corrected or reversed",
           "e.concerns"),
    Column("reversed_by", "integer", "Rang de l'écriture qui annule celle-ci", "Seq of the entry that reverses it",
           "reversed_by"),
    Column("correlation", "text", "Commun aux écritures d'une même demande groupée",
           "Common to the entries of one bulk request", "e.correlation"),
    Column("definition_version", "integer", "Version de la définition", "Version of the definition",
           "e.definition.version"),
    Column("key", "text", "Clé de la commande", "Key of the command", "e.key"),
    Column("prev_hash", "text", "Empreinte de l'écriture précédente", "Chain hash of the entry before", "e.prev"),
    Column("hash", "text", "Empreinte de l'écriture", "Chain hash of the entry", "hash"),
)  # fmt: skip
_KINDS: Mapping[str, Kind] = {"integer": "integer", "boolean": "boolean", "date": "date", "money": "money"}

Rows = Callable[[Page], list[Any]]
"""What makes the rows of a page of entries."""
Names = Mapping[str, Any]


def rows_of(
    columns: Sequence[Column],
    written: Mapping[Kind, str] = {},
    called: Mapping[str, str] = {},
    row: str = "({0},)",
    **names: Any,
) -> Rows:
    """Compile what gives the rows of a page: of its `cells_of`, with a comma between each two, the expression `row`.

    A function for each cell would be called twenty times and more for every entry, one for each row once. `names` are
    what the form adds.
    """
    code = row.format(cells_of(columns, written, called))
    made: Rows = compiled(f"lambda page: [{code} {_each(code)}]", columns, names)
    return made


KNOWN = ", ".join("e" if name == "entry" else name for name in Page._fields)
"""What the expressions of a row know: the columns of its page, in which `e` is what the entry says."""
_BESIDE_THE_ENTRY = re.compile(rf"\b({'|'.join(name for name in Page._fields if name != 'entry')})\b")


def _each(code: str) -> str:
    """What stands after the expression of a row."""
    return f"for {KNOWN} in zip(*page)" if _BESIDE_THE_ENTRY.search(code) else "for e in page.entry"


def cells_of(columns: Sequence[Column], written: Mapping[Kind, str] = {}, called: Mapping[str, str] = {}) -> str:
    """The expressions of these columns, in order, each as `written` for its kind: `{0}` is the value, `{1}` what
    the column is `called`."""
    cells = (
        written.get(column.kind, "{0}").format(column.code, called.get(column.id, column.id)) for column in columns
    )
    return ", ".join(cells)


def columns_of(columns: Sequence[Column]) -> Rows:
    """Compile what gives the columns of a page, each as the sequence of the values in it."""
    made: Rows = compiled(f"lambda page: [{', '.join(map(_values, columns))}]", columns, {})
    return made


def _values(column: Column) -> str:
    return f"page.{column.code}" if column.code in Page._fields else f"[{column.code} {_each(column.code)}]"


def compiled(code: str, columns: Sequence[Column], names: Names) -> Any:
    """What an expression gives, in which columns and a form have these names."""
    known = {**names, **{name: value for column in columns for name, value in column.names.items()}}
    # All expressions are this program's own; what a definition calls its fields stands in them as a literal.
    return eval(code, known)  # noqa: S307 - its own expressions


def fields_column(stream: Stream) -> Column:
    """All public values that an entry sets, as JSON; null empties one."""

    @lru_cache(maxsize=8)
    def pair_under(digest: str) -> Callable[[str, Value], str]:
        specs = stream.definition_of(digest).fields

        # Most values of an entry were said before; `typed`, since 1 is not true.
        @lru_cache(maxsize=8192, typed=True)
        def pair(name: str, value: Value) -> str:
            spec = specs.get(name)
            return f"{_JSON(name)}: {_JSON(value if spec is None else show_value(spec, value))}"

        return pair

    def fields(entry: Said) -> str:
        return "{" + ", ".join(starmap(pair_under(entry.definition.digest), entry.fields.items())) + "}"

    code = "(fields(e) if e.fields else '{}')"
    said = "Public values that the entry sets"
    return Column("fields", "json", "Valeurs publiques posées", said, code, {"fields": fields})


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
    kinds = {_KINDS.get(each.type, "text") for each in fields}
    kind = kinds.pop() if len(kinds) == 1 else "text"
    label = fields[-1].label
    code = f"read_{kind}(e.fields.get({name!r}))"
    return Column(f"{FIELD}{name}", kind, label["fr"], label["en"], code, {f"read_{kind}": read_as(kind)})


def read_as(kind: Kind) -> Callable[[Any], Cell]:
    """What makes a cell of this kind of a field's value."""
    return _READ.get(kind, _as_it_is)


def _as_it_is(value: Cell) -> Cell:
    return value


@lru_cache(maxsize=8192)
def _money(value: int | None) -> Decimal | None:
    return None if value is None else Decimal(int(value)).scaleb(-2)


@lru_cache(maxsize=8192)
def _date(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(str(value))


def _text(value: Value) -> str | None:
    return value if value is None or isinstance(value, str) else str(value)


_READ: Mapping[Kind, Callable[[Any], Cell]] = {"money": _money, "date": _date, "text": _text}


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
