"""What a definition says, as frozen data: states, transitions, deadlines, fields, tables, quotas.

It knows nothing of YAML (loader.py), of evaluation (guards.py) or of one placement (facts.py).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Literal, Self

import msgspec

from workflow.calendar import Length

SCHEDULER = "scheduler"
IMPORT = "import"
SUPERVISOR = "supervisor"
VOIDED = "voided"
COMPILED_FORMAT = 1
"""The number of the compiled form: raised when a program would misread what an older or newer one has compiled."""

FieldType = Literal["text", "integer", "money", "date", "boolean", "choice", "siret", "insee", "email", "territory"]
Value = str | int | bool | None


@dataclass(frozen=True, slots=True)
class Label:
    """A name or sentence for people, French first; English falls back to French."""

    fr: str
    en: str

    def __getitem__(self, lang: str) -> str:
        return self.en if lang == "en" else self.fr


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the definition's file; line and column count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class DefaultCase:
    """A default that holds where every condition does: field name -> the values it may have.

    `value` is None for "no default here"; with `over`, the value is that of `over` months.
    """

    when: Mapping[str, tuple[str, ...]]
    value: Value
    over: int | None = None


@dataclass(frozen=True, slots=True)
class Default:
    """The first case that holds gives the value; times the field `modulated_by` ÷ the case's `over`."""

    cases: tuple[DefaultCase, ...]
    modulated_by: str | None = None


@dataclass(frozen=True, slots=True)
class ListItem:
    """An allowed value; dated ones hold from `from_on` to `until_on`, both included."""

    value: str
    from_on: date | None = None
    until_on: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the value is allowed for a fact of this day."""
        return (self.from_on is None or self.from_on <= day) and (self.until_on is None or day <= self.until_on)


@dataclass(frozen=True, slots=True)
class Field:
    """One value that a placement carries. `unset_by` names the states whose entry, or the triggers, empty it.

    A choice is one of `values`. `exclusive`: no two placements may hold the same value at once (it is released when
    the field is emptied, or in a final state).
    """

    name: str
    type: FieldType
    label: Label
    required: bool = False
    personal: bool = False
    exclusive: bool = False
    minimum: int | None = None
    maximum: int | None = None
    values: tuple[ListItem, ...] = ()
    default: Default | None = None
    unset_by: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class State:
    """A named place; `open_ended` allows it to wait without a deadline."""

    name: str
    label: Label
    phase: str | None = None
    final: bool = False
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition that refuses with `code` and `message`: a CEL expression, or a predicate of the registry by name."""

    code: str
    message: Label
    require: str | None = None
    predicate: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What selects one transition among several of a trigger: a CEL expression or named predicates, all to hold."""

    expression: str | None = None
    predicates: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """An allowed move. `to` None records a fact and keeps the state.

    `number` is its place among the transitions of its trigger. `needs` must come with the request, but for those
    in `kept`, which may have been set before; `takes` may come with it. `since`: only after the first standing
    entry into that state. `automatic`: taken at once on entering one of `sources`, while its condition holds.
    """

    trigger: str
    number: int
    sources: frozenset[str]
    to: str | None
    by: frozenset[str]
    needs: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()
    takes: tuple[str, ...] = ()
    dated_by: str | None = None
    reason_required: bool = False
    once: bool = False
    since: str | None = None
    when: Condition | None = None
    first_that_holds: bool = False
    guards: tuple[Guard, ...] = ()
    automatic: bool = False
    label: Label | None = None
    place: Place | None = None


# Written as arrays, so that the compiled form tells them from what else may stand in the same place.
class EntryAnchor(msgspec.Struct, frozen=True, array_like=True):
    """The clock counts from the last (or first) standing entry into a state."""

    state: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class FieldAnchor:
    """The clock counts from the day in a date field."""

    field: str


Anchor = EntryAnchor | FieldAnchor


class FieldLength(msgspec.Struct, frozen=True, array_like=True):
    """A length read from an integer field, never above `at_most`."""

    field: str
    unit: str
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """`length` before the last day, or after the anchor's day."""

    length: Length
    direction: Literal["before", "after"]
    text: str


