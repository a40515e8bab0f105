"""The language of behaviours as models: which keys there are and what they may hold; the source of its JSON Schema.

What names refer to is looked at later (reading.py).
"""

import re
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from workflow.language.forms import Bilingual, Form, Name, Text

_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?")
REFUSED: Final = "refused"
"""The kind of a fault whose sentence is made here, in French and in English."""
DELAYS = ("lognormal", "exponential", "uniform", "empirical", "fixed")
RULES = ("value", "day", "choose", "between", "same_as", "share_of", "table", "count", "unique")


def _number(value: object) -> object:
    """A decimal is text in this YAML; as a number it means one thing only when it is plain."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return float(value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


Number = Annotated[float, BeforeValidator(_number), Field(ge=0, le=1_000_000_000)]
Positive = Annotated[float, BeforeValidator(_number), Field(gt=0, le=100_000)]
Odds = Annotated[float, BeforeValidator(_number), Field(ge=0, le=1)]
Unit = Literal["days", "working days"]
Key = Annotated[str, StringConstraints(min_length=1, max_length=200)]


def _one_of(form: Form, names: tuple[str, ...]) -> None:
    said = [name for name in names if name in form.model_fields_set]
    if len(said) != 1:
        listed, found = ", ".join(names), ", ".join(said)
        raise _refused(
            f"attendu une seule clé parmi {listed}, trouvé {found or 'aucune'}",
            f"expected exactly one of {listed}, found {found or 'none'}",
        )


def _refused(fr: str, en: str) -> PydanticCustomError:
    return PydanticCustomError(REFUSED, "{en}", {"fr": fr, "en": en})


class LognormalForm(Form):
    """Half act within `median` days; `sigma` is the standard deviation of the logarithm."""

    median: Positive
    sigma: Annotated[float, BeforeValidator(_number), Field(gt=0, le=10)]


class ExponentialForm(Form):
    """The same odds every day."""

    mean: Positive


class UniformForm(Form):
    """Any time between the two, alike."""

    least: Number = 0.0
    most: Number

    @model_validator(mode="after")
    def in_order(self) -> "UniformForm":
        """The least is not above the most."""
        if self.least > self.most:
            raise _refused("least dépasse most", "least is above most")
        return self


class DelayForm(Form):
    """How long it takes: exactly one distribution, in days unless `in` says working days."""

    lognormal: LognormalForm | None = None
    exponential: ExponentialForm | None = None
    uniform: UniformForm | None = None
    empirical: Annotated[list[Number], Field(min_length=1, max_length=1000)] | None = None
    fixed: Number | None = None
    unit: Annotated[Unit, Field(alias="in")] = "days"

    @model_validator(mode="after")
    def one_distribution(self) -> "DelayForm":
        """Exactly one distribution; observed quantiles do not go back."""
        _one_of(self, DELAYS)
        if self.empirical is not None and self.empirical != sorted(self.empirical):
            raise _refused(
                "les quantiles vont du plus court au plus long", "quantiles go from the shortest to the longest"
            )
        return self


class ShareForm(Form):
    """A share of an amount that the placement has, less what earlier acts have recorded of it where that is named."""

    field: Name
    share: Odds
    less: Name | None = None


class TableForm(Form):
    """The value of a dated table on the day of the act, times a number."""

    name: Name
    times: Positive = 1.0


class BetweenForm(Form):
    """A number between the two, alike; cents for money."""

    least: Number
    most: Number


class RuleForm(Form):
    """The rule by which a value is made; exactly one of its keys."""

    value: Text | None = None
    day: Annotated[str, StringConstraints(pattern=r"^[+-]?[0-9]+ (days|weeks|months|years)$")] | None = None
    choose: Annotated[dict[Key, Positive], Field(min_length=1, max_length=500)] | None = None
    between: BetweenForm | None = None
    same_as: Name | None = None
    share_of: ShareForm | None = None
    table: TableForm | None = None
    count: Name | None = None
    unique: Text | None = None

    @model_validator(mode="after")
    def one_rule(self) -> "RuleForm":
        """Exactly one rule."""
        _one_of(self, RULES)
        return self


class ActForm(Form):
    """Something that somebody does: a trigger, with odds, after a delay."""

    do: Name
    by: Name
    odds: Odds = 1.0
    after: DelayForm
    reason: Text | None = None
    fields: dict[Name, RuleForm] = Field(default_factory=dict)


class RecordForm(ActForm):
    """Recorded beside all else: each time the state `since` is entered, or once the day in a field has come."""

    since: Name | None = None
    day_in: Name | None = None

    @model_validator(mode="after")
    def one_beginning(self) -> "RecordForm":
        """Exactly one of since, day_in."""
        _one_of(self, ("since", "day_in"))
        return self


class ActorForm(Form):
    """Who acts in a role: what they are called, and how often they never do what they meant to."""

    label: Bilingual | None = None
    forgets: Odds = 0.0


class ArrivalsForm(Form):
    """When placements begin, counted from the first day, and what they begin with."""

    after: DelayForm
    fields: dict[Name, RuleForm] = Field(default_factory=dict)


class PaymentsForm(Form):
    """What milestones cost: the field with the whole amount, and the share of each milestone."""

    grant: Name
    paid: Name | None = None
    shares: dict[Name, Odds] = Field(default_factory=dict)


class BehavioursForm(Form):
    """A file of behaviours: those of one definition, by name."""

    behaviours: Name
    title: Bilingual | None = None
    arrivals: ArrivalsForm
    actors: dict[Name, ActorForm] = Field(default_factory=dict)
    decisions: dict[Name, Annotated[list[ActForm], Field(min_length=1, max_length=50)]] = Field(default_factory=dict)
    records: dict[Name, RecordForm] = Field(default_factory=dict)
    payments: PaymentsForm | None = None


def behaviour_schema() -> dict[str, Any]:
    """The JSON Schema of behaviour files (draft 2020-12)."""
    schema = BehavioursForm.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Parcours behaviours"}
