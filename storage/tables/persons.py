"""Personal values and the keys that open them, and the people who act."""

from sqlalchemy import LargeBinary
from sqlmodel import Field

from storage.tables.base import BY_KEY, Rows, table


class PersonKeyTable(Rows, table=True):
    """The key of a placement's personal values of one category; without it they are lost: that is what erases."""

    __tablename__ = "person_key"
    __table_args__ = (BY_KEY,)
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    category: str = Field(primary_key=True)
    key: bytes = Field(sa_type=LargeBinary)


class PersonalTable(Rows, table=True):
    """The disclosures of personal values, encrypted (persons.py)."""

    __tablename__ = "personal"
    __table_args__ = (BY_KEY,)
    placement: str = Field(primary_key=True, foreign_key="placement.id")
    seq: int = Field(primary_key=True)
    name: str = Field(primary_key=True)
    category: str
    ciphertext: bytes = Field(sa_type=LargeBinary)


class ActorTable(Rows, table=True):
    """The names behind the pseudonymous ids in the history."""

    __tablename__ = "actor"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)


person_key = table("person_key")
personal = table("personal")
actor = table("actor")
