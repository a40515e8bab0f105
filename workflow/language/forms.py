"""The language of `states.yaml` as models: which keys there are, which forms their values take.

The source of the JSON Schema and of every finding about shape. What names refer to, and whether the process
makes sense, is looked at later (loader.py, checks.py).
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag

from workflow.definition import FieldType

# A calendar's version is part of what a definition says: this default never changes, whatever is shipped
# later.
DEFAULT_CALENDAR = "FR-2026.1"
OPEN_STATES, ALL_STATES = "open_states", "all_states"

# Those of the calendar, written out for the type checker and the schema.
Unit = Literal["seconds", "minutes", "hours", "days", "weeks", "months", "years"]
Counting = Literal["calendar", "inclusive", "clear", "working", "workable"]
Roll = Literal["none", "next_working_day"]

BETWEEN = "\n"
"""What parts French from English in the one message that pydantic keeps of a form."""
VALUE, LIST, MAPPING = "<value>", "<list>", "<mapping>"


def _form(value: object) -> str:
    if isinstance(value, list):
        return LIST
    return MAPPING if isinstance(value, dict) else VALUE


def _by_form(fr: str, en: str) -> Discriminator:
    """Alternatives that a value's form tells apart; what was expected where it is none of them, in both languages."""
    return Discriminator(_form, custom_error_type="wrong_form", custom_error_message=f"{fr}{BETWEEN}{en}")


# No two underscores in a row: expressions keep such names for themselves.
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(_[a-z0-9]+)*$", max_length=60)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
LengthText = Annotated[str, StringConstraints(pattern=r"^[0-9]+ +[a-z ]+$", max_length=60)]
ReminderText = Annotated[str, StringConstraints(pattern=r"^[0-9]+ +[a-z ]+ (before|after)$", max_length=60)]
Amount = int | Annotated[str, StringConstraints(min_length=1, max_length=40)]
Names = Annotated[list[Name], Field(min_length=1)]
NameOrNames = Annotated[
    Annotated[Name, Tag(VALUE)] | Annotated[Names, Tag(LIST)],
    _by_form("un nom ou une liste de noms", "a name or a list of names"),
]


