"""Writing over SQL: many changes as a handful of statements, all of them or none.

Who was first is decided by the placement's seq, and who gets the last post by a guarded update (claims.py);
compare-and-set and the named constraints stand behind both. What decides is locked where there are several writers.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection, Select, delete, select

from storage import asides, claims, locks, persons, refusals, rows, watch
from storage.bulk import Bulk
from storage.change_writing import ChangeWriter
from storage.failures import explained
from storage.gathering import AfterGathered, gathering_on
from storage.instants import micros
from storage.listing import Delivery
from storage.savepoint import nothing_after_a_failure
from storage.sql_reading import SqlReading, facts_of
from storage.statements import Writes, in_chunks, locked
from storage.stored import STORED, Stored
from storage.tables.persons import actor as actors
from storage.tables.placements import placement
from workflow.actors import PERSON
from workflow.brake import Watch
from workflow.changes import Change, Incident, Published
from workflow.errors import IntegrityBroken, StalePlacement, StoreInterrupted
from workflow.facts import Facts
from workflow.store import Unreadable
from workflow.system import NO_HEAD, SYSTEM, Head, SystemEntry

if TYPE_CHECKING:
    from storage.accounts import AccountRows
    from storage.identities import IdentityRows
    from storage.thinning import Log
    from storage.tokens import TokenRows


class SqlUnitOfWork(SqlReading):
    """One transaction that may write; implements workflow.store.UnitOfWork. `name` is the database's.

    `erased` tells that personal values went: what a log of the database still holds of them has to go too.
    """

    def __init__(self, connection: Connection, statements: Writes, name: str) -> None:
        super().__init__(connection, statements)
        self._writes, self._bulk, self._name = statements, statements.bulk, name
        self._gathering, self._direct = gathering_on(connection), self._executor
        self._changes = ChangeWriter(self._direct, statements, name)
        self._come_after_what_was_gathered()
        self.erased = False
        # What this transaction looked for and did not find: no lock keeps others from making it.
        self._absent: set[str] = set()
        # The rows that it has found and not changed yet: nobody else does before it ends.
        self._found: dict[str, Stored] = {}
        # The keys of personal values that it has read: only a change of that placement replaces them.
        self._keys: dict[persons.KeyOf, bytes] = {}

    # What few changes touch is loaded when one does.

    @cached_property
    def accounts(self) -> "AccountRows":
        from storage.accounts import AccountRows

        return AccountRows(self._connection)

    @cached_property
    def tokens(self) -> "TokenRows":
        from storage.tokens import TokenRows

        return TokenRows(self._connection)

    @cached_property
    def identities(self) -> "IdentityRows":
        from storage.identities import IdentityRows

        return IdentityRows(self._connection)

    def find(self, reference: str) -> Facts | None:
        row = self._first(self._writes.find, reference)
        if row is None:
            self._absent.add(reference)
            return None
        self._found[reference] = Stored(*row[:-1])
        return facts_of(row[-1])

    def known(self, references: Sequence[str]) -> Mapping[str, Facts]:
        found = super().known(references)
        self._absent.update(name for name in references if name not in found)
        return found

    def due(self, now: datetime, limit: int) -> Sequence[Facts | Unreadable]:
        rows = self._rows(self._writes.due, micros(now), limit)
        self._found.update((row[0], Stored(*row[1:-2])) for row in rows)
        return [_read(*row[-2:]) for row in rows]

    def personal(self, placement: str) -> Mapping[tuple[int, str], str]:
        rows = persons.sealed_rows(self._executor, self._writes, placement)
        self._keys.update(persons.keys_in(placement, rows))
        return persons.OpenedWhenAsked(placement, rows)

    def apply(self, changes: Sequence[Change]) -> None:
        with explained(self._name):
            before = self._before(changes)
            giving = claims.only_give_back(changes)
            if not giving:
                claims.settle(self._executor, self._writes, changes)
            self._keep(before, changes)
            if giving:
                with nothing_after_a_failure(self._direct.connection):
                    claims.give_back(self._executor, self._writes, changes)
            for change in changes:
                self._found.pop(change.after.reference, None)

    def _keep(self, before: Mapping[str, Stored], changes: Sequence[Change]) -> None:
        """Write changes, or have them written with those of others, except where somebody waits to be told of it."""
        if self._gathering is not None:
            if not any(change.erased for change in changes):
                self._gathering.add(before, self._keys, changes, self._changes.write)
                self._come_after_what_was_gathered()
                return
            self._gathering.write()
        if self._changes.write(before, self._keys, changes):
            self.erased = True
            self._keys.clear()

    def _come_after_what_was_gathered(self) -> None:
        """Statements that run from now on may have to have that written first; where there is nothing, none has to."""
        if self._gathering:
            self._executor = AfterGathered(self._direct, self._gathering, self._writes)

    def _before(self, changes: Sequence[Change]) -> Mapping[str, Stored]:
        """What is stored of the placements that these changes are of, by reference. Raises StalePlacement."""
        # What this transaction has looked for itself need not be asked for again.
        names = (change.after.reference for change in changes)
        others = [name for name in names if name not in self._found and name not in self._absent]
        stored = {**self._found, **self._stored(others)} if others else self._found
        self._refuse_stale(changes, stored)
        return stored

    def _refuse_stale(self, changes: Sequence[Change], stored: Mapping[str, Stored]) -> None:
        try:
            refusals.refuse_stale(changes, {reference: row.seq for reference, row in stored.items()})
        except StalePlacement as stale:
            if stale.reference in self._absent:
                # It was decided on a view that is no longer true: whoever looks again finds it.
                raise StoreInterrupted(f"somebody else made {stale.reference} at this moment") from stale
            raise
        self._absent.difference_update(change.after.reference for change in changes)

    def _many(self, bulk: Bulk, values: Iterable[rows.Values]) -> int:
        return bulk.run(self._executor, values)

    def _stored(self, references: Sequence[str]) -> dict[str, Stored]:
        """What is stored of those that there are."""
        stored: dict[str, Stored] = {}
        for some in in_chunks(references):
            named = select(placement.c.reference, *STORED).where(placement.c.reference.in_(some))
            rows = self._connection.execute(self._decided_on(named))
            stored.update((row[0], Stored(*row[1:])) for row in rows)
        return stored

    def _decided_on(self, rows: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        # In one order, so that two who lock several do not wait for each other.
        return locked(rows.order_by(placement.c.reference))

    def report(self, incident: Incident) -> None:
        retry = micros(incident.retry_at)
        told = (incident.placement, incident.code, incident.message, micros(incident.since_at))
        self._many(self._bulk.incidents, [(*told, incident.attempts, retry)])
        self._many(self._bulk.postponed, [(retry, incident.placement)])

    def keep_watch(self, before: Watch, after: Watch) -> bool:
        return watch.write(self._connection, before, after)

    def actor_id(self, name: str) -> str:
        known = self._rows(self._writes.actor_id, name)
        if not known:
            # Somebody else may make it at this very moment: then that one is taken.
            self._many(self._bulk.actors, [(f"{PERSON}{secrets.token_hex(16)}", name)])
            known = self._rows(self._writes.actor_id, name)
        return str(known[0][0])

    def forget_actor(self, actor: str) -> bool:
        gone = self._connection.execute(delete(actors).where(actors.c.id == actor)).rowcount == 1
        self.erased |= gone
        return gone

    def ask_again(self, key: str | None, now: datetime) -> Sequence[Delivery]:
        """Let all dead deliveries, or the dead and dismissed ones under a key, wait as if planned now; gives them."""
        from storage import deliveries

        return deliveries.ask_again(self._connection, key, now)

    def dismiss(self, key: str, by: str, at: datetime, disclosure: str) -> Sequence[Delivery]:
        """Let dead deliveries under this key be over, for a reason; gives them."""
        from storage import deliveries

        return deliveries.dismiss(self._connection, key, by, at, disclosure)

    def set_aside(self, told: Incident, by: str, at: datetime, disclosure: str) -> None:
        """Let an incident cause no alarm while it stays as it is, for a reason."""
        asides.put(self._connection, told, by, at, disclosure)

    def take_up(self, placement_id: str) -> bool:
        """Let the incident of a placement be one to look at again; whether it was set aside."""
        return asides.take_up(self._connection, placement_id)

    def forget_old(self, log: "Log", before: datetime) -> int:
        """Forget the oldest lines of a log, of before this moment, a bounded number of them; how many."""
        from storage import thinning

        return thinning.FORGET[log](self._connection, before)

    def system_head(self) -> Head:
        locks.hold_chain(self._connection)
        row = self._first(self._writes.system_head)
        return NO_HEAD if row is None else Head(*row)

    def record(self, act: SystemEntry) -> None:
        with explained(self._name):
            row = (act.seq, act.prev, act.hash, act.kind, micros(act.recorded_at), act.data)
            self._many(self._bulk.system_entries, [row])
            self._many(self._bulk.unsealed, [(SYSTEM, act.seq)])

    def publish(self, definition: Published) -> bool:
        kept = definition
        quotas = msgspec.json.encode(kept.quotas).decode()
        head = (kept.digest, kept.name, kept.version, kept.calendar, micros(kept.published_at))
        self._many(self._bulk.calendars, [(kept.calendar, kept.calendar_source)])
        new = self._many(self._bulk.definitions, [(*head, quotas, kept.source, kept.compiled)])
        self._many(self._bulk.ceilings, [(name, 0, limit) for name, limit in kept.quotas.items()])
        stored = self.published(kept.digest)
        if stored is None or (stored.source, stored.calendar_source) != (kept.source, kept.calendar_source):
            raise refusals.other_bytes(kept)
        return new == 1


def _read(key: str, data: bytes) -> Facts | Unreadable:
    try:
        return facts_of(data)
    except IntegrityBroken as error:
        return Unreadable(key, str(error))
