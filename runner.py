"""The daemon: wakes at the next due moment, sweeps, and goes back to sleep. It decides nothing and holds nothing.

APScheduler is its alarm clock: the moments it is armed with are read anew from the store after every sweep, so that
a late, lost or repeated alarm has no consequence.
"""

import logging
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from types import FrameType
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from app import App
from workflow.clock import SystemClock
from workflow.commands import SweepResult
from workflow.errors import StoreUnavailable

WATCH_S = 0.5
"""How often the daemon asks whether another process has committed: a change is noticed within a second."""

_LOG = logging.getLogger("parcours.runner")


def run(app: App, *, once: bool = False, until: datetime | None = None) -> int:
    """Run the daemon until a signal, or until the clock has reached `until`; with `once`, a single sweep.

    Returns the process's exit code: 1 where a single sweep left incidents, else 0.
    """
    return sweep_once(app, until) if once else Runner(app, until).serve()


def sweep_once(app: App, until: datetime | None = None) -> int:
    """Fire all that is due, and tell 1 where incidents were left."""
    return 1 if _sweep(app, until).incidents else 0


def _sweep(app: App, until: datetime | None, stopping: threading.Event | None = None) -> SweepResult:
    started_at = app.clock.now()
    result = app.engine.sweep(until=until, stop=stopping.is_set if stopping else None)
    if result.placements or result.incidents:
        _LOG.info(
            "sweep.finished",
            extra={
                "placements": result.placements,
                "entries": result.entries,
                "incidents": result.incidents,
                "duration_s": round((app.clock.now() - started_at).total_seconds(), 3),
            },
        )
    return result


class Runner:
    """One daemon process: a scheduler with a single worker, and the main thread waiting for a signal."""

    def __init__(self, app: App, until: datetime | None = None) -> None:
        self._app, self._until = app, until
        self._stopping = threading.Event()
        self._token: object = None
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
        )

    def serve(self) -> int:
        """Sweep, sleep, and wake again until told to stop; the transaction in hand is finished first."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        _LOG.info("runner.started", extra={"until": self._until and self._until.isoformat()})
        self._scheduler.add_job(self._wake, id="first")
        self._scheduler.add_job(self._wake, "interval", seconds=self._app.settings.safety_interval_s, id="safety")
        self._scheduler.add_job(self._watch, "interval", seconds=WATCH_S, id="watch")
        self._scheduler.start()
        self._stopping.wait()
        self._scheduler.shutdown(wait=True)
        _LOG.info("runner.stopped")
        return 0

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping.set()

    def _wake(self) -> None:
        """Sweep what is due, and arm the alarm for what comes next; a failure is retried at the safety interval."""
        try:
            self._token = self._app.store.change_token()
            _sweep(self._app, self._until, self._stopping)
            self._arm()
        except StoreUnavailable as error:
            _LOG.error("sweep.failed", extra={"reason": str(error)})
        self._leave_when_over()

    def _arm(self) -> None:
        wake_at = self._app.engine.next_wake()
        wait_s = None if wake_at is None else self._app.clock.real_seconds_until(wake_at)
        # A clock that stands still has nothing to wait for: what is due was swept already.
        self._alarm("wake", self._wake, wait_s)
        if self._until is not None:
            self._alarm("until", self._wake, self._app.clock.real_seconds_until(self._until))

    def _alarm(self, name: str, job: Any, wait_s: float | None) -> None:
        if wait_s is None:
            return
        at = SystemClock().now() + timedelta(seconds=wait_s)
        self._scheduler.add_job(job, "date", run_date=at, id=name, replace_existing=True)

    def _watch(self) -> None:
        """Notice that another process has committed: what falls due next may have changed."""
        try:
            if self._app.store.change_token() != self._token:
                self._wake()
        except StoreUnavailable as error:
            _LOG.error("store.unreachable", extra={"reason": str(error)})

    def _leave_when_over(self) -> None:
        if self._until is not None and self._app.clock.now() >= self._until:
            self._stopping.set()


def main(arguments: Sequence[str] | None = None) -> int:
    """`python runner.py`: the same as `parcours run`, with the same options."""
    from operators.cli import main as parcours

    return parcours(["run", *(sys.argv[1:] if arguments is None else arguments)])


if __name__ == "__main__":
    sys.exit(main())
