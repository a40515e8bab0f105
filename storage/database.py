"""A database by its URL: what every kind of it promises to the layers above, and whether its schema is ours.

sqlite_database.py and postgres_database.py keep these promises; nothing else asks which of them it speaks to.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import Connection, make_url
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import ArgumentError

from storage.migrations import REVISIONS
from workflow.clock import Clock
from workflow.errors import StoreUnavailable

T = TypeVar("T")
PATIENCE: Final = timedelta(seconds=10)
"""How long a writer waits for another one, unless told otherwise."""

_POSTGRES = ("postgresql://", "postgresql+psycopg://")


class Database(ABC):
    """One database: transactions that write, and consistent views that do not. Threads may share it."""

    name: str
    """What sentences call it: never with a password."""

    log_is_kept: bool = False
    """Whether what was erased is still in a log beside the database, because somebody reads it."""

    def __init__(self) -> None:
        self._verified = False

    @property
    @abstractmethod
    def dialect(self) -> Dialect:
        """What statements are compiled for."""

    @abstractmethod
    def reading(self) -> AbstractContextManager[Connection]:
        """One consistent view. Raises StoreUnavailable, and IntegrityBroken where the database is damaged."""

    @abstractmethod
    def writing(self, *, silent: bool = False) -> AbstractContextManager[Connection]:
        """One transaction that may write, committed on leaving; with `silent`, nobody is woken by it.

        Raises as `reading` does, StoreInterrupted where the whole may be tried again, and OutcomeUnknown.
        """

    def transact(self, work: Callable[[Connection], T]) -> T:
        """What `work` gives, in one transaction, once that is committed; another thread may carry it out with its own.

        It may be carried out more than once: only what it wrote and gave last is kept.

        Raises as `writing` does, and what `work` raises.
        """
        with self.writing() as connection:
            given = work(connection)
        return given

    @abstractmethod
    def repeating(self, operation: Callable[[], T]) -> T:
        """Carry out an operation of one transaction, again where that was interrupted; bounded in number and time."""

    @abstractmethod
    def revision(self) -> str | None:
        """The schema's revision; None where there is no database or nothing in it is ours."""

    @abstractmethod
    def make(self) -> None:
        """Create what is missing, and bring the schema up to date. Repeatable.

        Raises StoreUnavailable where it cannot, or there are another program's tables or a newer schema.
        """

    @abstractmethod
    def change_token(self) -> object:
        """A value that differs once another connection has committed. Raises StoreUnavailable."""

    @abstractmethod
    def clock(self) -> Clock:
        """The clock that says what is due: that of `present`, fit for being read often."""

    @abstractmethod
    def present(self) -> datetime:
        """The present by the database's clock; where it has none of its own, by this machine's."""

    @abstractmethod
    def empty_log(self) -> None:
        """Leave nothing of what was erased in a log beside the database, as far as that is in our hands."""

    @abstractmethod
    def integrity(self) -> tuple[str, ...]:
        """What the database finds wrong with itself and its references, one sentence each."""

    @abstractmethod
    def checks_pages(self) -> bool:
        """Whether `integrity` looks at every page and index, too."""

    @abstractmethod
    def close(self) -> None:
        """Close every connection; a later use opens new ones."""

    def is_current(self) -> bool:
        """Whether the schema is this program's now, asked anew. Raises StoreUnavailable."""
        return self.revision() == REVISIONS[-1]

    def verify_schema(self) -> None:
        """Compare the schema with this program's, once. Raises StoreUnavailable with what to do."""
        if self._verified:
            return
        revision = self.revision()
        if revision is None:
            raise StoreUnavailable(f"{self.name} holds no Parcours database: run `parcours init`")
        if revision not in REVISIONS:
            raise StoreUnavailable(f"{self.name} was written by a newer Parcours: use that one, or a newer one")
        if revision != REVISIONS[-1]:
            raise StoreUnavailable(f"{self.name} has an older schema: run `parcours init` to upgrade it")
        self._verified = True


def open_database(url: str, *, patience: timedelta = PATIENCE, together: int = 1) -> Database:
    """The database that a URL names; nothing is opened yet. Raises StoreUnavailable for a URL that names none.

    Up to `together` threads that want to write at once share a commit. A server's sessions write at once anyway, and it
    brings their commits together itself.
    """
    if is_postgres(url):
        from storage.postgres_database import PostgresDatabase

        return PostgresDatabase(url, patience=patience)
    from storage.sqlite_database import SqliteDatabase

    return SqliteDatabase(sqlite_path(url), patience=patience, together=together)


def is_postgres(url: str) -> bool:
    """Whether a URL names a PostgreSQL database."""
    return url.startswith(_POSTGRES)


def file_beside(url: str, suffix: str) -> Path:
    """A file that goes with a database: beside an SQLite file; for a server's database, here and by its name."""
    if not is_postgres(url):
        path = sqlite_path(url)
        return path.parent / f"{path.name}{suffix}"
    return Path(f"{Path(urlsplit(url).path).name or 'parcours'}{suffix}")


def sqlite_path(url: str) -> Path:
    """The file that a URL `sqlite:///…` names. Raises StoreUnavailable for any other URL."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreUnavailable(f"{url!r} is no database URL: write sqlite:///parcours.db") from None
    if parsed.get_backend_name() != "sqlite" or parsed.query:
        shown = parsed.render_as_string(hide_password=True)
        raise StoreUnavailable(
            f"{shown} is not supported: write sqlite:///parcours.db, without options, or postgresql://…"
        )
    if not parsed.database or parsed.database == ":memory:":
        raise StoreUnavailable(f"{url} names no file: write sqlite:///parcours.db")
    return Path(parsed.database)
