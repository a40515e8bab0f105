"""Cheap values that differ once what they stand for has changed: asked often, by key or a small index.

They are told to nobody: who sees that one differs asks the real question again.
"""

from collections.abc import Hashable

from sqlalchemy import Select, func, select

from storage.database import Database
from storage.tables.batches import batch, batch_item
from storage.tables.deliveries import delivery
from storage.tables.installation import brake, runner
from storage.tables.log import leaf, seal, system_entry, unsealed
from storage.tables.placements import history, incident, incident_aside, outbox, placement

_INCIDENTS = select(func.count(), func.max(incident.c.since_at), func.max(incident.c.retry_at))
_ASIDE = select(func.count(), func.max(incident_aside.c.at))
_DEAD = select(func.count()).select_from(delivery).where(delivery.c.status == "dead").scalar_subquery()
_KEY = (history.c.recorded_at, history.c.placement, history.c.seq)
_NEWEST = select(*_KEY).order_by(*(part.desc() for part in _KEY)).limit(1)
# Two entries of one moment are told apart by how many wait for a seal; counted as far as is cheap.
_UNSEALED = select(func.count()).select_from(select(unsealed.c.seq).limit(5_000).subquery()).scalar_subquery()
_LEAVES = select(func.max(leaf.c.position)).scalar_subquery()
_ACTS = select(func.max(system_entry.c.seq)).scalar_subquery()
_SEALS = select(func.max(seal.c.number)).scalar_subquery()
_RUNNERS = select(func.count()).select_from(runner).scalar_subquery()
_NOTICES = select(func.count()).select_from(outbox).where(outbox.c.status == "pending").scalar_subquery()


class Marks:
    """What to compare with what it was. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def placements(self) -> Hashable:
        """Differs once anything was entered of any placement, or became an incident, or one was set aside."""
        return (*self._entries(), self._row(_INCIDENTS), self._row(_ASIDE))

    def placement(self, placement_id: str) -> Hashable:
        """Differs once anything was entered of this placement, or sealed."""
        waiting = select(func.count()).select_from(unsealed).where(unsealed.c.placement == placement_id)
        return self._row(select(placement.c.head, waiting.scalar_subquery()).where(placement.c.id == placement_id))

    def incidents(self) -> Hashable:
        """Differs once there is another incident, one less, one tried, set aside; a delivery dead; the brake's too."""
        held = (brake.c.held_at, brake.c.released_at)
        return (self._row(_INCIDENTS.add_columns(_DEAD)), self._row(_ASIDE), self._row(select(*held)))

    def system(self) -> Hashable:
        """Differs once there are other entries, acts that concern no placement, seals, daemons, notices that wait."""
        return (*self._entries(), self._row(select(_ACTS, _SEALS, _RUNNERS, _NOTICES)))

    def batch(self, number: str) -> Hashable:
        """Differs once another item of a batch was judged, or it was stopped or ended."""
        judged = (
            select(func.count())
            .select_from(batch_item)
            .where(batch_item.c.batch == number, batch_item.c.status == "ready")
        )
        return self._row(select(batch.c.status, judged.scalar_subquery()).where(batch.c.id == number))

    def _entries(self) -> tuple[Hashable, Hashable]:
        return self._row(_NEWEST), self._row(select(_UNSEALED, _LEAVES))

    def _row(self, asked: Select[*tuple[object, ...]]) -> Hashable:
        with self._database.reading() as connection:
            row = connection.execute(asked).first()
        return None if row is None else tuple(row)
