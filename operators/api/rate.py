"""How many requests somebody may make: so many a minute, and then a wait that is told.

Kept in memory: one process serves the API, and a restart forgets what a minute forgets anyway.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

_WINDOW: Final = timedelta(minutes=1)
_REMEMBERED: Final = 10_000


class Rate:
    """Counts requests by key within the present minute, which begins with the key's first request."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._seen: OrderedDict[str, tuple[datetime, int]] = OrderedDict()
        self._lock = Lock()

    def wait_s(self, key: str, now: datetime) -> int:
        """Count a request; how many seconds until the next one is taken, 0 where this one is."""
        with self._lock:
            since, count = self._seen.get(key, (now, 0))
            if not timedelta() <= now - since < _WINDOW:
                since, count = now, 0
            if count >= self.limit:
                return int((since + _WINDOW - now).total_seconds()) + 1
            self._seen[key] = (since, count + 1)
            self._seen.move_to_end(key)
            while len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
            return 0
