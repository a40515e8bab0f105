"""What a person set aside, and why: incidents that cause no alarm while they stay as they are, dismissed deliveries.

The engine does not know of it: what is set aside is tried as before.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, delete, select

from storage.inserting import insert_into
from storage.listing import SetAside
from storage.tables.persons import actor
from storage.tables.placements import incident, incident_aside
from workflow.changes import Incident

SAME: Final = and_(
    incident_aside.c.placement == incident.c.placement,
    incident_aside.c.code == incident.c.code,
    incident_aside.c.message == incident.c.message,
)
"""An incident was set aside as it is: of another kind, or with another sentence, it is one to look at."""

ALARMING: Final = ~select(incident_aside.c.placement).where(SAME).exists()
"""An incident that nobody set aside as it is."""


def put(connection: Connection, told: Incident, by: str, at: datetime, disclosure: str) -> None:
    """Set this incident aside; the words of before, where there are some, are replaced."""
    said = {"code": told.code, "message": told.message, "actor": by, "at": at, "disclosure": disclosure}
    row = insert_into(incident_aside, connection.dialect).values(placement=told.placement, **said)
    connection.execute(row.on_conflict_do_update(index_elements=["placement"], set_=said))


def take_up(connection: Connection, placement_id: str) -> bool:
    """Let an incident be one to look at again; whether it was set aside."""
    return connection.execute(delete(incident_aside).where(incident_aside.c.placement == placement_id)).rowcount == 1


def of_row(name: str | None, by: str | None, at: datetime | None, disclosure: str | None) -> SetAside | None:
    """What the last columns of a list's row say: the actor's name and id, when, the disclosure; None for no row."""
    return None if by is None or at is None or disclosure is None else SetAside(name or by, at, disclosure)


def columns_of(table: Any) -> tuple[Any, ...]:
    """The columns that `of_row` reads, of a table joined with the names of those who act."""
    return (actor.c.name, table.c.actor, table.c.at, table.c.disclosure)
