"""How the personal data of a placement look: the JSON object of `person show`, and the same as a table."""

from typing import TYPE_CHECKING, Any

from operators.cli.output import instant
from workflow.values import show_value

if TYPE_CHECKING:
    from operators.cli.output import Page
    from workflow.definition import Value
    from workflow.persons import PersonalView, PersonsView


def persons_object(view: "PersonsView") -> dict[str, Any]:
    """The answer of `person show`: every value with the entry that set it, and until when its category is kept."""
    retention = view.rules.definition.retention
    return {
        "reference": view.facts.reference,
        "held": view.facts.held,
        "values": [
            {
                "field": each.name,
                "category": each.category or None,
                "seq": each.seq,
                "set_at": instant(each.set_at),
                "value": _shown(view, each),
                "erased": each.erased,
            }
            for each in view.values
        ],
        "retention": [
            {"category": name, "keep": str(category.keep), "erased_at": instant(view.expires_at.get(name))}
            for name, category in retention.items()
        ],
    }


def _shown(view: "PersonsView", each: "PersonalView") -> "Value":
    spec = view.rules.definition.fields.get(each.name)
    return each.value if spec is None or each.value is None else show_value(spec, each.value)


def write_persons(page: "Page", view: "PersonsView") -> None:
    """The same for people."""
    from operators.cli.people import field_label
    from operators.moments import local_text
    from workflow.calendar import zone_of

    zone, definition = zone_of(view.facts.territory), view.rules.definition
    gone = page.say("(effacé)", "(erased)")
    page.heading(page.say(f"{view.facts.reference} : données personnelles", f"{view.facts.reference}: personal data"))
    if view.facts.held:
        page.line(page.say("Conservation légale : rien ne peut être effacé.", "Legal hold: nothing may be erased."))
    page.table(page.say("n°|le|donnée|catégorie|valeur", "seq|at|what|category|value").split("|"), [
        (each.seq, local_text(each.set_at, zone), field_label(definition, each.name, page.lang), each.category,
         gone if each.erased else _text(view, each))
        for each in view.values
    ])  # fmt: skip
    page.table(page.say("catégorie|conservée|effacée le", "category|kept for|erased on").split("|"), [
        (name, str(category.keep), local_text(view.expires_at.get(name), zone))
        for name, category in definition.retention.items()
    ])  # fmt: skip


def _text(view: "PersonsView", each: "PersonalView") -> str | None:
    value = _shown(view, each)
    return None if value is None else str(value)
