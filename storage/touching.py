"""How many running placements stand in some states, or have some deadlines open, under some published versions."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from storage.database import Database
from storage.listing import Touched
from storage.tables.placements import deadline, placement


def touched(database: Database, digests: Collection[str], states: Collection[str], names: Collection[str]) -> Touched:
    """Whom a change of these states and deadlines touches, among placements under these versions."""
    under = placement.c.definition.in_(digests)
    has_one = exists().where(and_(deadline.c.placement == placement.c.id, deadline.c.name.in_(names)))
    either: ColumnElement[bool] = or_(placement.c.state.in_(states), has_one)
    by_state = select(placement.c.state, func.count()).where(under, placement.c.state.in_(states))
    by_name = select(deadline.c.name, func.count()).select_from(deadline.join(placement))
    asked = by_name.where(under, deadline.c.name.in_(names)).group_by(deadline.c.name)
    with database.reading() as connection:
        count = connection.execute(select(func.count()).select_from(placement).where(under, either)).scalar_one()
        return Touched(
            int(count),
            {str(state): n for state, n in connection.execute(by_state.group_by(placement.c.state))},
            {str(name): n for name, n in connection.execute(asked)},
        )
