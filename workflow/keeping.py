"""From entries and facts to what personal data are kept, held and expired: retention as a deadline, pure and total.

It fires nothing and opens no value: it knows commitments, categories and instants only.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from msgspec.structs import replace

from workflow.calendar import deadline
from workflow.definition import VOIDED
from workflow.facts import Facts
from workflow.history import HistoryEntry
from workflow.rules import Rules

ERASED, EMPTIED, HOLD = "erased", "emptied", "hold"
"""What the entry of an erasure says: the commitments, and the categories of which nothing is left; a note's `hold`."""


class Expiry(NamedTuple):
    """The end of a category's period: when it is entered, and the instant at which the period ended."""

    order: int
    category: str
    moment: datetime
    due_at: datetime


def observe(rules: Rules, facts: Facts, entry: HistoryEntry) -> Facts:
    """The facts with what an entry does to personal data, given those with its other effects applied."""
    if entry.kind == "erasure":
        return _after_erasure(facts, entry)
    changed: dict[str, Any] = {}
    # What a request asks for is kept as what it is, and sets nothing.
    if facts.erased and entry.kind != "approval":
        changed["erased"] = tuple(n for n in facts.erased if n in facts.personal and n not in entry.commitments)
    if entry.commitments and rules.definition.retention:
        changed["keeps"] = _keeping(rules, facts, entry)
    if entry.kind == "note" and HOLD in entry.fields:
        changed |= _after_hold(facts, entry, changed.get("keeps", facts.keeps))
    return replace(facts, **changed) if changed else facts


def _keeping(rules: Rules, facts: Facts, entry: HistoryEntry) -> dict[str, datetime]:
    keeps = dict(facts.keeps)
    for category in {rules.definition.category_of(name) for name in entry.commitments} - {""}:
        keeps[category] = max(entry.occurred_at, keeps.get(category, entry.occurred_at))
    return dict(sorted(keeps.items()))


def _after_hold(facts: Facts, entry: HistoryEntry, keeps: Any) -> dict[str, Any]:
    """A release moves what fell due during the hold to its own moment."""
    moved = {name: max(at, entry.occurred_at) for name, at in keeps.items()}
    return {"held": bool(entry.fields[HOLD]), "keeps": moved}


def _after_erasure(facts: Facts, entry: HistoryEntry) -> Facts:
    gone = commitments_in(entry)
    emptied = str(entry.fields.get(EMPTIED, "")).split()
    names = {name for name, commitment in facts.personal.items() if commitment in gone}
    return replace(
        facts,
        erased=tuple(sorted({*facts.erased, *names})),
        keeps={name: at for name, at in facts.keeps.items() if name not in emptied},
    )


def commitments_in(erasure: HistoryEntry) -> frozenset[str]:
    """The commitments that the entry of an erasure names."""
    return frozenset(str(erasure.fields.get(ERASED, "")).split())


def expiries(rules: Rules, facts: Facts) -> Iterator[Expiry]:
    """The categories whose period runs: the life has ended, something is kept, and no hold stands.

    What was set after the end of its period expires at once, at the moment at which it was set.
    """
    if facts.held or not facts.keeps or not rules.definition.is_final(facts.state):
        return
    for name, newest in facts.keeps.items():
        category = rules.definition.retention[name]
        if facts.state in category.ends or facts.state == VOIDED:
            due = deadline(facts.state_since, facts.territory, category.keep, calendar=rules.calendar).instant
            yield Expiry(category.order, name, max(due, newest), due)
