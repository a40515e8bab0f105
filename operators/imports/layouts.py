"""The layouts that a file may have, by name, and how one is recognised by its header.

A layout says which columns it wants and makes lives of rows; it knows nothing of bytes or of the terminal.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from operators.imports import facts, structures
from operators.imports.sheet import Sheet
from workflow.commands import Life
from workflow.definition import Definition


class Layout(Protocol):
    """What one kind of file looks like, and the lives that it tells."""

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that must be there."""
        ...

    @property
    def optional(self) -> tuple[str, ...]:
        """The columns that may be there and fill no field."""
        ...

    def fields(self, definition: Definition) -> Mapping[str, str]:
        """Column -> the field of the definition that it fills. Raises UnknownName where there is none."""
        ...

    def lives(self, sheet: Sheet) -> list[Life]:
        """The lives that the rows tell; faults are noted in the sheet, and what they touch is left out."""
        ...


LAYOUTS: Mapping[str, Layout] = {"structures": structures.Structures(), "facts": facts.FactsLayout()}


def recognised(header: Sequence[str]) -> Layout:
    """The layout whose required columns the header has most of; `structures` where none is nearer."""

    def share(layout: Layout) -> float:
        return len(set(layout.required) & set(header)) / len(layout.required)

    return max(LAYOUTS.values(), key=share)
