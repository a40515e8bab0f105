"""Changes of several parts of one transaction, written together: a table at a time, as a sweep's are.

What a part reads may depend on what an earlier one has changed. So a statement that is not known to be of other rows
has what was gathered written before it runs.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from storage.executing import Executor
from storage.persons import KeyOf, Keys
from storage.rows import Values
from storage.statements import Writes
from storage.stored import Stored
from workflow.changes import Change

Write = Callable[[Mapping[str, Stored], Keys, Sequence[Change]], object]
"""Writes changes, given what is stored of their placements, by reference, and keys of their personal values."""

_NAME = "gathering"


class Gathering:
    """Changes that were decided in one transaction and are not written yet, of one placement each."""

    def __init__(self) -> None:
        self._before: dict[str, Stored] = {}
        self._keys: dict[KeyOf, bytes] = {}
        self._changes: list[Change] = []
        # References and ids of their placements.
        self._names: set[str] = set()
        self._write: Write | None = None
        self.is_broken = False

    def __len__(self) -> int:
        return len(self._changes)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def add(self, before: Mapping[str, Stored], keys: Keys, changes: Sequence[Change], write: Write) -> None:
        """Take up changes, once those of the same placements are written."""
        names = {name for change in changes for name in (change.after.reference, change.after.id)}
        if not names.isdisjoint(self._names):
            self.write()
        moved = (change.after.reference for change in changes if change.before_seq)
        self._before.update((reference, before[reference]) for reference in moved)
        self._keys.update(keys)
        self._changes += changes
        self._names |= names
        self._write = write

    def forget(self, count: int) -> None:
        """Keep the first ones, as many as there were before: what came since was decided for nothing."""
        for change in self._changes[count:]:
            self._before.pop(change.after.reference, None)
            self._names -= {change.after.reference, change.after.id}
        self._keys = {key_of: key for key_of, key in self._keys.items() if key_of[0] in self._names}
        del self._changes[count:]

    def write(self) -> None:
        """Write what was gathered. Where that raises it `is_broken`: half of it may be written, the rest is gone."""
        write, self._write = self._write, None
        before, keys, changes = self._before, self._keys, self._changes
        self._before, self._keys, self._changes, self._names = {}, {}, [], set()
        if write is None:
            return
        try:
            write(before, keys, changes)
        except BaseException:
            self.is_broken = True
            raise

    def hand_out(self, connection: Connection) -> None:
        """Have whoever writes on this connection gather, until it is taken back."""
        connection.info[_NAME] = self

    @staticmethod
    def take_back(connection: Connection) -> None:
        """Have nobody gather on this connection any more."""
        if not connection.invalidated:
            connection.info.pop(_NAME, None)


def gathering_on(connection: Connection) -> Gathering | None:
    """Where to gather what is to be written on a connection; None where it is to be written at once."""
    found: Gathering | None = connection.info.get(_NAME)
    return found


class AfterGathered(Executor):
    """Runs statements after what they may depend on was written."""

    def __init__(self, executor: Executor, gathering: Gathering, statements: Writes) -> None:
        self._executor, self._gathering, self._statements = executor, gathering, statements

    @property
    def connection(self) -> Connection:
        """The connection; whatever is done with it comes after all that was gathered."""
        self._gathering.write()
        return self._executor.connection

    def rows(self, text: str, values: Values = ()) -> Sequence[Sequence[Any]]:
        self._make_way(text, values)
        return self._executor.rows(text, values)

    def pages(self, text: str, values: Values, size: int) -> Iterator[Sequence[Sequence[Any]]]:
        self._gathering.write()
        return self._executor.pages(text, values, size)

    def write(self, text: str, values: Values = ()) -> int:
        self._make_way(text, values)
        return self._executor.write(text, values)

    def write_each(self, text: str, rows: Iterable[Values]) -> int:
        self._make_way(text, ())
        return self._executor.write_each(text, rows)

    def _make_way(self, text: str, values: Values) -> None:
        if text in self._statements.apart:
            return
        if text not in self._statements.of_one_placement or values[0] in self._gathering:
            self._gathering.write()
