"""What migrations must say differently to each kind of database: triggers, the order of text, names of indexes."""

from collections.abc import Iterable
from typing import Any

from alembic import op
from sqlalchemy import Connection, String, Table, event

_FUNCTION = """
CREATE OR REPLACE FUNCTION parcours_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def is_postgres() -> bool:
    """Whether the database that is migrated is PostgreSQL."""
    return op.get_bind().dialect.name == "postgresql"


def keep_append_only(table: str, taken: str) -> None:
    """Have the database refuse to change or delete rows; `taken`: when a new row would be put in another's place."""
    if is_postgres():
        op.execute(_FUNCTION)
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION parcours_append_only()"
        )
        return
    for action in ("UPDATE", "DELETE"):
        _refuse(f"{table}_no_{action.lower()}", f"{action} ON {table}", table)
    if taken:
        # By SQLite's default a row put in the place of another (INSERT OR REPLACE) fires no DELETE trigger.
        _refuse(f"{table}_no_replace", f"INSERT ON {table}", table, when=taken)


def _refuse(name: str, action: str, table: str, when: str = "TRUE") -> None:
    message = f"{table} is append-only"
    op.execute(f"CREATE TRIGGER {name} BEFORE {action} WHEN {when} BEGIN SELECT RAISE(ABORT, '{message}'); END")


def set_aside(tables: Iterable[str]) -> None:
    """Give tables another name, `…_before`, until their rows are copied. Where indexes share one space, theirs too."""
    for table in tables:
        op.rename_table(table, f"{table}_before")
        if is_postgres():
            op.execute(f"ALTER INDEX pk_{table} RENAME TO pk_{table}_before")


@event.listens_for(Table, "before_create")
def sort_text_by_its_bytes(table: Table, connection: Connection, **_: Any) -> None:
    """On every database alike, whatever the locale of a server: pages, prefixes and proofs rely on one order."""
    if connection.dialect.name == "postgresql":
        for column in table.columns:
            if isinstance(column.type, String) and column.type.collation is None:
                column.type = String(collation="C")
