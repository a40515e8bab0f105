"""The daemon: wakes at the next due moment, sweeps, sleeps again. It decides nothing and holds nothing.

APScheduler is its alarm clock, and an alarm is only a call: the main thread takes calls one by one, reads
anew from the store what is due, and sets the next alarm. A late, lost or repeated alarm changes nothing.
"""

import logging
import signal
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from types import FrameType
from typing import TYPE_CHECKING, Any

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from app import App, expect_continued
from workflow.brake import ClockBehind, Held
from workflow.clock import SystemClock
from workflow.commands import SweepResult
from workflow.errors import IntegrityBroken, ParcoursError, StoreBusy

if TYPE_CHECKING:
    from operators.tally import Tally

WATCH_S = 0.5
"""How often the daemon asks whether another process has committed: a change is noticed within a second."""

FIRST_RETRY_S = 1.0
"""The pause after a sweep that failed; it doubles with each failure, up to the safety interval."""

SHARED_PAUSE_S = 0.2
"""The pause where all that is due is in the hands of another runner: it fires it, or lets it go."""

BUSY_TRIES = 2
"""So often another process may be found writing before that is worth an error: two daemons do so all the time."""

ANCHOR_EVERY_S = 60
"""So often the daemon looks whether a checkpoint has to be sent out; `anchor_interval_s` says which ones."""

THIN_EVERY_S = 3600
"""So often the daemon looks whether other logs hold more than they are to keep."""

_CLOCK_STEP_S = 1.0
_HELD = 8

_LOG = logging.getLogger("parcours.runner")


def run(app: App, *, once: bool = False, until: datetime | None = None, tally: "Tally | None" = None) -> int:
    """Run the daemon until a signal, or until the clock has reached `until`; with `once`, a single sweep.

    `tally` counts what it does, for its metrics, and is the application's witness where it is to count entries.
    Returns the process's exit code: 8 where the brake holds at its end, 1 where a single sweep left something undone,
    else 0. Raises IntegrityBroken where the database contradicts itself, or does not continue what was remembered of
    it: going on would be guessing.
    """
    _expect_continued(app)
    return sweep_once(app, until) if once else Runner(app, until, tally).serve()


def _expect_continued(app: App) -> None:
    try:
        expect_continued(app)
    except IntegrityBroken as error:
        _LOG.critical("runner.failed", extra={"reason": str(error)})
        raise


def sweep_once(app: App, until: datetime | None = None) -> int:
    """Fire all that is due; tell 8 where the brake holds, 1 where incidents are open or a signal ended it early."""
    from operators.brake_log import BrakeLog

    stop = _Stop()
    held = _sweep(app, until, lambda: stop.asked).held
    if held is not None:
        BrakeLog()(held)
        return _HELD
    cut_short = stop.asked and _is_due(app, until)
    return 1 if cut_short or app.queries.incidents() else 0


class _Stop:
    """Remembers SIGTERM and SIGINT: they interrupt nothing, and the transaction in hand is finished first."""

    def __init__(self, then: Callable[[], None] | None = None) -> None:
        self.asked, self._then = False, then
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        if self._then:
            self._then()


def _sweep(app: App, until: datetime | None, stop: Callable[[], bool]) -> SweepResult:
    started_s = time.monotonic()
    result = app.engine.sweep(until=until, stop=stop)
    if result.placements or result.incidents:
        _LOG.info(
            "sweep.finished",
            extra={
                "placements": result.placements,
                "entries": result.entries,
                "incidents": result.incidents,
                "duration_s": round(time.monotonic() - started_s, 3),
            },
        )
    return result


def _is_due(app: App, until: datetime | None) -> bool:
    wake_at, now = app.engine.next_wake(), app.clock.now()
    return wake_at is not None and wake_at <= (now if until is None else min(now, until))


class _Every:
    """An alarm every so many seconds, counted from the present.

    The library's own counts from the last one: after a jump to 2040 it would list millions of missed alarms.
    """

    def __init__(self, seconds: float) -> None:
        self._interval = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """The name and arguments that APScheduler asks for."""
        return now + self._interval


