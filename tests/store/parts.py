"""What is written in one transaction by several: parts that succeed, and parts that fail in different ways."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from storage.sql import SqlStore
from storage.sql_writing import SqlUnitOfWork
from tests.store.builders import placed
from workflow.changes import QuotaClaim
from workflow.errors import IntegrityBroken

Part = Callable[[SqlUnitOfWork], Any]


def there(store: SqlStore) -> set[str]:
    """Which placements others see."""
    with SqlStore(f"sqlite:///{store.database.name}").reading() as view:
        return set(view.known([*(f"P{number}" for number in range(100)), *(f"Q{number}" for number in range(9))]))


def placing(number: int) -> Part:
    def part(unit: SqlUnitOfWork) -> None:
        assert unit.find(f"P{number}") is None
        unit.apply([placed(f"P{number}")])

    return part


def refused(unit: SqlUnitOfWork) -> None:
    unit.apply([placed("Q1")])
    unit.apply([placed("Q2", claims=(QuotaClaim("posts", 3),))])


def broken(unit: SqlUnitOfWork) -> None:
    """Breaks a named constraint in the middle of a change, once the placement's row is written."""
    assert unit.find("Q3") is None
    whole = placed("Q3")
    unit.apply([replace(whole, entries=whole.entries * 2)])


def swallowing(unit: SqlUnitOfWork) -> None:
    with suppress(IntegrityBroken):
        broken_now(unit)


def broken_now(unit: SqlUnitOfWork) -> None:
    """The same, known before the part is over also where changes are gathered: whoever looks has them written."""
    broken(unit)
    unit.find("Q3")
