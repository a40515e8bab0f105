"""Deciding that a new placement comes into being: its first entry, with the defaults of its definition."""

from collections.abc import Mapping
from functools import lru_cache

from workflow import blockers
from workflow.calendar import TERRITORIES
from workflow.commands import Place
from workflow.defaults import with_defaults
from workflow.definition import Definition
from workflow.errors import Blocker
from workflow.journal import Draft, Journal
from workflow.moments import resolved
from workflow.refusals import Refused
from workflow.requests import read_fields
from workflow.settling import follow

MAX_REFERENCE = 100


def decide_place(journal: Journal, command: Place, actor: str, placement: str) -> None:
    """Enter the `placed` entry of a new placement under its random id. Raises Refused."""
    definition = journal.rules.definition
    given = read_fields(definition, command.fields, command.dates, None)
    found = [*_reference_refusals(command.reference), *given.blockers]
    found += _foreign(definition, command.fields)
    values = with_defaults(definition, {name: value for name, value in given.values.items() if value is not None})
    found += [
        blockers.field_needed(name)
        for name, spec in definition.fields.items()
        if spec.required and name not in values and name not in _unread(given.blockers)
    ]
    territory = values.get("territory")
    at = resolved(command.at, str(territory), journal.desk.now, None) if territory in TERRITORIES else journal.desk.now
    if at > journal.desk.now:
        found.append(blockers.in_the_future(at, journal.desk.now))
    if found:
        raise Refused(found)
    draft = Draft(
        kind="placed",
        occurred_at=at,
        actor=actor,
        to=definition.initial,
        fields=values,
        key=command.key,
    )
    follow(journal, journal.append(draft, placement).entry)


def _unread(found: tuple[Blocker, ...]) -> set[object]:
    return {blocker.details.get("field") for blocker in found}


def _reference_refusals(reference: str) -> list[Blocker]:
    if 0 < len(reference) <= MAX_REFERENCE and reference.isprintable() and reference == reference.strip():
        return []
    return [
        Blocker(
            "reference_not_allowed",
            f"une référence a de 1 à {MAX_REFERENCE} caractères imprimables, sans espace autour",
            f"a reference has 1 to {MAX_REFERENCE} printable characters, without spaces around",
        )
    ]


@lru_cache(maxsize=32)
def waiting_fields(definition: Definition) -> frozenset[str]:
    """The fields that only a trigger may set, since one needs them, or is dated by them."""
    edges = [edge for edges in definition.transitions.values() for edge in edges]
    return frozenset(name for edge in edges for name in (*edge.needs, edge.dated_by) if name is not None)


def _foreign(definition: Definition, fields: Mapping[str, str]) -> list[Blocker]:
    """What only a trigger may set: the fields that one needs, or is dated by, wait for it and its guards."""
    waiting = waiting_fields(definition)
    if waiting.isdisjoint(fields):
        return []
    taken = [name for name in definition.fields if name not in waiting]
    return [blockers.field_not_taken("place", name, taken) for name in fields if name in waiting]
