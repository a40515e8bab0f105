"""A part of a transaction that can be undone without the rest."""

from sqlalchemy import Connection

from storage.executing import executor_of

_NAME = "part"


class Savepoint:
    """Such a part of what is written on a connection: kept with the rest, or undone where an exception ends it.

    It `is_open` until then, or until it is undone before.
    """

    def __init__(self, connection: Connection) -> None:
        self._executor = executor_of(connection)
        self._executor.write(f"SAVEPOINT {_NAME}")
        self.is_open = True
        connection.info[_NAME] = self

    def __enter__(self) -> "Savepoint":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._end()
        elif self.is_open:
            self.undo()

    def undo(self) -> None:
        """Undo what was written since it began."""
        self._executor.write(f"ROLLBACK TO SAVEPOINT {_NAME}")
        self._end()

    def _end(self) -> None:
        self._executor.write(f"RELEASE SAVEPOINT {_NAME}")
        self.is_open = False
        self._executor.connection.info.pop(_NAME, None)


def give_up(connection: Connection) -> None:
    """Undo what a failing part has written, at once: it can neither go on nor be committed."""
    savepoint = None if connection.invalidated else connection.info.get(_NAME)
    if savepoint is None or not _is_undone(savepoint):
        connection.invalidate()


def _is_undone(savepoint: Savepoint) -> bool:
    try:
        savepoint.undo()
    except Exception:
        # Whatever the driver says: it is lost with its connection.
        return False
    return True
