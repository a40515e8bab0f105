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
from dataclasses import dataclass, field
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
        if self.returncode is None and self._has_news(within_s):
            how = _told(os.read(self._status, STATUS.size))
            os.close(self._status)
            self.returncode = os.waitstatus_to_exitcode(how)
        return self.returncode

    def _has_news(self, within_s: float) -> bool:
        waiting = select.poll()
        waiting.register(self._status, select.POLLIN)
        return bool(waiting.poll(within_s * 1000))


@dataclass(frozen=True)
class Call:
    """What a process of the program is given; `loading`: the variables by which its libraries are loaded."""

    words: Sequence[str]
    environ: Mapping[str, str]
    folder: Path
    loading: Mapping[str, str] = field(default_factory=dict)


def _told(data: bytes) -> int:
    if len(data) != STATUS.size:
        raise RuntimeError("the server that forks the program has ended: what stopped it is in the tests' stderr")
    return int(STATUS.unpack(data)[0])


def run(call: Call, timeout: float) -> tuple[int, str, str]:
    """The program to its end: its exit code, its answer and its log."""
    with TemporaryFile() as out, TemporaryFile() as err:
        code = _forked(call, out.fileno(), err.fileno()).wait(timeout)
        answers = [os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode() for file in (out, err)]
    return code, answers[0], answers[1]


def start(call: Call) -> Forked:
    """The program in the background, both streams through pipes."""
    (out, out_end), (err, err_end) = os.pipe(), os.pipe()
    try:
        process = _forked(call, out_end, err_end)
    finally:
        os.close(out_end)
        os.close(err_end)
    process.stdout, process.stderr = (os.fdopen(each, encoding="utf-8") for each in (out, err))
    return process


def _forked(call: Call, out: int, err: int) -> Forked:
    asked = {"words": list(call.words), "environ": dict(call.environ), "folder": str(call.folder)}
    return Forked(*_server(call.loading).fork(json.dumps(asked).encode() + b"\n", out, err))


class _Server:
    """A server of this process."""

    def __init__(self, loading: Mapping[str, str]) -> None:
        self.owner, self._lock = os.getpid(), Lock()
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.acceptance.fork_server", str(theirs.fileno())],
                cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), **loading}, pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            )  # fmt: skip

    def fork(self, request: bytes, out: int, err: int) -> tuple[int, int]:
        """A new process: its pid, and the file in which its end will be told."""
        ended, status = os.pipe()
        with self._lock:
            socket.send_fds(self._channel, [request], [out, err, status])
            told = self._channel.recv(STATUS.size)
        os.close(status)
        return _told(told), ended

    def close(self) -> None:
        """End it, where it is of this process and not of the one that forked it."""
        if self.owner == os.getpid():
            self._channel.shutdown(socket.SHUT_RDWR)
            self._process.wait()
        self._channel.close()


_servers: dict[frozenset[tuple[str, str]], _Server] = {}
_AT_ONCE = 2


def _server(loading: Mapping[str, str]) -> _Server:
    """The one that has loaded this, started for the first who asks; a forked worker has others than its parent."""
    key = frozenset(loading.items())
    found = _servers.pop(key, None)
    if found is None or found.owner != os.getpid():
        found = _Server(loading)
    _servers[key] = found
    if len(_servers) > _AT_ONCE:
        _servers.pop(next(iter(_servers))).close()
    return found


@atexit.register
def _end() -> None:
    for each in _servers.values():
        each.close()
