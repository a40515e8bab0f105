"""The schema's history. The revisions are listed here so that opening a database need not import Alembic."""

from typing import Final

REVISIONS: Final = tuple(f"{number:04}" for number in range(1, 24))
"""All revisions that this program knows, oldest first; the last one is its own."""
