"""The values that a definition gives to fields which nobody has set: by territory, host type and length."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal

from workflow.definition import Default, Definition, Value


def default_of(default: Default, values: Mapping[str, Value]) -> Value:
    """The value of the first case that holds, modulated where the definition says so; None where there is none.

    A modulated value is rate x months ÷ the rate's own months, in cents, rounded half up.
    """
    case = next((c for c in default.cases if all(values.get(f) in allowed for f, allowed in c.when.items())), None)
    if case is None or case.over is None or default.modulated_by is None:
        return None if case is None else case.value
    months = values.get(default.modulated_by)
    if not isinstance(case.value, int) or not isinstance(months, int):
        return None
    return int((Decimal(case.value) * months / case.over).quantize(Decimal(1), ROUND_HALF_UP))


def with_defaults(definition: Definition, given: Mapping[str, Value]) -> dict[str, Value]:
    """The values given, and the defaults of the others, in the definition's order."""
    values: dict[str, Value] = dict(given)
    for name, spec in definition.fields.items():
        if name not in values and spec.default is not None:
            value = default_of(spec.default, values)
            if value is not None:
                values[name] = value
    return values


def following(definition: Definition, before: Mapping[str, Value], given: Mapping[str, Value]) -> dict[str, Value]:
    """The modulated defaults that follow a change: those which nobody has set to anything else."""
    followed: dict[str, Value] = {}
    for name, default in definition.modulated:
        if default.modulated_by not in given or name in given:
            continue
        new = default_of(default, {**before, **given})
        if before.get(name) == default_of(default, before) != new:
            followed[name] = new
    return followed
