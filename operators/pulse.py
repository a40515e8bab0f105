"""The pulse of a process: its own loop beats it, so that a loop that hangs falls silent, for systemd and for `/livez`.

Knows neither what the loop does, nor whether the database answers: a restart mends no database.
"""

import time
from collections.abc import Callable
from typing import Final

from operators.systemd import Systemd

LIVE_FOR_S: Final = 120.0
"""A loop that is silent for longer hangs: the longest single thing it does is a seal, at 14,000 entries a second."""


class Pulse:
    """Beaten by a loop, asked by others. The first beat tells systemd that the process is ready."""

    def __init__(self, tell: Systemd | None = None, seconds: Callable[[], float] = time.monotonic) -> None:
        self._tell, self._seconds = tell or Systemd(), seconds
        self._beaten_s, self._pinged_s = seconds(), float("-inf")
        self._ready = False
        self._status: str | None = None

    def __call__(self) -> None:
        """The loop runs."""
        self._beaten_s = self._seconds()
        if not self._ready:
            self._ready = True
            self._tell("READY=1")
        watchdog_s = self._tell.watchdog_s
        if watchdog_s is not None and self._beaten_s - self._pinged_s >= watchdog_s / 3:
            self._pinged_s = self._beaten_s
            self._tell("WATCHDOG=1")

    @property
    def silent_s(self) -> float:
        """For how long the loop has not beaten."""
        return self._seconds() - self._beaten_s

    @property
    def is_alive(self) -> bool:
        """Whether the loop beat lately."""
        return self.silent_s <= LIVE_FOR_S

    def says(self, status: str) -> None:
        """Show in `systemctl status` what the process is at; told where it is new."""
        if status != self._status:
            self._status = status
            self._tell(f"STATUS={status}")

    def end(self) -> None:
        """The process ends in order."""
        self._tell("STOPPING=1")
