"""The daemons that run on a database: each says that it lives, and the oldest that can seals and sends for all.

Who leads is a matter of efficiency alone: two that both believe to lead are kept apart by the sealer's row (seals.py).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select, update

from storage.database import Database
from storage.listing import RunnerItem
from storage.tables.installation import runner

SILENT_AFTER: Final = timedelta(seconds=60)
"""A runner that has said nothing for so long does not live, as far as the others can know."""

_FORGOTTEN_AFTER: Final = timedelta(days=1)


class Runners:
    """The register of daemons. Moments are the database's own. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def present(self) -> datetime:
        """The present by the database's clock; where it has none of its own, by this machine's."""
        return self._database.present()

    def beat(self, mine: RunnerItem) -> None:
        """Say that this one lives; the first time it is entered, and those long silent are forgotten."""
        now = self._database.present()
        with self._database.writing(silent=True) as connection:
            again = update(runner).where(runner.c.id == mine.id)
            if connection.execute(again.values(heartbeat_at=now, seals=mine.seals)).rowcount:
                return
            connection.execute(delete(runner).where(runner.c.heartbeat_at < now - _FORGOTTEN_AFTER))
            connection.execute(insert(runner).values(
                id=mine.id, host=mine.host, pid=mine.pid, version=mine.version, seals=mine.seals,
                definition_format=mine.definition_format, started_at=now, heartbeat_at=now,
            ))  # fmt: skip

    def leave(self, runner_id: str) -> None:
        """Forget one that ends in order."""
        with self._database.writing(silent=True) as connection:
            connection.execute(delete(runner).where(runner.c.id == runner_id))

    def listed(self) -> Sequence[RunnerItem]:
        """All that are entered, the oldest first."""
        now = self._database.present()
        with self._database.reading() as connection:
            rows = connection.execute(select(runner).order_by(runner.c.started_at, runner.c.id)).all()
        found = (RunnerItem(*row) for row in rows)
        return [replace(item, alive=now - item.heartbeat_at <= SILENT_AFTER) for item in found]

    def leads(self, runner_id: str, among: Sequence[RunnerItem]) -> bool:
        """Whether this one is to seal and send: the oldest that lives, has the key and is of the newest format.

        Anyone, where none has the key.
        """
        able = [item for item in among if item.alive and item.seals]
        newest = max((item.definition_format for item in able), default=0)
        return next((item.id == runner_id for item in able if item.definition_format == newest), True)
