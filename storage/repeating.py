"""Doing an interrupted operation again: a few times, after a pause that grows and is never the same for two."""

import random
import time
from collections.abc import Callable
from typing import Final, TypeVar

from workflow.errors import StoreInterrupted

T = TypeVar("T")
ATTEMPTS: Final = 6
_FIRST_PAUSE_S: Final = 0.02
_LONGEST_PAUSE_S: Final = 1.0


def repeated(operation: Callable[[], T], pause: Callable[[float], None] = time.sleep) -> T:
    """The operation's result, once it was not interrupted. Raises StoreInterrupted after the sixth attempt."""
    for attempt in range(ATTEMPTS - 1):
        try:
            return operation()
        except StoreInterrupted:
            longest_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 4**attempt)
            # Full jitter: those who got into each other's way must not meet again.
            pause(random.uniform(0, longest_s))  # noqa: S311 # no secret
    return operation()
