"""From a statement of the declared tables to text with positions, so that it is compiled once and run with tuples."""

from sqlalchemy import Table
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler


def text_of(statement: ClauseElement, dialect: Dialect, *parameters: str) -> str:
    """The text of a statement that takes its parameters in this order. Raises ValueError where it doesn't."""
    compiled = statement.compile(dialect=dialect)
    order = compiled.positiontup if isinstance(compiled, SQLCompiler) else None
    if tuple(order or ()) != parameters:
        raise ValueError(f"the parameters are {order}, not {parameters}: {compiled}")
    return str(compiled)


def columns_of(table: Table) -> tuple[str, ...]:
    """The columns of a row as it is inserted: all, in order."""
    return tuple(column.name for column in table.c)
