"""What all tables share: their metadata, and the columns that need more than a type."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ColumnElement, Index, Integer, MetaData, Table, TextClause
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateIndex
from sqlalchemy.sql.compiler import DDLCompiler
from sqlmodel import Field, SQLModel

from storage.instants import Instant

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)
# In SQLite a key that is exactly INTEGER is the row's own number, and needs no index.
_NUMBER = BigInteger().with_variant(Integer, "sqlite")
# Small rows found by their key alone: one tree instead of a heap and an index.
BY_KEY = {"sqlite_with_rowid": False}


def instant_at(**options: Any) -> Any:
    """A column that holds an instant."""
    return Field(sa_type=Instant, **options)


def own_number() -> Any:
    """A number that is the key by itself. Not one that a sequence gives, as it would be by default."""
    return Field(primary_key=True, sa_type=_NUMBER, sa_column_kwargs={"autoincrement": False})


def one_of(column: str, *allowed: str) -> CheckConstraint:
    """That a text is one of these: for what is written with every entry.

    Of an IN with more than two values SQLite makes a table anew for each row that is written, which takes as long as
    half of the row.
    """
    return CheckConstraint(" OR ".join(f"{column} = '{value}'" for value in allowed), column)


def partial_index(name: str, *columns: ColumnElement[Any], where: ColumnElement[Any] | TextClause) -> None:
    """An index of those rows alone for which this holds.

    What it says to each kind of database is made when it is created: said before, whoever opens a file would wait for
    all that SQLAlchemy knows of PostgreSQL, 20 ms.
    """
    Index(name, *columns, info={_WHERE: where})


_WHERE = "where"


@compiles(CreateIndex)
def _created(create: CreateIndex, compiler: DDLCompiler, **how: Any) -> str:
    index = create.element
    if _WHERE in index.info:
        index.dialect_options[compiler.dialect.name]["where"] = index.info[_WHERE]
    made: str = compiler.visit_create_index(create, **how)  # type: ignore[no-untyped-call] # as SQLAlchemy has it
    return made


class Rows(SQLModel):
    """The base of all tables: it carries their metadata."""

    # Rows are read and written by statements, never validated as models: their validators need not be built.
    model_config = {"defer_build": True}
    metadata = METADATA


def table(name: str) -> Table:
    """The table of this name, once it was declared."""
    return METADATA.tables[name]
