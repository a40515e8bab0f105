"""Published definitions, and the calendars that their dates are computed with."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy import UniqueConstraint as Unique
from sqlmodel import Field

from storage.tables.base import Rows, instant_at, table


class CalendarTable(Rows, table=True):
    """The calendars that definitions count with: kept for ever."""

    __tablename__ = "calendar"
    version: str = Field(primary_key=True)
    source: bytes = Field(sa_type=LargeBinary)


class DefinitionTable(Rows, table=True):
    """The published definitions: kept for ever, since placements are pinned to them; two columns are JSON."""

    __tablename__ = "definition"
    __table_args__ = (Unique("name", "version"),)
    digest: str = Field(primary_key=True)
    name: str
    version: int
    calendar: str = Field(foreign_key="calendar.version")
    published_at: datetime = instant_at()
    quotas: str
    source: bytes = Field(sa_type=LargeBinary)
    compiled: bytes = Field(sa_type=LargeBinary)


calendar = table("calendar")
definition = table("definition")
