"""Counts are kept as long as nobody has committed anything: the database itself says whether anybody has.

What is asked for again meanwhile would be the same to the last digit. Times in questions are those of a whole minute.
"""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeVar

T = TypeVar("T")
_REMEMBERED: Final = 500


class Counted:
    """Answers by question; all are forgotten with the first commit of anybody."""

    def __init__(self, token: Callable[[], object]) -> None:
        self._token, self._lock = token, Lock()
        self._seen: object = None
        self._known: dict[Hashable, Any] = {}

    def get(self, question: Hashable, answer: Callable[[], T]) -> T:
        """What was answered since the last commit, else what `answer` gives now."""
        token = self._token()
        with self._lock:
            if token != self._seen or len(self._known) > _REMEMBERED:
                self._seen, self._known = token, {}
            if question in self._known:
                known: T = self._known[question]
                return known
        found = answer()
        with self._lock:
            if token == self._seen:
                self._known[question] = found
        return found
