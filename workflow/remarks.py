"""Deciding what changes no fact of the process: a note, a reminder to people, putting aside what was a mistake."""

from workflow import blockers
from workflow.commands import Note, Remind, Void
from workflow.definition import SUPERVISOR, VOIDED
from workflow.journal import Draft, Journal
from workflow.ledger import is_paused
from workflow.moments import resolved
from workflow.refusals import Refused, entitled
from workflow.requests import reason_of, refuse_unknown


def decide_note(journal: Journal, command: Note, actor: str) -> None:
    """Enter a free remark; its text is personal. Raises Refused for one without text, or in the future."""
    at = resolved(command.at, journal.facts.territory, journal.now, journal.facts)
    if at > journal.now:
        raise Refused([blockers.in_the_future(at, journal.now)])
    if not command.text.strip():
        raise Refused([blockers.field_needed("text")])
    remark = Draft(
        kind="note", occurred_at=at, actor=actor, text=command.text, key=command.key, correlation=command.correlation
    )
    journal.append(remark)


def decide_remind(journal: Journal, command: Remind, actor: str) -> None:
    """Enter that those who are awaited were reminded of a deadline. Raises Refused, UnknownName.

    A note, and no `reminder`: those are the scheduler's, and mark the reminders of the definition as sent.
    """
    definition = journal.rules.definition
    refuse_unknown("deadline", [command.deadline], definition.deadlines)
    occurrence = journal.facts.occurrences.get(command.deadline)
    if occurrence is None or occurrence.closed is not None:
        raise Refused([blockers.not_running(command.deadline)])
    if is_paused(occurrence.ledger):
        raise Refused([blockers.already_paused(command.deadline)])
    if not definition.deadlines[command.deadline].awaits:
        raise Refused([blockers.nobody_awaited(command.deadline)])
    journal.append(Draft(
        kind="note", occurred_at=journal.now, actor=actor, deadline=command.deadline, due_at=occurrence.due_at,
        key=command.key, correlation=command.correlation,
    ))  # fmt: skip


def decide_void(journal: Journal, command: Void, actor: str) -> None:
    """Enter the end of a placement that should never have been. Raises Refused."""
    found = entitled("void", command.roles, command.reason)
    if journal.facts.state == VOIDED:
        found.append(blockers.is_over(VOIDED))
    if found:
        raise Refused(found)
    code, text = reason_of(journal.rules.definition, command.reason)
    now = max(journal.now, journal.facts.state_since)
    end = Draft(
        kind="void",
        occurred_at=now,
        actor=actor,
        to=VOIDED,
        role=SUPERVISOR,
        reason=code,
        text=text,
        key=command.key,
        correlation=command.correlation,
    )
    journal.append(end)
