"""What a list's address asks for: filters by name, and the page after a cursor. Shared by all screens with lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from operators.console.visit import Visit
from operators.filters import placement_filter
from settings import WrongUsage
from storage.queries import Page, PlacementFilter

T = TypeVar("T")
LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters in an address as they were said, and what they mean."""

    said: Mapping[str, str]
    filter: PlacementFilter

    @property
    def question(self) -> tuple[object, ...]:
        """What is asked for, whenever that is."""
        return (*sorted(self.said.items()), self.filter.within)

    def get(self, name: str) -> str:
        """What was said for a filter; empty where nothing was."""
        return self.said.get(name, "")


def asked_of(visit: Visit, names: Sequence[str]) -> Asked:
    """Those of these filters that the address names, for who asks. Raises UnknownName, WrongUsage."""
    query = visit.request.query_params
    said = {name: query[name].strip()[:LONGEST_TEXT] for name in names if query.get(name, "").strip()}
    return Asked(said, placement_filter(visit.app, said, visit.reach(), visit.minute))


def paged(ask: Callable[[], Page[T]]) -> Page[T]:
    """A page of a list. Raises WrongUsage for a cursor that is none of its."""
    try:
        return ask()
    except (ValueError, OverflowError):
        raise WrongUsage("Cette suite de liste n'existe pas.", "There is no such page of this list.") from None
