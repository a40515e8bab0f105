"""The rules a placement lives under: its definition together with the calendar its dates are computed with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from workflow.calendar import Calendar
from workflow.definition import Deadline, Definition
from workflow.dependence import Dependence
from workflow.expressions import Environment, Program, environment_of
from workflow.history import DefinitionRef, HistoryEntry
from workflow.machine import Graph


@dataclass(frozen=True)
class Rules:
    """One published definition and its holidays, with what is worked out from them once."""

    definition: Definition
    calendar: Calendar

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self.definition)

    @cached_property
    def ref(self) -> DefinitionRef:
        """How history entries name this definition."""
        return DefinitionRef(self.definition.name, self.definition.version, self.definition.digest)

    @cached_property
    def deadlines(self) -> tuple[Deadline, ...]:
        """The deadlines in the definition's order."""
        return tuple(self.definition.deadlines.values())

    @cached_property
    def stale_after(self) -> timedelta:
        """How long after its moment a notice is still worth sending."""
        return timedelta(seconds=self.definition.stale_after_s)

    @cached_property
    def _clocks(self) -> Mapping[str, tuple[str, ...]]:
        states = self.definition.states
        return {state: tuple(each.name for each in self.deadlines if state in each.span) for state in states}

    def clocks_in(self, state: str) -> tuple[str, ...]:
        """The deadlines whose clock may run in a state, in the definition's order."""
        return self._clocks.get(state, ())

    @cached_property
    def graph(self) -> Graph:
        """The compiled graph of the moves that the definition allows."""
        return Graph(self.definition)

    @cached_property
    def _environment(self) -> Environment:
        return environment_of(self.definition)

    def program(self, expression: str) -> Program:
        """The compiled form of one of the definition's expressions."""
        return self._environment.compile(expression)

    @cached_property
    def dependence(self) -> Dependence:
        """Which of the deadlines an entry may change."""
        return Dependence(self.deadlines)

    def emptied_by_entry(self, entry: HistoryEntry) -> tuple[str, ...]:
        """The fields that an entry empties by its trigger and the state that it enters."""
        return self.emptied_by(entry.trigger, entry.to_state if entry.changes_state else None)

    def emptied_by(self, trigger: str | None, entered: str | None) -> tuple[str, ...]:
        """The fields that a trigger, and entering a state (None: the state is kept), empty."""
        unset = self.definition.unset_on
        by_trigger, by_state = unset.get(trigger or ""), unset.get(entered or "")
        return (*(by_trigger or ()), *(by_state or ())) if by_trigger or by_state else ()
