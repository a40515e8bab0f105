"""Slows down whoever guesses passwords: so many failures for one name or one address, then silence for a while.

Kept in memory: one process serves the console, and a restart forgets what a patient person would outwait anyway.
"""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

WINDOW: Final = timedelta(minutes=15)
PER_NAME: Final = 10
PER_ADDRESS: Final = 50
_REMEMBERED: Final = 10_000

Key = tuple[str, str]


class Throttle:
    """Counts failures by key within a window; the keys that failed longest ago are forgotten first."""

    def __init__(self) -> None:
        self._failures: OrderedDict[Key, list[datetime]] = OrderedDict()
        self._lock = Lock()

    def wait_s(self, keys: Iterable[Key], now: datetime) -> int:
        """How many seconds until an attempt under these keys is listened to; 0 for at once."""
        with self._lock:
            return max((self._wait(key, now) for key in keys), default=0)

    def failed(self, keys: Iterable[Key], now: datetime) -> None:
        """Count a failure under each of these keys."""
        with self._lock:
            for key in keys:
                recent = [*self._recent(key, now), now]
                self._failures[key] = recent[-_limit(key) :]
                self._failures.move_to_end(key)
            while len(self._failures) > _REMEMBERED:
                self._failures.popitem(last=False)

    def forget(self, key: Key) -> None:
        """Somebody showed that they know: earlier failures count no more."""
        with self._lock:
            self._failures.pop(key, None)

    def _recent(self, key: Key, now: datetime) -> list[datetime]:
        return [at for at in self._failures.get(key, ()) if now - at < WINDOW]

    def _wait(self, key: Key, now: datetime) -> int:
        recent = self._recent(key, now)
        if len(recent) < _limit(key):
            return 0
        return int((recent[0] + WINDOW - now).total_seconds()) + 1


def keys_of(name: str, address: str) -> tuple[Key, Key]:
    """Under what a failure is counted: the account's name, and the network address that it came from."""
    return ("name", name.casefold()[:200]), ("address", address)


def _limit(key: Key) -> int:
    return PER_NAME if key[0] == "name" else PER_ADDRESS
