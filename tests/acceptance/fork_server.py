"""A process that has imported the program, and forks itself into it for whoever asks over a socket.

A request is a line of JSON with three open files: where the answer, the log and the exit status go. Each child is a
process like any other: its own streams, environment and folder, and what an interpreter does when a program ends.
"""

import importlib
import json
import os
import pkgutil
import selectors
import signal
import socket
import struct
import sys
import time
from contextlib import suppress

import operators.cli

STATUS = struct.Struct("i")
"""How a process ended, as the system has it."""

_LONGEST = 65_536
# What short commands import on their way, beside the modules of the command line.
_ON_THE_WAY = ("app", "runner", "rich.console", "operators.logs", "storage.postgres_database", "audit.sealing",
               "audit.signing", "audit.bundle", "audit.verification", "alembic.command")  # fmt: skip
_FOR_ONE = {"console": "operators.console.serving"}
"""What takes long to import, and is imported when it is first asked for."""


def main(channel: socket.socket) -> None:
    """Serve until nobody is there who could ask; in each child, be the program."""
    for name in (*_modules(), *_ON_THE_WAY):
        importlib.import_module(name)
    if serve(channel):
        operators.cli.program()


def _modules() -> list[str]:
    names = [found.name for found in pkgutil.iter_modules(operators.cli.__path__)]
    return [f"operators.cli.{name}" for name in names if name != "__main__"]


def serve(channel: socket.socket) -> bool:
    """Fork for each request, and tell how each child has ended; gives whether this is a child."""
    ended = _hear_of_children()
    # No selector that is a file of its own: children would have it open.
    waiting, statuses = selectors.PollSelector(), dict[int, int]()
    waiting.register(channel, selectors.EVENT_READ)
    waiting.register(ended, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.fileobj is ended:
                ended.recv(_LONGEST)
                _tell_ends(statuses)
            elif not (line := _received(channel)):
                return False
            elif _forked(channel, *line, statuses):
                ended.close()
                return True


def _hear_of_children() -> socket.socket:
    # Ctrl-C is for the tests and the program.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    signal.set_wakeup_fd(theirs.detach())
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    return ours


def _received(channel: socket.socket) -> tuple[bytes, list[int]] | None:
    line, files, _, _ = socket.recv_fds(channel, _LONGEST, 3)
    while line and not line.endswith(b"\n"):
        line += channel.recv(_LONGEST)
    return (line, files) if line else None


def _forked(channel: socket.socket, line: bytes, files: list[int], statuses: dict[int, int]) -> bool:
    """Fork; gives whether this is the child, which is then ready to be the program."""
    asked, (out, err, status) = json.loads(line), files
    if needed := _FOR_ONE.get(asked["words"][0]):
        importlib.import_module(needed)
    pid = os.fork()
    if pid == 0:
        os.dup2(out, 1)
        os.dup2(err, 2)
        for each in (*files, channel.detach(), signal.set_wakeup_fd(-1), *statuses.values()):
            os.close(each)
        _become(asked["words"], asked["environ"], asked["folder"])
        return True
    os.close(out)
    os.close(err)
    statuses[pid] = status
    channel.send(STATUS.pack(pid))
    return False


def _become(words: list[str], environ: dict[str, str], folder: str) -> None:
    """Take on what a started process is given."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    os.chdir(folder)
    sys.argv = ["parcours", *words]


def _tell_ends(statuses: dict[int, int]) -> None:
    while statuses:
        pid, how = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        # Whoever asked may be gone, or not care.
        with suppress(BrokenPipeError):
            os.write(statuses[pid], STATUS.pack(how))
        os.close(statuses.pop(pid))


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
