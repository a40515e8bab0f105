"""Carries out the batches that were confirmed: a thread for each, item by item, until the end, a stop, or our own end.

All that it knows is in the database, but for the personal values that were typed, which are in this process alone:
after a restart they are typed again, and what needs none goes on by itself. One console carries a batch out at a time
(storage/batch_runs.py); what was asked twice all the same is done once, by the key of each item.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from threading import Event, Lock, Thread
from typing import Any, Final

from fastapi import FastAPI

from app import App
from operators.api.tokens import narrowed
from operators.batches.acts import Asked, resumed
from operators.batches.items import Bench, verdict_on
from operators.labels import Labels
from storage.accounts import Account
from storage.batch_runs import SILENT_FOR
from storage.batches import Batch
from workflow.clock import Clock
from workflow.errors import StoreUnavailable

_LOG = logging.getLogger("parcours.console")
_LONGEST_END_S: Final = 10.0
_LOOKS_EVERY_S: Final = 20.0


@dataclass
class Work:
    """The batches that run in this process. `real` is the clock by which consoles see that others live."""

    app: App
    real: Clock
    _running: dict[str, Event] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _closing: Event = field(default_factory=Event)

    def start(self, asked: Asked) -> None:
        """Carry out a batch whose status is `running`; nothing where somebody does already."""
        with self._lock:
            if asked.batch in self._running or self._closing.is_set():
                return
            epoch = self.app.store.batch_runs.take(asked.batch, self.real.now())
            if epoch is None:
                return
            self._running[asked.batch] = Event()
        Thread(target=self._run, args=(asked, epoch), daemon=True, name=f"batch {asked.batch}").start()

    def pick_up(self) -> int:
        """Go on with what others have left, where nothing has to be typed again; gives how many batches."""
        left = [self.app.store.batches.find(each) for each in self.app.store.batch_runs.unattended(self.real.now())]
        ready = [(each.id, each.act) for each in left if each is not None]
        started = [resumed(number, act, {}) for number, act in ready if act is not None and not act.withheld]
        for asked in started:
            self.start(asked)
        return len(started)

    def is_carried_out(self, batch: Batch) -> bool:
        """Whether a batch is being carried out, by this console or another."""
        seen = batch.beat_at is not None and self.real.now() - batch.beat_at <= SILENT_FOR
        return batch.status == "running" and seen

    def wait(self, batch: str, longest_s: float) -> None:
        """Until a batch has ended here, or so long."""
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

    def watch(self) -> None:
        """Look every so often for what others have left, until the end."""
        while not self._closing.is_set():
            try:
                self.pick_up()
            except StoreUnavailable as error:
                _LOG.warning("batch.postponed", extra={"reason": str(error)})
            self._closing.wait(_LOOKS_EVERY_S)

    def _run(self, asked: Asked, epoch: int) -> None:
        try:
            self._carry_out(asked, epoch)
        except Exception as error:
            # Nobody waits for a thread's end: what was not done is told on the batch's page, the cause in the log.
            _LOG.error("batch.interrupted", exc_info=error, extra={"batch": asked.batch})
        finally:
            with self._lock:
                self._running.pop(asked.batch).set()

    def _carry_out(self, asked: Asked, epoch: int) -> None:
        store, labels = self.app.store, Labels.of(self.app)
        try:
            for each in store.batches.items(asked.batch, "ready"):
                who = self._still_asking(asked.batch)
                if who is None:
                    return
                bench = Bench(self.app, labels, who, self.app.engine.ask, "done")
                verdict = verdict_on(bench, asked, each)
                if not store.batch_runs.judge(asked.batch, epoch, each.position, verdict, self.real.now()):
                    return
            store.batch_runs.finish(asked.batch, epoch)
        finally:
            store.batch_runs.leave(asked.batch, epoch)

    def _still_asking(self, number: str) -> Account | None:
        """Who asks, with what they may do now; None once the batch was stopped, or this process ends.

        Where the account was closed, or the token that asked has ended, it is stopped.
        """
        batch = self.app.store.batches.find(number)
        if self._closing.is_set() or batch is None or batch.status != "running":
            return None
        who = _holder(self.app, batch, self.real)
        if who is None:
            self.app.store.batches.turn(number, "running", "stopped")
        return who


def _holder(app: App, batch: Batch, real: Clock) -> Account | None:
    who = app.store.accounts.identified(batch.account)
    if who is None or who.disabled_at is not None:
        return None
    if batch.token is None:
        return who
    token = app.store.tokens.current(batch.token, real.now())
    return None if token is None else replace(who, grants=narrowed(who.grants, token.grants))


def attend(web: FastAPI, app: App, real: Clock) -> None:
    """Have the console carry out batches for as long as it lives."""
    web.state.work = Work(app, real)
    web.router.lifespan_context = _living


@asynccontextmanager
async def _living(web: Any) -> AsyncIterator[None]:
    """The life of the console: it goes on with what others left; when it ends, what it has in hand is finished."""
    work: Work = web.state.work
    Thread(target=work.watch, daemon=True, name="batches").start()
    yield
    work.end()
