"""Forms made from a definition: what is asked for, in which kind of input, and what was typed.

Reads nothing as a value: the engine does, by the definition's types, and says what will not do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from starlette.datastructures import FormData

from operators.value_texts import value_text
from workflow.calendar import TERRITORIES
from workflow.definition import Definition, Field, Value
from workflow.facts import Facts
from workflow.values import show_value

FIELD: Final = "field."
"""Before the name of a definition's field, so that it meets no name of our own."""

Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that a form asks for. `kind` is an HTML input's type, or `select`, `textarea`, `check`.

    `aside`: seldom needed, and folded away until it is.
    """

    name: str
    label: str
    kind: str = "text"
    required: bool = False
    choices: Choices = ()
    hint: str | None = None
    value: str = ""
    errors: tuple[str, ...] = ()
    personal: bool = False
    aside: bool = False


_KINDS: Final[Mapping[str, str]] = {"date": "date", "email": "email", "choice": "select", "boolean": "select",
                                    "territory": "select"}  # fmt: skip


def input_of(
    definition: Definition, name: str, lang: str, *, required: bool = False, value: str = "", today: date | None = None
) -> Input:
    """What asks for a value of a field; of a list, what holds today is offered."""
    spec = definition.fields[name]
    return Input(
        FIELD + name, spec.label[lang], _KINDS.get(spec.type, "text"), required, _choices(spec, lang, today),
        _hint(spec, lang), value, personal=spec.personal,
    )  # fmt: skip


def typed(spec: Field, value: Value) -> str:
    """A value as somebody types it into a form."""
    shown = show_value(spec, value)
    return "" if shown is None else str(shown).lower() if isinstance(shown, bool) else str(shown)


def _choices(spec: Field, lang: str, today: date | None) -> Choices:
    if spec.type == "boolean":
        return [("true", value_text(spec, True, lang)), ("false", value_text(spec, False, lang))]
    if spec.type == "territory":
        return [(code, code) for code in sorted(TERRITORIES)]
    return [(item.value, item.value) for item in spec.values if today is None or item.holds_on(today)]


def _hint(spec: Field, lang: str) -> str | None:
    if spec.type == "money":
        return "in euros, such as 1603.12" if lang == "en" else "en euros, par exemple 1603,12"
    if spec.type == "siret":
        return "fourteen digits" if lang == "en" else "quatorze chiffres"
    if spec.type == "integer" and (spec.minimum, spec.maximum) != (None, None):
        return (
            f"{spec.minimum if spec.minimum is not None else '…'} – {spec.maximum if spec.maximum is not None else '…'}"
        )
    return None


def reason_inputs(definition: Definition, lang: str, *, required: bool) -> list[Input]:
    """What asks for a reason: one of the definition's, or other words, which are kept with the personal data."""
    codes = [(code, label[lang]) for code, label in definition.reasons.items()]
    fr = lang != "en"
    return [
        Input("reason", "Motif" if fr else "Reason", "select", choices=codes, required=required and bool(codes),
              aside=not required),
        Input("words", "Précision" if fr else "In other words", "textarea",
              hint="Facultatif. Remplace le motif choisi ; conservé avec les données personnelles." if fr
              else "Optional. In place of the reason chosen; kept with the personal data.", aside=not required),
    ]  # fmt: skip


def moment_input(zone: str, lang: str, *, dated_by: str | None = None) -> Input:
    """What asks when something happened."""
    if lang == "en":
        default = f"the date “{dated_by}”" if dated_by else "now"
        hint = f"Time of {zone}. Empty: {default}."
        return Input("at", "When it happened", "datetime-local", hint=hint, aside=True)
    default = f"la date « {dated_by} »" if dated_by else "maintenant"
    return Input("at", "Quand cela a eu lieu", "datetime-local", hint=f"Heure de {zone}. Vide : {default}.", aside=True)


def filled(inputs: Iterable[Input], said: Mapping[str, str], errors: Mapping[str, Sequence[str]]) -> list[Input]:
    """The same with what was typed, and what is wrong with it."""
    return [
        replace(each, value=said.get(each.name, each.value), errors=tuple(errors.get(each.name, ())))
        for each in inputs
    ]  # fmt: skip


def said_in(inputs: Iterable[Input], form: FormData) -> dict[str, str]:
    """What was typed, of what was asked for and nothing else."""
    return {each.name: str(form[each.name]).strip() for each in inputs if each.name in form}


def fields_said(said: Mapping[str, str]) -> dict[str, str]:
    """The values of fields that were typed; what was left empty is not said."""
    return {name.removeprefix(FIELD): text for name, text in said.items() if name.startswith(FIELD) and text}


def reason_said(said: Mapping[str, str]) -> str | None:
    """The reason: other words where there are some, else the code that was chosen."""
    return said.get("words") or said.get("reason") or None


def is_asked(facts: Facts, name: str, needs: Iterable[str], kept: Iterable[str]) -> bool:
    """Whether a value must come with a request: one that may have been set before is not asked for again."""
    return name in set(needs) and not (name in set(kept) and facts.is_set(name))
