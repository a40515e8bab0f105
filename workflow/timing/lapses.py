"""Deadlines that never fall due, since another always ends their span first."""

from collections.abc import Iterator

from workflow.definition import Deadline, FieldAnchor, Label
from workflow.errors import Finding
from workflow.language.positions import Source
from workflow.timing.exploring import Explored, TooMany, Visit, search
from workflow.timing.model import Model, is_free, timer_of
from workflow.timing.nodes import NOW

_NOWHERE = Label("aucun placement n'est jamais dans un de ses états", "no placement is ever in a state of its while")
_ENDED = Label(
    "une autre quitte toujours ses états avant, ou elle est satisfaite",
    "another one always ends its span first, or it is met",
)


def never_due(explored: Explored, source: Source, known: frozenset[str]) -> Iterator[Finding]:
    """A finding for each deadline that no run of the model lets fall due, but for those that are `known` not to."""
    definition = explored.model.definition
    fell_due = {
        timer.name
        for visit in explored.visits
        if not visit.node.fresh
        for timer in explored.model.timers
        if visit.node.status[timer.number] == NOW
    }
    watched = {timer.name for timer in explored.model.timers}
    entered = {visit.node.state for visit in explored.visits}
    for spec in definition.deadlines.values():
        if spec.name in known:
            continue
        if spec.span.isdisjoint(entered):
            yield _never(source, spec, _NOWHERE)
        elif not (spec.name in fell_due if spec.name in watched else _falls_due(explored.model, spec)):
            yield _never(source, spec, _ENDED)


def _never(source: Source, spec: Deadline, why: Label) -> Finding:
    return source.finding(
        source.key("deadlines", spec.name),
        "never_fires",
        f"l'échéance « {spec.name} » ne peut jamais tomber : {why.fr}",
        f"deadline {spec.name!r} can never fall due: {why.en}",
    )


def _falls_due(model: Model, spec: Deadline) -> bool:
    """Whether a notice can fall due beside the deadlines that may end its span; where that is not known, it can."""
    definition = model.definition
    at_will = any(isinstance(anchor, FieldAnchor) and is_free(definition, anchor.field) for anchor in spec.anchors)
    rivals = [s for s in definition.deadlines.values() if s.then is not None and not s.span.isdisjoint(spec.span)]
    timers = [timer_of(definition, model.calendar, each, n) for n, each in enumerate((spec, *rivals))]
    # With fewer clocks there are more runs: what cannot be with one alone cannot be at all.
    # A date that people choose is a day at which nothing has ended the span yet, wherever there is one.
    for count in dict.fromkeys((1, 1 if at_will else len(timers))):
        try:
            found = search(Model(definition, model.calendar, tuple(timers[:count])), _is_due)
        except TooMany:
            return True
        if not found:
            return False
    return True


def _is_due(visit: Visit) -> bool:
    """Whether the first clock is due, and no automatic transition goes before it."""
    return visit.node.status[0] == NOW and not visit.node.fresh
