"""Least privilege on a PostgreSQL server, as SQL that a server's administrator reads and runs. It runs nothing itself.

Four roles without a login: `migrate` owns the tables, `app` decides and fires, `sealer` seals, `read` looks. Whoever
logs in is made a member of one or two of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from storage.tables.schema import METADATA

ROLES: Final = ("migrate", "app", "sealer", "read")
CHECKING: Final = ("bt_index_check", "verify_heapam")
"""The functions of the extension amcheck that have to be executable (PostgreSQL, appendix F)."""

ALL: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")

_SEALS = {"leaf", "tile", "seal", "log_key", "sealer"}
_KEPT_FOR_EVER = {"history", "definition", "calendar", "system_entry"}
_ACCOUNTS = {
    "account", "account_notice", "access", "api_token", "batch_ask", "feed", "feed_use", "identity", "saved_view",
    "token_use", "web_session",
}  # fmt: skip
_REASONS = {"incident_aside", "dismissal"}
_OF_PERSONS = {"personal", "person_key", "exclusive", "command_key", "actor", *_REASONS, *_ACCOUNTS}
# What the app may not do all of. PostgreSQL asks for UPDATE where rows are only locked.
_APP: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(_SEALS, ("SELECT",)),
    **dict.fromkeys(_KEPT_FOR_EVER, ("SELECT", "INSERT")),
    "placement": ("SELECT", "INSERT", "UPDATE"),
    "installation": ("SELECT", "UPDATE"),
    "acted": ("SELECT", "INSERT"),
    "unsealed": ("SELECT", "INSERT"),
}
_SEALER: Final[Mapping[str, tuple[str, ...]]] = {
    "leaf": ("SELECT", "INSERT"),
    "seal": ("SELECT", "INSERT"),
    "log_key": ("SELECT", "INSERT"),
    "system_entry": ("SELECT", "INSERT"),
    "tile": ("SELECT", "INSERT", "UPDATE"),
    "sealer": ("SELECT", "UPDATE"),
    "unsealed": ("SELECT", "INSERT", "DELETE"),
}


def privileges(role: str, table: str) -> tuple[str, ...]:
    """What a role may do with the rows of a table."""
    if role == "migrate":
        return ALL
    if role == "app":
        return _APP.get(table, ALL)
    seen = () if table in _OF_PERSONS else ("SELECT",)
    return _SEALER.get(table, seen) if role == "sealer" else seen


def statements(prefix: str = "parcours", schema: str = "public") -> Iterator[str]:
    """The SQL that makes the roles, or brings their privileges up to date after an upgrade. Repeatable."""
    names = {role: quoted(f"{prefix}_{role}") for role in ROLES}
    inside = quoted(schema)
    for name in names.values():
        plain = name.strip('"')
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{plain}') "
            f"THEN CREATE ROLE {name} NOLOGIN; END IF; END $$;"
        )
    yield f"REVOKE CREATE ON SCHEMA {inside} FROM PUBLIC;"
    yield f"GRANT USAGE ON SCHEMA {inside} TO {', '.join(names.values())};"
    yield f"GRANT CREATE ON SCHEMA {inside} TO {names['migrate']};"
    tables = sorted(METADATA.tables)
    for table in (*tables, "alembic_version"):
        yield f"ALTER TABLE {inside}.{quoted(table)} OWNER TO {names['migrate']};"
    yield f"ALTER FUNCTION {inside}.parcours_append_only() OWNER TO {names['migrate']};"
    for role in ROLES[1:]:
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {inside} FROM {names[role]};"
        yield from _grants(inside, role, names[role], tables)
    yield _checking(inside, ", ".join(names.values()))


def _grants(inside: str, role: str, name: str, tables: Iterable[str]) -> Iterator[str]:
    by_privileges: dict[tuple[str, ...], list[str]] = {}
    for table in tables:
        by_privileges.setdefault(privileges(role, table), []).append(f"{inside}.{quoted(table)}")
    by_privileges.setdefault(("SELECT",), []).append(f"{inside}.{quoted('alembic_version')}")
    for allowed, chosen in by_privileges.items():
        if allowed:
            yield f"GRANT {', '.join(allowed)} ON {', '.join(chosen)} TO {name};"


def _checking(inside: str, names: str) -> str:
    """The server's own check of pages and indexes, where it has it: not every server that is rented does."""
    functions = ", ".join(f"'{name}'" for name in CHECKING)
    found = f"SELECT oid::regprocedure::text FROM pg_proc WHERE proname IN ({functions})"  # noqa: S608 # our own names
    return (
        "DO $$ DECLARE checking text; BEGIN "
        "IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'amcheck') THEN "
        f"CREATE EXTENSION IF NOT EXISTS amcheck SCHEMA {inside}; FOR checking IN {found} LOOP "
        f"EXECUTE 'GRANT EXECUTE ON FUNCTION ' || checking || ' TO {names}'; END LOOP; END IF; END $$;"
    )


def quoted(name: str) -> str:
    """A name as SQL quotes it. Raises ValueError for one with a quote, backslash, `$` or what cannot be seen."""
    if not name or not name.isprintable() or set(name) & set("\"'\\$"):
        raise ValueError(f"{name!r} will not do as a name: letters, digits, - and _")
    return f'"{name}"'
