"""What the API is asked and answers, as types: the OpenAPI document is made from them, and clients read by them.

The answers are those of the command line's `--json`; unknown keys are allowed for, since keys are added freely.
"""

from datetime import date, datetime
from typing import Annotated, Any, Final, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr

T = TypeVar("T")


def _only_text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("expected a date such as 2021-03-16")
    return value


def _storable(text: str) -> str:
    if "\0" in text or (not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text)):
        raise ValueError("expected text that UTF-8 can hold, without NUL")
    return text


Text = Annotated[StrictStr, AfterValidator(_storable)]
Day = Annotated[date, BeforeValidator(_only_text)]
Number = Annotated[StrictInt, Field(ge=1, le=10**9)]
Fields = dict[Text, Text | StrictBool | StrictInt | None]
"""Values of fields by name, as answers show them; null or an empty text empties a field."""


class Answer(BaseModel):
    """What the API answers."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Asked(BaseModel):
    """What the API is asked; a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid")


class Act(Asked):
    """An act on a placement."""

    dry_run: StrictBool = Field(False, description="Say what would happen; write nothing.")


# What is asked


class PlaceBody(Asked):
    """A new placement."""

    reference: Text
    fields: Fields
    at: Text | None = Field(None, description="When: an instant, a local time or a date; by default now.")


class FireBody(Act):
    """A transition."""

    trigger: Text
    fields: Fields = Field(default_factory=dict)
    at: Text | None = Field(None, description="When it happened; by default now, or the trigger's date field.")
    reason: Text | None = Field(None, description="A reason's code, or free text.")


class NoteBody(Act):
    """A remark; its text is personal."""

    text: Text
    at: Text | None = None


class Correction(Act):
    """What every correction says."""

    reason: Text = Field(description="A reason's code, or free text.")


class AsideBody(Asked):
    """Why an incident is set aside."""

    reason: Text = Field(description="In your own words; no personal data: others read it.")


class DeliveriesBody(Asked):
    """The notice whose deliveries are meant."""

    key: Text = Field(description="The notice's key.")


class DismissalBody(DeliveriesBody):
    """The notice, and why it is dismissed."""

    reason: Text = Field(description="In your own words; no personal data: others read it.")


class AmendBody(Correction):
    """Corrected values."""

    fields: Fields = Field(min_length=1)
    at: Text | None = None
    accept_earlier: StrictBool = Field(False, description="Let open deadlines come forward.")


class ReverseBody(Correction):
    """Undoing the last change of state, or one entry."""

    extend_to: Day | None = Field(None, description="The new last day of deadlines that have passed then.")
    waive: StrictBool = Field(False, description="Waive these deadlines.")
    entry: Number | None = Field(None, description="Take back this amendment or ledger line instead.")


class LineBody(Correction):
    """A line in the ledger of a deadline."""

    ground: Text | None = Field(None, description="The legal ground; kept with the personal data.")
    at: Text | None = None


class ExtendBody(LineBody):
    """A longer deadline."""

    by: Text = Field(description='Such as "10 days".')


class MoveBody(LineBody):
    """Another last day."""

    to: Day


class EraseBody(Act):
    """An erasure: of some fields (`reason` and `note` are the free texts), or of all that is kept."""

    ground: Text = Field(description="A point of GDPR article 17(1), such as `no_longer_necessary`.")
    decision: Text = Field(description="The reference of the decision; it stays.")
    fields: list[Text] = Field(default_factory=list)
    everything: StrictBool = False
    count: Number | None = Field(None, description="How many values a dry run named; needed but in a dry run.")


class HoldBody(Act):
    """The beginning (`on`) or the end of a legal hold."""

    on: StrictBool
    reason: Text


class SupposedFact(Asked):
    """Something that may happen: a trigger or a field, and when."""

    what: Text
    at: Text | None = None


class SupposeBody(Asked):
    """What is supposed, in this order, with the values that come with it."""

    suppose: list[SupposedFact] = Field(min_length=1, max_length=20)
    fields: Fields = Field(default_factory=dict)


class DecideBody(Act):
    """The answer to a correction that waits for a second person."""

    verdict: Literal["approve", "refuse"]
    reason: Text | None = None


Revision = Annotated[StrictInt, Field(ge=0, le=10**9)]
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


class ReleaseBody(Asked):
    """Releasing the brake."""

    reason: Text


# What is answered


class Blocker(Answer):
    """One reason why something cannot be done now."""

    code: str
    message: str
    details: dict[str, Any]


