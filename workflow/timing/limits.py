"""Invariants and the longest life: proved where no path of the model breaks them, else with a path that does."""

from collections.abc import Callable, Iterator, Sequence

from workflow.calendar import Calendar, Length, deadline
from workflow.civil.wording import length_en, length_fr
from workflow.definition import Deadline, Definition, EntryAnchor, FieldAnchor, Invariant, Label, Place
from workflow.errors import Finding, Happening
from workflow.facts import Facts
from workflow.history import HistoryEntry
from workflow.language.positions import Source
from workflow.language.reachability import Fact
from workflow.timing.exploring import Explored, TooMany, Visit, search
from workflow.timing.lives import TERRITORY, Life
from workflow.timing.model import Model, is_free, limit_of, timer_of
from workflow.timing.narrating import at
from workflow.timing.suspicions import Suspicion

LONGEST = -1


def facts_asked(definition: Definition) -> frozenset[Fact]:
    """The facts that the invariants of the kind `never` speak of."""
    return frozenset(fact for each in definition.invariants if (fact := _fact(each)) is not None)


def _fact(invariant: Invariant) -> Fact | None:
    if invariant.kind != "never":
        return None
    if invariant.without_field is not None:
        return Fact("set", invariant.without_field)
    return Fact("entered", str(invariant.without_state or invariant.after))


def broken_nevers(explored: Explored, source: Source) -> Iterator[Suspicion]:
    """A suspicion for each `never` that some path breaks."""
    for invariant in explored.model.definition.invariants:
        fact = _fact(invariant)
        if fact is not None and not invariant.unset:
            visits = explored.some(_breaks(invariant, fact))
            if visits:
                yield _never(explored.model, invariant, fact, visits, source)


def _breaks(invariant: Invariant, fact: Fact) -> Callable[[Visit], bool]:
    wanted = invariant.after is not None
    return lambda visit: visit.node.state in invariant.states and (fact in visit.node.facts) == wanted


def _never(model: Model, invariant: Invariant, fact: Fact, visits: Sequence[Visit], source: Source) -> Suspicion:
    state, name = visits[0].node.state, fact.name
    fr = f"après « {name} »" if invariant.after else f"sans « {name} »"
    en = f"after {name!r}" if invariant.after else f"without {name!r}"

    def shows(life: Life) -> Sequence[Happening] | None:
        return () if any(_is_broken(invariant, fact, facts) for facts in life.facts_after_each()) else None

    return Suspicion(
        source.key("invariants", invariant.number),
        "invariant_broken",
        f"l'invariant ne tient pas : un placement peut être dans « {state} » {fr}",
        f"the invariant does not hold: a placement can be in {state!r} {en}",
        model,
        tuple(visit.path() for visit in visits),
        shows,
    )


def _is_broken(invariant: Invariant, fact: Fact, facts: Facts) -> bool:
    known = facts.is_set(fact.name) if fact.kind == "set" else fact.name in facts.entered
    return facts.state in invariant.states and known == (invariant.after is not None)


def broken_limits(definition: Definition, calendar: Calendar, source: Source) -> Iterator[Suspicion | Finding]:
    """A suspicion for each limit that some path passes; the longest life is one of them."""
    for invariant in (*_longest(definition), *definition.invariants):
        if invariant.kind == "never" and not invariant.unset:
            continue
        try:
            found = _breaking(definition, calendar, invariant)
        except TooMany:
            fr = "l'invariant n'a pas été tranché : trop d'échéances courent ensemble"
            en = "the invariant was not decided: too many clocks run together"
            yield source.finding(_place(source, invariant), "not_decided", fr, en)
            continue
        if found is not None and invariant.kind == "never":
            yield _never(found[0], invariant, _fact(invariant) or Fact("set", ""), found[1], source)
        elif found is not None:
            yield _limit(*found, invariant, source)


def _longest(definition: Definition) -> Iterator[Invariant]:
    if definition.longest is not None:
        finals = frozenset(definition.states) - definition.open_states
        label = Label("longest", "longest")
        start, within = definition.initial, definition.longest
        yield Invariant(LONGEST, "at_most", label, finals, start=start, first=True, within=within)


