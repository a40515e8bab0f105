"""The views that accounts of the console have saved: a name for the filters of a list. Knows no filter."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, delete, func, insert, select

from storage.database import Database
from storage.tables.accounts import saved_view

MOST: Final = 50
"""So many views of an account on one list."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """The filters of a list, as its address has them, under a name."""

    name: str
    query: str


class SavedViews:
    """Each account's own. Raises StoreUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, account: str, of_list: str) -> tuple[SavedView, ...]:
        """The views of an account on a list, by name."""
        asked = select(saved_view.c.name, saved_view.c.query).where(*_own(account, of_list)).order_by(saved_view.c.name)
        with self._database.reading() as connection:
            return tuple(SavedView(*row) for row in connection.execute(asked))

    def keep(self, account: str, of_list: str, view: SavedView, now: datetime) -> bool:
        """Save a view, in the place of one of the same name; False where the account has too many."""
        own = _own(account, of_list)
        with self._database.writing(silent=True) as connection:
            connection.execute(delete(saved_view).where(*own, saved_view.c.name == view.name))
            if connection.execute(select(func.count()).select_from(saved_view).where(*own)).scalar_one() >= MOST:
                return False
            row = {"account": account, "list": of_list, "name": view.name, "query": view.query, "saved_at": now}
            connection.execute(insert(saved_view).values(row))
        return True

    def drop(self, account: str, of_list: str, name: str) -> None:
        """Forget a view."""
        with self._database.writing(silent=True) as connection:
            connection.execute(delete(saved_view).where(*_own(account, of_list), saved_view.c.name == name))


def _own(account: str, of_list: str) -> tuple[ColumnElement[bool], ...]:
    return (saved_view.c.account == account, saved_view.c.list == of_list)
