"""What may be asked of a batch, and the form that it needs: made from the definition, for placements of any state."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from operators.batches.acts import EMPTIED, LINES, refuse_unknown
from operators.console.correcting import LINE_LABELS, earlier_input, how_inputs, reverse_inputs
from operators.console.forms import Input, input_of, moment_input, reason_inputs
from operators.console.visit import Visit
from storage.batches import BatchItem
from workflow.definition import Definition, Label, Transition
from workflow.errors import NotFound, UnknownName

TITLES: Final = {
    "note": Label("Ajouter une remarque", "Add a remark"),
    "remind": Label("Rappeler par courriel", "Remind by e-mail"),
    "amend": Label("Corriger des valeurs", "Correct values"),
    "reverse": Label("Annuler le dernier passage", "Reverse the last move"),
    "void": Label("Mettre de côté", "Put aside"),
    "hold": Label("Conserver pour un litige", "Put under a legal hold"),
    "release": Label("Mettre fin à la conservation", "End the legal hold"),
    **LINE_LABELS,
}
"""What acts are called; one that fires is called as its trigger."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A trigger that somebody may ask for, or a deadline that runs, and for how many of the chosen placements."""

    name: str
    label: str
    count: int


def offered(visit: Visit, items: Sequence[BatchItem]) -> list[Offer]:
    """The triggers that the chosen placements' states and the asker's roles leave; the engine has the last word."""
    definition = visit.app.engine.current_rules().definition
    roles = {grant.role for grant in visit.who.grants}
    found = [Offer(name, visit.labels.triggers[name][visit.lang], _count(definition, name, items, roles))
             for name in definition.transitions]  # fmt: skip
    return [each for each in found if each.count]


def running(visit: Visit, items: Sequence[BatchItem]) -> list[Offer]:
    """The deadlines that run for some of the chosen placements, in the order of the definition."""
    with visit.app.store.reading() as reading:
        placed = reading.known([each.reference for each in items]).values()
    counts = Counter(name for facts in placed for name, each in facts.occurrences.items() if each.closed is None)
    known = visit.app.engine.current_rules().definition.deadlines
    return [Offer(name, spec.label[visit.lang], counts[name]) for name, spec in known.items() if counts[name]]


def _count(definition: Definition, trigger: str, items: Sequence[BatchItem], roles: set[str]) -> int:
    mine = [edge for edge in definition.transitions[trigger] if roles & set(edge.by)]
    return sum(any(each.state in edge.sources for edge in mine) for each in items)


def title_of(visit: Visit, kind: str, name: str | None) -> str:
    """What an act is called, with the deadline that it is about."""
    if kind == "fire":
        return visit.labels.triggers[str(name)][visit.lang] if name in visit.labels.triggers else str(name)
    title = TITLES[kind][visit.lang]
    if name is None:
        return title
    label = visit.labels.deadlines.get(name)
    return f"{title}{visit.say(' : ', ': ')}{name if label is None else label[visit.lang]}"


def is_known(visit: Visit, kind: str, name: str | None) -> bool:
    """Whether the definition of today has what an act is about."""
    try:
        refuse_unknown(visit.app.engine.current_rules().definition, kind, name)
    except UnknownName:
        return False
    return True


def act_inputs(visit: Visit, kind: str, name: str | None) -> list[Input]:
    """What the form of an act asks for. Raises NotFound for what the definition does not have."""
    if not is_known(visit, kind, name):
        raise NotFound(str(name))
    definition = visit.app.engine.current_rules().definition
    if kind == "fire":
        edges = definition.transitions[str(name)]
        return [*_values(visit, definition, edges), *_around(visit, definition, edges)]
    if kind == "note":
        return [_remark(visit)]
    if kind == "remind":
        return []
    return [*_own(visit, definition, kind), *reason_inputs(definition, visit.lang, required=True),
            *_after(visit, kind)]  # fmt: skip


def _remark(visit: Visit) -> Input:
    hint = visit.say("La même pour tous. Conservée avec les données personnelles.",
                     "The same for all. Kept with the personal data.")  # fmt: skip
    return Input("text", visit.say("Remarque", "Remark"), "textarea", required=True, hint=hint)


def _own(visit: Visit, definition: Definition, kind: str) -> list[Input]:
    if kind == "amend":
        return [*(input_of(definition, name, visit.lang) for name in definition.fields), _emptied(visit, definition)]
    if kind == "reverse":
        return [each for each in reverse_inputs(visit) if each.name != "entry"]
    return how_inputs(visit, kind)


def _emptied(visit: Visit, definition: Definition) -> Input:
    """What empties a field: what is left out of the form stays as it is."""
    known = [(name, spec.label[visit.lang]) for name, spec in definition.fields.items()]
    hint = visit.say("Facultatif. Ce qui n’est pas rempli ci-dessus reste tel quel.",
                     "Optional. What is not filled in above stays as it is.")  # fmt: skip
    return Input(EMPTIED, visit.say("Vider un renseignement", "Empty a value"), "select", choices=known, hint=hint)


def _after(visit: Visit, kind: str) -> list[Input]:
    zone = visit.say("chaque département", "each département")
    if kind == "amend":
        return [earlier_input(visit), moment_input(zone, visit.lang)]
    if kind in LINES:
        ground = visit.say("Fondement juridique", "Legal ground")
        return [Input("ground", ground, hint=visit.say("Facultatif.", "Optional."), aside=True),
                moment_input(zone, visit.lang)]  # fmt: skip
    return []


def _values(visit: Visit, definition: Definition, edges: Sequence[Transition]) -> list[Input]:
    names = dict.fromkeys(name for edge in edges for name in (*edge.needs, *edge.takes) if name != "reason")
    always = set(names).intersection(*(set(edge.needs) - set(edge.kept) for edge in edges))
    dated = {edge.dated_by for edge in edges}
    today = visit.now.date()
    return [
        input_of(definition, name, visit.lang, required=name in always, today=today,
                 value=today.isoformat() if name in dated else "")
        for name in names
    ]  # fmt: skip


def _around(visit: Visit, definition: Definition, edges: Sequence[Transition]) -> list[Input]:
    dated_by = next((edge.dated_by for edge in edges if edge.dated_by), None)
    label = definition.fields[dated_by].label[visit.lang] if dated_by else None
    zone = visit.say("chaque département", "each département")
    required = all("reason" in edge.needs for edge in edges)
    return [*reason_inputs(definition, visit.lang, required=required),
            moment_input(zone, visit.lang, dated_by=label)]  # fmt: skip
