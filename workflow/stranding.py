"""What would strand a placement under other rules: a state, a field or a period of retention that they do not have."""

from collections.abc import Iterator, Mapping

from workflow.definition import VOIDED, Definition
from workflow.errors import Blocker
from workflow.facts import Facts


def stranding(before: Definition | None, after: Definition, facts: Facts, states: Mapping[str, str]) -> list[Blocker]:
    """Every reason why a placement cannot go on under `after`; `before` is None where its own rules are lost."""
    found = [] if before is None or before.name == after.name else [_other_definition(before, after)]
    state = states.get(facts.state, facts.state)
    if state not in after.states and state != VOIDED:
        found.append(state_missing(state, after))
    return [*found, *_fields(before, after, facts), *_retention(after, facts)]


def _fields(before: Definition | None, after: Definition, facts: Facts) -> Iterator[Blocker]:
    for name in (*facts.fields, *facts.personal):
        if name not in after.fields:
            yield _field_missing(name, after)
        elif before is not None and name in before.fields and _kind(before, name) != _kind(after, name):
            yield _field_changed(name)


def _kind(definition: Definition, name: str) -> tuple[str, bool, str]:
    """What may not change of a field that has a value: how it is read, whether and in which category it is personal."""
    spec = definition.fields[name]
    return spec.type, spec.personal, definition.category_of(name) if spec.personal else ""


def _retention(after: Definition, facts: Facts) -> Iterator[Blocker]:
    return (_category_missing(name) for name in facts.keeps if name not in after.retention)


def state_missing(state: str, after: Definition) -> Blocker:
    """The state has no place in the other version."""
    return Blocker(
        "state_missing",
        f"l'état {state} n'existe pas dans la version {after.version} : dire lequel le remplace",
        f"the state {state} does not exist in version {after.version}: say which one replaces it",
        {"state": state, "version": after.version},
    )


def _other_definition(before: Definition, after: Definition) -> Blocker:
    return Blocker(
        "other_definition",
        f"le dossier suit la définition {before.name}, non {after.name}",
        f"the placement follows the definition {before.name}, not {after.name}",
        {"definition": before.name},
    )


def _field_missing(name: str, after: Definition) -> Blocker:
    return Blocker(
        "field_missing",
        f"le champ {name} a une valeur, et la version {after.version} ne le connaît pas : l'y garder",
        f"the field {name} has a value, and version {after.version} does not know it: keep it there",
        {"field": name, "version": after.version},
    )


def _field_changed(name: str) -> Blocker:
    return Blocker(
        "field_changed",
        f"le champ {name} a une valeur, et change de type, de caractère personnel ou de catégorie",
        f"the field {name} has a value, and changes its type, its being personal or its category",
        {"field": name},
    )


def _category_missing(name: str) -> Blocker:
    return Blocker(
        "category_missing",
        f"des données personnelles sont gardées selon la catégorie {name}, que la version ne connaît pas",
        f"personal data are kept by the category {name}, which the version does not know",
        {"category": name},
    )
