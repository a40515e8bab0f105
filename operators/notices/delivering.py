"""Delivering: what is due goes out, each at least once and under its key, and what becomes of it is noted.

An attempt is taken before it is made and noted after it: whoever dies in between leaves a delivery that is tried again,
with the same key. Who receives it twice can drop the second. How something is sent is in errands.py.
"""

import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from app import App, expect_continued
from operators.notices.digest import plan_digests
from operators.notices.errands import Errand, Errands
from operators.notices.letters import NotSent
from operators.notices.planning import plan_pending
from operators.notices.post import EMAIL, Post, is_set_up, post_of
from operators.notices.schedule import retry_in
from settings import WrongUsage
from storage.queries import Delivery, Ended
from workflow.errors import ParcoursError, StoreBusy, StoreUnavailable

BATCH: Final = 50

NOTING_TRIES: Final = 20
"""So often a database that others keep busy is asked to note what was sent: else it would be sent again for nothing."""

LONGEST_PAUSE_S: Final = 0.2
"""Between two such tries."""

_OTHERS_WAIT: Final = 4
"""What goes the same way as something that failed waits as after so many attempts at most: some minutes."""

_LOG = logging.getLogger("parcours.notices")


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one pass has done. `failed` ones are tried again."""

    planned: int = 0
    sent: int = 0
    failed: int = 0
    dead: int = 0
    overtaken: int = 0


def never() -> bool:
    """Whether to stop early: no."""
    return False


def deliver_pending(app: App, stop: Callable[[], bool] = never) -> Delivered:
    """What a daemon calls every so often: plan and send what is due; nothing where no channel is set.

    Any thread may call it. It raises nothing that may be expected: failures are logged.
    """
    if not is_set_up(app.settings):
        return Delivered()
    try:
        return deliver(app, stop)
    except StoreBusy as error:
        _LOG.info("notices.postponed", extra={"reason": str(error)})
    except (ParcoursError, OSError) as error:
        _LOG.error("notices.failed", extra={"reason": str(error)})
    return Delivered()


def deliver(app: App, stop: Callable[[], bool] = never) -> Delivered:
    """Plan what is pending, send what is due, and say what became of it; nothing while the brake holds.

    Raises WrongUsage for a channel that is not fully set, StoreUnavailable, and DatabaseOlder for a database that was
    restored: what it believes to be unsent may have been sent.
    """
    post = post_of(app)
    expect_continued(app)
    if app.engine.brake().held is not None:
        return Delivered()
    planned = plan_pending(app, post) if post.tells else 0
    return Courier(app, post).deliver(stop, planned + plan_digests(app, post))


class Courier:
    """Sends what is due, one after the other, through one post."""

    def __init__(self, app: App, post: Post) -> None:
        self._clock, self._log, self._errands = app.clock, app.store.deliveries, Errands(app, post)
        # An attempt is over by then, or nobody is left who makes it.
        self._lease = timedelta(seconds=4 * app.settings.notices_timeout_s)
        self._give_up = timedelta(seconds=app.settings.notices_give_up_s)
        self._done = Delivered()

    def deliver(self, stop: Callable[[], bool] = never, planned: int = 0) -> Delivered:
        """Send until nothing is due, or somebody says to stop."""
        self._done = Delivered(planned=planned)
        while items := self._log.due(self._clock.now(), BATCH):
            for item in items:
                if stop():
                    return self._done
                self._attend(item)
        return self._done

    def _attend(self, item: Delivery) -> None:
        now, errand = self._clock.now(), self._errands.of(item)
        reason = errand.superfluous(now)
        if reason is not None:
            self._end(item, "overtaken", reason)
        elif (opens_at := errand.opens(now)) > now:
            self._log.wait(item, opens_at, item.error)
        elif (taken := self._log.take(item, now + self._lease)) is not None:
            self._attempt(taken, errand)

    def _attempt(self, item: Delivery, errand: Errand) -> None:
        try:
            errand.go()
        except NotSent as error:
            self._failed(item, errand, error)
        except (StoreUnavailable, WrongUsage):
            raise
        except Exception as error:
            # What cannot be written must not keep the others waiting; its text may hold an address.
            self._failed(item, errand, NotSent(f"it cannot be written ({type(error).__name__})"))
        else:
            self._end(item, "sent")

    def _failed(self, item: Delivery, errand: Errand, error: NotSent) -> None:
        # Not a secret: chance keeps those that failed together apart.
        now, chance = self._clock.now(), random.random()  # noqa: S311 - no secret
        again_at = errand.opens(now + retry_in(item.attempts, chance))
        if error.permanent or again_at > item.planned_at + self._give_up:
            self._end(item, "dead", str(error))
        else:
            _noted(lambda: self._log.wait(item, again_at, str(error)))
            self._done = replace(self._done, failed=self._done.failed + 1)
            said = {**_said(item), "reason": str(error), "retry_at": again_at.isoformat()}
            _LOG.warning("notice.failed", extra=said)
        if error.unreachable:
            until = now + retry_in(min(item.attempts, _OTHERS_WAIT), chance)
            others = None if item.channel == EMAIL else item.recipient
            _noted(lambda: self._log.postpone(item.channel, others, now, until))

    def _end(self, item: Delivery, status: Ended, reason: str | None = None) -> None:
        _noted(lambda: self._log.end(item, status, self._clock.now(), reason))
        self._done = replace(self._done, **{status: getattr(self._done, status) + 1})
        said = _said(item) | ({} if reason is None else {"reason": reason})
        if status == "dead":
            _LOG.error("notice.given_up", extra=said)
        elif status == "overtaken":
            _LOG.info("notice.overtaken", extra=said)
        else:
            _LOG.info("notice.sent", extra=said)


def _noted(note: Callable[[], None]) -> None:
    """Write down what happened, patiently: each try waits for others as long as the store does. Raises StoreBusy."""
    for _ in range(NOTING_TRIES - 1):
        try:
            return note()
        except StoreBusy:
            time.sleep(random.uniform(0, LONGEST_PAUSE_S))  # noqa: S311 # no secret
    return note()


def _said(item: Delivery) -> dict[str, Any]:
    said = {"notice": item.key, "channel": item.channel, "recipient": item.recipient, "attempts": item.attempts}
    return said if item.reference is None else {**said, "reference": item.reference}
