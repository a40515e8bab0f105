"""What people and programs may ask of the engine, and what it answers: values only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from workflow.brake import Held
from workflow.errors import Blocker
from workflow.facts import Facts, Waiting
from workflow.history import ChainedEntry

Moment = datetime | date | None
"""When a fact happened: an aware instant, a local date-time (naive), a local day, or None for the default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Create a placement. `fields` are texts as typed, read by the definition's types; `actor` is a person's name."""

    reference: str
    fields: Mapping[str, str]
    actor: str
    at: Moment = None
    key: str | None = None
    dates: str = "iso"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fire:
    """Ask for a transition. An empty text in `fields` empties that field.

    `roles` are those that the caller may act in; `expect` is the revision that the caller saw; `reason` one of the
    definition's codes, or free text (personal; its code is then `other`).
    """

    reference: str
    trigger: str
    actor: str
    fields: Mapping[str, str] = field(default_factory=dict)
    at: Moment = None
    roles: Sequence[str] = ()
    reason: str | None = None
    key: str | None = None
    expect: int | None = None
    late: bool = False
    correlation: str | None = None
    dates: str = "iso"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Attach a free remark; its text is personal, like every free text."""

    reference: str
    text: str
    actor: str
    at: Moment = None
    expect: int | None = None
    key: str | None = None
    correlation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remind:
    """Remind those who are awaited of a deadline that runs: a remark about it, which gives rise to a notice."""

    reference: str
    deadline: str
    actor: str
    expect: int | None = None
    key: str | None = None
    correlation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Void:
    """Put aside a placement that was created by mistake; asks for the role `supervisor` and a reason."""

    reference: str
    reason: str | None
    actor: str
    roles: Sequence[str] = ()
    expect: int | None = None
    key: str | None = None
    correlation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Release the brake: the clock's present moment is taken for true; asks for the role `supervisor` and a reason."""

    reason: str
    actor: str
    roles: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Retry:
    """Try a placement with an incident at once; asks for the role `supervisor`."""

    reference: str
    actor: str
    roles: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reverse:
    """Undo the last move; what then is overdue is moved to the day `extend_to`, or waived.

    `entry`: take back this amendment or line of a ledger instead, by its seq.
    """

    reference: str
    reason: str | None
    actor: str
    roles: Sequence[str] = ()
    extend_to: date | None = None
    waive: bool = False
    entry: int | None = None
    expect: int | None = None
    key: str | None = None
    correlation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amend:
    """Correct values. An open deadline that would come forward keeps its day, unless `accept_earlier`."""

    reference: str
    fields: Mapping[str, str]
    reason: str | None
    actor: str
    roles: Sequence[str] = ()
    accept_earlier: bool = False
    at: Moment = None
    expect: int | None = None
    key: str | None = None
    correlation: str | None = None
    dates: str = "iso"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjust:
    """A line in the ledger of a deadline: `by` is the length of an extension, `to` the new last day of a move."""

    reference: str
    deadline: str
    kind: Literal["pause", "resume", "extension", "move"]
    reason: str | None
    actor: str
    roles: Sequence[str] = ()
    by: str | None = None
    to: date | None = None
    ground: str | None = None
    at: Moment = None
    expect: int | None = None
    key: str | None = None
    correlation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrate:
    """Bring placements under the version with the digest `to` of their definition. Asks for `supervisor`.

    `states`: what a state is called there, where it has another name. A deadline that runs has its date computed anew,
    unless it is named in `keep` or `drop`; one that would come forward is kept, unless `accept_earlier`.
    """

    to: str
    reason: str | None
    actor: str
    roles: Sequence[str] = ()
    states: Mapping[str, str] = field(default_factory=dict)
    keep: Sequence[str] = ()
    drop: Sequence[str] = ()
    accept_earlier: bool = False
    correlation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase:
    """Erase personal data of a placement: some `fields` (`reason` and `note` are the free texts), or all of them.

    `commitments` narrows it to the values that these open to. `ground` is one of erasing.GROUNDS, `decision` the
    reference of the decision; both stay. Asks for `supervisor`.
    """

    reference: str
    ground: str
    decision: str
    actor: str
    fields: Sequence[str] = ()
    commitments: Sequence[str] = ()
    roles: Sequence[str] = ()
    expect: int | None = None
    correlation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseActor:
    """Erase the name of somebody who acts; `who` is the name, or the id `operator:…`. Asks for `supervisor`."""

    who: str
    ground: str
    decision: str
    actor: str
    roles: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseAgain:
    """Erase once more what the register of erasures names and a restored database still has."""

    reference: str
    commitments: Sequence[str]
    ground: str
    decision: str | None
    actor: str
    roles: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldData:
    """Begin (`on`) or end a legal hold: while it stands nothing is erased. Asks for `supervisor` and a reason."""

    reference: str
    on: bool
    reason: str | None
    actor: str
    roles: Sequence[str] = ()
    expect: int | None = None
    key: str | None = None
    correlation: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide:
    """Approve or refuse a correction that waits for a second person; None: the only one that does.

    Who asked for it withdraws it by refusing. A refusal needs a reason.
    """

    reference: str
    verdict: Literal["approve", "refuse"]
    actor: str
    request: int | None = None
    reason: str | None = None
    roles: Sequence[str] = ()
    expect: int | None = None
    key: str | None = None


