"""Deciding what needs four eyes: a correction becomes a request that waits, and a second person decides about it.

A request leaves the placement as it is, and its clocks run. An approved one is decided at the approval, as if asked
then with the moment that was asked; what is refused then is not approved, and all stays as it was.
"""

from collections.abc import Callable, Sequence

from workflow import blockers, refusals, request_blockers
from workflow.commands import Decide, Reverse
from workflow.definition import SUPERVISOR, Approval
from workflow.errors import Blocker
from workflow.facts import Waiting
from workflow.history import ChainedEntry
from workflow.journal import Draft, Journal
from workflow.refusals import Refused
from workflow.requested import Asked, about, act_of, command_in, said
from workflow.requests import reason_of
from workflow.standing import last_move
from workflow.waiting import ABOUT, ACT, APPROVED, BY, REFUSED, REQUESTED, STEP, WITHDRAWN

MAX_WAITING = 20
"""So many requests of one placement may wait: its facts stay small."""

Decision = Callable[[Journal, str], None]


def decide_or_ask(journal: Journal, command: Asked, actor: str, decide: Decision) -> None:
    """Decide a command at once, or enter the request for it where a second person must approve. Raises as `decide`.

    What would be refused now is refused now: nobody is asked to approve what cannot be done.
    """
    act = act_of(command)
    rule = journal.rules.definition.approvals.get(str(act))
    if act is None or rule is None:
        decide(journal, actor)
        return
    mark, count, concerned = journal.mark(), len(journal.entries), _concerned(journal, command)
    decide(journal, actor)
    if _waits(rule, act, journal.entries[count:]):
        journal.rewind(mark)
        _ask(journal, command, actor, act, rule, concerned)


def _concerned(journal: Journal, command: Asked) -> ChainedEntry | None:
    """What a reversal would reverse first: it is approved for that entry alone."""
    if not isinstance(command, Reverse):
        return None
    moves = last_move(journal.past.entries)
    seq = command.entry or (moves[0].seq if moves else 0)
    return next((item for item in journal.past.entries if item.entry.seq == seq), None)


def _waits(rule: Approval, act: str, made: Sequence[ChainedEntry]) -> bool:
    entries = [item.entry for item in made]
    if act == "late" and not any(entry.kind == "reversal" and entry.role == SUPERVISOR for entry in entries):
        return False
    amended = [entry for entry in entries if entry.kind == "amendment"]
    named = {
        "late": {str(entry.trigger) for entry in entries if entry.late},
        "amend": {name for entry in amended for name in (*entry.fields, *entry.commitments)},
    }.get(act, {str(entry.deadline) for entry in entries})
    return not rule.only or not rule.only.isdisjoint(named)


def _ask(
    journal: Journal, command: Asked, actor: str, act: str, rule: Approval, concerned: ChainedEntry | None
) -> None:
    if len(journal.facts.requests) >= MAX_WAITING:
        raise Refused([request_blockers.too_many_requests(MAX_WAITING)])
    definition = journal.rules.definition
    code, text = reason_of(definition, command.reason)
    subject = about(command) if concerned is None else str(concerned.entry.trigger or concerned.entry.kind)
    request = {STEP: REQUESTED, ACT: act, ABOUT: subject, BY: " ".join(rule.by)}
    draft = Draft(
        kind="approval",
        occurred_at=journal.now,
        actor=actor,
        role=SUPERVISOR,
        deadline=getattr(command, "deadline", None),
        fields={**said(definition, command), **request},
        reason=code,
        text=text,
        ground=getattr(command, "ground", None),
        key=command.key,
        correlation=command.correlation,
        concerns=concerned,
    )
    journal.append(draft)


def decide_request(journal: Journal, command: Decide, actor: str, decision: Callable[[Asked], Decision]) -> None:
    """Approve a request that waits, and carry it out; or refuse it, or withdraw one's own. Raises Refused."""
    waiting = _chosen(journal, command.request)
    own = waiting.actor == actor
    if command.verdict == "refuse":
        _refuse(journal, command, actor, waiting, own=own)
        return
    found = _role(command, waiting)
    if own:
        found.append(request_blockers.second_person_needed(waiting.seq))
    if found:
        raise Refused(found)
    mark = journal.mark()
    try:
        _enter(journal, command, actor, waiting, APPROVED)
        decision(_command(journal, waiting))(journal, waiting.actor)
    except Exception:
        journal.rewind(mark)
        raise


def _chosen(journal: Journal, named: int | None) -> Waiting:
    waiting = [each for each in journal.facts.requests if named in (None, each.seq)]
    if not waiting:
        raise Refused([request_blockers.no_request(named)])
    if len(waiting) > 1:
        raise Refused([request_blockers.request_unclear([each.seq for each in waiting])])
    return waiting[0]


def _refuse(journal: Journal, command: Decide, actor: str, waiting: Waiting, *, own: bool) -> None:
    """Who asked withdraws, in whatever role; all others refuse in one of the roles that may approve."""
    found = [] if own else _role(command, waiting)
    if not command.reason:
        found.append(blockers.reason_needed(command.verdict))
    if found:
        raise Refused(found)
    _enter(journal, command, actor, waiting, WITHDRAWN if own else REFUSED)


def _role(command: Decide, waiting: Waiting) -> list[Blocker]:
    return refusals.in_role(command.verdict, command.roles, waiting.by)


def _enter(journal: Journal, command: Decide, actor: str, waiting: Waiting, step: str) -> None:
    code, text = reason_of(journal.rules.definition, command.reason)
    draft = Draft(
        kind="approval",
        occurred_at=journal.now,
        actor=actor,
        role=next((role for role in command.roles if role in waiting.by), None),
        fields={STEP: step, ACT: waiting.act, ABOUT: waiting.about},
        reason=code,
        text=text,
        key=command.key,
        correlation=f"request.{waiting.seq}",
        concerns=_entry(journal, waiting),
    )
    journal.append(draft)


def _entry(journal: Journal, waiting: Waiting) -> ChainedEntry:
    return next(item for item in journal.past.entries if item.entry.seq == waiting.seq)


def _command(journal: Journal, waiting: Waiting) -> Asked:
    """What was asked for. Raises Refused where it would be about something else now, or was erased."""
    entry = _entry(journal, waiting).entry
    command = command_in(journal.rules.definition, journal.reference, entry, waiting.act, journal.past)
    concerned = _concerned(journal, command)
    if entry.concerns is not None and (concerned is None or concerned.entry.seq != entry.concerns):
        raise Refused([request_blockers.request_overtaken(waiting.seq, entry.concerns)])
    return command