class Form(BaseModel):
    """What all mappings of the language have in common: no key but the known ones, no conversion."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Bilingual(Form):
    """A text in French and English; without English, French serves for both."""

    fr: Text
    en: Text | None = None


LabelForm = Annotated[
    Annotated[Text, Tag(VALUE)] | Annotated[Bilingual, Tag(MAPPING)],
    _by_form("un texte, ou {fr: …, en: …}", "a text, or {fr: …, en: …}"),
]


class DatedItem(Form):
    """A value of a list that is allowed from a day on, or until a day, both included."""

    value: Text
    from_: Day | None = Field(None, alias="from")
    until: Day | None = None


ItemForm = Annotated[
    Annotated[Text, Tag(VALUE)] | Annotated[DatedItem, Tag(MAPPING)],
    _by_form("un texte, ou {value: …, from: …, until: …}", "a text, or {value: …, from: …, until: …}"),
]
ItemForms = Annotated[list[ItemForm], Field(min_length=1)]


class CaseForm(Form):
    """One case of a default; it holds where each field of `when` has one of the values."""

    when: dict[Name, Annotated[list[Text], Field(min_length=1)]] = Field(default_factory=dict)
    value: str | int | bool | None
    over: Annotated[int, Field(ge=1)] | None = Field(None, description="The value is that of so many months.")


class DefaultForm(Form):
    """A default by cases: the first that holds."""

    cases: Annotated[list[CaseForm], Field(min_length=1)]
    modulated_by: Name | None = Field(None, description="An integer field: value × field ÷ over, half up.")


class FieldForm(Form):
    """A value that a placement carries."""

    type: FieldType
    label: LabelForm | None = None
    required: bool = False
    personal: bool = Field(False, description="Never enters an entry, a log line or an export; can be erased.")
    exclusive: bool = Field(False, description="No two placements may hold the same value at once.")
    minimum: Amount | None = None
    maximum: Amount | None = None
    values: (
        Annotated[
            Annotated[Name, Tag(VALUE)] | Annotated[ItemForms, Tag(LIST)],
            _by_form("le nom d'une liste, ou une liste de valeurs", "the name of a list, or a list of values"),
        ]
        | None
    ) = Field(None, description="For a choice: the name of a list, or the values.")
    default: (
        Annotated[
            Annotated[str | int | bool | None, Tag(VALUE)] | Annotated[DefaultForm, Tag(MAPPING)],
            _by_form("une valeur, ou {cases: […]}", "a value, or {cases: […]}"),
        ]
        | None
    ) = None
    unset_by: list[Name] = Field(default_factory=list, description="States whose entry, and triggers, that empty it.")


class RowForm(Form):
    """A value of a table, from a day on."""

    from_: Day = Field(alias="from")
    value: Amount


class ColumnForm(Form):
    """The rows that hold in some territories; `"01..95"` is a range of codes."""

    territories: Annotated[list[Text], Field(min_length=1)]
    rows: Annotated[list[RowForm], Field(min_length=1)]


class TableForm(Form):
    """Values dated by day and territory."""

    label: LabelForm | None = None
    type: Literal["money", "integer"] = "money"
    known_until: Day = Field(description="A later day is refused until the table is brought up to date.")
    columns: Annotated[list[ColumnForm], Field(min_length=1)]


class QuotaForm(Form):
    """At most so many placements that a trigger was fired for and that are not in a state that gives back."""

    limit: Annotated[int, Field(ge=0)] | None
    taken_by: Name
    given_back_by: list[Name] = Field(default_factory=list)
    message: LabelForm | None = None


class StateForm(Form):
    """A named place of the process."""

    label: LabelForm | None = None
    phase: Name | None = None
    final: bool = False
    open_ended: bool = Field(False, description="May wait without a deadline.")


class GuardForm(Form):
    """A condition to fire: an expression (`require`) or a registered predicate, with code and sentence."""

    code: Name
    require: Text | None = Field(None, description="An expression in CEL that must be true.")
    predicate: Name | None = None
    message: LabelForm


class KeptForm(Form):
    """A needed field that may have been set before."""

    field: Name
    kept: Literal[True]


NeedForm = Annotated[
    Annotated[Name, Tag(VALUE)] | Annotated[KeptForm, Tag(MAPPING)],
    _by_form("le nom d'un champ, ou {field: NOM, kept: true}", "the name of a field, or {field: NAME, kept: true}"),
]
WhenForm = Annotated[
    Annotated[Text, Tag(VALUE)] | Annotated[list[Text], Field(min_length=1), Tag(LIST)],
    _by_form(
        "une expression, le nom d'un prédicat, ou une liste de ceux-ci",
        "an expression, the name of a predicate, or a list of these",
    ),
]


class TransitionForm(Form):
    """An allowed move; without `to` it records a fact and keeps the state."""

    label: LabelForm | None = None
    from_: NameOrNames = Field(alias="from", description="A state, a list, `open_states` or `all_states`.")
    to: Name | None = None
    by: Names = Field(description="The roles that may ask; `scheduler` where a deadline fires it.")
    reason: Literal["required"] | None = None
    dated_by: Name | None = Field(None, description="The date field that holds the day of the fact.")
    needs: list[NeedForm] = Field(default_factory=list, description="The fields that must come with it.")
    takes: list[Name] = Field(default_factory=list, description="The fields that may come with it.")
    once: bool = False
    since: Name | None = Field(None, description="Only after the first entry into this state.")
    when: WhenForm | None = None
    first_that_holds: bool = Field(False, description="The first, in order, whose `when` holds is taken.")
    guards: list[GuardForm] = Field(default_factory=list)


TransitionForms = Annotated[
    Annotated[TransitionForm, Tag(MAPPING)] | Annotated[list[TransitionForm], Field(min_length=1), Tag(LIST)],
    _by_form("une transition, ou une liste de transitions", "a transition, or a list of transitions"),
]


class AutomaticForm(Form):
    """A transition that is taken at once on entering `from`, while `when` holds."""

    label: LabelForm | None = None
    from_: NameOrNames = Field(alias="from")
    to: Name
    when: WhenForm | None = None


class AnchorForm(Form):
    """A date field, or the entry into a state."""

    field: Name | None = None
    state: Name | None = None
    first: bool = False


OneAnchorForm = Annotated[
    Annotated[Name, Tag(VALUE)] | Annotated[AnchorForm, Tag(MAPPING)],
    _by_form("un état, {field: …} ou {state: …, first: true}", "a state, {field: …} or {state: …, first: true}"),
]
AfterForm = Annotated[
    Annotated[Name, Tag(VALUE)]
    | Annotated[AnchorForm, Tag(MAPPING)]
    | Annotated[list[OneAnchorForm], Field(min_length=1), Tag(LIST)],
    _by_form(
        "un état, {field: …}, {state: …, first: true}, ou une liste de ceux-ci",
        "a state, {field: …}, {state: …, first: true}, or a list of these",
    ),
]


class WithinForm(Form):
    """A length that an integer field holds."""

    field: Name
    unit: Unit
    at_most: Annotated[int, Field(ge=0)] | None = None


class UntilForm(Form):
    """What meets a deadline: a trigger, fired so many times, or a field that is set."""

    trigger: Name | None = None
    times: Annotated[int, Field(ge=1)] = 1
    field: Name | None = None


LengthForm = Annotated[
    Annotated[LengthText, Tag(VALUE)] | Annotated[WithinForm, Tag(MAPPING)],
    _by_form("une durée telle que 15 days, ou {field: …, unit: …}", "a length such as 15 days, or {field: …, unit: …}"),
]


class RevisionForm(Form):
    """Another rule, for clocks that begin on a day or later; what it does not say is as in the deadline."""

    from_: Day = Field(alias="from")
    within: LengthForm
    counting: Counting | None = None
    roll: Roll | None = None


class DeadlineForm(Form):
    """An obligation with a clock; their order is the order at one instant."""

    label: LabelForm | None = None
    after: AfterForm = Field(description="What the clock counts from: the first of a list that is set.")
    first: bool = Field(False, description="The first entry into the state counts, not the last.")
    within: LengthForm
    counting: Counting = "calendar"
    roll: Roll = "none"
    revised: list[RevisionForm] = Field(
        default_factory=list, description="Rules with a date of application, by the day on which the clock begins."
    )
    since: Name | None = Field(None, description="Only after the first entry into this state.")
    while_: NameOrNames = Field(alias="while", description="The states in which the clock runs.")
    paused_in: NameOrNames | None = Field(
        None, description="Those of them in which it stands still; it runs on when they are left, the time given back."
    )
    until: (
        Annotated[
            Annotated[Name, Tag(VALUE)] | Annotated[UntilForm, Tag(MAPPING)],
            _by_form(
                "un déclencheur, {trigger: …, times: …} ou {field: …}",
                "a trigger, {trigger: …, times: …} or {field: …}",
            ),
        ]
        | None
    ) = None
    remind: list[ReminderText] = Field(default_factory=list)
    then: Name | None = Field(None, description="The trigger that fires; without it, a notice only.")
    before: list[Name] = Field(default_factory=list, description="The deadlines before which it goes at one instant.")
    milestone: bool = Field(False, description="Falls at the start of its day.")
    if_unset: Literal["waits"] | None = None
    awaits: list[Name] = Field(default_factory=list, description="The roles that have to act.")
    legal_basis: LabelForm | None = None
    entry_grace: LengthText | None = Field(
        default=None,
        description="A fact dated in time may be entered so much later by its ordinary role, such as 3 days.",
    )


class RetentionForm(Form):
    """How long one category of personal data is kept once a life has ended."""

    fields: list[Name] = Field(default_factory=list, description="The personal fields of this category.")
    texts: bool = Field(False, description="The free texts (reasons and notes) are of this category.")
    after: NameOrNames = Field("final", description="`final`: the end of every life; or the final states that count.")
    keep: LengthText = Field(description="How long after the end; then the values are erased.")


class ApprovalForm(Form):
    """A correction that a second person must approve, in one of these roles."""

    by: Names = Field(description="The roles that may approve; a supervisor only where named.")


class LateApprovalForm(ApprovalForm):
    """Facts entered late, by reversing what the scheduler did after them."""

    triggers: Names | None = Field(None, description="Only for these triggers; else for all.")


class AmendApprovalForm(ApprovalForm):
    """Amendments."""

    fields: Names | None = Field(None, description="Only where one of these fields changes; else for all.")


class LedgerApprovalForm(ApprovalForm):
    """Lines in the ledger of a deadline."""

    deadlines: Names | None = Field(None, description="Only for these deadlines; else for all.")


class ApprovalsForm(Form):
    """Which corrections a second person must approve."""

    late: LateApprovalForm | None = None
    reverse: ApprovalForm | None = None
    amend: AmendApprovalForm | None = None
    pause: LedgerApprovalForm | None = None
    resume: LedgerApprovalForm | None = None
    extension: LedgerApprovalForm | None = None
    move: LedgerApprovalForm | None = None
    void: ApprovalForm | None = None


class BeenForm(Form):
    """A state that was entered, or a field that is set."""

    state: Name | None = None
    field: Name | None = None


BeenForms = Annotated[
    Annotated[Name, Tag(VALUE)] | Annotated[BeenForm, Tag(MAPPING)],
    _by_form("un état, {state: …} ou {field: …}", "a state, {state: …} or {field: …}"),
]


class NeverForm(Form):
    """A state in which no placement is: without something before it, or after something; one of the two."""

    state: NameOrNames = Field(description="A state, a list, `open_states` or `all_states`.")
    without: BeenForms | None = Field(None, description="Not without this state's entry before, or this field set.")
    after: Name | None = Field(None, description="Not after this state was entered.")


class LeadsToForm(Form):
    """Every entry into a state is followed by one of others, in time."""

    from_: Name = Field(alias="from")
    to: NameOrNames = Field(description="`final`, a state, or a list.")
    within: LengthText


SinceForm = Annotated[
    Annotated[Name, Tag(VALUE)] | Annotated[AnchorForm, Tag(MAPPING)],
    _by_form("un état, ou {state: …, first: true}", "a state, or {state: …, first: true}"),
]


class InvariantForm(Form):
    """What is to hold of every placement: one of `never`, `leads_to`, and `at_most` with `from` and `to`."""

    label: LabelForm | None = None
    never: NeverForm | None = None
    leads_to: LeadsToForm | None = None
    at_most: LengthText | None = None
    from_: SinceForm | None = Field(None, alias="from", description="For `at_most`: what it counts from.")
    to: NameOrNames | None = Field(None, description="For `at_most`: `final`, a state, or a list.")
    unset: list[Name] = Field(default_factory=list, description="Said only of placements without these date fields.")


class Document(Form):
    """A definition for Parcours: states, transitions, deadlines, and what a placement carries."""

    definition: Name
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    title: LabelForm | None = None
    initial: Name
    timezone: Text = "Europe/Paris"
    calendar: Text = DEFAULT_CALENDAR
    stale_after: LengthText = Field("2 days", description="A notice older than this when it is recorded is not sent.")
    roles: list[Name] = Field(default_factory=list)
    phases: dict[Name, LabelForm] = Field(default_factory=dict, description="What the phases of states are called.")
    lists: dict[Name, ItemForms] = Field(default_factory=dict)
    reasons: dict[Name, LabelForm] = Field(default_factory=dict)
    fields: dict[Name, FieldForm] = Field(default_factory=dict)
    tables: dict[Name, TableForm] = Field(default_factory=dict)
    quotas: dict[Name, QuotaForm] = Field(default_factory=dict)
    states: Annotated[dict[Name, StateForm], Field(min_length=1)]
    transitions: dict[Name, TransitionForms] = Field(default_factory=dict)
    automatic: dict[Name, AutomaticForm] = Field(default_factory=dict)
    deadlines: dict[Name, DeadlineForm] = Field(default_factory=dict)
    retention: dict[Name, RetentionForm] = Field(
        default_factory=dict, description="Categories of personal data, and how long each is kept."
    )
    invariants: list[InvariantForm] = Field(
        default_factory=list, description="What is to hold of every placement; `definition check` proves or refutes it."
    )
    longest: LengthText | None = Field(None, description="The longest that a whole life may last.")
    approvals: ApprovalsForm = Field(
        default_factory=ApprovalsForm, description="The corrections that a second person must approve."
    )