BaseTrigger.register(_Every)


class Runner:
    """One daemon process: an alarm clock that calls, and the main thread that answers."""

    def __init__(self, app: App, until: datetime | None = None, tally: "Tally | None" = None) -> None:
        from operators.brake_log import BrakeLog
        from operators.chores import Anchoring, Notifying, Sealing, Thinning
        from operators.heartbeat import Heartbeat
        from operators.pulse import Pulse
        from operators.tally import Tally

        self._app, self._until = app, until
        self._pulse, self._tally = Pulse(), tally or Tally()
        # Its `put` is reentrant; an Event set in a signal's handler may wait for the thread it interrupts.
        self._calls: SimpleQueue[None] = SimpleQueue()
        self._stop = _Stop(self._call)
        self._over = False
        self._failures = 0
        self._beat = Heartbeat(app)
        self._seal, self._anchor = Sealing(app), Anchoring(app, lambda: self._beat.leads)
        self._notify = Notifying(app, lambda: self._beat.leads, self._is_over)
        self._thin = Thinning(app, lambda: self._beat.leads)
        self._held: Held | None = None
        self._tell = BrakeLog()
        self._token: object = None
        self._drift_s = _drift_s()
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        self._alarms = BackgroundScheduler(job_defaults=defaults, timezone="UTC")

    def serve(self) -> int:
        """Sweep, sleep, and wake again until told to stop. Raises IntegrityBroken, and WrongUsage for the address at
        which it is to tell how it does.
        """
        from operators.watched import watched

        with watched(self._app, self._pulse, self._tally, self._app.settings.health_address):
            return self._serve()

    def _serve(self) -> int:
        said_until = self._until and self._until.isoformat()
        _LOG.info("runner.started", extra={"until": said_until} if said_until else {})
        self._set_periodic_alarms()
        self._alarms.start()
        try:
            while not self._is_over():
                self._pulse()
                self._beat()
                self._wake()
                # What is sealed by a clock that is wrong would make all that comes later look late.
                if self._beat.leads and not self._stop.asked and self._held is None:
                    self._seal()
                self._sleep()
        finally:
            self._alarms.shutdown()
            self._notify.end()
            self._beat.end()
        _LOG.info("runner.stopped")
        return _HELD if self._over and self._held is not None else 0

    def _is_over(self) -> bool:
        return self._over or self._stop.asked

    def _is_to_stop(self) -> bool:
        """Asked between the transactions of a sweep, however long it takes: the loop runs."""
        self._pulse()
        return self._stop.asked

    def _call(self) -> None:
        self._calls.put(None)

    def _wake(self) -> None:
        """Sweep what is due, and set the alarm for what comes next."""
        started_s = time.monotonic()
        try:
            now = self._app.clock.now()
            # Read first: what another process commits during the sweep is noticed after it.
            self._token = self._app.store.change_token()
            pause_s = self._look()
            self._tell(self._held)
            # What is due and held is looked at again at the safety interval, or when somebody has released it.
            self._set_alarm(self._app.engine.next_wake() if self._held is None else None, pause_s)
        except IntegrityBroken as error:
            _LOG.critical("runner.failed", extra={"reason": str(error)})
            raise
        except Exception as error:
            self._tally.swept("failed", time.monotonic() - started_s)
            self._retry(error)
        else:
            self._failures = 0
            self._tell_how(time.monotonic() - started_s)
            # What fell due by `until` was swept only where the clock had come so far before the sweep.
            self._over = self._until is not None and now >= self._until

    def _tell_how(self, took_s: float) -> None:
        self._tally.swept("done" if self._held is None else "held", took_s)
        if self._beat.stands_back:
            self._pulse.says("standing back: see the log")
        else:
            self._pulse.says("firing" if self._held is None else f"held by the brake: {self._held.cause}")

    def _look(self) -> float:
        """Sweep what is due, or see the clock at least; remember why the brake holds.

        Gives how long to leave the others alone, where nothing of what is due could be had.
        """
        if self._beat.stands_back:
            return self._app.settings.safety_interval_s
        try:
            if not _is_due(self._app, self._until):
                self._held = self._app.engine.beat()
                return 0.0
            swept = _sweep(self._app, self._until, self._is_to_stop)
        except ClockBehind as error:
            self._held = error.held
            return 0.0
        self._held = swept.held
        return 0.0 if swept.placements or swept.incidents or swept.held else SHARED_PAUSE_S

    def _retry(self, error: Exception) -> None:
        """Tell what went wrong, with its traceback where nobody expected it, and try again before long."""
        longest_s = self._app.settings.safety_interval_s
        retry_in_s = min(FIRST_RETRY_S * 2 ** min(self._failures, 20), longest_s)
        self._failures += 1
        self._pulse.says("failing: see the log")
        unexpected = None if isinstance(error, ParcoursError) else error
        said = {"reason": str(error), "retry_in_s": retry_in_s}
        if isinstance(error, StoreBusy) and self._failures <= BUSY_TRIES:
            _LOG.info("sweep.postponed", extra=said)
        else:
            _LOG.error("sweep.failed", extra=said, exc_info=unexpected)
        self._alarm_in(retry_in_s)

    def _sleep(self) -> None:
        while not self._is_over() and not self._is_called() and not self._has_news():
            self._pulse()
            self._beat()

    def _is_called(self) -> bool:
        try:
            self._calls.get(timeout=WATCH_S)
        except Empty:
            return False
        return True

    def _has_news(self) -> bool:
        """Whether another process has committed, or the machine's clock was set: look anew at what is due."""
        if abs(_drift_s() - self._drift_s) > _CLOCK_STEP_S:
            self._drift_s = _drift_s()
            self._set_periodic_alarms()
            return True
        if self._failures:
            return False
        try:
            return self._app.store.change_token() != self._token
        except ParcoursError:
            return True

    def _set_periodic_alarms(self) -> None:
        """From now on: a clock that was set back would else leave them in the future."""
        from operators.notices.post import is_set_up

        settings = self._app.settings
        self._every(settings.safety_interval_s, self._call, "safety")
        self._every(settings.seal_interval_s, self._call, "seal")
        self._every(ANCHOR_EVERY_S, self._anchor, "anchors")
        self._every(THIN_EVERY_S, self._thin, "thinning")
        if is_set_up(settings):
            self._every(settings.notices_interval_s, self._notify, "notices")

    def _every(self, seconds: float, call: Callable[[], None], name: str) -> None:
        self._alarms.add_job(call, _Every(seconds), id=name, replace_existing=True)

    def _set_alarm(self, wake_at: datetime | None, pause_s: float) -> None:
        """At the next moment of the placements or at the end; a clock that stands still reaches neither."""
        moments = [moment for moment in (wake_at, self._until) if moment is not None]
        waits = [self._app.clock.real_seconds_until(moment) for moment in moments]
        wait_s = min((wait for wait in waits if wait is not None), default=None)
        if wait_s is not None and wait_s < self._app.settings.safety_interval_s:
            self._alarm_in(max(wait_s, pause_s))

    def _alarm_in(self, seconds: float) -> None:
        at: Any = SystemClock().now() + timedelta(seconds=seconds)
        self._alarms.add_job(self._call, "date", run_date=at, id="wake", replace_existing=True)


def _drift_s() -> float:
    """How far the wall clock is ahead of the one that nobody sets: it changes when somebody sets it."""
    return SystemClock().now().timestamp() - time.monotonic()


def main(arguments: Sequence[str] | None = None) -> int:
    """`python runner.py`: the same as `parcours run`, with the same options."""
    from operators.cli import main as parcours

    return parcours(["run", *(sys.argv[1:] if arguments is None else arguments)])


if __name__ == "__main__":
    sys.exit(main())
