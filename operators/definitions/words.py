"""What the parts of a definition are called in French and English: states, roles, lengths, anchors, conditions."""

from collections.abc import Iterable

from operators.roles import role_text
from workflow.calendar import Length
from workflow.civil.wording import how_counted, length_en, length_fr
from workflow.definition import (
    VOIDED,
    Anchor,
    Condition,
    Deadline,
    Definition,
    EntryAnchor,
    FieldLength,
    Guard,
    Label,
    Revision,
    Transition,
    Until,
)

YES = Label("oui", "yes")
_UNITS_FR = {"days": "jours", "weeks": "semaines", "months": "mois", "years": "ans",
             "hours": "heures", "minutes": "minutes", "seconds": "secondes"}  # fmt: skip
_ROLLS = {"next_working_day": Label("reporté au jour ouvré suivant", "moved to the next working day")}


def same(text: str) -> Label:
    """What reads the same in both languages."""
    return Label(text, text)


def joined(labels: Iterable[Label], sign: str = ", ") -> Label:
    """Several in one, with a sign between them."""
    known = list(labels)
    return Label(sign.join(each.fr for each in known), sign.join(each.en for each in known))


def quoted(label: Label) -> Label:
    """A name in quotation marks."""
    return Label(f"« {label.fr} »", f"“{label.en}”")


def state(definition: Definition, name: str) -> Label:
    """What a state is called."""
    if name == VOIDED:
        return Label("Annulé", "Voided")
    return definition.states[name].label if name in definition.states else same(name)


def states(definition: Definition, names: Iterable[str]) -> Label:
    """Several states, each by its name, in the definition's order."""
    chosen = frozenset(names)
    return joined(quoted(definition.states[name].label) for name in definition.states if name in chosen)


def states_in_short(definition: Definition, names: Iterable[str]) -> Label:
    """Several states; all, or all that are open, by a word."""
    chosen = frozenset(names)
    if len(chosen) > 1 and chosen == frozenset(definition.states):
        return Label("tous les états", "every state")
    if len(chosen) > 1 and chosen == definition.open_states:
        return Label("tous les états ouverts", "every open state")
    return states(definition, chosen)


def field(definition: Definition, name: str) -> Label:
    """What a field is called."""
    return quoted(definition.fields[name].label) if name in definition.fields else same(name)


def fields(definition: Definition, names: Iterable[str]) -> Label:
    """Several fields."""
    return joined(field(definition, name) for name in names)


def phase(definition: Definition, name: str) -> Label:
    """What a phase is called; one without a label by its name."""
    return definition.phases.get(name, same(name.replace("_", " ").capitalize()))


def trigger(definition: Definition, name: str) -> Label:
    """What a trigger is called: as its first transition that says so."""
    moves = definition.transitions.get(name, ())
    return next((move.label for move in moves if move.label is not None), same(name))


def move(transition: Transition) -> Label:
    """What a transition is called."""
    return transition.label or same(transition.trigger)


def deadline(definition: Definition, name: str) -> Label:
    """What a deadline is called."""
    return definition.deadlines[name].label if name in definition.deadlines else same(name)


def roles(names: Iterable[str]) -> Label:
    """Several roles, in one order."""
    plain = ((name, name.replace("_", " ")) for name in sorted(names))
    return joined(Label(*(spaced if role_text(name, lang) == name else role_text(name, lang) for lang in ("fr", "en")))
                  for name, spaced in plain)  # fmt: skip


def length(definition: Definition, rule: Deadline | Revision) -> Label:
    """How long a deadline runs."""
    found = rule.length
    if isinstance(found, FieldLength):
        name, most = field(definition, found.field), found.at_most
        fr, en = f"{_UNITS_FR[found.unit]} selon {name.fr}", f"{found.unit} by {name.en}"
        return Label(fr, en) if most is None else Label(f"{fr}, {most} au plus", f"{en}, at most {most}")
    counting = found.counting or rule.counting
    return Label(length_fr(found, counting), length_en(found, counting))


def plain_length(found: Length) -> Label:
    """A length that is counted in one way only."""
    return Label(length_fr(found, found.counting or "calendar"), length_en(found, found.counting or "calendar"))


def counting(rule: Deadline | Revision) -> Label | None:
    """How a length is counted, where that is not the plain way."""
    if rule.counting == "calendar":
        return None
    found = rule.length if isinstance(rule.length, Length) else Length(1, "days")
    return Label(*how_counted(found, rule.counting))


def roll(rule: Deadline | Revision) -> Label | None:
    """What becomes of a last day on which nobody works."""
    return _ROLLS.get(rule.roll)


def anchor(definition: Definition, found: Anchor) -> Label:
    """From what a clock counts."""
    if isinstance(found, EntryAnchor):
        name = quoted(state(definition, found.state))
        if found.first:
            return Label(f"première entrée dans {name.fr}", f"first entry into {name.en}")
        return Label(f"entrée dans {name.fr}", f"entry into {name.en}")
    name = field(definition, found.field)
    return Label(f"date {name.fr}", f"date {name.en}")


def anchors(definition: Definition, spec: Deadline) -> Label:
    """From what a deadline counts: the first that is set."""
    found = [anchor(definition, each) for each in spec.anchors]
    return Label(", à défaut ".join(each.fr for each in found), ", else ".join(each.en for each in found))


def until(definition: Definition, found: Until) -> Label:
    """What meets a deadline."""
    if found.field is not None:
        name = field(definition, found.field)
        return Label(f"{name.fr} est renseigné", f"{name.en} is set")
    name = quoted(trigger(definition, str(found.trigger)))
    times = "" if found.times == 1 else f" × {found.times}"
    return Label(f"{name.fr}{times}", f"{name.en}{times}")


def reminders(spec: Deadline) -> Label:
    """When somebody is reminded."""
    return joined(
        Label(
            f"{plain_length(each.length).fr} {'avant' if each.direction == 'before' else 'après'}",
            f"{plain_length(each.length).en} {each.direction}",
        )
        for each in spec.reminders
    )


def condition(found: Condition) -> Label:
    """What selects a transition, as the file says it."""
    return same(" ; ".join([*([found.expression] if found.expression else []), *found.predicates]))


def guard(found: Guard) -> Label:
    """A condition, with the sentence of its refusal."""
    asked = found.require or found.predicate or ""
    return Label(f"{asked} ({found.message.fr})", f"{asked} ({found.message.en})")
