"""The program with a known defect: its writers begin no transaction, as a driver by itself begins none for a SELECT.

Between reading and writing it takes its time, as a machine with more to do would.
"""

import time
from typing import Any

from operators.cli import program
from storage.sqlite_database import SqliteDatabase
from workflow import sweeping

_PAUSE_S = 0.1
_engine: Any = SqliteDatabase._engine
_settle: Any = sweeping._settle


def _without_begin(self: SqliteDatabase, begin: str, **options: Any) -> Any:
    return _engine(self, "SELECT 1", **options)


def _slowly(*arguments: Any) -> Any:
    settled = _settle(*arguments)
    time.sleep(_PAUSE_S)
    return settled


if __name__ == "__main__":
    for owner, name, defect in ((SqliteDatabase, "_engine", _without_begin), (sweeping, "_settle", _slowly)):
        setattr(owner, name, defect)
    program()
