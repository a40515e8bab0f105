"""The program in processes of its own that need not be started: forked by a server that has imported it.

A start takes most of a second, nearly all of it for imports. What only a start can show is tried by starting.
"""

import atexit
import json
import os
import select
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import IO

from tests.acceptance.fork_server import STATUS

ROOT = Path(__file__).parents[2]


class Forked:
    """A process of the program, with what `subprocess.Popen` has for it."""

    def __init__(self, pid: int, status: int, stdout: IO[str] | None = None, stderr: IO[str] | None = None) -> None:
        self.pid, self.stdout, self.stderr = pid, stdout, stderr
        self.returncode: int | None = None
        self._status = status

    def poll(self) -> int | None:
        """The exit code, or the negative signal that ended it; None while it runs."""
        return self._ended(0)

    def wait(self, timeout: float) -> int:
        """The same, once it has ended. Raises TimeoutError."""
        code = self._ended(timeout)
        if code is None:
            raise TimeoutError(f"process {self.pid} goes on")
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def _ended(self, within_s: float) -> int | None:
        if self.returncode is None and select.select([self._status], [], [], within_s)[0]:
            (how,) = STATUS.unpack(os.read(self._status, STATUS.size))
            os.close(self._status)
            self.returncode = os.waitstatus_to_exitcode(how)
        return self.returncode


def run(words: Sequence[str], environ: Mapping[str, str], folder: Path, timeout: float) -> tuple[int, str, str]:
    """The program with these words to its end: its exit code, its answer and its log."""
    with TemporaryFile() as out, TemporaryFile() as err:
        code = _forked(words, environ, folder, out.fileno(), err.fileno()).wait(timeout)
        answers = [os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode() for file in (out, err)]
    return code, answers[0], answers[1]


def start(words: Sequence[str], environ: Mapping[str, str], folder: Path) -> Forked:
    """The program with these words, in the background, both streams through pipes."""
    (out, out_end), (err, err_end) = os.pipe(), os.pipe()
    try:
        process = _forked(words, environ, folder, out_end, err_end)
    finally:
        os.close(out_end)
        os.close(err_end)
    process.stdout, process.stderr = (os.fdopen(each, encoding="utf-8") for each in (out, err))
    return process


def _forked(words: Sequence[str], environ: Mapping[str, str], folder: Path, out: int, err: int) -> Forked:
    asked = {"words": list(words), "environ": dict(environ), "folder": str(folder)}
    return Forked(*_ours().fork(json.dumps(asked).encode() + b"\n", out, err))


class _Server:
    """The server of one process."""

    def __init__(self) -> None:
        self.owner, self._lock = os.getpid(), Lock()
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.acceptance.fork_server", str(theirs.fileno())],
                cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            )  # fmt: skip

    def fork(self, request: bytes, out: int, err: int) -> tuple[int, int]:
        """A new process: its pid, and the file in which its end will be told."""
        ended, status = os.pipe()
        with self._lock:
            socket.send_fds(self._channel, [request], [out, err, status])
            told = self._channel.recv(STATUS.size)
        os.close(status)
        return STATUS.unpack(told)[0], ended

    def close(self) -> None:
        """End it: it goes once nobody is there who could ask."""
        self._channel.close()
        if self.owner == os.getpid():
            self._process.wait()


_server: _Server | None = None


def _ours() -> _Server:
    """The server, started for the first who asks; a forked worker has one of its own."""
    global _server
    if _server is None or _server.owner != os.getpid():
        _server = _Server()
        atexit.register(_server.close)
    return _server
