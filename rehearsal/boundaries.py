"""Where the answer to a request turns: of a date, a number or an amount in it, the last value with one answer and the
first with another, found by halving. Also for every row of the tables that its guards look up.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from rehearsal.judging import Bench
from rehearsal.stage import Ask, Stage
from rehearsal.values import amount, candidates, rows_of
from workflow.definition import Field, Transition

Said = Mapping[str, str]
_ORDERED = ("date", "integer", "money")


def boundaries(stage: Stage, ask: Ask, transition: Transition) -> Iterator[Said]:
    """The values on both sides of every turn, as what a request says otherwise."""
    bench = Bench(stage)
    fields = {name: bench.journal.rules.definition.fields[name] for name in ask.fields}
    ordered = [spec for spec in fields.values() if spec.type in _ORDERED]
    for spec in ordered:
        yield from ({spec.name: value} for value in _turns(bench, ask, spec))
    if looks_up(transition):
        yield from _in_tables(bench, ask, ordered)


def looks_up(transition: Transition) -> bool:
    """Whether a guard of a transition looks up a table."""
    return any("lookup(" in str(guard.require) for guard in transition.guards)


def _in_tables(bench: Bench, ask: Ask, ordered: Sequence[Field]) -> Iterator[Said]:
    """The turns of the amounts on the first day of every row, the day before, and at the end of what is known."""
    territory = bench.journal.facts.territory
    numbers = [spec for spec in ordered if spec.type != "date" and spec.name in ask.fields]
    for table in bench.journal.rules.definition.tables.values():
        days = [day - timedelta(days=back) for day, _ in rows_of(table, territory) for back in (0, 1)]
        days += [table.known_until, table.known_until + timedelta(days=1)]
        for spec in (spec for spec in ordered if spec.type == "date"):
            for day in days:
                dated = ask.with_value(spec.name, day.isoformat())
                for number in numbers:
                    for value in _turns(bench, dated, number):
                        yield {spec.name: day.isoformat(), number.name: value}


def _turns(bench: Bench, ask: Ask, spec: Field) -> list[str]:
    """The values of a field beside each turn of the answer, in their order."""
    read, write = _scale(spec)
    known = sorted({read(text) for text in candidates(bench, spec)})

    def said(value: int) -> object:
        verdict = bench.judge(ask.with_value(spec.name, write(value)))
        return verdict.transition and verdict.transition.number, verdict.codes, tuple(verdict.held.items())

    turns: list[str] = []
    for low, high in pairwise(known):
        before, after = said(low), said(high)
        if before == after:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if said(middle) == before else (low, middle)
        turns += [write(low), write(high)]
    return list(dict.fromkeys(turns))


def _scale(spec: Field) -> tuple[Callable[[str], int], Callable[[int], str]]:
    """A field's values as whole numbers, and back."""
    if spec.type == "date":
        return (lambda text: date.fromisoformat(text).toordinal()), (lambda n: date.fromordinal(n).isoformat())
    if spec.type == "money":
        return (lambda text: round(float(text) * 100)), (lambda cents: amount(spec, cents))
    return int, str
