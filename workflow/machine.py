"""The compiled graph of a definition: from a state, which transitions stand there, and where one leads.

The only importer of `transitions`. The library's machine is built once per definition and moves a cursor; no
placement is ever bound to it, and nothing is decided or stored in its callbacks.
"""

import logging
from collections.abc import Callable, Mapping

from transitions import Machine

from workflow.definition import VOIDED, Definition, Transition

# It would tell of every step of every move: our log has one line per change, after its commit.
logging.getLogger("transitions").setLevel(logging.WARNING)


class Cursor:
    """Where one placement stands, for the time of one move."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


class Graph:
    """The moves that a definition allows, compiled once."""

    def __init__(self, definition: Definition) -> None:
        # A sweep makes the same few moves thousands of times.
        self._targets: dict[tuple[str, str, int], str] = {}
        self._machine = Machine(
            model=None,
            states=[*definition.states, VOIDED],
            initial=definition.initial,
            auto_transitions=False,
            transitions=[_compiled(edge) for edges in _triggered(definition).values() for edge in edges],
        )

    def target(self, state: str, transition: Transition) -> str:
        """The state that `transition` leads to from `state`; the same one where it records a fact.

        Raises ValueError where the transition does not stand in that state.
        """
        move = (state, transition.trigger, transition.number)
        if move not in self._targets:
            self._targets[move] = self._moved(*move)
        return self._targets[move]

    def _moved(self, state: str, trigger: str, number: int) -> str:
        cursor = Cursor(state)
        event = self._machine.events[trigger]
        if state not in event.transitions or not event.trigger(cursor, number):
            raise ValueError(f"{trigger} does not stand in {state}")
        return cursor.state


def _triggered(definition: Definition) -> Mapping[str, tuple[Transition, ...]]:
    automatic = {transition.trigger: (transition,) for transition in definition.automatic}
    return {**definition.transitions, **automatic}


def _compiled(transition: Transition) -> dict[str, object]:
    return {
        "trigger": transition.trigger,
        "source": sorted(transition.sources),
        "dest": transition.to,
        "conditions": [_chosen(transition.number)],
    }


def _chosen(number: int) -> Callable[[int], bool]:
    return lambda wanted: wanted == number
