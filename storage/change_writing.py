"""Changes to rows: all that they write, a table at a time. What they claim was granted before (claims.py)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from storage import persons, rows, tally
from storage.executing import Executor
from storage.savepoint import nothing_after_a_failure
from storage.statements import Writes
from storage.stored import Names, Stored, changed, stored_of
from workflow.changes import Change
from workflow.errors import IntegrityBroken, StoreInterrupted


class ChangeWriter:
    """Writes changes on a connection; `name` is the database's. Of several changes each is of another placement."""

    def __init__(self, executor: Executor, statements: Writes, name: str) -> None:
        self._executor, self._statements, self._bulk, self._name = executor, statements, statements.bulk, name

    def write(self, before: Mapping[str, Stored], keys: persons.Keys, changes: Sequence[Change]) -> bool:
        """Write them, given what is stored of their placements, by reference; tells whether personal values went.

        `keys`: those of personal values that the transaction has read, and that are still there.
        A failure gives up the whole transaction. Raises StoreInterrupted, IntegrityBroken, and the driver's errors.
        """
        with nothing_after_a_failure(self._executor.connection):
            self._make(changes)
            self._move(before, changes)
            self._record(changes)
            persons.keep(self._executor, self._statements, changes, keys)
            gone = persons.erase(self._executor, self._statements, changes)
            tally.shift(self._executor, self._bulk, before, changes)
        return gone

    def _make(self, changes: Sequence[Change]) -> None:
        new = [change for change in changes if change.before_seq == 0]
        if self._bulk.new_placements.run(self._executor, rows.new_placements(new)) != len(new):
            raise StoreInterrupted(f"somebody else made one of {len(new)} placements in {self._name} at this moment")

    def _move(self, before: Mapping[str, Stored], changes: Sequence[Change]) -> None:
        alike: dict[Names, list[Change]] = defaultdict(list)
        for change in changes:
            if change.before_seq != 0:
                alike[changed(before[change.after.reference], stored_of(change))].append(change)
        for names, some in alike.items():
            moved = rows.moved_placements(some, names)
            if self._bulk.moved_placements(names).run(self._executor, moved) != len(some):
                raise IntegrityBroken(f"{self._name} did not take a change that it should: run `parcours doctor`")

    def _record(self, changes: Sequence[Change]) -> None:
        bulk, executor = self._bulk, self._executor
        bulk.entries.run(executor, rows.entries(changes))
        bulk.acted.run(executor, rows.acted(changes))
        bulk.unsealed.run(executor, rows.unsealed(changes))
        bulk.notices.run(executor, rows.notices(changes))
        bulk.dropped_deadlines.run(executor, rows.dropped(changes))
        bulk.deadlines.run(executor, rows.deadlines(changes))
        bulk.decided_requests.run(executor, rows.decided(changes))
        bulk.requests.run(executor, rows.requests(changes))
        bulk.command_keys.run(executor, rows.command_keys(changes))
        bulk.resolved_incidents.run(executor, ((change.after.id,) for change in changes))