@dataclass(frozen=True, slots=True)
class Until:
    """What meets a deadline: a trigger recorded `times` times, or a field that is set."""

    trigger: str | None = None
    times: int = 1
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """How a deadline counts where its clock begins on `from_on` or later."""

    from_on: date
    length: Length | FieldLength
    counting: str = "calendar"
    roll: str = "none"


@dataclass(frozen=True, slots=True)
class Deadline:
    """An obligation with a clock. `then` None: a notice only. A milestone falls at the start of its day.

    `span` holds the states in which the clock runs (`while` in the file), `stops` those of them in which it stands
    still (`paused_in`); `anchors` are tried in order, the first that is set counts; `precedes` names the deadlines
    before which it goes at one instant (`before` in the file).
    A fact dated in time may be entered by its ordinary role until `entry_grace` after the timeout. `revisions` are in
    the order of their days.
    """

    name: str
    order: int
    label: Label
    anchors: tuple[Anchor, ...]
    length: Length | FieldLength
    span: frozenset[str]
    counting: str = "calendar"
    roll: str = "none"
    since: str | None = None
    until: Until | None = None
    then: str | None = None
    reminders: tuple[Reminder, ...] = ()
    milestone: bool = False
    if_unset_waits: bool = False
    precedes: tuple[str, ...] = ()
    awaits: tuple[str, ...] = ()
    legal_basis: Label | None = None
    entry_grace: Length | None = None
    revisions: tuple[Revision, ...] = ()
    stops: frozenset[str] = frozenset()
    place: Place | None = None

    def revision_of(self, anchored_on: date) -> Revision | None:
        """The revision that a clock begun on this day follows; None for the rule as it was first."""
        return next((each for each in reversed(self.revisions) if each.from_on <= anchored_on), None)

    def in_force(self, anchored_on: date) -> "Deadline":
        """The deadline as it counts for a clock begun on this day."""
        revision = self.revision_of(anchored_on) if self.revisions else None
        if revision is None:
            return self
        return replace(self, length=revision.length, counting=revision.counting, roll=revision.roll)


@dataclass(frozen=True, slots=True)
class TableRow:
    """From this day on, in these territories, this value."""

    territories: frozenset[str]
    from_on: date
    value: int


