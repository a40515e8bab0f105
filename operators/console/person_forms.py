"""The grounds of an erasure in words, and what is given out of what is kept of a person.

A ground is a point of GDPR article 17(1).
"""

from collections.abc import Mapping
from typing import Any, Final

from operators.value_texts import value_text
from workflow.definition import Label
from workflow.persons import PersonalView, PersonsView
from workflow.values import show_value

GROUNDS: Final[Mapping[str, Label]] = {
    "no_longer_necessary": Label("plus nécessaires (a)", "no longer necessary (a)"),
    "consent_withdrawn": Label("consentement retiré (b)", "consent withdrawn (b)"),
    "objection": Label("opposition (c)", "objection (c)"),
    "unlawful": Label("traitement illicite (d)", "unlawful processing (d)"),
    "legal_obligation": Label("obligation légale (e)", "legal obligation (e)"),
    "child_consent": Label("consentement d’un enfant (f)", "consent of a child (f)"),
}

TEXTS: Final[Mapping[str, Label]] = {
    "reason": Label("Texte du motif", "Text of the reason"),
    "note": Label("Remarque", "Remark"),
}


def export_object(view: PersonsView, about: set[tuple[int, str]] | None, lang: str) -> dict[str, Any]:
    """What is kept, of these values (seq, name) or of all: each with its label, when it was set, and itself."""
    chosen = [each for each in view.values if about is None or (each.seq, each.name) in about]
    return {
        "reference": view.facts.reference,
        "held": view.facts.held,
        "values": [_value(view, each, lang) for each in chosen if each.value is not None],
    }


def _value(view: PersonsView, each: PersonalView, lang: str) -> dict[str, Any]:
    spec = view.rules.definition.fields.get(each.name)
    label = spec.label if spec is not None else TEXTS.get(each.name, Label(each.name, each.name))
    return {
        "field": each.name,
        "label": label[lang],
        "category": each.category or None,
        "entry": each.seq,
        "set_at": each.set_at.isoformat().replace("+00:00", "Z"),
        "value": each.value if spec is None else show_value(spec, each.value),
        "text": value_text(spec, each.value, lang),
    }
