"""The clock of a deadline that stands still in some states (`paused_in`): its stops and starts, as lines of the ledger.

They are no entries of their own: they follow from those that moved the placement, so that what reverses, migrates or
replays these needs to know nothing of them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec.structs import replace

from workflow.definition import Deadline
from workflow.facts import Facts
from workflow.ledger import START, STOP, LedgerItem, is_stopped

_ASLEEP = {STOP: f"former {STOP}", START: f"former {START}"}
_AWAKE = {asleep: kind for kind, asleep in _ASLEEP.items()}

Ledger = tuple[LedgerItem, ...]


def in_step(facts: Facts, spec: Deadline, ledger: Ledger, anchored_at: datetime) -> Ledger:
    """The ledger with the line, if any, that the state of the placement calls for. No clock stops before it began."""
    if not spec.stops and not ledger:
        return ledger
    stands = facts.state in spec.stops
    if stands == is_stopped(ledger):
        return ledger
    at = max(facts.state_since, anchored_at, *(item.at for item in ledger if item.kind == STOP))
    return (*ledger, LedgerItem(STOP, at, facts.state) if stands else LedgerItem(START, at))


def carried(ledger: Ledger, anchored_at: datetime) -> Ledger:
    """The stops that count for a clock that begins elsewhere: what of them lies after its beginning."""
    return tuple(_carried(ledger, anchored_at))


def _carried(ledger: Ledger, anchored_at: datetime) -> Iterator[LedgerItem]:
    lines = [item for item in ledger if item.kind in (STOP, START)]
    for number, item in enumerate(lines):
        if item.kind == START:
            continue
        end = lines[number + 1] if number + 1 < len(lines) else None
        if end is None or end.at > anchored_at:
            yield replace(item, at=max(item.at, anchored_at))
            yield from [end] if end is not None else []


def under(spec: Deadline, ledger: Sequence[LedgerItem]) -> Ledger:
    """The ledger under the rules of a migration: stops count where they know any, and are kept for rules that do."""
    names = _AWAKE if spec.stops else _ASLEEP
    return tuple(replace(item, kind=names.get(item.kind, item.kind)) for item in ledger)
