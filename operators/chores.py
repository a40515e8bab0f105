"""What a daemon does besides firing: it seals, sends checkpoints and notices out, and thins other logs.

None of it ever stops firing: what goes wrong is logged, and tried again.
"""

import logging
import math
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress

from app import App, seal
from workflow.errors import ParcoursError

NOTICES_END_S = 1.0
"""So long the end waits for a notice that is being sent."""

SEAL_AT = 1_000
"""So many new entries are sealed at once, before the interval is over."""

_LOG = logging.getLogger("parcours.runner")


class Sealing:
    """Seals every so often, and earlier where much waits. What goes wrong is logged, and never stops firing."""

    def __init__(self, app: App) -> None:
        self._app, self._next_s, self._left = app, -math.inf, 0
        self._failed = False

    def __call__(self) -> None:
        try:
            if self._is_due():
                self._seal()
        except Exception as error:
            self._failed = True
            unexpected = None if isinstance(error, ParcoursError) else error
            _LOG.error("seal.failed", extra={"reason": str(error)}, exc_info=unexpected)

    def _is_due(self) -> bool:
        if time.monotonic() >= self._next_s:
            return True
        # What could not be sealed does not ask for it again before the interval is over.
        return not self._failed and self._waiting(self._left + SEAL_AT) == self._left + SEAL_AT

    def _waiting(self, at_most: int | None = None) -> int:
        with self._app.store.seals.reading() as reading:
            return reading.queue_length(at_most)

    def _seal(self) -> None:
        started_s = time.monotonic()
        self._next_s = started_s + self._app.settings.seal_interval_s
        outcome = seal(self._app)
        self._failed, self._left = False, self._waiting()
        said = {
            "entries": outcome.sealed,
            "size": outcome.last.size if outcome.last else 0,
            "broken": len(outcome.broken),
            "late": len(outcome.late),
            "duration_s": round(time.monotonic() - started_s, 3),
        }
        if outcome.broken or outcome.late:
            _LOG.error("seal.finished", extra=said)
        elif outcome.sealed:
            _LOG.info("seal.finished", extra=said)


class _Apart(ABC):
    """Sends in a thread of its own, while the one that leads is this one: a silent server keeps nobody waiting."""

    def __init__(self, name: str, app: App, leads: Callable[[], bool]) -> None:
        self._name, self._app, self._leads = name, app, leads
        self._thread: threading.Thread | None = None

    def __call__(self) -> None:
        if self._leads() and (self._thread is None or not self._thread.is_alive()):
            self._thread = threading.Thread(target=self._send, name=self._name, daemon=True)
            self._thread.start()

    @abstractmethod
    def _send(self) -> None: ...


class Anchoring(_Apart):
    """Sends checkpoints out."""

    def __init__(self, app: App, leads: Callable[[], bool]) -> None:
        super().__init__("anchors", app, leads)

    def _send(self) -> None:
        from operators.anchoring import anchor_pending

        # Sent by a clock in 2040, the next one would wait for 2040.
        with suppress(ParcoursError):
            if self._app.engine.brake().held is None:
                anchor_pending(self._app)


class Notifying(_Apart):
    """Sends notices, until told to stop."""

    def __init__(self, app: App, leads: Callable[[], bool], stop: Callable[[], bool]) -> None:
        super().__init__("notices", app, leads)
        self._stop = stop

    def _send(self) -> None:
        from operators.notices.delivering import deliver_pending

        try:
            deliver_pending(self._app, self._stop)
        except Exception as error:
            # A text may hold what nobody may read: its kind, and where it arose, are enough.
            _LOG.error("notices.failed", extra={"reason": f"unexpected: {type(error).__name__}"})

    def end(self) -> None:
        """Let what is being sent be noted, where that takes a moment; what is not noted is sent again."""
        if self._thread is not None:
            self._thread.join(NOTICES_END_S)


class Thinning:
    """Forgets what other logs have kept long enough; while the one that leads is this one."""

    def __init__(self, app: App, leads: Callable[[], bool]) -> None:
        self._app, self._leads = app, leads

    def __call__(self) -> None:
        from operators.thinning import thin

        # What cannot be done now is done an hour later.
        with suppress(ParcoursError):
            if self._leads():
                thin(self._app)