@dataclass(frozen=True, slots=True)
class Table:
    """Values dated by day and territory, known until a day. Money is in cents."""

    name: str
    label: Label
    type: Literal["money", "integer"]
    known_until: date
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `limit` placements hold it at once (None: no limit): taken by a trigger, given back in states."""

    name: str
    limit: int | None
    taken_by: str
    given_back_by: frozenset[str]
    message: Label


@dataclass(frozen=True, slots=True)
class Category:
    """Personal data of one kind, kept for `keep` after the life has ended in one of the states `ends`, then erased.

    `texts`: the free texts (reasons, notes) are of this kind. A voided life has ended for every category.
    """

    name: str
    order: int
    fields: tuple[str, ...]
    texts: bool
    ends: frozenset[str]
    keep: Length


@dataclass(frozen=True, slots=True)
class Approval:
    """A correction that waits until a second person approves it, in one of the roles `by`.

    `only` names the triggers, fields or deadlines for which that holds; empty for all.
    """

    by: tuple[str, ...]
    only: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Invariant:
    """What is to hold of every placement; `number` is its place in the file.

    `never`: no placement is in one of `states` before one of the entries or fields in `without` (or after the entry
    into `after`). `leads_to` and `at_most`: an entry into `start` (the `first`, or each) is followed by an entry into
    one of `states` within a length. It is said only of placements in which the fields of `unset` are never set.
    """

    number: int
    kind: Literal["never", "leads_to", "at_most"]
    label: Label
    states: frozenset[str]
    without_state: str | None = None
    without_field: str | None = None
    after: str | None = None
    start: str | None = None
    first: bool = False
    within: Length | None = None
    unset: tuple[str, ...] = ()
    place: Place | None = None


@dataclass(frozen=True)
class Definition:
    """The parsed, checked, frozen content of one `states.yaml`; `source` is its exact bytes, `digest` their SHA-256."""

    name: str
    version: int
    title: Label
    initial: str
    timezone: str
    calendar: str
    stale_after_s: int
    roles: tuple[str, ...]
    states: Mapping[str, State]
    fields: Mapping[str, Field]
    transitions: Mapping[str, tuple[Transition, ...]]
    automatic: tuple[Transition, ...]
    deadlines: Mapping[str, Deadline]
    lists: Mapping[str, tuple[ListItem, ...]] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    quotas: Mapping[str, Quota] = field(default_factory=dict)
    reasons: Mapping[str, Label] = field(default_factory=dict)
    retention: Mapping[str, Category] = field(default_factory=dict)
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    invariants: tuple[Invariant, ...] = ()
    longest: Length | None = None
    phases: Mapping[str, Label] = field(default_factory=dict)
    source: bytes = b""
    digest: str = ""

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Definition) and self.digest == other.digest and self.source == other.source

    def compiled(self) -> bytes:
        """The definition without its source, as bytes that `from_compiled` reads back in no time."""
        return msgspec.json.encode(replace(self, source=b""))

    @classmethod
    def from_compiled(cls, data: bytes, source: bytes) -> Self:
        """A published definition from its compiled form and exact source.

        Raises ValueError where the bytes are no compiled definition, or one of another source.
        """
        definition = replace(msgspec.json.decode(data, type=cls), source=source)
        if hashlib.sha256(source).hexdigest() != definition.digest:
            raise ValueError(f"the source of {definition.name} {definition.version} is not the one that was published")
        return definition

    def is_final(self, state: str) -> bool:
        """Whether a life ends in `state`; the built-in `voided` is final in every definition."""
        return state == VOIDED or self.states[state].final

    @cached_property
    def open_states(self) -> frozenset[str]:
        """The states that are not final."""
        return frozenset(name for name, state in self.states.items() if not state.final)

    @cached_property
    def final_states(self) -> frozenset[str]:
        """The states in which a life ends, but for the built-in `voided`."""
        return frozenset(self.states) - self.open_states

    @cached_property
    def exclusive(self) -> tuple[str, ...]:
        """The fields whose value no two placements may hold at once."""
        return tuple(name for name, spec in self.fields.items() if spec.exclusive)

    @cached_property
    def modulated(self) -> tuple[tuple[str, Default], ...]:
        """The fields whose default follows another field, each with that default."""
        held = ((name, spec.default) for name, spec in self.fields.items())
        return tuple((name, default) for name, default in held if default and default.modulated_by)

    @cached_property
    def automatic_from(self) -> Mapping[str, tuple[Transition, ...]]:
        """State -> the automatic transitions that may be taken on entering it, in the definition's order."""
        return {name: tuple(t for t in self.automatic if name in t.sources) for name in self.states}

    @cached_property
    def unset_on(self) -> Mapping[str, tuple[str, ...]]:
        """State or trigger -> the fields that it empties."""
        causes = {cause for spec in self.fields.values() for cause in spec.unset_by}
        return {c: tuple(n for n, spec in self.fields.items() if c in spec.unset_by) for c in causes}

    @cached_property
    def _category_of(self) -> Mapping[str, str]:
        return {name: each.name for each in self.retention.values() for name in each.fields}

    @cached_property
    def _category_of_texts(self) -> str:
        return next((each.name for each in self.retention.values() if each.texts), "")

    def category_of(self, name: str) -> str:
        """The retention category of a personal field or free text; empty for what has none."""
        return self._category_of.get(name, "") if name in self.fields else self._category_of_texts

    @cached_property
    def _standing(self) -> Mapping[str, Mapping[str, tuple[Transition, ...]]]:
        named = self.transitions.items()
        return {n: {s: tuple(t for t in each if s in t.sources) for s in self.states} for n, each in named}

    def transitions_from(self, state: str, trigger: str) -> tuple[Transition, ...]:
        """The transitions of a trigger that stand in `state`, in the definition's order."""
        return self._standing[trigger].get(state, ())
