"""Placements, whole and as they are listed, and what they may do now."""

from datetime import datetime

from operators.api.models.approvals import Waiting
from operators.api.models.common import Answer
from operators.api.models.deadlines import Deadline
from operators.api.models.definitions import DefinitionName
from operators.api.models.incidents import Incident
from operators.api.models.problems import Blocker


class Placement(Answer):
    """A placement; `masked` names the personal fields that are set and not shown."""

    reference: str
    territory: str
    state: str
    state_since: datetime
    revision: int
    definition: DefinitionName
    fields: dict[str, str | bool | int | None]
    deadlines: list[Deadline]
    wakes_at: datetime | None
    behind: bool
    pending: list[str]
    erased: list[str]
    held: bool
    incident: Incident | None
    requests: list[Waiting]
    masked: list[str]


class PlacementItem(Answer):
    """A placement as it is listed."""

    reference: str
    territory: str
    state: str
    state_since: datetime
    revision: int
    host_name: str | None
    host_siret: str | None
    wakes_at: datetime | None
    behind: bool


class Possible(Answer):
    """Whether a trigger may fire now, and every reason why not."""

    trigger: str
    allowed: bool
    to: str | None
    by: list[str]
    needs: list[str]
    takes: list[str]
    blockers: list[Blocker]
