"""T18: databases of every schema there ever was, with rows: opened, upgraded, verified; killed at each write of it."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from faults import office
from faults.harness import ALL, Row, Tally, replaced, scratch, some, tried
from faults.program import KILLED, calls_of, forked, said
from storage import sqlite
from storage.migrations import REVISIONS, running
from storage.persons import seal
from storage.sqlite_database import SqliteDatabase
from tests.acceptance.driver import Site

INIT = ("init", "--sandbox")


@dataclass(frozen=True)
class Boundary:
    """Before the nth call of this name while a database of this revision is upgraded; 0: not killed at all."""

    revision: str
    call: str
    number: int


@dataclass(frozen=True)
class Bench:
    """The office in every old schema, and what it must come to in today's."""

    sites: Mapping[str, Site]
    after: Mapping[str, object]
    boundaries: Sequence[Boundary]


@contextmanager
def _bench() -> Iterator[Bench]:
    with scratch("upgrade") as folder:
        site = office.make(folder / "today")
        sites = {revision: _old(site, revision, folder / revision) for revision in REVISIONS[:-1]}
        boundaries = []
        for revision, old in sites.items():
            own, trace = office.copy(old, folder / f"{revision}-whole"), folder / f"{revision}-trace"
            answer = forked(own, *INIT, trace=trace)
            if answer.code:
                raise RuntimeError(f"{revision} cannot be upgraded: {answer}")
            calls = {"": 0, **calls_of(trace)}
            boundaries += [Boundary(revision, call, n) for call, count in calls.items() for n in _numbers(call, count)]
        yield Bench(sites, office.ends(site), boundaries)


def _numbers(call: str, count: int) -> range:
    return range(1, count + 1) if call else range(1)


def _old(site: Site, revision: str, folder: Path) -> Site:
    """The same rows in an older schema: made by the migrations up to there."""
    shutil.copytree(site.folder, folder, ignore=shutil.ignore_patterns("*.db"))
    old = Site(folder, dict(site.settings), site.database_name)
    database = SqliteDatabase(old.database)
    engine = database._engine("BEGIN IMMEDIATE", size=1, mode="rwc")
    running.upgrade(engine, revision)
    engine.dispose()
    database.close()
    with closing(sqlite.connect(sqlite.library(), old.database)) as connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("ATTACH ? AS today", (str(site.database),))
        for (table,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            if table != "alembic_version" and not table.startswith("sqlite_"):
                _copy(connection, table)
        if "category" not in _columns(connection, "main", "personal"):
            _seal_under_one_key(connection, site)
    old.flush()
    return old


def _columns(connection: Any, schema: str, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA {schema}.table_info({table})")]


def _copy(connection: Any, table: str) -> None:
    here, there = _columns(connection, "main", table), _columns(connection, "today", table)
    if table in ("personal", "person_key") and "category" not in here:
        return
    names = ", ".join(f'"{name}"' for name in here if name in there)
    connection.execute(f"INSERT OR IGNORE INTO main.{table} ({names}) SELECT {names} FROM today.{table}")  # noqa: S608 - names of its own tables


def _seal_under_one_key(connection: Any, site: Site) -> None:
    """As values were kept before there were categories."""
    with site.open() as app, app.store.reading() as reading:
        kept = {facts.id: reading.personal(facts.id) for facts in map(reading.find, office.references(app)) if facts}
    for number, (placement, values) in enumerate(kept.items()):
        key = bytes([number]) * 32
        connection.execute("INSERT INTO main.person_key VALUES (?, ?)", (placement, key))
        for (seq, name), text in values.items():
            sealed = seal(key, f"{placement}\n{seq}\n{name}".encode(), text)
            connection.execute("INSERT INTO main.personal VALUES (?, ?, ?, ?)", (placement, seq, name, sealed))


def upgraded(bench: Bench, at: Boundary) -> list[str]:
    """Upgrade, or kill the upgrade there and upgrade again; what does not hold."""
    with scratch("case") as folder:
        site = office.copy(bench.sites[at.revision], folder / "office")
        return [f"{at.revision}, {at.call} {at.number}: {sentence}" for sentence in _wrong(bench, site, at)]


def _wrong(bench: Bench, site: Site, at: Boundary) -> Iterator[str]:
    if at.number:
        answer = forked(site, *INIT, inject=f"{at.call}:signal=KILL:when={at.number}")
        if answer.code not in (0, KILLED):
            yield f"answered {answer.code}: {answer.err}"
    elif (refused := said(site, "list")).code != 1 or "parcours init" not in refused.err:
        yield f"opened with an older schema: {refused}"
    again = said(site, *INIT)
    if again.code or again.is_traceback:
        yield f"init answered {again.code}: {again.err[-300:]}"
        return
    found, end = office.examined(site)
    yield from found
    if end != bench.after:
        yield f"it came to another end: {sorted(k for k in bench.after if end.get(k) != bench.after[k])}"


def run(count: int) -> Tally:
    """Every old schema, and every boundary of its upgrade, or so many of them."""
    with _bench() as shared:
        whole = [at for at in shared.boundaries if not at.number]
        cut = some([at for at in shared.boundaries if at.number], count)
        return tried(partial(upgraded, shared), [*whole, *cut], f"{len(whole)} older schemas")


def control() -> Tally:
    """The same with an upgrade that commits after every statement."""
    whole = running.upgrade

    def in_pieces(engine: Engine, revision: str = "head") -> None:
        @event.listens_for(engine, "after_cursor_execute")
        def commit(connection: Any, *_: object) -> None:
            own = connection.connection.driver_connection
            own.execute("COMMIT")
            own.execute("BEGIN IMMEDIATE")

        whole(engine, revision)

    with _bench() as shared, replaced(running, "upgrade", in_pieces):
        cut = [at for at in shared.boundaries if at.call == "pwrite64"]
        return tried(partial(upgraded, shared), some(cut, 12))


ROW = Row(
    name="T18",
    fault="databases of older schemas upgraded, and kill -9 at every write of the upgrade",
    run=run,
    defect="an upgrade that commits after every statement",
    control=control,
    sample=6,
    usual=ALL,
    many=ALL,
    needs=("strace",),
)
