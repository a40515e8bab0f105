"""The names that people read for what definitions call by short ones: states, deadlines, triggers, fields, reasons.

Placements run under several versions: the newest version that knows a name says what it is called.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from workflow.definition import VOIDED, Definition, Label

if TYPE_CHECKING:
    from app import App

_VOIDED = Label("Annulé", "Voided")


@dataclass(frozen=True)
class Labels:
    """The labels of all published definitions."""

    states: Mapping[str, Label]
    deadlines: Mapping[str, Label]
    triggers: Mapping[str, Label]
    fields: Mapping[str, Label]
    reasons: Mapping[str, Label]
    awaits: Mapping[str, tuple[str, ...]]
    finals: frozenset[str]

    @classmethod
    def of(cls, app: "App") -> Self:
        """Those of a database, read anew."""
        with app.store.reading() as reading:
            digests = [version.digest for version in reading.versions()]
        return cls.among([app.engine.rules(digest).definition for digest in digests])

    @classmethod
    def among(cls, definitions: Iterable[Definition]) -> Self:
        """Those of definitions, the later before the earlier."""
        known = list(definitions)
        return cls(
            states={VOIDED: _VOIDED, **_merged(known, lambda each: {k: v.label for k, v in each.states.items()})},
            deadlines=_merged(known, lambda each: {k: v.label for k, v in each.deadlines.items()}),
            triggers=_merged(known, _triggers),
            fields=_merged(known, lambda each: {k: v.label for k, v in each.fields.items()}),
            reasons=_merged(known, lambda each: each.reasons),
            awaits={name: spec.awaits for each in known for name, spec in each.deadlines.items()},
            finals=frozenset({VOIDED, *(name for each in known for name, spec in each.states.items() if spec.final)}),
        )


def _merged(known: Iterable[Definition], labels: Callable[[Definition], Mapping[str, Label]]) -> Mapping[str, Label]:
    """In the order of the newest definition, older names after it."""
    found: dict[str, Label] = {}
    for definition in reversed(list(known)):
        found.update({name: label for name, label in labels(definition).items() if name not in found})
    return found


def _triggers(definition: Definition) -> Mapping[str, Label]:
    """A trigger is called as its first transition is, a follow-up as itself; one without a label by its name."""
    groups = [*definition.transitions.items(), *((each.trigger, (each,)) for each in definition.automatic)]
    named = {name: next((t.label for t in group if t.label is not None), None) for name, group in groups}
    return {name: label or Label(name, name) for name, label in named.items()}
