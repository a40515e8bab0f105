"""Deciding what enters the ledger of one deadline of one placement: a pause, a resumption, an extension, a move."""

from datetime import datetime

from workflow import blockers, due_dates, refusals
from workflow.calendar import CalendarError, parse_length
from workflow.commands import Adjust
from workflow.definition import SUPERVISOR, Value
from workflow.errors import Blocker
from workflow.facts import Occurrence
from workflow.journal import Draft, Journal
from workflow.ledger import is_paused_by_hand, is_stopped
from workflow.moments import resolved
from workflow.refusals import Refused
from workflow.requests import reason_of, refuse_unknown


def decide_adjust(journal: Journal, command: Adjust, actor: str) -> None:
    """Pause, resume, extend or move one open deadline. Raises Refused, UnknownName."""
    definition = journal.rules.definition
    refuse_unknown("deadline", [command.deadline], definition.deadlines)
    at = resolved(command.at, journal.facts.territory, journal.now, journal.facts)
    found = refusals.entitled(command.kind, command.roles, command.reason) + refusals.future(journal, at)
    occurrence = journal.facts.occurrences.get(command.deadline)
    if occurrence is None or occurrence.closed is not None:
        raise Refused([*found, blockers.not_running(command.deadline)])
    found += _refusals(journal, command, occurrence, at)
    if found:
        raise Refused(found)
    code, text = reason_of(definition, command.reason)
    line = Draft(
        kind=command.kind,
        occurred_at=at,
        actor=actor,
        role=SUPERVISOR,
        deadline=command.deadline,
        fields=_said(command),
        reason=code,
        text=text,
        ground=command.ground,
        key=command.key,
        correlation=command.correlation,
    )
    journal.append(line)


def _said(command: Adjust) -> dict[str, Value]:
    if command.kind == "extension":
        return {"by": command.by}
    if command.kind == "move" and command.to is not None:
        return {"to": command.to.isoformat()}
    return {}


def _refusals(journal: Journal, command: Adjust, occurrence: Occurrence, at: datetime) -> list[Blocker]:
    if command.kind == "pause":
        return _pause_refusals(command, occurrence, at)
    if command.kind == "resume":
        return _resume_refusals(journal, command, occurrence)
    if command.kind == "extension":
        spec = journal.rules.definition.deadlines[command.deadline].in_force(occurrence.anchored_on)
        length = due_dates.length_of(journal.facts, spec)
        return _unreadable(command.by or "", in_hours=length is not None and length.exact is not None)
    if command.to is None:
        return [blockers.field_needed("to")]
    return refusals.past_day(journal, command.to)


def _pause_refusals(command: Adjust, occurrence: Occurrence, at: datetime) -> list[Blocker]:
    if is_paused_by_hand(occurrence.ledger):
        return [blockers.already_paused(command.deadline)]
    return [blockers.before_anchor(command.deadline, occurrence.anchored_at)] if at < occurrence.anchored_at else []


def _resume_refusals(journal: Journal, command: Adjust, occurrence: Occurrence) -> list[Blocker]:
    if is_paused_by_hand(occurrence.ledger):
        return []
    if is_stopped(occurrence.ledger):
        return [blockers.paused_by_state(command.deadline, journal.facts.state)]
    return [blockers.not_paused(command.deadline)]


def _unreadable(length: str, *, in_hours: bool) -> list[Blocker]:
    """What is counted in hours is extended by hours, all else by days, weeks, months or years."""
    try:
        if (parse_length(length).exact is not None) == in_hours:
            return []
    except CalendarError as error:
        return [blockers.length_not_readable(length, error.fr, error.en)]
    fr, en = "les heures vont avec les heures, et les jours avec les jours", "hours go with hours, and days with days"
    return [blockers.length_not_readable(length, fr, en)]
