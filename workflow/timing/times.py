"""All checks in time of one definition: the findings, each with a path where there is one."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from workflow.calendar import Calendar, CalendarError, calendars_beside, load_calendar
from workflow.definition import Deadline, Definition
from workflow.errors import Finding
from workflow.language.positions import Source
from workflow.timing.collisions import collisions, cycles_at_once, wrong_orders
from workflow.timing.exploring import Explored, TooMany, explore
from workflow.timing.lapses import never_due
from workflow.timing.limits import broken_limits, broken_nevers, facts_asked
from workflow.timing.model import Model, timer_of
from workflow.timing.rounds import endless_rounds
from workflow.timing.suspicions import Suspicion, finding_of


def check_times(
    definition: Definition, source: Source, calendar: Calendar, known: frozenset[str] = frozenset()
) -> list[Finding]:
    """Every finding about what time brings; of the deadlines `known` it is found already that they never fire."""
    found = list(_found(definition, calendar, source, known))
    return [finding_of(each, source) if isinstance(each, Suspicion) else each for each in found]


def _found(
    definition: Definition, calendar: Calendar, source: Source, known: frozenset[str]
) -> Iterator[Suspicion | Finding]:
    yield from wrong_orders(definition, source)
    firing = [spec for spec in definition.deadlines.values() if spec.then is not None]
    explored = _explored(_model(definition, calendar, firing))
    if explored is None:
        yield from _two_at_a_time(definition, calendar, source, known)
    else:
        yield from collisions(explored, source)
        yield from cycles_at_once(explored, source)
        yield from endless_rounds(explored, source)
        yield from broken_nevers(explored, source)
        yield from never_due(explored, source, known)
    yield from broken_limits(definition, calendar, source)


def _two_at_a_time(
    definition: Definition, calendar: Calendar, source: Source, known: frozenset[str]
) -> Iterator[Suspicion | Finding]:
    """What can be found where too many clocks run together: every run is among those with two of them, or none."""
    firing = [spec for spec in definition.deadlines.values() if spec.then is not None]
    for pair in combinations(firing, 2):
        both = None if pair[0].span.isdisjoint(pair[1].span) else _explored(_model(definition, calendar, pair))
        yield from collisions(both, source) if both else ()
    alone = _explored(_model(definition, calendar, ()))
    if alone is not None:
        yield from broken_nevers(alone, source)
        yield from never_due(alone, source, known)
    yield source.finding(
        source.key("deadlines"),
        "not_decided",
        "trop d'échéances courent ensemble : ce qui tombe au même instant a été cherché deux par deux, et les cycles "
        "d'échéances ne l'ont pas été ; ayez moins d'échéances avec then dans un même état",
        "too many clocks run together: what falls at one instant was looked at for two at a time, and cycles of "
        "deadlines were not looked at; have fewer deadlines with a then in one state",
    )


def _explored(model: Model) -> Explored | None:
    try:
        return explore(model)
    except TooMany:
        return None


def _model(definition: Definition, calendar: Calendar, specs: Sequence[Deadline]) -> Model:
    timers = tuple(timer_of(definition, calendar, spec, number) for number, spec in enumerate(specs))
    return Model(definition, calendar, timers, asked=facts_asked(definition))


def calendar_of(definition: Definition, source: Source) -> Calendar:
    """The holidays that a definition names; those of today where they are not there, which is another finding."""
    try:
        return load_calendar(definition.calendar, calendars_beside(source.file))
    except (CalendarError, OSError):
        return load_calendar()
