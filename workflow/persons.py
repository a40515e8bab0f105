"""What people read of the persons of one placement: every value ever set, until when it is kept, what was erased.

For requests of access (GDPR art. 15): free texts and earlier values are there too, unlike in a view of the placement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workflow.commitments import opened
from workflow.definition import Value
from workflow.facts import Facts
from workflow.history import ChainedEntry
from workflow.keeping import commitments_in, expiries
from workflow.rules import Rules


@dataclass(frozen=True, slots=True)
class PersonalView:
    """One value as an entry set it. `value` is None where it was `erased`, or where its key is not there."""

    seq: int
    name: str
    category: str
    set_at: datetime
    value: Value
    erased: bool


@dataclass(frozen=True, slots=True)
class PersonsView:
    """All personal values of a placement; `expires_at` tells for each category whose period runs when it ends."""

    facts: Facts
    rules: Rules
    values: tuple[PersonalView, ...]
    expires_at: Mapping[str, datetime]


def persons_of(
    rules: Rules, facts: Facts, history: Sequence[ChainedEntry], disclosures: Mapping[tuple[int, str], str]
) -> PersonsView:
    """The personal values in a history, oldest first, opened where they can be."""
    entries = [item.entry for item in history]
    gone = frozenset().union(*(commitments_in(entry) for entry in entries if entry.kind == "erasure"))
    values = (
        PersonalView(
            entry.seq,
            name,
            rules.definition.category_of(name),
            entry.occurred_at,
            opened(disclosures[entry.seq, name])[1] if (entry.seq, name) in disclosures else None,
            commitment in gone,
        )
        for entry in entries
        for name, commitment in sorted(entry.commitments.items())
    )
    return PersonsView(facts, rules, tuple(values), {e.category: e.moment for e in expiries(rules, facts)})
