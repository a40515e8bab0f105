"""The program with a known defect: on PostgreSQL its commits are acknowledged before they are flushed."""

from typing import Any

from operators.cli import program
from storage import postgres

_prepare: Any = postgres._prepare


def without_flush(connection: Any, *arguments: Any) -> None:
    """What connections are prepared with, and the defect."""
    _prepare(connection, *arguments)
    connection.execute("SET synchronous_commit = off")


if __name__ == "__main__":
    setattr(postgres, "_prepare", without_flush)  # noqa: B010 - mypy lets nobody assign to it
    program()