def _place(source: Source, invariant: Invariant) -> Place:
    return source.value("longest") if invariant.number == LONGEST else source.key("invariants", invariant.number)


def _breaking(
    definition: Definition, calendar: Calendar, invariant: Invariant
) -> tuple[Model, tuple[Visit, ...]] | None:
    """A path that breaks an invariant: first with the deadlines near its beginning, then with all. Raises TooMany."""
    firing = [spec for spec in definition.deadlines.values() if spec.then is not None]
    near = [spec for spec in firing if _is_near(definition, invariant, spec)]
    found = None
    for specs in (near, firing):
        try:
            found = _first(definition, calendar, invariant, specs)
        except TooMany:
            # A path that was found with fewer clocks may be none with all of them: it cannot be excluded.
            if found is None:
                raise
        if found is None:
            return None
    return found


def _is_near(definition: Definition, invariant: Invariant, spec: Deadline) -> bool:
    fields = {anchor.field for anchor in spec.anchors if isinstance(anchor, FieldAnchor)} - set(invariant.unset)
    if any(is_free(definition, name) for name in fields):
        return False
    entered = {anchor.state for anchor in spec.anchors if isinstance(anchor, EntryAnchor)}
    return invariant.start in spec.span or invariant.start in entered


def _first(
    definition: Definition, calendar: Calendar, invariant: Invariant, specs: Sequence[Deadline]
) -> tuple[Model, tuple[Visit, ...]] | None:
    timers = [timer_of(definition, calendar, spec, number) for number, spec in enumerate(specs)]
    fact = _fact(invariant)
    if fact is None:
        timers.append(limit_of(calendar, invariant, len(timers)))
    model = Model(definition, calendar, tuple(timers), frozenset(invariant.unset), frozenset([fact] if fact else []))
    wanted = _passes if fact is None else _breaks(invariant, fact)
    visits = search(model, wanted)
    return (model, visits) if visits else None


def _passes(visit: Visit) -> bool:
    return visit.step.kind == "passed"


def _limit(model: Model, visits: Sequence[Visit], invariant: Invariant, source: Source) -> Suspicion:
    within = invariant.within
    longest = invariant.number == LONGEST
    fr = "une vie peut durer" if longest else f"l'invariant ne tient pas : après « {invariant.start} », cela peut durer"
    en = "a life can last" if longest else f"the invariant does not hold: after {invariant.start!r}, it can last"

    def shows(life: Life) -> Sequence[Happening] | None:
        return next(_overrun(life, invariant), None)

    return Suspicion(
        _place(source, invariant),
        "too_long" if longest else "invariant_broken",
        f"{fr} plus de {length_fr(within, 'calendar') if within else ''}",
        f"{en} more than {length_en(within, 'calendar') if within else ''}",
        model,
        tuple(visit.path() for visit in visits),
        shows,
    )


def _overrun(life: Life, invariant: Invariant) -> Iterator[Sequence[Happening]]:
    """What to tell of each entry that was not followed in time."""
    begun = [entry for entry in life.entries if entry.to_state == invariant.start and _enters(entry)]
    for number, entry in enumerate(begun[:1] if invariant.first else begun):
        due = deadline(
            entry.occurred_at, TERRITORY, invariant.within or Length(0, "days"), calendar=life.rules.calendar
        )
        life.sleep(due.instant)
        after = [each for each in life.entries if each.seq > entry.seq and _enters(each)]
        in_time = [each for each in after if each.occurred_at <= due.instant]
        restarted = invariant.kind == "at_most" and not invariant.first and number + 1 < len(begun)
        if not restarted and not any(each.to_state in invariant.states for each in in_time):
            label = life.rules.definition.states[life.state].label
            yield [at(due.instant, f"délai passé, toujours : {label.fr}", f"the time is over, still: {label.en}")]


def _enters(entry: HistoryEntry) -> bool:
    return entry.changes_state or entry.kind == "placed"
