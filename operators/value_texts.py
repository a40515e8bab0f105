"""Values of fields as people read them: amounts with their currency, days by name, yes and no in words."""

from datetime import date

from operators.times import day_text
from workflow.definition import Field, Value
from workflow.values import show_value


def value_text(field: Field | None, value: Value, lang: str) -> str:
    """A value in French or English; empty where there is none. A field that no definition knows shows it as it is."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return {True: "oui", False: "non"}[value] if lang != "en" else {True: "yes", False: "no"}[value]
    if field is not None and field.type == "money":
        return _money(str(show_value(field, value)), lang)
    if field is not None and field.type == "date":
        return day_text(date.fromisoformat(str(value)), lang)
    return str(value)


def _money(text: str, lang: str) -> str:
    """`1 603,12 €` with spaces that do not break; in English `€1,603.12`."""
    whole, _, cents = text.partition(".")
    sign, digits = ("−", whole[1:]) if whole.startswith("-") else ("", whole)
    grouped = f"{int(digits):,}"
    if lang == "en":
        return f"{sign}€{grouped}.{cents}"
    spaced = grouped.replace(",", "\u202f")
    return f"{sign}{spaced},{cents}\u00a0€"
