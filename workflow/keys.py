"""Command keys: the same command twice is one change, and another command under a used key is refused."""

from collections.abc import Mapping

from workflow import blockers
from workflow.changes import Remembered
from workflow.commands import Outcome
from workflow.commitments import token_of
from workflow.errors import TransitionRefused
from workflow.facts import Facts
from workflow.journal import Journal
from workflow.session import Session


def _fingerprint(session: Session, trigger: str, fields: Mapping[str, str]) -> str:
    said = [part for name in sorted(fields) for part in (name, fields[name])]
    return token_of(session.secret, trigger, *said)


def repeated(
    session: Session, facts: Facts, key: str | None, trigger: str, fields: Mapping[str, str]
) -> Outcome | None:
    """The outcome of the same command, carried out before under this key; None where there is none.

    Raises TransitionRefused (`key_reused`) where the key served another command.
    """
    remembered = session.reading.remembered(facts.id, key) if key else None
    if remembered is None:
        return None
    if remembered.fingerprint != _fingerprint(session, trigger, fields):
        raise TransitionRefused(facts.reference, trigger, [blockers.key_reused(remembered.key)])
    first, last = remembered.first_seq, remembered.last_seq
    made = [item for item in session.reading.history(facts.id) if first <= item.entry.seq <= last]
    return Outcome(facts.reference, (), tuple(made), facts, repeated=True)


def remember(
    session: Session, journal: Journal, key: str | None, trigger: str, fields: Mapping[str, str], first: int
) -> None:
    """Have the journal remember that its entries from seq `first` on were made under `key`."""
    if key:
        fingerprint = _fingerprint(session, trigger, fields)
        journal.remembered = Remembered(key, fingerprint, first, journal.facts.seq)
