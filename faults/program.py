"""The product's command line: in this process, or in one forked from it under strace, which injects a fault.

A fork has all modules imported, so that a case takes a tenth of the time of a started interpreter; it is a process like
any other, killed like any other.
"""

import ctypes
import io
import json
import logging
import os
import re
import shutil
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from operators.cli import main
from tests.acceptance.driver import Site

CALLS = ("pwrite64", "write", "fsync", "fdatasync", "ftruncate", "rename", "unlink")
"""The system calls by which something reaches the disk, or an answer its reader."""

KILLED = -9
_READY = "/nowhere/until/traced"
_TRACED = "pwrite64,write,writev,fsync,fdatasync,ftruncate,rename,renameat2,unlink,unlinkat,rmdir"
_ALL_BYTES = "1000000"
_PR_SET_PTRACER, _ANY = 0x59616D61, ctypes.c_ulong(-1)


@dataclass(frozen=True)
class Said:
    """What one command answered; a negative code is the signal that ended it."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def is_traceback(self) -> bool:
        """Whether an error came out that nobody expected."""
        return "Traceback" in self.err or "command.failed" in self.err or "Traceback" in self.out


def environ(site: Site) -> dict[str, str]:
    """What the program is told of an installation."""
    said = {"database_url": site.url, "lang": "en", "actor": "Ada", **site.settings}
    return {f"PARCOURS_{name.upper()}": value for name, value in said.items()}


def said(site: Site, *words: str) -> Said:
    """Run one command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with _at_home(site.folder, environ(site)), _own_log(), redirect_stdout(out), redirect_stderr(err):
        code = main(words)
    return Said(code, out.getvalue(), err.getvalue())


@contextmanager
def _at_home(folder: Path, told: Mapping[str, str]) -> Iterator[None]:
    before, where = dict(os.environ), Path.cwd()
    for name in [name for name in os.environ if name.startswith("PARCOURS_")]:
        del os.environ[name]
    os.environ.update(told)
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(where)
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _own_log() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def forked(
    site: Site, *words: str, inject: str | None = None, trace: Path | None = None, recorded: str | None = None
) -> Said:
    """Run one command in a process of its own, under strace; `inject` is one of its expressions.

    `trace`: a file for all that was traced; `recorded`: these calls instead, with all bytes, in hexadecimal.
    """
    out, err = site.folder / "stdout", site.folder / "stderr"
    with warnings.catch_warnings():
        # Newer Pythons warn where other threads run: the child uses nothing that one of them may have locked.
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        _become(site, words, out, err)
    tracer = _tracer(pid, inject, trace, recorded)
    try:
        _, status = os.waitpid(pid, 0)
    finally:
        tracer.wait()
    return Said(os.waitstatus_to_exitcode(status), out.read_text("utf-8"), err.read_text("utf-8"))


def _tracer(pid: int, inject: str | None, trace: Path | None, recorded: str | None) -> "subprocess.Popen[bytes]":
    # What is traced first, a call that succeeds only under strace, tells the process that it may begin.
    words = ["-f", "-qq", "-e", f"trace={recorded or _TRACED}", "-e", "signal=none", "-e", "inject=rmdir:retval=0"]
    words += [] if recorded is None else ["-xx", "-s", _ALL_BYTES]
    words += [] if inject is None else ["-e", f"inject={inject}"]
    words += ["-o", os.devnull if trace is None else str(trace), "-p", str(pid)]
    return subprocess.Popen([_strace(), *words], stderr=subprocess.DEVNULL)  # noqa: S603 - a fixed program


def _strace() -> str:
    found = shutil.which("strace")
    if found is None:
        raise RuntimeError("strace is needed, and is not installed")
    return found


def _become(site: Site, words: tuple[str, ...], out: Path, err: Path) -> NoReturn:
    """What the forked process does."""
    try:
        for number, path in ((1, out), (2, err)):
            opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(opened, number)
            os.close(opened)
        # Not before the program begins: what was said before is no answer.
        sys.stdout, sys.stderr = (io.TextIOWrapper(io.FileIO(number, "w"), "utf-8") for number in (1, 2))
        for name in [name for name in os.environ if name.startswith("PARCOURS_")]:
            del os.environ[name]
        os.environ.update(environ(site))
        os.chdir(site.folder)
        logging.getLogger().handlers.clear()
        _wait_for_tracer()
        code = main(words)
    except Exception:
        # As the interpreter would.
        traceback.print_exc()
        code = 1
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _wait_for_tracer() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANY, 0, 0, 0)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError):
            os.rmdir(_READY)  # noqa: PTH106 - the call itself is what matters
            return
        time.sleep(0.001)


def calls_of(trace: Path) -> dict[str, int]:
    """How often each of CALLS was made, at most by one thread: strace counts for each thread by itself."""
    counts: dict[tuple[str, str], int] = {}
    for line in trace.read_text("utf-8", "replace").splitlines():
        found = re.match(r"(\d+)\s+(\w+)\(", line)
        if found is not None and found[2] in CALLS:
            counts[found[1], found[2]] = counts.get((found[1], found[2]), 0) + 1
    return {name: max((n for (_, call), n in counts.items() if call == name), default=0) for name in CALLS}
