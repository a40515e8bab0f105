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


class nothing_after_a_failure:  # noqa: N801 # read as words of the `with` statement
    """Where half of a change may be written, an exception undoes it at once: it can neither go on nor be committed.

    With it goes the whole transaction, unless there is a savepoint: one around the thousands of rows of a sweep would
    make each of them several times as slow.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is not None:
            _give_up(self._connection)


def _give_up(connection: Connection) -> None:
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
