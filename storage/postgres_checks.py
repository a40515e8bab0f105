"""What is looked at in a PostgreSQL database before it is used, and when somebody asks whether it is sound."""

from collections.abc import Container, Iterator

from sqlalchemy import Connection, Table, and_, func, select

from storage.tables.schema import METADATA
from workflow.errors import StoreUnavailable

OLDEST = 140000

APPEND_ONLY = ("history", "calendar", "definition", "system_entry", "leaf", "seal")
"""The tables whose triggers refuse to change or delete what was written."""

_OTHERS = "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace"
_INVALID = """
    SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE NOT (i.indisvalid AND i.indisready) AND c.relnamespace = current_schema()::regnamespace
"""
_READABLE = """
    SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
    AND has_table_privilege(oid, 'SELECT')
"""
_UNCHECKED = """
    SELECT conname FROM pg_constraint
    WHERE NOT convalidated AND connamespace = current_schema()::regnamespace
"""
_GUARDED = """
    SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname = c.relname || '_append_only' AND t.tgenabled IN ('O', 'A')
    AND c.relnamespace = current_schema()::regnamespace
"""


def refuse_unfit(connection: Connection, name: str, *, is_ours: bool) -> None:
    """Raises StoreUnavailable for a server too old, another encoding than UTF-8, or another program's tables."""
    version = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one())
    if version < OLDEST:
        raise StoreUnavailable(f"{name} runs on PostgreSQL {version // 10000}: 14 or newer is needed")
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    if encoding != "UTF8":
        raise StoreUnavailable(f"{name} is encoded in {encoding}: create it with ENCODING 'UTF8'")
    if not is_ours and connection.exec_driver_sql(_OTHERS).scalar_one():
        raise StoreUnavailable(f"{name} holds another program's tables: choose another database")


def problems(connection: Connection) -> Iterator[str]:
    """What does not hold by the server's own catalogue, and references to rows that are not there."""
    for (index,) in connection.exec_driver_sql(_INVALID):
        yield f"the index {index} is not valid: rebuild it with REINDEX"
    for (constraint,) in connection.exec_driver_sql(_UNCHECKED):
        yield f"the constraint {constraint} was never checked"
    guarded = {row[0] for row in connection.exec_driver_sql(_GUARDED)}
    for name in APPEND_ONLY:
        if name not in guarded:
            yield f"the trigger that keeps {name} append-only is missing or disabled"
    # An account that may not see what is personal looks at the rest.
    seen = {row[0] for row in connection.exec_driver_sql(_READABLE)}
    for table in METADATA.sorted_tables:
        if table.name in seen:
            yield from _orphans(connection, table, seen)


def _orphans(connection: Connection, table: Table, seen: Container[str]) -> Iterator[str]:
    for key in table.foreign_key_constraints:
        parent = key.referred_table
        if parent.name not in seen:
            continue
        joined = table.outerjoin(parent, and_(*(part.parent == part.column for part in key.elements)))
        missing = (and_(part.parent.is_not(None), part.column.is_(None)) for part in key.elements)
        lost = select(func.count()).select_from(joined).where(*missing)
        if count := connection.execute(lost).scalar_one():
            yield f"{count} rows of {table.name} refer to a row of {parent.name} that is not there"
