"""Telling in the log that the brake holds: when it begins, seldom from then on, and when it ends."""

import logging
import time
from collections.abc import Callable

from workflow.brake import Held

AGAIN_S = 3600
"""So often a daemon repeats that the brake holds."""

_LOG = logging.getLogger("parcours.brake")


class BrakeLog:
    """What one process has told of the brake; called with what holds at each wake."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._told_s: float | None = None

    def __call__(self, held: Held | None) -> None:
        if held is None:
            self._lifted()
        elif self._told_s is None:
            _LOG.error("brake.engaged", extra=held.details)
            self._told_s = self._seconds()
        elif self._seconds() - self._told_s >= AGAIN_S:
            _LOG.error("brake.held", extra=held.details)
            self._told_s = self._seconds()

    def _lifted(self) -> None:
        if self._told_s is not None:
            _LOG.info("brake.lifted")
        self._told_s = None