class Problem(Answer):
    """An error, by RFC 9457: `code` names it for programs, `detail` says it in one sentence."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    blockers: list[Blocker]
    findings: list[dict[str, Any]]


class Listed(Answer, Generic[T]):
    """A page of a list, and the cursor that asks for the next one."""

    items: list[T]
    next: str | None


class DefinitionName(Answer):
    """Which definition."""

    name: str
    version: int
    digest: str


class Reminder(Answer):
    """One reminder of a deadline."""

    at: datetime
    sent: bool


class Deadline(Answer):
    """A deadline of a placement; without dates while it has not started."""

    name: str
    anchored_at: datetime | None
    last_day: date | None
    due_at: datetime | None
    status: str
    then: str | None
    reminders: list[Reminder]


class Waiting(Answer):
    """A correction that waits for a second person."""

    request: int
    act: str
    about: str
    by: list[str]
    actor: str
    asked_at: datetime


class Incident(Answer):
    """Why a placement cannot be decided at present."""

    code: str
    message: str
    since: datetime
    attempts: int
    retry_at: datetime


class Retried(Answer):
    """What came of trying an incident: `code` and `message` say why it goes on, where it does."""

    reference: str
    resolved: bool
    entries: int
    code: str | None
    message: str | None


class SetAside(Answer):
    """Who set something aside, when and why."""

    by: str
    at: datetime
    reason: str


class IncidentItem(Incident):
    """The same with whose it is; `set_aside` where a person did: it alarms nobody while it stays as it is."""

    reference: str
    set_aside: SetAside | None


class AsideAnswer(Answer):
    """Whether the incident of a placement is set aside now."""

    reference: str
    set_aside: bool


class Delivery(Answer):
    """What became of a notice, or a digest, with one recipient; `recipient` is no address."""

    key: str
    channel: str
    recipient: str
    reference: str | None
    seq: int | None
    status: str
    attempts: int
    error: str | None
    planned_at: datetime
    next_at: datetime
    ended_at: datetime | None
    dismissal: SetAside | None


class DeliveriesChanged(Answer):
    """How many deliveries were dismissed, or wait again."""

    count: int


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


class DeadlineItem(Answer):
    """A deadline as it is listed."""

    reference: str
    territory: str
    state: str
    host_name: str | None
    name: str
    anchored_at: datetime
    last_day: date
    due_at: datetime
    status: str
    then: str | None
    overdue: bool


class RequestItem(Waiting):
    """A correction that waits, as it is listed."""

    reference: str
    territory: str
    waits_s: int


class Entry(Answer):
    """An entry of the history, without personal values; its key `from` is `from_state` here."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)
    seq: int
    kind: str
    trigger: str | None
    from_state: str | None = Field(alias="from")
    to: str | None
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    role: str | None
    reason: str | None
    fields: dict[str, Any]
    deadline: str | None
    due_at: datetime | None
    late: bool
    concerns: int | None
    reversed_by: int | None
    correlation: str | None
    definition_version: int
    key: str | None
    prev_hash: str
    hash: str


class LogEntry(Entry):
    """The same with the reference of its placement."""

    reference: str


class Outcome(Answer):
    """What an act did, or with `dry_run` would do; `waits` where it waits for a second person instead."""

    reference: str
    territory: str
    state: str
    state_since: datetime
    revision: int
    repeated: bool
    waits: Waiting | None
    entries: list[Entry]
    settled: list[Entry]


class Possible(Answer):
    """Whether a trigger may fire now, and every reason why not."""

    trigger: str
    allowed: bool
    to: str | None
    by: list[str]
    needs: list[str]
    takes: list[str]
    blockers: list[Blocker]


class Step(Answer):
    """One step of a computation."""

    code: str
    sentence: str
    fr: str
    en: str
    details: dict[str, Any]


class Explanation(Answer):
    """How the date of a deadline was computed."""

    deadline: str
    anchored_at: datetime
    last_day: date
    due_at: datetime
    status: str
    steps: list[Step]


class Computed(Answer):
    """A date from the calculator."""

    anchor: str
    territory: str
    length: str
    counting: str
    roll: str
    last_day: date
    instant: datetime
    due_at: datetime
    steps: list[Step]


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


class Checkpoint(Answer):
    """A signed checkpoint of the log."""

    number: int
    size: int
    root: str
    sealed_at: datetime
    note: str


class Sealed(Answer):
    """How far the log is sealed: the last checkpoints, newest first, and how many entries wait."""

    items: list[Checkpoint]
    unsealed: int


class Verified(Answer):
    """What a check of the whole log found."""

    ok: bool
    entries: int
    chains: int
    leaves: int
    seals: int
    unsealed: int
    key_vouched: bool
    faults: list[dict[str, Any]]
    checkpoint: Checkpoint | None


class Access(Answer):
    """Personal values that were shown: to whom, when, and the fields' names."""

    at: datetime
    account: str
    name: str | None
    reference: str
    fields: list[str]


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


class Person(Answer):
    """What is kept of the persons of a placement, with when each value was set."""

    reference: str
    held: bool
    values: list[dict[str, Any]]


class Supposed(Answer):
    """What would follow: the state, and every deadline before and after."""

    reference: str
    supposed: list[dict[str, Any]]
    state: str
    deadlines: list[dict[str, Any]]


class Version(DefinitionName):
    """A published version, and how many placements follow it."""

    published_at: datetime
    placements: int


class Definition(DefinitionName):
    """A published definition; labels in French and English."""

    title: dict[str, str]
    initial: str
    timezone: str
    calendar: str
    roles: list[str]
    states: list[dict[str, Any]]
    fields: list[dict[str, Any]]
    transitions: list[dict[str, Any]]
    deadlines: list[dict[str, Any]]
    reasons: dict[str, dict[str, str]]


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
