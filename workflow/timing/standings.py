"""Faults that need no reckoning of time, shown all the same: a life, on dates, up to where the fault is seen.

The sentence stands without it, so that nothing is told where the engine cannot be brought there.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from workflow.calendar import Calendar
from workflow.checks import Fault, Standing
from workflow.definition import Definition, Place
from workflow.due_dates import anchored_by
from workflow.errors import Finding, Happening
from workflow.language.reachability import Fact
from workflow.timing.exploring import TooMany, Visit, search
from workflow.timing.lives import Life
from workflow.timing.model import Model
from workflow.timing.narrating import at
from workflow.timing.nodes import fact_of
from workflow.timing.suspicions import Suspicion, lived


def with_lives(definition: Definition, calendar: Calendar, faults: Sequence[Fault]) -> Iterator[Finding]:
    """The findings of some faults, each with a life in which it shows, where there is one."""
    for fault in faults:
        found = fault.finding
        suspicion = None if fault.standing is None else _suspicion(definition, calendar, found, fault.standing)
        path = None if suspicion is None else lived(suspicion)
        yield found if path is None else replace(found, path=path)


def _suspicion(definition: Definition, calendar: Calendar, finding: Finding, standing: Standing) -> Suspicion | None:
    lacking = frozenset(fact_of(anchor) for anchor in standing.lacking)
    begun = frozenset([Fact("entered", standing.since)] if standing.since else [])
    model = Model(definition, calendar, (), asked=lacking | begun)
    try:
        visits = search(model, _stands(standing, lacking, begun))
    except TooMany:
        return None
    place = Place(finding.line, finding.column)
    paths = tuple(visit.path() for visit in visits)
    shows = _shows(standing)
    return Suspicion(place, finding.code, finding.message_fr, finding.message, model, paths, shows) if paths else None


def _stands(standing: Standing, lacking: frozenset[Fact], begun: frozenset[Fact]) -> Callable[[Visit], bool]:
    def wanted(visit: Visit) -> bool:
        node = visit.node
        return node.state == standing.state and not node.fresh and begun <= node.facts and not lacking & node.facts

    return wanted


def _shows(standing: Standing) -> Callable[[Life], Sequence[Happening] | None]:
    def shows(life: Life) -> Sequence[Happening] | None:
        facts = life.journal.facts
        if life.state != standing.state or any(anchored_by(facts, anchor) for anchor in standing.lacking):
            return None
        return [at(life.entries[-1].occurred_at, standing.fr, standing.en)]

    return shows
