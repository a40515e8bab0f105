"""Counts are kept as long as nobody has committed anything, which the database says, and as their minute lasts.

What takes long to count is told for a few seconds longer than that, with how many seconds it is behind.
"""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, TypeVar

T = TypeVar("T")
BEHIND_S: Final = 10.0
"""So many seconds at most is a count behind that takes long."""

LONG_S: Final = 0.02
"""What took longer than this takes long."""

_REMEMBERED: Final = 500


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer: in which state of things, since when, and how long it took."""

    answer: Any
    of: object
    since_s: float
    took_s: float


class Counted:
    """Answers by question. `token` differs once anything was committed; `spent_s` tells what an answer costs."""

    def __init__(
        self, token: Callable[[], object], spent_s: Callable[[], float] = time.thread_time,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._token, self._spent_s, self._now_s, self._lock = token, spent_s, now_s, Lock()
        self._known: dict[Hashable, _Kept] = {}
        self._asked: set[Hashable] = set()

    def get(self, question: Hashable, answer: Callable[[], T], of: Hashable = None) -> tuple[T, float]:
        """What was answered in this state of things (the database's, and `of`), or what `answer` gives; how many
        seconds it is behind.
        """
        now, state = self._now_s(), (self._token(), of)
        with self._lock:
            kept = self._known.get(question)
            if kept is not None and kept.of == state:
                return kept.answer, 0.0
            if kept is not None and kept.took_s > LONG_S and (now - kept.since_s < BEHIND_S or question in self._asked):
                return kept.answer, now - kept.since_s
            self._asked.add(question)
        try:
            return self._found(question, answer, state), 0.0
        finally:
            with self._lock:
                self._asked.discard(question)

    def forget(self) -> None:
        """Count everything anew."""
        with self._lock:
            self._known.clear()

    def _found(self, question: Hashable, answer: Callable[[], T], state: object) -> T:
        since_s, before_s = self._now_s(), self._spent_s()
        found = answer()
        kept = _Kept(found, state, since_s, self._spent_s() - before_s)
        with self._lock:
            self._known.pop(question, None)
            self._known[question] = kept
            while len(self._known) > _REMEMBERED:
                self._known.pop(next(iter(self._known)))
        return found
