"""What a cell of a row holds: SQLite lets any column hold anything, and a damaged one is never taken for a value."""

from workflow.errors import IntegrityBroken


def blob(value: object) -> bytes:
    """Bytes as a row holds them. Raises IntegrityBroken where it holds something else."""
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    raise IntegrityBroken("a row holds no bytes where it should: run `parcours audit verify`")
