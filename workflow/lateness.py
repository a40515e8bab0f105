"""Making way for a fact entered late: what the scheduler did after it is reversed, what people did never is."""

from collections.abc import Sequence
from datetime import timedelta

from workflow import blockers, refusals
from workflow.calendar import after, end_of_day, local_day
from workflow.commands import Fire
from workflow.correcting import undo
from workflow.history import HistoryEntry
from workflow.journal import Journal
from workflow.refusals import Refused

_BY_ITSELF = frozenset({"timeout", "automatic"})


def people_in_the_way(way: Sequence[HistoryEntry]) -> list[int]:
    """The entries that people made."""
    return [entry.seq for entry in way if entry.kind not in _BY_ITSELF]


def is_graced(journal: Journal, way: Sequence[HistoryEntry]) -> bool:
    """Whether all that stands in the way are timeouts whose grace for entering a fact in time is not over yet."""
    timeouts = [entry for entry in way if entry.kind != "automatic"]
    return bool(timeouts) and all(_in_grace(journal, entry) for entry in timeouts)


def _in_grace(journal: Journal, entry: HistoryEntry) -> bool:
    spec = journal.rules.definition.deadlines.get(str(entry.deadline))
    if entry.kind != "timeout" or spec is None or spec.entry_grace is None or entry.due_at is None:
        return False
    territory, calendar = journal.facts.territory, journal.rules.calendar
    last_day = local_day(entry.due_at - timedelta(microseconds=1), territory)
    return journal.now < end_of_day(after(last_day, str(spec.entry_grace), territory, calendar), territory)


def give_way(journal: Journal, command: Fire, way: Sequence[HistoryEntry], actor: str) -> None:
    """Reverse timeouts within their grace: that needs neither a supervisor nor a reason."""
    undo(journal, way, actor, command.reason, role=None, correlation=command.correlation)


def make_way(journal: Journal, command: Fire, way: Sequence[HistoryEntry], actor: str) -> None:
    """Reverse the entries that stand in the way of a late fact. Raises Refused, with nothing entered."""
    found = refusals.entitled("fire --late", command.roles, command.reason)
    if people := people_in_the_way(way):
        found.append(blockers.operators_in_the_way(people))
    if found:
        raise Refused(found)
    undo(journal, way, actor, command.reason, correlation=command.correlation)
