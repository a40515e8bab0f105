"""Carries out the batches that were confirmed: a thread for each, item by item, until the end, a stop, or our own end.

All that it knows is in the database, but for the personal values that were typed, which are in this process alone:
after a restart they are typed again. What was asked twice is done once, by the key of each item.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Any, Final

from fastapi import FastAPI

from app import App
from operators.console.batch_items import Asked, verdict_on
from operators.labels import Labels
from storage.accounts import Account

_LOG = logging.getLogger("parcours.console")
_LONGEST_END_S: Final = 10.0


@dataclass
class Work:
    """The batches that run in this process."""

    app: App
    _running: dict[str, Event] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _closing: Event = field(default_factory=Event)

    def start(self, asked: Asked, labels: Labels) -> None:
        """Carry out a batch whose status is `running`; nothing where it runs here already."""
        with self._lock:
            if asked.batch in self._running or self._closing.is_set():
                return
            self._running[asked.batch] = Event()
        Thread(target=self._run, args=(asked, labels), daemon=True, name=f"batch {asked.batch}").start()

    def is_running(self, batch: str) -> bool:
        """Whether a batch is being carried out by this process."""
        with self._lock:
            return batch in self._running

    def wait(self, batch: str, longest_s: float) -> None:
        """Until a batch has ended, or so long."""
        with self._lock:
            ended = self._running.get(batch)
        if ended is not None:
            ended.wait(longest_s)

    def end(self) -> None:
        """Finish the items in hand; what is left stays to be gone on with."""
        self._closing.set()
        with self._lock:
            running = list(self._running.values())
        for ended in running:
            ended.wait(_LONGEST_END_S)

    def _run(self, asked: Asked, labels: Labels) -> None:
        try:
            self._carry_out(asked, labels)
        except Exception as error:
            # Nobody waits for a thread's end: what was not done is told on the batch's page, the cause in the log.
            _LOG.error("batch.interrupted", exc_info=error, extra={"batch": asked.batch})
        finally:
            with self._lock:
                self._running.pop(asked.batch).set()

    def _carry_out(self, asked: Asked, labels: Labels) -> None:
        batches = self.app.store.batches
        for each in batches.items(asked.batch, "ready"):
            who = self._still_asking(asked.batch)
            if who is None:
                return
            verdict = verdict_on(self.app, labels, who, asked, each, self.app.engine.ask, "done")
            batches.judge(asked.batch, each.position, verdict)
        batches.turn(asked.batch, "running", "done")

    def _still_asking(self, number: str) -> Account | None:
        """Who asks; None once the batch was stopped, or its account closed, or this process ends."""
        batch = self.app.store.batches.find(number)
        if self._closing.is_set() or batch is None or batch.status != "running":
            return None
        who = self.app.store.accounts.identified(batch.account)
        return who if who is not None and who.disabled_at is None else None


def attend(web: FastAPI, app: App) -> None:
    """Have the console carry out batches for as long as it lives."""
    web.state.work = Work(app)
    web.router.lifespan_context = _ending


@asynccontextmanager
async def _ending(web: Any) -> AsyncIterator[None]:
    """The life of the console: when it ends, what its batches have in hand is finished."""
    yield
    web.state.work.end()
