"""A correction as the entry of its request holds it, and back: public values as texts, personal ones as commitments.

It refuses to know who may ask for it or approve it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from workflow import blockers
from workflow.commands import Adjust, Amend, Correction, Fire, Moment, Reverse, Void
from workflow.definition import Definition, Field, Value
from workflow.history import HistoryEntry
from workflow.refusals import Refused
from workflow.requests import read_fields
from workflow.situation import Past
from workflow.values import show_value

Asked = Fire | Correction
"""What may have to wait for a second person."""

ASKED = "asked."
"""Before the name of a field whose value is asked for, and not set yet."""

OPTION = "request."
"""Before the name of anything else that the command says."""

_TEXTS = frozenset({"reason", "ground"})
_LEDGER = ("pause", "resume", "extension", "move")
_KINDS: Mapping[str, type[Any]] = {
    "late": Fire, "reverse": Reverse, "amend": Amend, "void": Void, **dict.fromkeys(_LEDGER, Adjust)
}  # fmt: skip


def _moment(text: str) -> Moment:
    return date.fromisoformat(text) if len(text) == len("2021-03-16") else datetime.fromisoformat(text)


_SAID: Mapping[str, Callable[[str], object]] = {
    "trigger": str,
    "by": str,
    "to": date.fromisoformat,
    "at": _moment,
    "extend_to": date.fromisoformat,
    "waive": bool,
    "accept_earlier": bool,
    "entry": int,
    "roles": str.split,
}
"""What a command says besides its values and texts, each kept as a text and read back so."""


def act_of(command: Asked) -> str | None:
    """The key of the definition's `approvals` that speaks of such a command; None where none does."""
    if isinstance(command, Fire):
        return "late" if command.late else None
    if isinstance(command, Adjust):
        return command.kind
    return {Reverse: "reverse", Amend: "amend", Void: "void"}[type(command)]


def about(command: Asked) -> str:
    """Which trigger, fields or deadline a command names."""
    if isinstance(command, Fire):
        return command.trigger
    if isinstance(command, Adjust):
        return command.deadline
    return " ".join(sorted(command.fields)) if isinstance(command, Amend) else ""


def said(definition: Definition, command: Asked) -> dict[str, Value]:
    """What a command says, but for its actor and its texts: personal values under the names of their fields."""
    plain = ((name, _text(getattr(command, name, None))) for name in _SAID)
    values = _values(definition, command) if isinstance(command, Fire | Amend) else {}
    return {**{f"{OPTION}{name}": text for name, text in plain if text}, **values}


def _text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) or not value:
        return str(value or "")
    return " ".join(map(str, value)) if isinstance(value, Sequence) else str(value).lower()


def _values(definition: Definition, command: Fire | Amend) -> dict[str, Value]:
    given = read_fields(definition, command.fields, command.dates, None).values
    hidden = {name: value for name, value in given.items() if value is not None and definition.fields[name].personal}
    shown = {name: value for name, value in given.items() if name not in hidden}
    return {**hidden, **{f"{ASKED}{name}": _typed(definition.fields[name], v) for name, v in shown.items()}}


def _typed(spec: Field | None, value: Value) -> str:
    """A value as somebody types it; an empty text empties. A field that the definition lost is refused when read."""
    shown = value if spec is None else show_value(spec, value)
    return "" if shown is None else str(shown).lower() if isinstance(shown, bool) else str(shown)


def command_in(definition: Definition, reference: str, entry: HistoryEntry, act: str, past: Past) -> Asked:
    """The command that an entry asks for. Raises Refused where a personal value of it was erased."""
    kind = _KINDS[act]
    options = options_in(entry)
    known = {
        **{name: read(options[name]) for name, read in _SAID.items() if name in options},
        "reference": reference,
        "actor": entry.actor,
        "reason": past.value(entry.seq, "reason") or entry.reason,
        "correlation": f"{OPTION}{entry.seq}",
        "fields": _texts(definition, entry, past),
        "deadline": entry.deadline,
        "kind": act,
        "late": True,
        "ground": past.value(entry.seq, "ground"),
    }
    made: Asked = kind(**{each.name: known[each.name] for each in fields(kind) if each.name in known})
    return made


def options_in(entry: HistoryEntry) -> dict[str, str]:
    """What a request says besides the values of fields, as it was typed."""
    return {n.removeprefix(OPTION): str(v) for n, v in entry.fields.items() if n.startswith(OPTION)}


def fields_in(definition: Definition, entry: HistoryEntry, past: Past) -> dict[str, str | None]:
    """The values that a request asks for, as they are typed; None for a personal one that was erased."""
    shown = {n.removeprefix(ASKED): str(v) for n, v in entry.fields.items() if n.startswith(ASKED)}
    hidden = {name: past.value(entry.seq, name) for name in entry.commitments if name not in _TEXTS}
    opened = {n: None if value is None else _typed(definition.fields.get(n), value) for n, value in hidden.items()}
    return {**shown, **opened}


def _texts(definition: Definition, entry: HistoryEntry, past: Past) -> dict[str, str]:
    texts = fields_in(definition, entry, past)
    erased = sorted(name for name, text in texts.items() if text is None)
    if erased:
        raise Refused([blockers.value_erased(erased)])
    return {name: text for name, text in texts.items() if text is not None}
