"""What the types of requests and answers are made of."""

from datetime import date, datetime
from typing import Annotated, Generic, TypeVar

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
Revision = Annotated[StrictInt, Field(ge=0, le=10**9)]
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


class Listed(Answer, Generic[T]):
    """A page of a list, and the cursor that asks for the next one."""

    items: list[T]
    next: str | None


class SetAside(Answer):
    """Who set something aside, when and why."""

    by: str
    at: datetime
    reason: str
