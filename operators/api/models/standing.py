"""How the installation does, and who asks."""

from datetime import datetime
from typing import Any

from operators.api.models.common import Answer, Asked, Text


class ReleaseBody(Asked):
    """Releasing the brake."""

    reason: Text


class Stats(Answer):
    """How much there is, and how the installation does."""

    placements: int
    entries: int
    incidents: int
    incidents_set_aside: int
    by_state: dict[str, int]
    by_territory: dict[str, int]
    counts: list[dict[str, Any]]
    deadlines: dict[str, int]
    overdue: dict[str, int]
    notices: dict[str, int]
    quotas: list[dict[str, Any]]
    brake: dict[str, Any]
    behind: bool
    pending: dict[str, Any]
    runners: list[dict[str, Any]]


class Released(Answer):
    """What a release of the brake did; `disclosure` opens the entry's commitment to the reason, and is kept nowhere."""

    released: dict[str, Any] | None
    disclosure: str | None
    brake: dict[str, Any]


class Me(Answer):
    """Who asks: the account, the token, and what both may do."""

    account: str
    token: str
    grants: list[str]
    expires_at: datetime
    actions: list[str]


class TokenItem(Answer):
    """A token, without its secret."""

    token: str
    account: str | None
    grants: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_at: datetime | None
