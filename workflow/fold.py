"""From entries to facts: `advance` adds one entry, `fold` replays a history. Nothing is decided or refused here."""

from collections.abc import Callable, Iterable, Mapping, Set
from typing import Any, TypeVar

from msgspec.structs import replace

from workflow import keeping, occurrences, relabelling, waiting
from workflow.definition import VOIDED, Value
from workflow.facts import Entered, Facts
from workflow.history import ChainedEntry, HistoryEntry
from workflow.ledger import LEDGER_KINDS
from workflow.rules import Rules
from workflow.standing import reversed_by

RulesOf = Callable[[str], Rules]
"""From a definition's digest to its rules."""

_BOOKKEEPING = frozenset({"reminder", "missed", "milestone", "note", "approval", "erasure"})
_V = TypeVar("_V")


def fold(rules_of: RulesOf, reference: str, entries: Iterable[ChainedEntry]) -> Facts:
    """Replay the standing entries of a history from its first. Raises ValueError for an empty one."""
    facts: Facts | None = None
    items = list(entries)
    undone = reversed_by(items)
    for item in items:
        facts = facts or nowhere(reference, item.entry)
        rules = rules_of(item.entry.definition.digest)
        stands = item.entry.kind != "reversal" and item.entry.seq not in undone
        facts = advance(rules, facts, item) if stands else _without_effect(rules, facts, item)
    if facts is None:
        raise ValueError(f"{reference} has no history")
    return facts


def nowhere(reference: str, placed: HistoryEntry) -> Facts:
    """The facts before the `placed` entry is applied."""
    return Facts(
        id=placed.placement,
        reference=reference,
        definition=placed.definition.digest,
        state="",
        state_since=placed.occurred_at,
        state_seq=0,
        revision=0,
        occurred_at=placed.occurred_at,
        recorded_at=placed.recorded_at,
    )


def advance(rules: Rules, facts: Facts, item: ChainedEntry) -> Facts:
    """The facts after one more entry, which is no reversal: what one undoes is known from the whole history only."""
    entry = item.entry
    changed = _with_effect(rules, facts, item)
    changed = keeping.observe(rules, waiting.observe(changed, entry), entry)
    seen = occurrences.observe(rules, facts, changed, entry)
    return changed if seen is changed.occurrences else replace(changed, occurrences=seen)


def _with_effect(rules: Rules, facts: Facts, item: ChainedEntry) -> Facts:
    """The facts with what an entry does to state, fields and counts."""
    kind = item.entry.kind
    if kind == "migration":
        return relabelling.relabelled(replace(facts, **_linked(item)), item.entry)
    if kind in LEDGER_KINDS:
        return replace(facts, **_linked(item), revision=facts.revision + 1)
    return replace(facts, **_linked(item), **({} if kind in _BOOKKEEPING else _changed(rules, facts, item.entry)))


def _linked(item: ChainedEntry) -> dict[str, Any]:
    entry = item.entry
    return {"seq": entry.seq, "head": item.hash, "occurred_at": entry.occurred_at, "recorded_at": entry.recorded_at}


def _without_effect(rules: Rules, facts: Facts, item: ChainedEntry) -> Facts:
    """A reversal, or what it reversed: each counts as the change that it was, and its personal values are kept."""
    counted = replace(facts, **_linked(item), revision=facts.revision + (item.entry.kind not in _BOOKKEEPING))
    return keeping.observe(rules, counted, item.entry)


def _changed(rules: Rules, facts: Facts, entry: HistoryEntry) -> dict[str, Any]:
    changed = _moved(facts, entry)
    changed.update(_set_and_emptied(rules, facts, entry))
    if entry.trigger is not None:
        changed["counts"] = {**facts.counts, entry.trigger: facts.counts.get(entry.trigger, 0) + 1}
    changed["revision"] = facts.revision + 1
    return changed


def _moved(facts: Facts, entry: HistoryEntry) -> dict[str, Any]:
    state = VOIDED if entry.kind == "void" else entry.to_state
    if not entry.changes_state or state is None:
        return {}
    before = facts.entered.get(state)
    first = (before.first_seq, before.first_at) if before else (entry.seq, entry.occurred_at)
    entered = {**facts.entered, state: Entered(*first, entry.seq, entry.occurred_at)}
    return {"state": state, "state_since": entry.occurred_at, "state_seq": entry.seq, "entered": entered}


def _set_and_emptied(rules: Rules, facts: Facts, entry: HistoryEntry) -> dict[str, Any]:
    emptied = set(rules.emptied_by_entry(entry))
    if not entry.fields and not entry.commitments:
        return _without_all(facts, emptied) if emptied else {}
    given: dict[str, Value] = {}
    news: list[str] = []
    for name, value in entry.fields.items():
        if value is None:
            emptied.add(name)
        # What has a dot in its name tells something else than a field's value.
        elif "." not in name:
            given[name] = value
            if facts.fields.get(name) != value:
                news.append(name)
    hidden = {name: text for name, text in entry.commitments.items() if name in rules.definition.fields}
    news += hidden
    return {
        "fields": _without({**facts.fields, **given}, emptied),
        "personal": _without({**facts.personal, **hidden} if hidden else facts.personal, emptied),
        "setters": _without({**facts.setters, **dict.fromkeys(news, entry.seq)} if news else facts.setters, emptied),
    }


def _without_all(facts: Facts, emptied: Set[str]) -> dict[str, Any]:
    return {
        "fields": _without(facts.fields, emptied),
        "personal": _without(facts.personal, emptied),
        "setters": _without(facts.setters, emptied),
    }


def _without(mapping: Mapping[str, _V], names: Set[str]) -> Mapping[str, _V]:
    # Asked of no names, it would go through all of the mapping.
    if not names or names.isdisjoint(mapping):
        return mapping
    left = dict(mapping)
    for name in names:
        left.pop(name, None)
    return left
