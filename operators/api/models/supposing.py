"""What would follow of something."""

from typing import Any

from pydantic import Field

from operators.api.models.common import Answer, Asked, Fields, Text


class SupposedFact(Asked):
    """Something that may happen: a trigger or a field, and when."""

    what: Text
    at: Text | None = None


class SupposeBody(Asked):
    """What is supposed, in this order, with the values that come with it."""

    suppose: list[SupposedFact] = Field(min_length=1, max_length=20)
    fields: Fields = Field(default_factory=dict)


class Supposed(Answer):
    """What would follow: the state, and every deadline before and after."""

    reference: str
    supposed: list[dict[str, Any]]
    state: str
    deadlines: list[dict[str, Any]]
