"""Values worth trying for a field: from its type and bounds, from lists, tables, the placement's dates and deadlines.

The likeliest come first. Everything is a text, as a person types it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from rehearsal.judging import Bench
from workflow.calendar import TERRITORIES
from workflow.definition import Definition, Field, Table, Value
from workflow.values import show_value

SIRETS = ("13002603200016", "35600000049837")
_SAMPLES = {
    "siret": SIRETS,
    "insee": ("75056", "57463"),
    "email": ("personne@exemple.fr",),
    "boolean": ("true", "false"),
}
_DAY = timedelta(days=1)


def territories() -> list[str]:
    """One territory of each pair of zone and holidays, Paris first."""
    classes = {(place.zone, place.holidays): place.code for place in reversed(list(TERRITORIES.values()))}
    first = classes[TERRITORIES["75"].zone, TERRITORIES["75"].holidays]
    return ["75", *sorted(code for code in classes.values() if code != first)]


def candidates(bench: Bench, spec: Field) -> list[str]:
    """The values to try for a field of the placement on this bench."""
    return list(dict.fromkeys(_candidates(bench, spec)))


def _candidates(bench: Bench, spec: Field) -> Iterable[str]:
    match spec.type:
        case "date":
            return (day.isoformat() for day in _days(bench))
        case "integer":
            return (str(number) for number in _integers(bench, spec))
        case "money":
            return (amount(spec, cents) for cents in _amounts(bench, spec))
        case "choice":
            today = bench.stage.today()
            return (item.value for item in sorted(spec.values, key=lambda item: not item.holds_on(today)))
        case "territory":
            return territories()
        case "text":
            return _texts(bench, spec)
    return _SAMPLES[spec.type]


def amount(spec: Field, cents: int) -> str:
    """An amount as it is typed."""
    return str(show_value(spec, cents))


def _days(bench: Bench) -> Iterator[date]:
    today = bench.stage.today()
    yield from (today, today - _DAY, today + _DAY)
    definition, facts = bench.journal.rules.definition, bench.journal.facts
    for name, value in facts.fields.items():
        if definition.fields[name].type == "date" and value is not None:
            known = date.fromisoformat(str(value))
            yield from (known, known - _DAY, known + _DAY)
    for occurrence in facts.occurrences.values():
        if occurrence.closed is None:
            yield from (occurrence.last_day, occurrence.last_day - _DAY, occurrence.last_day + _DAY)
    yield from (today + timedelta(days=days) for days in (30, 100, 400, 1200, -30, -400))
    for table in definition.tables.values():
        yield from (row.from_on for row in table.rows)
        yield from (table.known_until, table.known_until + _DAY)


def _integers(bench: Bench, spec: Field) -> Iterator[int]:
    least = 0 if spec.minimum is None else spec.minimum
    most = least + 100 if spec.maximum is None else spec.maximum
    tried = [least, *range(least, least + 6), most, (least + most) // 2, *_known(bench, "integer")]
    yield from (number for number in tried if least <= number <= most)


def _amounts(bench: Bench, spec: Field) -> Iterator[int]:
    least = max(0, spec.minimum or 0)
    definition = bench.journal.rules.definition
    in_tables = {row.value for table in definition.tables.values() if table.type == "money" for row in table.rows}
    known = list(_known(bench, "money"))
    tried = [*([max(in_tables) + 100_00] if in_tables else []), 1_000_00, least]
    tried += [value + more for value in known for more in (0, -1, 1)]
    tried += [value // 2 for value in known] + [value + more for value in sorted(in_tables) for more in (0, -1)]
    yield from (cents for cents in tried if cents >= least and (spec.maximum is None or cents <= spec.maximum))


def _known(bench: Bench, kind: str) -> Iterator[int]:
    definition, facts = bench.journal.rules.definition, bench.journal.facts
    for name, value in facts.fields.items():
        if definition.fields[name].type == kind and isinstance(value, int):
            yield value


def _texts(bench: Bench, spec: Field) -> Iterator[str]:
    """A text that nobody has used yet, then those that were: an expression or predicate may ask for either."""
    entries = bench.journal.past.entries
    yield f"{spec.name} {len(entries)}"
    yield from (str(value) for value in reversed(said_before(bench)) if value is not None)


def said_before(bench: Bench) -> Sequence[Value]:
    """The texts that were given for fields so far, oldest first, personal ones included."""
    past, fields = bench.journal.past, bench.journal.rules.definition.fields
    texts = {name for name, spec in fields.items() if spec.type == "text"}
    found: dict[Value, None] = {}
    for item in past.entries:
        entry = item.entry
        found.update({entry.fields[name]: None for name in texts & entry.fields.keys()})
        found.update({past.value(entry.seq, name): None for name in texts & entry.commitments.keys()})
    return list(found)


def rows_of(table: Table, territory: str) -> list[tuple[date, int]]:
    """The days and values of a table in a territory, oldest first."""
    return sorted((row.from_on, row.value) for row in table.rows if territory in row.territories)


def required(definition: Definition) -> dict[str, str]:
    """The likeliest values with which a placement can be made: in its usual territory, or in Paris."""
    default = definition.fields["territory"].default
    usual_one = None if default is None else default.cases[-1].value
    given = {"territory": str(usual_one or "75")}
    for name, spec in definition.fields.items():
        if spec.required and name != "territory":
            given[name] = _plain(spec)
    return given


def usual(definition: Definition) -> dict[str, str]:
    """What is required, and all that stays as it was placed: no transition needs or takes it, no default gives it."""
    given = required(definition)
    every = [each for group in definition.transitions.values() for each in group]
    moving = {name for each in every for name in (*each.needs, *each.takes)}
    for name, spec in definition.fields.items():
        if name not in given and name not in moving and spec.default is None and spec.type != "territory":
            given[name] = _plain(spec)
    return given


def _plain(spec: Field) -> str:
    match spec.type:
        case "choice":
            return next(item.value for item in spec.values)
        case "date":
            return "2021-03-01"
        case "integer":
            return str(spec.minimum or 0)
        case "money":
            return amount(spec, spec.minimum or 0)
        case "text":
            return f"{spec.name} 0"
        case "territory":
            return "75"
    return _SAMPLES[spec.type][0]
