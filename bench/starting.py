"""What people wait for: commands from start to end beside a bare import, and the next moment to wake among many."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench.large import DUE_AT, ROOT, copy, environ, open_at
from bench.rounds import Case, Taken, timed

IMPORT = "python -c 'import sqlmodel'"
SIZES = (10_000, 100_000, 1_000_000)
_ASKED = 500
_PROGRAM = (sys.executable, "-m", "operators.cli")
_SAMPLE = ROOT / "tests" / "data" / "structures_validees.csv"


def cases() -> list[Case]:
    """Starts beside the import of SQLModel alone; waking at each size beside the smallest."""
    smallest = _named(SIZES[0])
    return [
        Case(IMPORT, partial(start, (sys.executable, "-c", "import sqlmodel")), IMPORT),
        Case("parcours --help", partial(start, (*_PROGRAM, "--help")), IMPORT),
        Case("parcours show", partial(start, (*_PROGRAM, "show", "P000004")), IMPORT),
        Case("parcours import of 3,138 posts", posts, IMPORT),
        *(Case(_named(size), partial(waking, size), smallest) for size in SIZES),
    ]


def _named(size: int) -> str:
    return f"the next moment to wake, of {size:,}"


def start(command: Sequence[str], folder: Path) -> Taken:
    """One process from start to end."""
    return _run(command, folder / "large.db")


def posts(folder: Path) -> Taken:
    """The sample of posts into a database that has just been made; only the import is measured."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        database = Path(own) / "posts.db"
        _run((*_PROGRAM, "init"), database)
        return _run((*_PROGRAM, "import", str(_SAMPLE)), database)


def _run(command: Sequence[str], database: Path) -> Taken:
    own, out = environ(database), subprocess.DEVNULL
    with timed(1) as taken:
        subprocess.run(command, stdout=out, stderr=out, check=True, env=own, cwd=database.parent)  # noqa: S603 - its own program
    return taken


def waking(size: int, folder: Path) -> Taken:
    """Ask so many placements for the next moment, over and over."""
    with open_at(_of_size(folder, size), DUE_AT) as app:
        app.engine.next_wake()
        with timed(_ASKED) as taken:
            for _ in range(_ASKED):
                app.engine.next_wake()
    return taken


def _of_size(folder: Path, size: int) -> Path:
    """The database with so many rows: those that lack are copies of one, with other keys, and other moments to wake."""
    path = folder / f"waking-{size}.db"
    if not path.exists():
        from bench.raw import connect

        connection = connect(copy(folder / "large.db", path.name))
        columns = [row[1] for row in connection.execute("PRAGMA table_info(placement)")]
        own = {"id": "hex(randomblob(16))", "reference": "'W' || n", "wakes_at": "wakes_at + n", "facts": "x''"}
        shown = ", ".join(own.get(name, name) for name in columns)
        (there,) = connection.execute("SELECT count(*) FROM placement").fetchone()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?) "  # noqa: S608 - names of its own tables
            f"INSERT INTO placement SELECT {shown} FROM numbers, (SELECT * FROM placement "
            "WHERE wakes_at IS NOT NULL LIMIT 1)",
            (max(1, size - there),),
        )
        connection.execute("COMMIT")
        connection.close()
    return path
