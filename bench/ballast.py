"""A database of any size: some placements by the engine, which all fall due at one instant, and copies of others.

The copies have ids and references of their own, at random places among the rest; what they copy are lives of a cohort
with some ten entries, and an open deadline of later. Nothing ever decides about them: they are there to be in the
way of whoever looks for something.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from app import App, initialise, open_app
from bench.cohort import NOW, life
from bench.large import HOST, flush, unlimited, url
from bench.raw import connect
from settings import read_settings
from storage.instants import micros
from workflow.clock import VirtualClock
from workflow.commands import Fire, Life, Place

DUE_AT = datetime(2023, 6, 1, 22, tzinfo=NOW.tzinfo)
"""The end, in Paris, of the fifteenth day after the 17th of May."""

_SHOWN_AT = datetime(2023, 5, 17, 10)
_AT_ONCE, _COPIED, _CACHE_KB = 500, 500, 2_000_000
_LENGTH = (8, 12)
"""So many entries have the lives that are copied, from and to."""

_TABLES = ("placement", "history", "deadline", "outbox")


def build(path: Path, due: int) -> Path:
    """A database in which so many placements have their selection's end at DUE_AT, and others live; gives its file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    settings = read_settings({"database_url": url(path), "definition": unlimited(path.parent)}, environ={})
    initialise(settings, sandbox=True)
    with open_app(settings=settings, clock=VirtualClock(NOW)) as app:
        _enter(app, _waiting(due))
        _enter(app, _lives())
    flush(path)
    return path


def grow(path: Path, placements: int) -> None:
    """Add copies until there are so many."""
    connection = connect(path)
    (there,) = connection.execute("SELECT count(*) FROM placement").fetchone()
    _copy(connection, max(0, placements - there))
    connection.close()
    flush(path)


def _enter(app: App, lives: Iterator[Life]) -> None:
    while some := [life for _, life in zip(range(_AT_ONCE), lives, strict=False)]:
        if refused := [outcome for outcome in app.engine.enter(some) if outcome.status != "created"]:
            raise RuntimeError(f"{refused[0].life.reference} was refused: {refused[0].blockers}")


def _waiting(due: int) -> Iterator[Life]:
    """Posts to which a candidate was shown, fifteen days before DUE_AT."""
    for number in range(due):
        reference = f"P{number:06}"
        place = Place(reference=reference, fields=HOST, actor="bench", at=_SHOWN_AT - timedelta(days=1))
        yield Life(reference=reference, place=place, facts=_shown(reference), to_now=True)


def _shown(reference: str) -> tuple[Fire, ...]:
    granted = {"granted_on": date(2023, 5, 16).isoformat()}
    candidate = {"candidate_ref": reference, "candidate_name": "Camille Roux"}
    return (
        Fire(reference=reference, trigger="grant_post", actor="bench", roles=("anct",), fields=granted),
        Fire(reference=reference, trigger="show_candidate", actor="bench", roles=("platform",), fields=candidate,
             at=_SHOWN_AT),
    )  # fmt: skip


def _lives() -> Iterator[Life]:
    dice = Random(2021)  # noqa: S311 - no secret
    for number in range(4 * _COPIED):
        yield life(f"C{number:06}", dice)


def _copy(connection: Any, count: int) -> None:
    """So many copies, in the order of their ids, which are drawn."""
    columns = {table: _columns(connection, table) for table in _TABLES}
    # Should this be interrupted, the file is of no use.
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", f"cache_size = -{_CACHE_KB}"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TEMP TABLE model (number INTEGER PRIMARY KEY, id TEXT)")
    connection.execute(
        "INSERT INTO model (id) SELECT id FROM placement WHERE wakes_at > ? AND seq BETWEEN ? AND ? LIMIT ?",
        (micros(DUE_AT + timedelta(days=1)), *_LENGTH, _COPIED),
    )
    (models,) = connection.execute("SELECT count(*) FROM model").fetchone()
    connection.execute("CREATE TEMP TABLE copy (id TEXT PRIMARY KEY, reference TEXT, model TEXT) WITHOUT ROWID")
    connection.execute(
        "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ?) "
        "INSERT INTO copy SELECT lower(hex(randomblob(16))), printf('B%07d', n), model.id "
        "FROM numbers JOIN model ON model.number = 1 + n % ?",
        (count, models),
    )
    for table, names in columns.items():
        own = {"id": "copy.id", "placement": "copy.id", "reference": "copy.reference"}
        shown = ", ".join(own.get(name, f'old."{name}"') for name in names)
        into = ", ".join(f'"{name}"' for name in names)
        key = "id" if table == "placement" else "placement"
        connection.execute(
            f"INSERT INTO {table} ({into}) SELECT {shown} "  # noqa: S608 - names of its own tables
            f"FROM copy CROSS JOIN {table} old ON old.{key} = copy.model ORDER BY copy.id"
        )
    connection.execute("DELETE FROM tally")
    connection.execute("INSERT INTO tally SELECT state, territory, 0, count(*) FROM placement GROUP BY 1, 2")
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL").fetchall()


def _columns(connection: Any, table: str) -> list[str]:
    names = [name for _, name, *_ in connection.execute(f"PRAGMA table_info({table})")]
    return [name for name in names if table != "history" or name != "id"]
