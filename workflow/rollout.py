"""Bringing many placements under another version of their definition: as a plan in memory, or for good in one batch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from workflow.changes import Change
from workflow.claims import claim_blocker
from workflow.commands import Migrate
from workflow.errors import Blocker
from workflow.facts import Facts
from workflow.incidents import incident_blocker
from workflow.journal import Journal
from workflow.migrating import Planned, decide_migrate, refused
from workflow.refusals import Refused
from workflow.rules import Rules
from workflow.session import Session
from workflow.settling import Undecidable, decidable
from workflow.store import ClaimRefused, UnitOfWork


def plan_all(session: Session, command: Migrate, rules: Rules, placements: Sequence[Facts]) -> Iterator[Planned]:
    """What the migration would do to each placement now; settles and decides in memory only."""
    for facts in placements:
        yield _decided(session, command, rules, facts, f"operator:{command.actor}")[0]


def migrate_batch(
    session: Session, unit: UnitOfWork, command: Migrate, rules: Rules, seen: Mapping[str, int | None]
) -> tuple[list[Planned], list[Change]]:
    """Migrate these placements, each at the revision that was seen; gives what became of each, and what was applied."""
    actor, known = unit.actor_id(command.actor), unit.known(list(seen))
    done: list[Planned] = []
    changes: list[Change] = []
    for reference, facts in known.items():
        planned, change = _decided(session, command, rules, facts, actor, seen[reference])
        if change is not None and not planned.blockers:
            planned = _applied(unit, rules, planned, change)
        if change is not None and not planned.blockers:
            changes.append(change)
        done.append(planned)
    return done, changes


def _applied(unit: UnitOfWork, rules: Rules, planned: Planned, change: Change) -> Planned:
    try:
        unit.apply([change])
    except ClaimRefused as refusal:
        return replace(planned, blockers=(claim_blocker(rules, refusal.claim),))
    return planned


def _decided(
    session: Session, command: Migrate, rules: Rules, facts: Facts, actor: str, seen: int | None = None
) -> tuple[Planned, Change | None]:
    version = None
    try:
        with decidable(Refused):
            journal = _begun(session, facts, rules)
            version = journal.rules.definition.version if journal.rules is not rules else None
            settled = len(journal.entries)
            _expect(journal, facts, rules, seen)
            planned = decide_migrate(journal, command, rules, actor)
            return replace(planned, version=version, settled=settled), journal.change()
    except Refused as refusal:
        return refused(facts, version, refusal.blockers), None
    except Undecidable as error:
        return refused(facts, version, [incident_blocker(error)]), None


def _expect(journal: Journal, facts: Facts, rules: Rules, seen: int | None) -> None:
    if facts.definition == rules.definition.digest:
        raise Refused([_already_there(rules)])
    if seen is not None and journal.facts.revision != seen:
        raise Refused([_moved_on(seen, journal.facts.revision)])


def _begun(session: Session, facts: Facts, rules: Rules) -> Journal:
    """The journal of a placement, all that is due entered; of one that cannot be decided, as it is recorded."""
    try:
        return session.settled(facts)
    except Undecidable:
        pass
    try:
        with decidable():
            return session.journal(facts)
    except Undecidable:
        # Its own rules are lost or damaged: what is recorded goes on under the new ones.
        return session.under(rules, facts)


def _already_there(rules: Rules) -> Blocker:
    version = rules.definition.version
    return Blocker("already_migrated", f"le dossier suit déjà la version {version}",
                   f"the placement follows version {version} already", {"version": version})  # fmt: skip


def _moved_on(seen: int, found: int) -> Blocker:
    return Blocker(
        "moved_on",
        f"le dossier a changé depuis l'aperçu : révision {found}, non {seen}",
        f"the placement has changed since the preview: revision {found}, not {seen}",
        {"revision": found, "seen": seen},
    )
