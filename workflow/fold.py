"""From entries to facts: `advance` adds one entry, `fold` replays a history. Nothing is decided or refused here."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from msgspec.structs import replace

from workflow import deadlines, keeping, relabelling, waiting
from workflow.definition import VOIDED
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
    changed = _linked(facts, item)
    if entry.kind in LEDGER_KINDS:
        changed = replace(changed, revision=changed.revision + 1)
    elif entry.kind == "migration":
        changed = relabelling.relabelled(changed, entry)
    elif entry.kind not in _BOOKKEEPING:
        changed = _changed(rules, changed, entry)
    changed = keeping.observe(rules, waiting.observe(changed, entry), entry)
    return replace(changed, occurrences=deadlines.observe(rules, changed, entry))


def _linked(facts: Facts, item: ChainedEntry) -> Facts:
    entry = item.entry
    return replace(facts, seq=entry.seq, head=item.hash, occurred_at=entry.occurred_at, recorded_at=entry.recorded_at)


def _without_effect(rules: Rules, facts: Facts, item: ChainedEntry) -> Facts:
    """A reversal, or what it reversed: each counts as the change that it was, and its personal values are kept."""
    counted = replace(_linked(facts, item), revision=facts.revision + (item.entry.kind not in _BOOKKEEPING))
    return keeping.observe(rules, counted, item.entry)


def _changed(rules: Rules, facts: Facts, entry: HistoryEntry) -> Facts:
    counts = facts.counts
    if entry.trigger is not None:
        counts = {**counts, entry.trigger: counts.get(entry.trigger, 0) + 1}
    moved, values = _moved(facts, entry), _set_and_emptied(rules, facts, entry)
    return replace(facts, **moved, **values, counts=counts, revision=facts.revision + 1)


def _moved(facts: Facts, entry: HistoryEntry) -> dict[str, object]:
    state = VOIDED if entry.kind == "void" else entry.to_state
    if not entry.changes_state or state is None:
        return {}
    before = facts.entered.get(state)
    first = (before.first_seq, before.first_at) if before else (entry.seq, entry.occurred_at)
    entered = {**facts.entered, state: Entered(*first, entry.seq, entry.occurred_at)}
    return {"state": state, "state_since": entry.occurred_at, "state_seq": entry.seq, "entered": entered}


def _set_and_emptied(rules: Rules, facts: Facts, entry: HistoryEntry) -> dict[str, object]:
    emptied = set(rules.emptied_by(entry.trigger, entry.to_state if entry.changes_state else None))
    if not entry.fields and not entry.commitments and not emptied:
        return {}
    emptied |= {name for name, value in entry.fields.items() if value is None}
    # What has a dot in its name tells something else than a field's value.
    given = {name: value for name, value in entry.fields.items() if value is not None and "." not in name}
    hidden = {name: text for name, text in entry.commitments.items() if name in rules.definition.fields}
    news = [*(n for n, v in given.items() if facts.fields.get(n) != v), *hidden]
    return {
        "fields": _without({**facts.fields, **given}, emptied),
        "personal": _without({**facts.personal, **hidden}, emptied),
        "setters": _without({**facts.setters, **dict.fromkeys(news, entry.seq)}, emptied),
    }


def _without(mapping: Mapping[str, _V], names: set[str]) -> Mapping[str, _V]:
    return {name: value for name, value in mapping.items() if name not in names} if names else mapping
