"""The record of anchors in a file of its own, a JSON object a line, only ever appended to.

It lies outside the database, next to the key: what a restored database forgot, this file remembers. It refuses
to know how checkpoints are sent.
"""

import base64
import fcntl
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from audit.anchors import Failures, Receipt, digest_of
from audit.flushing import sync_folder
from workflow.errors import IntegrityBroken, StoreUnavailable
from workflow.history import instant_text

_OWNER_ONLY = 0o600


class AnchorRecord:
    """The record, as folded from the lines of its file. `opened_record` and `read_receipts` make it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._due: dict[tuple[str, str], bytes] = {}
        self._sent: dict[tuple[str, str], Receipt] = {}
        self._failures: dict[str, Failures] = {}
        self._checkpoints: dict[str, bytes] = {}
        self.last_due_at: datetime | None = None
        self._read()

    def add(self, checkpoint: bytes, channels: Sequence[str], at: datetime) -> None:
        """A checkpoint is due in these channels, where it is not already due or sent."""
        digest = digest_of(checkpoint)
        new = [name for name in channels if (name, digest) not in self._due and (name, digest) not in self._sent]
        if new:
            self._append({"event": "due", "checkpoint": digest, "text": checkpoint.decode(), "channels": new}, at)

    def pending(self, channel: str) -> tuple[bytes, ...]:
        """What is due in a channel, oldest first."""
        return tuple(checkpoint for (name, _), checkpoint in self._due.items() if name == channel)

    def failures(self, channel: str) -> Failures:
        """The channel's failures since it last succeeded."""
        return self._failures.get(channel, Failures())

    def receipts(self) -> Iterator[tuple[bytes, Receipt]]:
        """Every checkpoint that went out, with what came back, oldest first: for the bundle's `anchors/`."""
        return ((self._checkpoints[digest], receipt) for (_, digest), receipt in self._sent.items())

    def sent(self, checkpoint: bytes, receipt: Receipt) -> None:
        """It went out."""
        token = None if receipt.token is None else base64.b64encode(receipt.token).decode()
        told = {"channel": receipt.channel, "token": token, "detail": receipt.detail}
        self._append({"event": "sent", "checkpoint": digest_of(checkpoint), **told}, receipt.at)

    def failed(self, checkpoint: bytes, channel: str, at: datetime, reason: str) -> None:
        """It did not."""
        told = {"channel": channel, "reason": reason}
        self._append({"event": "failed", "checkpoint": digest_of(checkpoint), **told}, at)

    def _append(self, told: dict[str, Any], at: datetime) -> None:
        line = {"v": 1, "at": instant_text(at), **told}
        data = json.dumps(line, ensure_ascii=False).encode() + b"\n"
        try:
            # Past the buffer: what fails is told here and not at closing, and half a line is taken away when reading.
            if os.write(self._stream.fileno(), data) < len(data):
                raise StoreUnavailable("the record of anchors cannot be written: there is no room for the whole line")
            os.fsync(self._stream.fileno())
        except OSError as error:
            raise StoreUnavailable(f"the record of anchors cannot be written: {error.strerror}") from error
        self._fold(line)

    def _read(self) -> None:
        """Fold all lines; the beginning of a line that a crash cut short is taken away."""
        whole = 0
        for number, line in enumerate(self._stream, start=1):
            if not line.endswith(b"\n"):
                if self._stream.writable():
                    self._stream.truncate(whole)
                break
            whole += len(line)
            try:
                self._fold(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError):
                raise IntegrityBroken(f"line {number} of the record of anchors cannot be read") from None

    def _fold(self, line: dict[str, Any]) -> None:
        digest, at = line["checkpoint"], datetime.fromisoformat(line["at"])
        if line["event"] == "due":
            self.last_due_at = at
            checkpoint = self._checkpoints[digest] = line["text"].encode()
            self._due |= {(name, digest): checkpoint for name in line["channels"]}
            return
        channel = line["channel"]
        if line["event"] == "failed":
            self._failures[channel] = Failures(self.failures(channel).count + 1, at)
            return
        token = None if line["token"] is None else base64.b64decode(line["token"])
        self._sent[channel, digest] = Receipt(channel, at, token, line["detail"])
        self._due.pop((channel, digest), None)
        self._failures.pop(channel, None)


@contextmanager
def opened_record(path: Path) -> Iterator[AnchorRecord]:
    """Open the record, or make it, for one sender at a time.

    Raises StoreUnavailable where it cannot be opened or another process is sending, IntegrityBroken where it is
    damaged.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, _OWNER_ONLY)
    except OSError as error:
        raise StoreUnavailable(f"the record of anchors {path} cannot be opened: {error.strerror}") from error
    with os.fdopen(descriptor, "r+b") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreUnavailable(f"another process is sending anchors: it holds {path}") from None
        try:
            sync_folder(path.parent)
        except OSError as error:
            raise StoreUnavailable(f"the record of anchors {path} cannot be made: {error.strerror}") from error
        yield AnchorRecord(stream)


def read_receipts(path: Path) -> tuple[tuple[bytes, Receipt], ...]:
    """What went out by now, with what came back, also while another process is sending; nothing where no record is.

    Raises StoreUnavailable where the file cannot be read, IntegrityBroken where it is damaged.
    """
    try:
        with path.open("rb") as stream:
            return tuple(AnchorRecord(stream).receipts())
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise StoreUnavailable(f"the record of anchors {path} cannot be read: {error.strerror}") from error
