"""What a change of facts claims of what is scarce: places in quotas, and values that only one placement may hold.

Compares the facts before and after, each under its own definition. Whether a claim is granted, the store decides.
"""

from collections.abc import Iterator, Mapping

from workflow.changes import QuotaClaim
from workflow.definition import VOIDED, Definition, Quota
from workflow.facts import Facts


def quotas(old: Definition, before: Facts | None, new: Definition, after: Facts) -> Iterator[QuotaClaim]:
    """What is taken of quotas, and given back."""
    for name in new.quotas if old is new else dict.fromkeys((*old.quotas, *new.quotas)):
        delta = _holds(new.quotas.get(name), after) - _holds(old.quotas.get(name), before)
        if delta:
            yield QuotaClaim(name, delta)


def exclusives(
    old: Definition, before: Facts | None, new: Definition, after: Facts
) -> Iterator[tuple[str, int | None]]:
    """The fields whose value is given up (None), or held from now on: which entry has set it."""
    had, has = _setters(old, before), _setters(new, after)
    for name in new.exclusive if old is new else dict.fromkeys((*old.exclusive, *new.exclusive)):
        was, held = had.get(name), has.get(name)
        if was != held:
            if was:
                yield name, None
            if held:
                yield name, held


def _setters(definition: Definition, facts: Facts | None) -> Mapping[str, int]:
    """The entry that set each value which the placement holds alone, by field."""
    # Where a placement's own rules are lost, those of today may not know the name of its state.
    if facts is None or facts.state == VOIDED or facts.state in definition.final_states:
        return {}
    held = [name for name in definition.exclusive if name in facts.setters and name not in facts.erased]
    return {name: facts.setters[name] for name in held}


def _holds(quota: Quota | None, facts: Facts | None) -> int:
    if quota is None or facts is None or facts.state in quota.given_back_by or facts.state == VOIDED:
        return 0
    return int(facts.counts.get(quota.taken_by, 0) > 0)
