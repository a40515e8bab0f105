"""A daemon's heartbeat: it tells the others that it lives, learns whether it leads, and compares its clock with theirs.

It comes from the daemon's own loop, so that one that hangs falls silent. What goes wrong here stops nothing.
"""

import logging
import math
import os
import secrets
import socket
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib import metadata
from typing import Final

from app import App, signing_key_path
from storage.queries import RunnerItem
from workflow.clock import Clock, SystemClock
from workflow.definition import COMPILED_FORMAT
from workflow.errors import ParcoursError

EVERY_S: Final = 15.0
MAX_SKEW: Final = timedelta(seconds=30)
"""A machine whose clock differs more from the database's fires nothing: one of the two is wrong."""

_LOG = logging.getLogger("parcours.runner")


class Heartbeat:
    """One daemon's. `leads`: it seals and sends.

    `skewed`: its machine's clock is not the database's. `outdated`: a daemon of a newer format of definitions runs
    beside it. Either way it stands back, and fires nothing.
    """

    def __init__(self, app: App, machine: Clock | None = None) -> None:
        self._app, self._next_s = app, -math.inf
        self._machine = SystemClock() if machine is None else machine
        self.leads, self.skewed, self.outdated = True, False, False
        self._mine = _described(app)

    @property
    def stands_back(self) -> bool:
        """Whether firing is left to others."""
        return self.skewed or self.outdated

    def __call__(self) -> None:
        """Beat where it is time to."""
        if time.monotonic() < self._next_s:
            return
        self._next_s = time.monotonic() + EVERY_S
        try:
            self._compare(self._app.store.runners.present())
            self._app.store.runners.beat(self._mine)
            self._look_around(self._app.store.runners.listed())
        except ParcoursError as error:
            _LOG.info("heartbeat.failed", extra={"reason": str(error)})

    def end(self) -> None:
        """Say good-bye, so that nobody misses this one."""
        try:
            self._app.store.runners.leave(self._mine.id)
        except ParcoursError as error:
            _LOG.info("heartbeat.failed", extra={"reason": str(error)})

    def _look_around(self, runners: Sequence[RunnerItem]) -> None:
        newest = max((item.definition_format for item in runners if item.alive), default=COMPILED_FORMAT)
        outdated = newest > self._mine.definition_format
        if outdated and not self.outdated:
            said = {"definition_format": self._mine.definition_format, "newest": newest}
            _LOG.error("runner.outdated", extra=said)
        self.outdated, self.leads = outdated, self._app.store.runners.leads(self._mine.id, runners)

    def _compare(self, present: datetime) -> None:
        skew = skew_of(self._app, present, self._machine)
        skewed = abs(skew) > MAX_SKEW
        if skewed:
            _LOG.error("clock.skewed", extra={"skew_s": round(skew.total_seconds(), 3)})
        self.skewed = skewed


def skew_of(app: App, present: datetime, machine: Clock) -> timedelta:
    """How far a machine's clock is ahead of the database's; a sandbox has the clock that it was given."""
    return timedelta() if app.installation.sandbox else machine.now() - present


def _described(app: App) -> RunnerItem:
    now = app.clock.now()
    return RunnerItem(
        id=secrets.token_hex(16),
        host=socket.gethostname(),
        pid=os.getpid(),
        version=program_version(),
        definition_format=COMPILED_FORMAT,
        seals=signing_key_path(app.settings).exists(),
        started_at=now,
        heartbeat_at=now,
    )


def program_version() -> str:
    """Which version of the program this is, as far as it is installed."""
    try:
        return metadata.version("parcours")
    except metadata.PackageNotFoundError:
        return "unpackaged"
