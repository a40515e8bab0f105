"""Corrections of what was entered, and lines in the ledger of a deadline."""

from pydantic import Field, StrictBool

from operators.api.models.common import Act, Day, Fields, Number, Text


class Correction(Act):
    """What every correction says."""

    reason: Text = Field(description="A reason's code, or free text.")


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
