"""The schema's history. The revisions are listed here so that opening a database need not import Alembic."""

from typing import Final

REVISIONS: Final = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
)
"""All revisions that this program knows, oldest first; the last one is its own."""
