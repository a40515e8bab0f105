"""What may be asked of a batch, and the form that it needs: made from the definition, for placements of any state."""

from collections.abc import Sequence
from dataclasses import dataclass

from operators.console.batch_items import Asked
from operators.console.forms import FIELD, Input, input_of, moment_input, reason_inputs
from operators.console.visit import Visit
from storage.batches import BatchItem
from workflow.definition import Definition, Transition
from workflow.errors import NotFound


@dataclass(frozen=True, slots=True)
class Offer:
    """A trigger that somebody may ask for, and in how many of the chosen placements it is of the present state."""

    trigger: str
    label: str
    count: int


def offered(visit: Visit, items: Sequence[BatchItem]) -> list[Offer]:
    """The triggers that the chosen placements' states and the asker's roles leave; the engine has the last word."""
    definition = visit.app.engine.current_rules().definition
    roles = {grant.role for grant in visit.who.grants}
    found = [Offer(name, visit.labels.triggers[name][visit.lang], _count(definition, name, items, roles))
             for name in definition.transitions]  # fmt: skip
    return [each for each in found if each.count]


def _count(definition: Definition, trigger: str, items: Sequence[BatchItem], roles: set[str]) -> int:
    mine = [edge for edge in definition.transitions[trigger] if roles & set(edge.by)]
    return sum(any(each.state in edge.sources for edge in mine) for each in items)


def act_inputs(visit: Visit, trigger: str | None) -> list[Input]:
    """What the form of a remark (None), or of a trigger, asks for. Raises NotFound for no trigger."""
    if trigger is None:
        hint = visit.say("La même pour tous. Conservée avec les données personnelles.",
                         "The same for all. Kept with the personal data.")  # fmt: skip
        return [Input("text", visit.say("Remarque", "Remark"), "textarea", required=True, hint=hint)]
    definition = visit.app.engine.current_rules().definition
    if trigger not in definition.transitions:
        raise NotFound(trigger)
    edges = definition.transitions[trigger]
    return [*_values(visit, definition, edges), *_around(visit, definition, edges)]


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


def withheld_of(visit: Visit, asked: Asked) -> tuple[str, ...]:
    """The names of what was typed and is personal: it is kept nowhere but in this process."""
    fields = visit.app.engine.current_rules().definition.fields
    return tuple(
        name
        for name in asked.texts
        if name in ("text", "words") or (name.startswith(FIELD) and fields[name.removeprefix(FIELD)].personal)
    )


def public_part(visit: Visit, asked: Asked) -> dict[str, str]:
    """The rest of what was typed."""
    hidden = withheld_of(visit, asked)
    return {name: text for name, text in asked.texts.items() if name not in hidden}
