"""What a job of others does for a deadline: one transaction that moves a post, and notes that it was moved.

No guards, no dates, no hashes, no outbox: the least that is of use, in their own database's terms.
"""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import QueuePool

from storage import sqlite
from storage.database import is_postgres, sqlite_path

_TABLES = (
    "CREATE TABLE post (id INTEGER PRIMARY KEY, state TEXT NOT NULL)",
    "CREATE TABLE moved (post INTEGER NOT NULL, state TEXT NOT NULL)",
)
_POST = "INSERT INTO post VALUES (%s, 'candidate_shown')"
MOVED = "UPDATE post SET state = 'post_vacant' WHERE id = %s"
TOLD = "INSERT INTO moved VALUES (%s, 'post_vacant')"


def make(url: str, count: int) -> None:
    """Make so many posts, in a database of their own where it is a file."""
    engine = _engine(url)
    with engine.begin() as connection:
        for text in _TABLES:
            connection.exec_driver_sql(text)
        connection.exec_driver_sql(_said(engine, _POST), [(number,) for number in range(count)])
    engine.dispose()


def mover(url: str) -> Callable[[int], None]:
    """Moves one of them, in a transaction of its own; threads may share it."""
    engine = _engine(url)
    moved, told = _said(engine, MOVED), _said(engine, TOLD)

    def move(number: int) -> None:
        with engine.begin() as connection:
            connection.exec_driver_sql(moved, (number,))
            connection.exec_driver_sql(told, (number,))

    return move


def _said(engine: Engine, text: str) -> str:
    return text.replace("%s", "?") if engine.dialect.name == "sqlite" else text


def _engine(url: str) -> Engine:
    if is_postgres(url):
        return create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    path = Path(f"{sqlite_path(url)}.posts")
    # Durable as all others here; the driver begins a transaction by itself.
    return create_engine("sqlite://", creator=lambda: _opened(path), poolclass=QueuePool)


def _opened(path: Path) -> object:
    connection = sqlite.connect(sqlite.library(), path, mode="rwc")
    connection.isolation_level = "IMMEDIATE"
    return connection
