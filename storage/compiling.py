"""From a statement of the declared tables to text with positions, which is run with tuples."""

from typing import Any

from sqlalchemy import BindParameter, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

from storage.rows import Values


def text_of(statement: ClauseElement, dialect: Dialect, *parameters: str) -> str:
    """The text of a statement that takes its parameters in this order. Raises ValueError where it doesn't."""
    compiled = statement.compile(dialect=dialect)
    order = compiled.positiontup if isinstance(compiled, SQLCompiler) else None
    if tuple(order or ()) != parameters:
        raise ValueError(f"the parameters are {order}, not {parameters}: {compiled}")
    return str(compiled)


def bound(statement: ClauseElement, dialect: Dialect) -> tuple[str, Values]:
    """The text of a statement, and the values that stand in it as the driver takes them."""
    compiled = statement.compile(dialect=dialect)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError(f"no statement: {statement}")
    return str(compiled), tuple(_value(compiled.binds[name], dialect) for name in compiled.positiontup or ())


def _value(parameter: BindParameter[Any], dialect: Dialect) -> Any:
    made = parameter.type.dialect_impl(dialect).bind_processor(dialect)
    value = parameter.effective_value
    return value if made is None else made(value)


def columns_of(table: Table) -> tuple[str, ...]:
    """The columns of a row as it is inserted: all, in order."""
    return tuple(column.name for column in table.c)
