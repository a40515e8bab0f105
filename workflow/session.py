"""One look at the store with one reading of the clock: where the journals of an operation come from."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property, partial

from workflow import deadlines
from workflow.brake import Held, held_blocker
from workflow.changes import Incident, Installation
from workflow.commitments import fresh_salt, opened
from workflow.definition import Value
from workflow.errors import NotFound
from workflow.facts import Facts
from workflow.journal import Desk, Journal
from workflow.library import Library
from workflow.refusals import Refused
from workflow.rules import Rules
from workflow.settling import decidable, settle
from workflow.situation import Past
from workflow.store import Reading


class Session:
    """The journals of one operation: all at the same moment, on the same view of the store.

    `held`: why the brake lets nothing fall due.
    """

    def __init__(
        self, reading: Reading, library: Library, installation: Installation, now: datetime, held: Held | None = None
    ) -> None:
        self.reading, self._library, self._installation, self.now = reading, library, installation, now
        self.held = held
        # Nothing of the session itself: each would keep the other until a collector finds both.
        self._desk = Desk(installation.log, installation.secret, now, partial(library.rules, reading), fresh_salt)

    def at(self, moment: datetime) -> "Session":
        """The same view of the store, looked at from another moment."""
        return Session(self.reading, self._library, self._installation, moment, self.held)

    @property
    def log(self) -> str:
        """The random id of this installation."""
        return self._installation.log

    @property
    def secret(self) -> bytes:
        """The key of this installation's hashes."""
        return self._installation.secret

    @property
    def installation(self) -> Installation:
        """This installation, for who decides beside the session."""
        return self._installation

    def rules_of(self, digest: str) -> Rules:
        """The rules published under a digest. Raises NotFound."""
        return self._desk.rules_of(digest)

    @cached_property
    def current_rules(self) -> Rules:
        """The rules of new placements. Raises NotFound."""
        return self._library.current(self.reading)

    def find(self, reference: str) -> Facts:
        """The facts of a placement. Raises NotFound."""
        facts = self.reading.find(reference)
        if facts is None:
            raise NotFound(f"there is no placement with the reference {reference}")
        return facts

    def past(self, facts: Facts) -> Past:
        """The past of a placement, read on demand."""
        return Past(lambda: self.reading.history(facts.id), lambda: self.reading.personal(facts.id))

    def blank(self, reference: str, rules: Rules) -> Journal:
        """The journal of a placement that is not placed yet."""
        return Journal(self._desk, reference, rules, None, Past(tuple, dict))

    def journal(self, facts: Facts) -> Journal:
        """The journal of a placement as it is recorded. Raises NotFound where its definition is missing."""
        return self.under(self.rules_of(facts.definition), facts)

    def under(self, rules: Rules, facts: Facts) -> Journal:
        """The journal of a placement as it is recorded, under other rules than its own."""
        return Journal(self._desk, facts.reference, rules, facts, self.past(facts))

    def settled(self, facts: Facts, until: datetime | None = None) -> Journal:
        """The journal of a placement with all entered that is due by `until` (by default, now).

        Raises Undecidable, whatever the cause: the placement is an incident then; and Refused where something is due
        while the brake holds.
        """
        with decidable(Refused):
            journal = self.journal(facts)
            self._refuse_what_is_held(journal)
            settle(journal, self.now if until is None else min(until, self.now))
        return journal

    def _refuse_what_is_held(self, journal: Journal) -> None:
        if self.held is not None:
            due_at = deadlines.wakes_at(journal.rules, journal.facts)
            if due_at is not None and due_at <= self.held.now:
                raise Refused([held_blocker(self.held)])

    def disclosed(self, facts: Facts) -> Mapping[str, Value]:
        """The personal values of a placement that were not erased, by field."""
        disclosures = self.reading.personal(facts.id)
        shown = {name: disclosures.get((facts.setters[name], name)) for name in facts.personal}
        return {name: opened(text)[1] for name, text in shown.items() if text is not None}

    def open_incident(self, facts: Facts) -> Incident | None:
        """The incident that holds a placement, if any."""
        return self.reading.incident(facts.id)
