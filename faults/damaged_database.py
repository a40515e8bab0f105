"""T13: bytes flipped in the file, rows edited by SQL: `doctor` or `audit verify` finds it, or no data differ.

What counts as data is DATA: what happened, what follows from it, what proves it. Copies of what an entry says that
stand beside its bytes (history.kind) count for nothing, nor do indexes and free pages; a definition's compiled form
counts by what it means. The reference of a placement is in no entry: nothing can tell that it was another one. A
personal value that is missing is no fault, since a copy without keys has none. A crash, or an error that nobody
expected, is a violation in any case.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from audit.chains import Chains
from faults import office
from faults.harness import Row, Tally, replaced, scratch, tried
from faults.program import said
from storage import sqlite
from tests.acceptance.driver import Site

DATA = {
    "placement": (
        "id, territory, host_siret, host_name, state, state_since, definition, revision, seq, head, wakes_at, facts"
    ),
    "history": "placement, seq, prev, hash, data",
    "deadline": "*",
    "definition": "digest, name, version, calendar, source",
    "calendar": "*",
    "personal": "placement, seq, name, ciphertext",
    "system_entry": "seq, prev, hash, data",
    "leaf": "*",
    "tile": "*",
    "seal": "*",
    "unsealed": "*",
}
"""The tables, and the columns, that hold it."""

_FOUND = (1, 7)


@dataclass(frozen=True)
class Bench:
    """A sealed office, and all its rows."""

    site: Site
    rows: Mapping[str, list[tuple[Any, ...]]]


@contextmanager
def _bench() -> Iterator[Bench]:
    with scratch("damage") as folder:
        site = office.make(folder / "office")
        for words in (("run", "--once"), ("audit", "seal"), ("note", "A-2", "after the seal")):
            if (answer := said(site, *words)).code:
                raise RuntimeError(answer.err)
        site.flush()
        yield Bench(site, {table: _rows(site.database, table) for table in DATA})


def _rows(database: Path, table: str) -> list[tuple[Any, ...]]:
    with closing(sqlite.connect(sqlite.library(), database, read_only=True)) as connection:
        rows = connection.execute(f"SELECT {DATA[table]} FROM {table} NOT INDEXED").fetchall()  # noqa: S608 - names of its own tables
    return sorted(map(tuple, rows), key=repr)


def damaged(bench: Bench, seed: int) -> list[str]:
    """Damage a copy, and look whether it is found."""
    dice = Random(seed)  # noqa: S311 - the same ones every time
    with scratch("case") as folder:
        site = office.copy(bench.site, folder / "office")
        what = _edit(bench, site.database, dice) if seed % 2 else _flip(site.database, dice)
        return [f"{seed}, {what}: {sentence}" for sentence in _unnoticed(bench, site)]


def _flip(database: Path, dice: Random) -> str:
    data = bytearray(database.read_bytes())
    places = [dice.randrange(len(data)) for _ in range(dice.choice((1, 1, 1, 4, 64)))]
    for place in places:
        data[place] ^= 1 << dice.randrange(8)
    if dice.random() < 0.1:
        data = data[: dice.randrange(len(data))]
        places = [len(data)]
    database.write_bytes(data)
    return f"bytes from {places[0]}"


def _edit(bench: Bench, database: Path, dice: Random) -> str:
    """Another value in one cell, or one row less, without the database's own rules."""
    table = dice.choice([table for table in DATA if bench.rows[table]])
    with closing(sqlite.connect(sqlite.library(), database)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA ignore_check_constraints=ON")
        columns = [row[1:6:4] for row in connection.execute(f"PRAGMA table_info({table})")]
        keys = [name for name, key in columns if key]
        rows = connection.execute(f"SELECT {', '.join(keys)} FROM {table}").fetchall()  # noqa: S608 - names of its own tables
        chosen = dice.choice(rows)
        where = " AND ".join(f'"{key}" IS ?' for key in keys)
        if dice.random() < 0.15:
            connection.execute(f"DELETE FROM {table} WHERE {where}", chosen)  # noqa: S608 - names of its own tables
            return f"a row of {table} less"
        column = dice.choice([name for name, _ in columns if DATA[table] == "*" or name in DATA[table].split(", ")])
        (value,) = connection.execute(f'SELECT "{column}" FROM {table} WHERE {where}', chosen).fetchone()  # noqa: S608 - names of its own tables
        # What a column cannot hold stays as it is: then nothing was damaged.
        with suppress(sqlite.library().IntegrityError):
            statement = f'UPDATE {table} SET "{column}" = ? WHERE {where}'  # noqa: S608 - names of its own tables
            connection.execute(statement, (_other(value, dice), *chosen))
        return f"{table}.{column}"


def _other(value: Any, dice: Random) -> Any:
    if dice.random() < 0.1:
        return dice.choice((None, "", b"", 0, -1, 2**62, "x", b"\xff"))
    if isinstance(value, int):
        return value + dice.choice((1, -1, 1_000_000, 86_400_000_000))
    if isinstance(value, str) and value:
        at = dice.randrange(len(value))
        return f"{value[:at]}{chr(ord(value[at]) ^ 1)}{value[at + 1 :]}"
    if isinstance(value, bytes) and value:
        at = dice.randrange(len(value))
        return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
    return "x"


def _unnoticed(bench: Bench, site: Site) -> Iterator[str]:
    answers = [said(site, *words) for words in (("doctor",), ("audit", "verify"))]
    yield from (f"a traceback: {answer.err[-500:]}" for answer in answers if answer.is_traceback)
    yield from (f"exit code {answer.code}: {answer.err}" for answer in answers if answer.code not in (0, *_FOUND))
    if any(answer.code for answer in answers):
        return
    for table in DATA:
        rows, before = {*_rows(site.database, table)}, {*bench.rows[table]}
        if rows != before and not (table == "personal" and rows < before):
            differ = sorted(map(repr, rows ^ before))
            yield f"{table} differs, and nothing found it: {' / '.join(row[:150] for row in differ[:2])}"


def run(count: int) -> Tally:
    """So many damages: by turns to the file and to rows."""
    with _bench() as shared:
        return tried(partial(damaged, shared), range(count), "half to the file's bytes, half to rows")


def control() -> Tally:
    """The same with a verification that looks at no chain."""
    with _bench() as shared, replaced(Chains, "all", lambda self: None):
        return tried(partial(damaged, shared), range(1, 80, 2))


ROW = Row(
    name="T13",
    fault="damaged databases",
    run=run,
    defect="a verification that looks at no chain",
    control=control,
    sample=30,
    usual=2_000,
    many=50_000,
)
