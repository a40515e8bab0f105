"""Making way for a fact entered late: what the scheduler did after it is reversed, what people did never is."""

from collections.abc import Sequence

from workflow import blockers, refusals
from workflow.commands import Fire
from workflow.correcting import undo
from workflow.history import HistoryEntry
from workflow.journal import Journal
from workflow.refusals import Refused

_BY_ITSELF = frozenset({"timeout", "automatic"})


def make_way(journal: Journal, command: Fire, way: Sequence[HistoryEntry], actor: str) -> None:
    """Reverse the entries that stand in the way of a late fact. Raises Refused, with nothing entered."""
    found = refusals.entitled("fire --late", command.roles, command.reason)
    people = [entry.seq for entry in way if entry.kind not in _BY_ITSELF]
    if people:
        found.append(blockers.operators_in_the_way(people))
    if found:
        raise Refused(found)
    undo(journal, way, actor, command.reason, command.correlation)
