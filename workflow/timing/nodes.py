"""Where a placement can stand, but for its clocks, and what can happen to it: names and values only."""

from typing import NamedTuple

from workflow.definition import Anchor, EntryAnchor, Transition
from workflow.language.reachability import Fact

UNSET, AHEAD, LATE, OPEN, STILL, NOW, OVER = "-", "ahead", "late", "open", "still", "now", "over"
"""How a clock stands: its anchor is unset; set, and not opened yet (`late`: due already); open; standing still;
due now; over."""


class Node(NamedTuple):
    """Where a placement stands, but for its clocks.

    `midnight`: at the very first moment of a day. `fresh`: the state was entered just now, and automatic transitions
    were not looked at yet.
    """

    state: str
    midnight: bool
    fresh: bool
    facts: frozenset[Fact]
    status: tuple[str, ...]

    def is_set(self, anchor: Anchor) -> bool:
        """Whether an anchor is set."""
        return fact_of(anchor) in self.facts

    @property
    def is_urgent(self) -> bool:
        """Whether something happens before time goes on."""
        return self.fresh or NOW in self.status


def fact_of(anchor: Anchor) -> Fact:
    """What has to have happened for an anchor to be set."""
    return Fact("entered", anchor.state) if isinstance(anchor, EntryAnchor) else Fact("set", anchor.field)


class Step(NamedTuple):
    """What happens: `placed`, `moved`, `recorded`, `automatic`, `timeout`, `missed`, `waited`, or a limit is `passed`.

    `renewed` are the numbers of the clocks that were given a new anchor, `given` the fields that came with it.
    """

    kind: str
    name: str
    move: Transition | None = None
    given: frozenset[str] = frozenset()
    renewed: frozenset[int] = frozenset()