Correction = Reverse | Amend | Adjust | Void
Request = Fire | Correction | Note | Remind | Erase | HoldData | Decide
"""What may be asked of a placement, after a preview."""


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A deadline that has ended by the entry `seq` of a kind (`timeout`, `missed`, `milestone`), and its date.

    `would_end_on` and `would_be_due_at` are what the date would have been; None where it would not have run.
    """

    deadline: str
    seq: int
    kind: str
    last_day: date
    due_at: datetime
    would_end_on: date | None
    would_be_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did: the entries that were due first, its own (with the automatics that followed), the facts now.

    `otherwise` tells for a correction what the date of deadlines that have ended would have been.
    `repeated`: the same command was carried out before under its key, and `entries` are those made then.
    """

    reference: str
    settled: tuple[ChainedEntry, ...]
    entries: tuple[ChainedEntry, ...]
    facts: Facts
    repeated: bool = False
    otherwise: tuple[Otherwise, ...] = ()

    @property
    def waits(self) -> Waiting | None:
        """The request that was entered in place of what was asked, while it waits for a second person."""
        made = {item.entry.seq for item in self.entries}
        return next((each for each in self.facts.requests if each.seq in made), None)


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a trigger may fire now: where to, who may ask, what must come with it, and every reason why not.

    Guards that speak of values which come with the request are not asked, but listed in `needs`.
    """

    trigger: str
    allowed: bool
    to: str | None
    by: tuple[str, ...]
    needs: tuple[str, ...]
    takes: tuple[str, ...]
    blockers: tuple[Blocker, ...]


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What one sweep did: how many placements it took up, entries it wrote, incidents it left.

    `held`: why it ended before all that is due was entered.
    """

    placements: int
    entries: int
    incidents: int
    held: Held | None = None


@dataclass(frozen=True, slots=True)
class Life:
    """Facts to enter for one placement, oldest first, settling up to each one's moment.

    `place` is None where the placement exists already; `to_now`: settle up to the present at the end; `rows` are
    the input's line numbers of `place` and of each of `facts`, for findings.
    """

    reference: str
    place: Place | None
    facts: tuple[Fire, ...] = ()
    to_now: bool = False
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class LifeOutcome:
    """What became of one life: `created`, `extended`, `unchanged`, `differs` (listed, nothing written) or `refused`."""

    life: Life
    status: str
    blockers: tuple[Blocker, ...] = ()
    row: int | None = None
    differing: tuple[str, ...] = ()
