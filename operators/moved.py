"""Which deadlines a correction moved: the dates of a placement before it and after it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflow.commands import Fire, Outcome, Request
from workflow.views import DeadlineView, deadline_views

if TYPE_CHECKING:
    from workflow.engine import Engine


@dataclass(frozen=True, slots=True)
class Moved:
    """One deadline with another date than before; None where it is not shown, or has no date."""

    name: str
    before: DeadlineView | None
    after: DeadlineView | None


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a request, and for a correction the deadlines that it moved; None for a transition."""

    outcome: Outcome
    moved: tuple[Moved, ...] | None


def told(engine: "Engine", request: Request, act: Callable[[Request], Outcome]) -> Told:
    """Act, and compare the dates before and after. Raises as `act` does."""
    if isinstance(request, Fire):
        return Told(act(request), None)
    before = engine.view(request.reference).deadlines
    outcome = act(request)
    after = deadline_views(engine.rules(outcome.facts.definition), outcome.facts)
    return Told(outcome, moved(before, after))


def moved(before: Iterable[DeadlineView], after: Iterable[DeadlineView]) -> tuple[Moved, ...]:
    """The deadlines that have another date after than before."""
    return tuple(_differing(_dated(before), _dated(after)))


def _dated(views: Iterable[DeadlineView]) -> Mapping[str, DeadlineView]:
    return {view.name: view for view in views if view.due_at is not None}


def _differing(before: Mapping[str, DeadlineView], after: Mapping[str, DeadlineView]) -> Iterable[Moved]:
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old is None or new is None or old.due_at != new.due_at:
            yield Moved(name, old, new)
