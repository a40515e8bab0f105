"""Does what lists and sweeps read of a placement, its row and listed deadlines, agree with its facts?

The engine compares the facts with the history; this compares the rest of what is stored with the facts.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from storage.queries import DeadlineItem, PlacementItem, Queries, RequestItem
from workflow.engine import Engine
from workflow.language.wording import Said
from workflow.views import PlacementView

_TRIES = 3


def row_faults(engine: Engine, queries: Queries, reference: str) -> list[Said]:
    """One sentence for each disagreement that lasts; another process may be at work. Raises NotFound."""
    found: list[Said] = []
    for _ in range(_TRIES):
        item, listed = queries.placement(reference), queries.deadlines_of(reference)
        waiting, view = queries.requests_of(reference), engine.view(reference)
        checks = (*_of_deadlines(listed, view), *_of_requests(waiting, view))
        found = [] if item is None else [*_of_row(item, view), *checks]
        if not found:
            break
    return found


def _of_row(item: PlacementItem, view: PlacementView) -> Iterator[Said]:
    facts = view.facts
    expected: dict[str, Any] = {
        "id": facts.id,
        "territory": facts.territory,
        "host_siret": facts.fields.get("host_siret"),
        "host_name": facts.fields.get("host_name"),
        "state": facts.state,
        "state_since": facts.state_since,
        "definition": facts.definition,
        "revision": facts.revision,
        "seq": facts.seq,
        "head": facts.head,
    }
    if view.incident is None:
        # Of a placement with an incident, the row says when it is tried again.
        expected["wakes_at"] = view.wakes_at
    for name, value in expected.items():
        if getattr(item, name) != value:
            here = getattr(item, name)
            yield Said(
                f"la ligne donne {name} {_or_nothing(here).fr}, ses faits donnent {_or_nothing(value).fr}",
                f"the row says {name} {_or_nothing(here).en}, its facts say {_or_nothing(value).en}",
            )


def _of_deadlines(listed: Sequence[DeadlineItem], view: PlacementView) -> Iterator[Said]:
    keys = ("name", "anchored_at", "last_day", "due_at", "status", "then")
    stored = {row.name: tuple(getattr(row, key) for key in keys) for row in listed}
    derived = {
        deadline.name: tuple(getattr(deadline, key) for key in keys)
        for deadline in view.deadlines
        if deadline.status != "not_started"
    }
    for name in sorted(stored.keys() | derived.keys(), key=str):
        if stored.get(name) != derived.get(name):
            yield Said(
                f"l'échéance listée {name} n'est pas ce que donnent ses faits",
                f"the listed deadline {name} is not what its facts give",
            )


def _of_requests(listed: Sequence[RequestItem], view: PlacementView) -> Iterator[Said]:
    keys = ("seq", "act", "about", "by", "actor", "asked_at")
    stored = [tuple(getattr(row, key) for key in keys) for row in listed]
    if stored != [tuple(getattr(each, key) for key in keys) for each in view.facts.requests]:
        yield Said(
            "les demandes listées ne sont pas ce que donnent ses faits",
            "the listed requests are not what its facts give",
        )


def _or_nothing(value: object) -> Said:
    return Said("rien", "nothing") if value is None else Said(str(value), str(value))
