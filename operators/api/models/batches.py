"""Many placements at once."""

from datetime import datetime
from typing import Any, Final, Literal

from pydantic import Field, StrictBool

from operators.api.models.common import Answer, Asked, Day, Fields, Revision, Text

_MOST: Final = 1000


class Seen(Asked):
    """A placement at the revision that was read."""

    reference: Text
    revision: Revision


class WhereBody(Asked):
    """A filter, as lists take it."""

    text: Text | None = Field(None, max_length=200)
    state: Text | None = None
    territory: Text | None = None
    host_siret: Text | None = None
    deadline: Text | None = None
    overdue: StrictBool | None = None
    due_within: Text | None = Field(None, pattern="^[0-9]{1,6} ?[smhdwj]$")
    stuck_since: Text | None = Field(None, pattern="^[0-9]{1,6} ?[smhdwj]$")


class BatchActBody(Asked):
    """What is to be done with each placement of a batch; `name` is the trigger of `fire`, or the deadline."""

    kind: Literal[
        "note", "fire", "remind", "amend", "reverse", "void", "pause", "resume", "extension", "move", "hold", "release"
    ]
    name: Text | None = Field(None, description="The trigger of `fire`; the deadline of `remind`, `pause` … `move`.")
    fields: Fields = Field(default_factory=dict, description="Values, of `fire` and `amend`.")
    text: Text | None = Field(None, description="The remark of `note`; it is personal.")
    reason: Text | None = Field(None, description="A reason's code, or free text.")
    at: Text | None = None
    by: Text | None = Field(None, description='Of `extension`, such as "10 days".')
    to: Day | None = Field(None, description="Of `move`: the new last day.")
    ground: Text | None = None
    extend_to: Day | None = Field(None, description="Of `reverse`.")
    waive: StrictBool = False
    accept_earlier: StrictBool = False


class BatchBody(Asked):
    """Which placements: all that a filter finds, these, or these at the revisions that were read; and what to try."""

    where: WhereBody | None = None
    references: list[Text] | None = Field(None, min_length=1, max_length=_MOST)
    placements: list[Seen] | None = Field(None, min_length=1, max_length=_MOST)
    act: BatchActBody | None = None


class ConfirmBody(Asked):
    """The act once more, the dry run that it was tried in, and how many placements were ready."""

    act: BatchActBody
    preview: Text
    count: Revision


class GoOnBody(Asked):
    """The act once more, where it holds personal values: they are kept nowhere."""

    act: BatchActBody | None = None


class Batch(Answer):
    """A batch: `draft` until it is confirmed, then `running`, `interrupted`, `stopped`, `done`.

    `preview` names the last dry run; `ready` is how many it found possible, or how many are still to be done.
    """

    batch: str
    status: str
    created_at: datetime
    correlation: str
    left_out: int
    act: dict[str, Any] | None
    preview: str | None
    count: int
    ready: int
    counts: dict[str, int]


class BatchItem(Answer):
    """One placement of a batch, and what would become, or became, of it; `message` says why it was not done."""

    position: int
    reference: str
    revision: int
    state: str
    status: str
    entry: int | None
    message: str | None
