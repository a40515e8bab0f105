"""Who carries out a batch: one console at a time, for as long as it shows that it lives.

Whoever takes a batch raises its epoch. What a console that was believed dead notes afterwards is noted no more: the
epoch is another one. What it did meanwhile was done once, by the keys of the items.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, exists, insert, or_, select, update

from storage.batches import Verdict, judged
from storage.database import Database
from storage.tables.batches import batch, batch_run

SILENT_FOR: Final = timedelta(seconds=60)
"""Whoever was not seen for so long is believed to be dead."""


class BatchRuns:
    """Keeps who carries out which batch. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, number: str, now: datetime) -> int | None:
        """Take a batch that is to run and that nobody carries out; gives the epoch, None where somebody was first."""
        free = or_(batch_run.c.beat_at.is_(None), batch_run.c.beat_at < now - SILENT_FOR)
        with self._database.writing(silent=True) as connection:
            # Locks the row of the batch, so that of two who try one comes second on every database.
            running = update(batch).where(batch.c.id == number, batch.c.status == "running").values(status="running")
            if not connection.execute(running).rowcount:
                return None
            epoch = connection.execute(select(batch_run.c.epoch).where(batch_run.c.batch == number)).scalar()
            if epoch is None:
                connection.execute(insert(batch_run).values(batch=number, epoch=1, beat_at=now))
                return 1
            mine = update(batch_run).where(batch_run.c.batch == number, free).values(epoch=epoch + 1, beat_at=now)
            return int(epoch) + 1 if connection.execute(mine).rowcount else None

    def judge(self, number: str, epoch: int, position: int, verdict: Verdict, now: datetime) -> bool:
        """Keep what became of an item, and show that one lives; False where somebody else took the batch meanwhile."""
        with self._database.writing(silent=True) as connection:
            if not _beat(connection, number, epoch, now):
                return False
            connection.execute(judged(number, position, verdict))
            return True

    def finish(self, number: str, epoch: int) -> None:
        """All was done."""
        with self._database.writing(silent=True) as connection:
            if _beat(connection, number, epoch, None):
                done = update(batch).where(batch.c.id == number, batch.c.status == "running").values(status="done")
                connection.execute(done)

    def leave(self, number: str, epoch: int) -> None:
        """Go no further: whoever wants to may take it at once."""
        with self._database.writing(silent=True) as connection:
            _beat(connection, number, epoch, None)

    def unattended(self, now: datetime) -> Sequence[str]:
        """The batches that are to run and that nobody carries out, the oldest first."""
        taken = exists().where(batch_run.c.batch == batch.c.id, batch_run.c.beat_at >= now - SILENT_FOR)
        asked = select(batch.c.id).where(batch.c.status == "running", ~taken).order_by(batch.c.created_at, batch.c.id)
        with self._database.reading() as connection:
            return list(connection.execute(asked).scalars())


def _beat(connection: Connection, number: str, epoch: int, at: datetime | None) -> bool:
    mine = update(batch_run).where(batch_run.c.batch == number, batch_run.c.epoch == epoch).values(beat_at=at)
    return connection.execute(mine).rowcount == 1
