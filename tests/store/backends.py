"""The stores that the suite is run over, with what it needs to look at besides the protocol."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from storage.memory import MemoryStore
from storage.sql import SqlStore
from tests.postgres import Server
from workflow.changes import DeadlineRow, Notice
from workflow.store import Store


class Memory:
    """Dictionaries: another store on the same data is the same object."""

    def __init__(self) -> None:
        self.store = MemoryStore()

    def another(self) -> Store:
        return self.store

    def deadlines(self, reference: str) -> Sequence[DeadlineRow]:
        return self.store.deadlines(reference)

    def notices(self) -> Sequence[tuple[str, Notice]]:
        return self.store.notices()


class Sql:
    """A database, and stores that open it as other processes would."""

    def __init__(self, url: str, closing: ExitStack) -> None:
        self.url, self._closing = url, closing
        self.store = self.another()

    def another(self) -> SqlStore:
        store = SqlStore(self.url)
        self._closing.callback(store.close)
        return store

    def deadlines(self, reference: str) -> Sequence[DeadlineRow]:
        names = DeadlineRow.__struct_fields__
        found = self.store.queries.deadlines_of(reference)
        return [DeadlineRow(**{name: getattr(item, name) for name in names}) for item in found]

    def notices(self) -> Sequence[tuple[str, Notice]]:
        return [
            (
                item.reference,
                Notice(item.seq, item.kind, item.deadline, item.trigger, item.at, item.status == "stale"),
            )
            for item in self.store.queries.notices(limit=1000).items
        ]


class Sqlite(Sql):
    """A file."""

    def __init__(self, path: Path, closing: ExitStack) -> None:
        self.path = path
        super().__init__(f"sqlite:///{path}", closing)


class Postgres(Sql):
    """A database of a server."""

    def __init__(self, server: Server, name: str, closing: ExitStack) -> None:
        self.server, self.database = server, name
        super().__init__(server.url(name), closing)

    def run(self, statement: str, *values: object) -> None:
        """What any program may do behind the store's back."""
        with self.server.connect(self.database) as connection:
            connection.execute(statement, values)


Backend = Memory | Sqlite | Postgres
