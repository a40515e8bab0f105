"""What the brake asks of a database: the one row that remembers the clock, and two counts of deadlines."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Select, func, select, update

from storage.executing import Executor
from storage.instants import instant_if_any
from storage.statements import Reads
from storage.tables.installation import brake
from storage.tables.placements import deadline, placement
from workflow.brake import Watch
from workflow.errors import IntegrityBroken

_RUNNING = (deadline.c.status == "running", deadline.c.then.is_not(None))


def read(executor: Executor, statements: Reads) -> Watch:
    """What is remembered of the clock. Raises IntegrityBroken where its row is gone: guessing would be no brake."""
    rows = executor.rows(statements.watch)
    if not rows:
        raise IntegrityBroken("the row that remembers the clock is gone from the table brake: restore a backup")
    *moments, due, open_ = rows[0]
    written, seen, released, held = map(instant_if_any, moments)
    return Watch(written, seen, released, held, due, open_)


def write(connection: Connection, before: Watch, after: Watch) -> bool:
    """Remember this instead; where writers are not one after the other, only the first of two does."""
    same = [brake.c[name].is_not_distinct_from(value) for name, value in asdict(before).items()]
    return connection.execute(update(brake).where(*same).values(asdict(after))).rowcount == 1


def firings_due(connection: Connection, after: datetime | None, until: datetime) -> int:
    """How many running deadlines that have a `then` fall due in this span: found by the placements that are to wake."""
    waking = select(placement.c.id).where(placement.c.wakes_at <= until)
    span = [deadline.c.due_at <= until, *([] if after is None else [deadline.c.due_at > after])]
    return _count(connection, select(deadline.c.name).where(deadline.c.placement.in_(waking), *_RUNNING, *span))


def firings_open(connection: Connection, at_most: int) -> int:
    """How many deadlines that have a `then` are running, counted up to `at_most`."""
    return _count(connection, select(deadline.c.name).where(*_RUNNING).limit(at_most))


def _count(connection: Connection, found: Select[tuple[str]]) -> int:
    return int(connection.execute(select(func.count()).select_from(found.subquery())).scalar_one())
