"""Claims over SQL: quotas and exclusive values, taken one by one so that the first that fails is known."""

from collections.abc import Sequence

from sqlalchemy import Connection

from storage.statements import Writes
from workflow.changes import Change, Claim, Hold, QuotaClaim, Release
from workflow.store import ClaimRefused


def settle(connection: Connection, statements: Writes, changes: Sequence[Change]) -> None:
    """Take what is claimed and give back what is released, in order, all of it or nothing.

    Raises ClaimRefused for the first claim that cannot be met.
    """
    claimed = [(change.after, claim) for change in changes for claim in change.claims]
    if not claimed:
        return
    connection.exec_driver_sql("SAVEPOINT claims")
    for after, claim in claimed:
        if not _met(connection, statements, after.id, claim):
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT claims")
            raise ClaimRefused(after.reference, claim)
    connection.exec_driver_sql("RELEASE SAVEPOINT claims")


def _met(connection: Connection, statements: Writes, placement: str, claim: Claim) -> bool:
    match claim:
        case QuotaClaim(name, delta):
            values = (delta, name, delta, delta)
            return connection.exec_driver_sql(statements.take_quota, values).rowcount == 1
        case Hold(field, token):
            connection.exec_driver_sql(statements.release, (field, placement))
            return connection.exec_driver_sql(statements.hold, (field, token, placement)).rowcount == 1
        case Release(field):
            connection.exec_driver_sql(statements.release, (field, placement))
            return True
