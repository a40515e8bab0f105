"""Values with which a transition may be granted, tried one after the other: what its fields could hold on a day.

Guards are not solved: these are guesses that often do. Knows nothing of journals.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from workflow.definition import Definition, Field, Transition

Texts = Mapping[str, str]
_SIRETS = ("13002603200016", "35600000049837")
_DAYS = (0, 1, 30, 366, 1100, -1, -30)
_MOST_TRIES = 60


def values_for(
    definition: Definition, move: Transition, day: date, chosen: Mapping[str, Sequence[date]], given: frozenset[str]
) -> Iterator[Texts]:
    """Requests for a transition on a day: what it needs and what is `given`, then one value after the other changed.

    `chosen` holds the days to try for some date fields.
    """
    asked = [name for name in move.needs if name not in move.kept or name in given]
    for names in (
        [*asked, *(name for name in move.takes if name in given)],
        asked,
        [*asked, *move.takes],
        [*asked, *move.kept],
    ):
        yield from _combined({name: _guesses(definition, move, name, day, chosen) for name in dict.fromkeys(names)})


def placing_values(
    definition: Definition, day: date, territory: str, chosen: Mapping[str, Sequence[date]], given: frozenset[str]
) -> Iterator[Texts]:
    """Requests to place: what is required and what is `given`, then one value after the other changed."""
    names = [name for name, spec in definition.fields.items() if spec.required or name in given]
    first = {name: [each.isoformat() for each in chosen.get(name, ())] for name in names}
    guesses = {name: [*first[name], *_of_type(definition.fields[name], day)] for name in names}
    if "territory" in guesses:
        guesses["territory"] = [territory]
    yield from _combined(guesses)


def _guesses(
    definition: Definition, move: Transition, name: str, day: date, chosen: Mapping[str, Sequence[date]]
) -> list[str]:
    if name == move.dated_by:
        return [day.isoformat()]
    first = [each.isoformat() for each in chosen.get(name, ())]
    return [*first, *_of_type(definition.fields[name], day)]


def _combined(guesses: Mapping[str, list[str]]) -> Iterator[Texts]:
    first = {name: texts[0] for name, texts in guesses.items() if texts}
    yield first
    tried = 0
    for name, texts in guesses.items():
        for text in texts[1:]:
            tried += 1
            if tried > _MOST_TRIES:
                return
            yield {**first, name: text}


def _of_type(field: Field, day: date) -> Iterator[str]:
    if field.type == "date":
        yield from ((day + timedelta(days=days)).isoformat() for days in _DAYS)
    elif field.type == "choice":
        yield from (item.value for item in field.values if item.holds_on(day))
    elif field.type in ("integer", "money"):
        yield from _numbers(field)
    elif field.type == "boolean":
        yield from ("true", "false")
    else:
        yield from {
            "text": ("a", "b"),
            "siret": _SIRETS,
            "insee": ("75056",),
            "email": ("a@example.org",),
            "territory": ("75", "974"),
        }[field.type]


def _numbers(field: Field) -> Iterator[str]:
    bounds = [bound for bound in (field.minimum, field.maximum) if bound is not None]
    if field.type == "money":
        yield from ("2000", "50000", "0")
        yield from (f"{bound // 100}.{bound % 100:02}" for bound in bounds if bound >= 0)
    else:
        yield from (str(number) for number in (*bounds, *(n for n in (1, 2, 3, 12) if _allows(field, n))))


def _allows(field: Field, number: int) -> bool:
    return (field.minimum is None or number >= field.minimum) and (field.maximum is None or number <= field.maximum)
