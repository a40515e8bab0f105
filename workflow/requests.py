"""Reading the values of a request by the definition's types: all that cannot be read, in one go."""

from collections.abc import Collection, Mapping
from datetime import date

import msgspec

from workflow.definition import Definition, Value
from workflow.errors import Blocker, UnknownName
from workflow.values import ValueRefused, read_value


class Given(msgspec.Struct, frozen=True):
    """The values that could be read, and a blocker for each that could not."""

    values: Mapping[str, Value]
    blockers: tuple[Blocker, ...] = ()


def read_fields(definition: Definition, texts: Mapping[str, str], dates: str, on: date | None) -> Given:
    """Read `texts` by the types of the definition's fields; an empty text empties (None).

    Raises UnknownName for a field that the definition does not have.
    """
    refuse_unknown("field", texts, definition.fields)
    values: dict[str, Value] = {}
    found: list[Blocker] = []
    for name, text in texts.items():
        try:
            values[name] = read_value(definition.fields[name], text, dates=dates, on=on) if text else None
        except ValueRefused as refused:
            found.append(Blocker(refused.code, refused.fr, refused.en, {"field": name}))
    return Given(values, tuple(found))


def refuse_unknown(kind: str, names: Collection[str], known: Collection[str]) -> None:
    """Raise UnknownName for the first of `names` that is not among the `known` ones."""
    for name in names:
        if name not in known:
            raise UnknownName(kind, name, tuple(known))


def reason_of(definition: Definition, reason: str | None) -> tuple[str | None, str | None]:
    """The code and the free text of a reason: one of the definition's codes, or `other` with its text."""
    if not reason or reason in definition.reasons:
        return reason or None, None
    return "other", reason
