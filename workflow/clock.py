"""What time it is: the only place that reads a clock. Everything else is handed one and reads it once per operation."""

import time
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
