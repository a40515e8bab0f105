"""Changes to rows: all that they write, a table at a time. What they claim was granted before (claims.py)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from storage import persons, rows, tally
from storage.bulk import Bulk
from storage.executing import Executor
from storage.savepoint import nothing_after_a_failure
from storage.statements import Writes
from storage.stored import Names, Stored, changed, stored_of
from workflow.changes import Change
from workflow.errors import IntegrityBroken, StoreInterrupted


class ChangeWriter:
    """Writes changes for one unit of work; `name` is the database's. Of several changes each is of another placement.

    `keys`: those of personal values that the transaction has read; only a change of that placement replaces them.
    """

    def __init__(self, executor: Executor, statements: Writes, name: str) -> None:
        self._executor, self._statements, self._bulk, self._name = executor, statements, statements.bulk, name
        self.keys: dict[persons.KeyOf, bytes] = {}

    def write(self, before: Mapping[str, Stored], changes: Sequence[Change]) -> bool:
        """Write them, given what is stored of their placements, by reference; tells whether personal values went.

        A failure gives up the whole transaction. Raises StoreInterrupted, IntegrityBroken, and the driver's errors.
        """
        with nothing_after_a_failure(self._executor.connection):
            self._make(changes)
            self._move(before, changes)
            self._record(changes)
            gone = self._disclose(changes)
            tally.shift(self._executor, self._bulk, before, changes)
        return gone

    def _many(self, bulk: Bulk, values: Iterable[rows.Values]) -> int:
        return bulk.run(self._executor, values)

    def _make(self, changes: Sequence[Change]) -> None:
        new = [change for change in changes if change.before_seq == 0]
        if self._many(self._bulk.new_placements, rows.new_placements(new)) != len(new):
            raise StoreInterrupted(f"somebody else made one of {len(new)} placements in {self._name} at this moment")

    def _move(self, before: Mapping[str, Stored], changes: Sequence[Change]) -> None:
        alike: dict[Names, list[Change]] = defaultdict(list)
        for change in changes:
            if change.before_seq != 0:
                alike[changed(before[change.after.reference], stored_of(change))].append(change)
        for names, some in alike.items():
            moved = rows.moved_placements(some, names)
            if self._many(self._bulk.moved_placements(names), moved) != len(some):
                raise IntegrityBroken(f"{self._name} did not take a change that it should: run `parcours doctor`")

    def _record(self, changes: Sequence[Change]) -> None:
        bulk = self._bulk
        self._many(bulk.entries, rows.entries(changes))
        self._many(bulk.acted, rows.acted(changes))
        self._many(bulk.unsealed, rows.unsealed(changes))
        self._many(bulk.notices, rows.notices(changes))
        self._many(bulk.dropped_deadlines, rows.dropped(changes))
        self._many(bulk.deadlines, rows.deadlines(changes))
        self._many(bulk.decided_requests, rows.decided(changes))
        self._many(bulk.requests, rows.requests(changes))
        self._many(bulk.command_keys, rows.command_keys(changes))
        self._many(bulk.resolved_incidents, ((change.after.id,) for change in changes))

    def _disclose(self, changes: Sequence[Change]) -> bool:
        persons.keep(self._executor, self._statements, changes, self.keys)
        gone = persons.erase(self._executor, self._statements, changes)
        if gone:
            self.keys.clear()
        return gone
