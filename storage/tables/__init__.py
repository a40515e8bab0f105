"""The tables. Every constraint and index has a name; migrations/ makes them, and a test compares the two.

Table classes never leave storage/. Instants are microseconds (instants.py); entries and facts exact bytes. No number is
given by the database: who writes a row knows its key, and what is a placement's has the placement in it.
"""

from storage.tables.accounts import (
    access,
    account,
    account_notice,
    api_token,
    feed,
    feed_use,
    identity,
    saved_view,
    token_use,
    web_session,
)
from storage.tables.base import METADATA
from storage.tables.batches import batch, batch_ask, batch_item, batch_run
from storage.tables.definitions import calendar, definition
from storage.tables.deliveries import delivery, dismissal
from storage.tables.installation import brake, installation, runner
from storage.tables.log import ACTS, leaf, log_key, seal, sealer, system_entry, tile, unsealed
from storage.tables.persons import actor, person_key, personal
from storage.tables.placements import (
    acted,
    command_key,
    deadline,
    exclusive,
    history,
    incident,
    incident_aside,
    outbox,
    placement,
    quota,
    request,
    tally,
)

__all__ = [
    "ACTS",
    "METADATA",
    "access",
    "account",
    "account_notice",
    "acted",
    "actor",
    "api_token",
    "batch",
    "batch_ask",
    "batch_item",
    "batch_run",
    "brake",
    "calendar",
    "command_key",
    "deadline",
    "definition",
    "delivery",
    "dismissal",
    "exclusive",
    "feed",
    "feed_use",
    "history",
    "identity",
    "incident",
    "incident_aside",
    "installation",
    "leaf",
    "log_key",
    "outbox",
    "person_key",
    "personal",
    "placement",
    "quota",
    "request",
    "runner",
    "saved_view",
    "seal",
    "sealer",
    "system_entry",
    "tally",
    "tile",
    "token_use",
    "unsealed",
    "web_session",
]
