"""Anchors: checkpoints go out to where nobody with access to this server can call them back.

It refuses to know what a checkpoint says, how a channel reaches the world, and where the record is kept. A
channel that fails loses nothing: what is due stays due, and is tried again after a growing pause.
"""

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from workflow.errors import ParcoursError

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(days=1)

_LOG = logging.getLogger("parcours.anchors")


class AnchorFailed(ParcoursError):
    """A channel did not take a checkpoint, or gave back what proves nothing: one sentence, no address, no secret."""

    code = "anchor_failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a channel gave back: when, what a third party signed (DER of the whole response), a sentence."""

    channel: str
    at: datetime
    token: bytes | None
    detail: str


@dataclass(frozen=True, slots=True)
class Failures:
    """How often a channel failed since it last succeeded, and when it did so last."""

    count: int = 0
    last_at: datetime | None = None

    @property
    def retry_at(self) -> datetime | None:
        """The earliest moment of the next attempt: a minute after the first failure, then twice as long each time."""
        if self.last_at is None:
            return None
        doubled = FIRST_RETRY * (1 << min(self.count - 1, 20))
        return self.last_at + min(doubled, LONGEST_RETRY)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: a receipt, or the reason why there is none and when the next attempt is."""

    channel: str
    digest: str
    receipt: Receipt | None = None
    reason: str | None = None
    retry_at: datetime | None = None


class Anchor(Protocol):
    """One channel."""

    @property
    def name(self) -> str:
        """Its name in the record: it stays, whatever its settings become."""
        ...

    def send(self, checkpoint: bytes) -> Receipt:
        """Send the exact bytes of a checkpoint out. Repeatable. Raises AnchorFailed."""
        ...


class AnchorLog(Protocol):
    """The record of what is due and what went out; whoever holds it is the only sender."""

    def add(self, checkpoint: bytes, channels: Sequence[str], at: datetime) -> None:
        """A checkpoint is due in these channels; what is due or sent there already is left as it is."""
        ...

    def pending(self, channel: str) -> Sequence[bytes]:
        """What is due in a channel, oldest first."""
        ...

    def failures(self, channel: str) -> Failures:
        """How the channel did lately."""
        ...

    def sent(self, checkpoint: bytes, receipt: Receipt) -> None:
        """It went out: it is not due in that channel any more."""
        ...

    def failed(self, checkpoint: bytes, channel: str, at: datetime, reason: str) -> None:
        """It did not."""
        ...


def digest_of(checkpoint: bytes) -> str:
    """What names a checkpoint in records, messages and log lines: SHA-256 of its bytes, in hexadecimal."""
    return hashlib.sha256(checkpoint).hexdigest()


def send_pending(log: AnchorLog, anchors: Iterable[Anchor], now: datetime, *, patient: bool = True) -> list[Attempt]:
    """Send what is due, each checkpoint once per channel. A channel that fails is left alone until its next moment.

    With `patient` false that moment is not waited for: a person asked.
    """
    return [attempt for anchor in anchors for attempt in _sent_by(log, anchor, now, patient=patient)]


def _sent_by(log: AnchorLog, anchor: Anchor, now: datetime, *, patient: bool) -> Iterator[Attempt]:
    retry_at = log.failures(anchor.name).retry_at
    if patient and retry_at is not None and now < retry_at:
        return
    for checkpoint in log.pending(anchor.name):
        attempt = _attempt(log, anchor, checkpoint, now)
        yield attempt
        if attempt.receipt is None:
            # The rest would fail as well, each after its timeout.
            return


def _attempt(log: AnchorLog, anchor: Anchor, checkpoint: bytes, now: datetime) -> Attempt:
    name, digest = anchor.name, digest_of(checkpoint)
    try:
        receipt = anchor.send(checkpoint)
    except AnchorFailed as error:
        log.failed(checkpoint, name, now, str(error))
        retry_at = log.failures(name).retry_at
        said = {"channel": name, "checkpoint": digest, "reason": str(error)}
        _LOG.warning("anchor.failed", extra={**said, "retry_at": retry_at.isoformat() if retry_at else None})
        return Attempt(name, digest, reason=str(error), retry_at=retry_at)
    log.sent(checkpoint, receipt)
    _LOG.info("anchor.sent", extra={"channel": name, "checkpoint": digest, "detail": receipt.detail})
    return Attempt(name, digest, receipt)
