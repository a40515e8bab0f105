"""Deciding what people ask about personal data: erasing them, erasing them again after a restore, and holding them.

What falls due by itself is entered by settling (expiring.py). A decision's reference stays in the history for ever,
so that it may be no free text.
"""

import re

from msgspec.structs import replace

from workflow import blockers
from workflow.commands import Erase, EraseActor, EraseAgain, HoldData
from workflow.definition import SUPERVISOR
from workflow.errors import Blocker
from workflow.expiring import Kept, erase, kept_in
from workflow.journal import Draft, Journal
from workflow.keeping import HOLD
from workflow.refusals import Refused, in_role
from workflow.requests import reason_of, refuse_unknown

GROUNDS = (
    "no_longer_necessary", "consent_withdrawn", "objection", "unlawful", "legal_obligation", "child_consent",
)  # fmt: skip
"""Why data must be erased: GDPR article 17(1), points (a) to (f)."""

TEXTS = ("reason", "note")
_REFERENCE = re.compile(r"[\w./:#-]{1,60}", re.ASCII)


def decide_erase(journal: Journal, command: Erase, actor: str) -> None:
    """Enter an erasure of some fields, or of all that is kept. Raises Refused, UnknownName."""
    values = _chosen(journal, command)
    found = unfounded("erase", command)
    if journal.facts.held:
        found.append(blockers.legal_hold())
    if not values:
        found.append(blockers.nothing_to_erase())
    if found:
        raise Refused(found)
    draft = _draft(journal, actor, command.ground, command.decision)
    erase(journal, replace(draft, correlation=command.correlation), values)


def unfounded(trigger: str, command: Erase | EraseActor) -> list[Blocker]:
    """What of role, ground and decision keeps an erasure from being made."""
    found = in_role(trigger, command.roles, [SUPERVISOR])
    if command.ground not in GROUNDS:
        found.append(blockers.ground_unknown(command.ground, GROUNDS))
    if not _REFERENCE.fullmatch(command.decision):
        found.append(blockers.decision_unclear())
    return found


def _chosen(journal: Journal, command: Erase) -> list[Kept]:
    if command.fields:
        personal = [name for name, spec in journal.rules.definition.fields.items() if spec.personal]
        refuse_unknown("personal field", command.fields, [*personal, *TEXTS])
    kept = [each for each in kept_in(journal.past) if not command.fields or each.name in command.fields]
    return [each for each in kept if not command.commitments or each.commitment in command.commitments]


def _draft(journal: Journal, actor: str, ground: str, decision: str | None) -> Draft:
    return Draft(
        kind="erasure",
        occurred_at=journal.now,
        actor=actor,
        role=SUPERVISOR,
        reason=ground,
        fields={"decision": decision} if decision else {},
    )


def decide_erase_again(journal: Journal, command: EraseAgain, actor: str) -> None:
    """Enter anew an erasure that a restored database has lost, whatever holds it remembers. Raises Refused.

    A hold in the copy is older than the erasure, which could not have been made under one.
    """
    values = [each for each in kept_in(journal.past) if each.commitment in command.commitments]
    found = in_role("erase", command.roles, [SUPERVISOR])
    if not values:
        found.append(blockers.nothing_to_erase())
    if found:
        raise Refused(found)
    erase(journal, _draft(journal, actor, command.ground, command.decision), values)


def decide_hold(journal: Journal, command: HoldData, actor: str) -> None:
    """Enter the beginning or the end of a legal hold, as a note with `hold`. Raises Refused."""
    name = "hold" if command.on else "release"
    found = in_role(name, command.roles, [SUPERVISOR])
    if not command.reason:
        found.append(blockers.reason_needed(name))
    if journal.facts.held == command.on:
        found.append(blockers.hold_stands(command.on))
    if found:
        raise Refused(found)
    code, text = reason_of(journal.rules.definition, command.reason)
    said = Draft(
        kind="note",
        occurred_at=journal.now,
        actor=actor,
        role=SUPERVISOR,
        fields={HOLD: command.on},
        reason=code,
        text=text,
        key=command.key,
        correlation=command.correlation,
    )
    journal.append(said)
