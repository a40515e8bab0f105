"""Operators in a thread each: they fire transitions with keys, and ask again with the same key until they know.

What they were told is kept, to be compared with what is there in the end.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import count

from app import App
from faults import office
from faults.asking import until_answered
from tests.checker import Acknowledged
from workflow.commands import Fire, Outcome, Place
from workflow.errors import OutcomeUnknown, ParcoursError, StoreUnavailable, TransitionRefused
from workflow.history import ChainedEntry

PATIENCE_S = 120.0
_PACE_S = 0.05

Asked = Place | Fire


@dataclass
class Told:
    """What operators know: `answers` by key, the keys of what was refused, and what they should not have been told."""

    answers: dict[str, Acknowledged] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unknown: int = 0
    longest_s: float = 0.0
    """The longest time from asking first to knowing."""


class Operator(threading.Thread):
    """Lives placements one after the other; every other one has its candidate selected, the rest run out of time."""

    def __init__(self, app: App, name: str) -> None:
        super().__init__(name=name)
        self.told, self._app, self._over = Told(), app, threading.Event()

    def end(self) -> None:
        """Learn what was asked for, and ask no more."""
        self._over.set()
        self.join()

    def run(self) -> None:
        for number in count():
            today = self._app.clock.now().date()
            for request in life(f"{self.name}-{number:05}", today, selects=number % 2 == 0):
                if self._over.wait(_PACE_S):
                    return
                self._learn(request)

    def _learn(self, request: Asked) -> None:
        """Ask until it is known what became of it."""
        begun_s = time.monotonic()
        key = str(request.key)
        try:
            outcome = until_answered(lambda: self._ask(request), PATIENCE_S, self._miss)
            self.told.answers[key] = Acknowledged.of(outcome, key)
        except TransitionRefused:
            self.told.refused.append(key)
        except ParcoursError as error:
            self.told.wrong.append(f"whoever asked under the key {key} was told: {error}")
        self.told.longest_s = max(self.told.longest_s, time.monotonic() - begun_s)

    def _miss(self, error: StoreUnavailable) -> None:
        self.told.unknown += isinstance(error, OutcomeUnknown)

    def _ask(self, request: Asked) -> Outcome:
        engine = self._app.engine
        return engine.place(request) if isinstance(request, Place) else engine.fire(request)


def life(reference: str, today: date, *, selects: bool) -> Iterator[Asked]:
    """What is asked of one placement, each under a key of its own."""
    yield Place(reference=reference, fields={"territory": "75", **office.HOST}, actor="Ada", key=f"{reference}-place")
    yield _fire(reference, "grant_post", "anct", granted_on=today.isoformat())
    shown = {"candidate_ref": f"C-{reference}", "candidate_name": office.CANARY}
    yield _fire(reference, "show_candidate", "platform", **shown)
    if selects:
        yield _fire(reference, "select_candidate", "host", selected_candidate_ref=f"C-{reference}")


def _fire(reference: str, trigger: str, role: str, **fields: str) -> Fire:
    key = f"{reference}-{trigger}"
    return Fire(reference=reference, trigger=trigger, actor="Ada", roles=(role,), fields=fields, key=key)


def lost(told: Told, histories: Mapping[str, list[ChainedEntry]]) -> Iterator[str]:
    """What was acknowledged, and is not there exactly once as it was told."""
    for key, promise in told.answers.items():
        history = histories.get(promise.reference, [])
        under = [item.hash for item in history if item.entry.key == key]
        if not {item.hash for item in history}.issuperset(promise.hashes) or len(under) != 1:
            yield f"acknowledged under the key {key}: {len(under)} entries, and not those that were told"


def refused_and_there(told: Told, histories: Mapping[str, list[ChainedEntry]]) -> Iterator[str]:
    """What was refused, and is there all the same."""
    kept = {item.entry.key for history in histories.values() for item in history}
    yield from (f"refused under the key {key}, and there" for key in told.refused if key in kept)
