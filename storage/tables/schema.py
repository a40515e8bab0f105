"""The whole schema: every table is declared once this is loaded."""

from storage.tables import accounts, batches, definitions, deliveries, installation, log, persons, placements
from storage.tables.base import METADATA

__all__ = [
    "METADATA",
    "accounts",
    "batches",
    "definitions",
    "deliveries",
    "installation",
    "log",
    "persons",
    "placements",
]
