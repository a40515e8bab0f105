"""The chain of acts that concern no placement: publishing a definition, sealing a map of heads, a restored
database, releasing the brake, the erased name of somebody who acts, another signing key, what was given up or could
not be decided and is tried anew, or is set aside, old lines of other logs forgotten, accounts of the
console, tokens of the API.

Its entries have the keys and the bytes of any other (history.py), with `definition` null. It refuses to know where
they are kept and who seals them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import msgspec

from workflow.history import FORMAT, GENESIS, entry_hash, instant_text

SYSTEM: Final = "system"
"""What stands for a placement's id in these entries; no random id is like it."""

SystemKind = Literal[
    "published", "heads", "restored", "released", "actor_erased", "key_rotated", "notices_retried",
    "notices_dismissed", "incident_retried", "incident_set_aside", "incident_taken_up", "log_thinned", "account_added",
    "account_changed", "account_disabled", "account_enabled", "account_invited", "account_password",
    "account_linked", "token_added", "token_revoked",
]  # fmt: skip

_NOTHING = (
    "trigger", "from", "to", "definition", "role", "on_behalf_of", "key", "due_at", "deadline", "reason", "concerns",
    "concerns_hash", "correlation",
)  # fmt: skip


class Head(NamedTuple):
    """The last entry of a chain: its seq and its chain hash."""

    seq: int
    hash: str


NO_HEAD = Head(0, GENESIS)
"""Where a chain begins."""


@dataclass(frozen=True, slots=True)
class SystemEntry:
    """One act with the exact bytes that were hashed and their chain hash."""

    seq: int
    prev: str
    hash: str
    kind: str
    recorded_at: datetime
    data: bytes


def system_entry(
    log: str,
    head: Head,
    kind: SystemKind,
    actor: str,
    now: datetime,
    fields: Mapping[str, str | int],
    commitments: Mapping[str, str] | None = None,
) -> SystemEntry:
    """The act that follows `head`, canonicalised once; `actor` is a pseudonymous id, or `system`."""
    plain: dict[str, Any] = dict.fromkeys(_NOTHING)
    plain |= {"v": FORMAT, "log": log, "placement": SYSTEM, "seq": head.seq + 1, "prev": head.hash, "kind": kind}
    plain |= {"actor": actor, "occurred_at": instant_text(now), "recorded_at": instant_text(now)}
    plain |= {"guards": {}, "fields": fields, "commitments": commitments or {}, "late": False}
    plain["reason"] = "other" if commitments else None
    data = msgspec.json.encode(plain, order="sorted")
    return SystemEntry(head.seq + 1, head.hash, entry_hash(data), kind, now, data)
