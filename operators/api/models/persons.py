"""Data of persons: what is kept, held and erased."""

from typing import Any

from pydantic import Field, StrictBool

from operators.api.models.common import Act, Answer, Number, Text


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


class Person(Answer):
    """What is kept of the persons of a placement, with when each value was set."""

    reference: str
    held: bool
    values: list[dict[str, Any]]
