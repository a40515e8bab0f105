"""The language of scenario files as models; every key has a French word too, which means the same.

The source of its JSON Schema and of every finding about shape.
"""

import json
from functools import cache
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from workflow.language.forms import Form, Name, Text
from workflow.language.positions import Path
from workflow.language.schema import schema_of

FRENCH = {
    "scenarios": "scénarios",
    "scenario": "scénario",
    "law": "droit",
    "given": "étant_donné",
    "steps": "étapes",
    "territory": "territoire",
    "day": "jour",
    "fields": "champs",
    "as": "rôle",
    "does": "fait",
    "with": "avec",
    "reason": "motif",
    "refused": "refusé",
    "then": "alors",
    "state": "état",
    "deadlines": "échéances",
    "notices": "avis",
    "history": "histoire",
}
ENGLISH = {french: english for english, french in FRENCH.items()}
NONE = ("none", "aucun", "aucune")
"""Instead of a day, or of a value: the deadline does not run, the field is empty."""

_DAY, _TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}", r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{6})?)?"
Moment = Annotated[str, StringConstraints(pattern=f"^{_DAY}( {_TIME})?$")]
DayOrNone = Annotated[str, StringConstraints(pattern=r"^(none|aucune?|[0-9]{4}-[0-9]{2}-[0-9]{2})$")]
Told = Annotated[str, StringConstraints(pattern=r"^[a-z]+ [a-z0-9_]+ [0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9]{2}:[0-9]{2})?$")]
Value = str | int | bool
Values = dict[Name, Value]
Texts = Annotated[list[Told], Field(min_length=1)]


class GivenForm(Form):
    """The placement that a life begins with."""

    territory: Text
    day: Moment
    fields: Values = Field(default_factory=dict, description="Values of placing; what is required has a usual one.")


class ThenForm(Form):
    """What holds at a moment."""

    state: Name | None = None
    deadlines: dict[Name, DayOrNone] = Field(
        default_factory=dict, description="Deadline: its last day, or none where it does not run."
    )
    fields: Values = Field(default_factory=dict, description="Field: its value, or none where it is empty.")
    history: Texts | None = Field(None, description="Kind, deadline or trigger, local day (and time) of entries.")
    notices: Texts | None = Field(None, description="Kind, deadline, local day of notices that were given.")


class StepForm(Form):
    """One moment of a life: what somebody asks, or nothing; and what holds then."""

    day: Moment
    as_: Name | None = Field(None, alias="as")
    does: Name | None = None
    with_: Values = Field(default_factory=dict, alias="with")
    reason: Text | None = None
    refused: Annotated[list[Name], Field(min_length=1)] | None = None
    then: ThenForm | None = None


class ScenarioForm(Form):
    """One life."""

    scenario: Text
    law: Text | None = Field(None, description="The article from which the dates were worked out.")
    given: GivenForm
    steps: Annotated[list[StepForm], Field(min_length=1)]


class ScenarioFile(Form):
    """A file of scenarios."""

    scenarios: Annotated[list[ScenarioForm], Field(min_length=1)]


@cache
def scenario_schema() -> dict[str, Any]:
    """The JSON Schema, with the French words beside the English ones."""
    plain: dict[str, Any] = schema_of(ScenarioFile.model_json_schema(), "Parcours scenarios")
    for form in (plain, *plain["definitions"].values()):
        _both(form)
    return plain


def _both(form: dict[str, Any]) -> None:
    """Either word for every key; what is required is required under one of them."""
    for name, schema in list(form["properties"].items()):
        form["properties"][FRENCH[name]] = schema
    required = form.pop("required", [])
    if required:
        form["allOf"] = [{"anyOf": [{"required": [name]}, {"required": [FRENCH[name]]}]} for name in required]


def schema_text() -> str:
    """The schema as the file in the repository has it."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False) + "\n"


def keys_at(data: Any, path: Path) -> list[str]:
    """The keys that the language knows at a path: those of both languages."""
    forms: dict[str, type[Form]] = {"scenarios": ScenarioForm, "given": GivenForm, "steps": StepForm, "then": ThenForm}
    names = [step for step in path if isinstance(step, str)]
    if names and names[-1] not in forms:
        return []
    form = forms[names[-1]] if names else ScenarioFile
    known = [field.alias or name for name, field in form.model_fields.items()]
    return [*known, *(FRENCH[name] for name in known)]
