"""What time it is: the only place that reads a clock. Everything else is handed one and reads it once per operation."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Something that tells the present instant, aware and in UTC."""

    def now(self) -> datetime:
        """The present instant."""
        ...

    def real_seconds_until(self, instant: datetime) -> float | None:
        """How long to wait in real seconds until this clock shows `instant`; None: it never will by itself."""
        ...


class SystemClock:
    """The machine's clock: the only one that production uses."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def real_seconds_until(self, instant: datetime) -> float | None:
        return max(0.0, (instant - self.now()).total_seconds())


@dataclass(frozen=True, slots=True)
class _Reading:
    """What another clock said, and what this machine's two said at that moment."""

    said: datetime
    wall_s: float
    counted_s: float


class MeasuredClock:
    """Another machine's clock: asked now and then, and counted on in between by the clock that nobody sets.

    `ask` gives its present. It is asked anew every `every_s` seconds, and where this machine's clocks do not agree on
    how much time has passed: one was set, or the machine slept. What is told is behind by what an answer takes, and
    never ahead. Threads may share it. Raises what `ask` raises.
    """

    _STEP_S = 0.25

    def __init__(self, ask: Callable[[], datetime], every_s: float = 15.0) -> None:
        self._ask, self._every_s = ask, every_s
        self._last: _Reading | None = None

    def now(self) -> datetime:
        last = self._last
        if last is None or not self._holds(last):
            self._last = last = _Reading(self._ask(), time.time(), time.monotonic())
        return last.said + timedelta(seconds=time.monotonic() - last.counted_s)

    def real_seconds_until(self, instant: datetime) -> float | None:
        return max(0.0, (instant - self.now()).total_seconds())

    def _holds(self, last: _Reading) -> bool:
        counted_s, shown_s = time.monotonic() - last.counted_s, time.time() - last.wall_s
        return counted_s < self._every_s and abs(shown_s - counted_s) < self._STEP_S


@dataclass
class VirtualClock:
    """A clock that stands still until it is set: for tests, simulation and a sandbox at a fixed instant."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def real_seconds_until(self, instant: datetime) -> float | None:
        return 0.0 if instant <= self.at else None

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.at += by


@dataclass(frozen=True)
class RunningClock:
    """A sandbox clock that showed `origin` at the real instant `started_at`, and runs `speed` times as fast."""

    origin: datetime
    speed: float
    started_at: datetime

    def now(self) -> datetime:
        elapsed = time.time() - self.started_at.timestamp()
        return self.origin + timedelta(seconds=round(elapsed * self.speed, 6))

    def real_seconds_until(self, instant: datetime) -> float | None:
        return max(0.0, (instant - self.now()).total_seconds() / self.speed)
