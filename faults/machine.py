"""A machine that can die: all processes that work in one folder, ended at one moment. Knows nothing of what they do."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE_S = 300.0
_POLL_S = 0.1


def wait_until(found: Callable[[], T | None], what: str) -> T:
    """What other processes bring about, once there is something of it. Raises TimeoutError."""
    until_s = time.monotonic() + PATIENCE_S
    while not (value := found()):
        if time.monotonic() > until_s:
            raise TimeoutError(f"waited in vain for {what}")
        time.sleep(_POLL_S)
    return value


@dataclass
class Machine:
    """One program in a folder of its own, with all that it starts there. `owner`: what Popen is told of its account."""

    folder: Path
    command: Sequence[str]
    owner: Mapping[str, Any]
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def name(self) -> str:
        return self.folder.name

    def start(self) -> None:
        """Start the program, with no variable of this process's environment; what it says goes into the file log."""
        environ = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 - words of ours
                self.command,
                cwd=self.folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                **self.owner,
            )

    def last_words(self) -> str:
        """The end of what the program has said."""
        return f"{self.name}: {(self.folder / 'log').read_text('utf-8', 'replace')[-400:]}"

    def kill(self) -> None:
        """End all of it: frozen first, nobody can start or answer anything meanwhile."""
        self.freeze()
        self._send(self._pids(), signal.SIGKILL)
        if self.process is not None:
            self.process.wait(PATIENCE_S)
        wait_until(lambda: not self._pids(), f"the end of all in {self.folder}")
        self._forget_memory()

    def freeze(self) -> None:
        """Let all of it stand still."""
        before: set[int] = set()
        while (pids := self._pids()) != before:
            self._send(pids, signal.SIGSTOP)
            before = pids

    def thaw(self) -> None:
        """Let it go on, as if no time had passed."""
        self._send(self._pids(), signal.SIGCONT)

    def _send(self, pids: set[int], number: int) -> None:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _pids(self) -> set[int]:
        return {int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and self._is_here(entry)}

    def _is_here(self, entry: Path) -> bool:
        try:
            return (entry / "cwd").readlink().is_relative_to(self.folder)
        except OSError:
            # It has just ended, or is somebody else's.
            return False

    def _forget_memory(self) -> None:
        """Remove the memory that a killed PostgreSQL server leaves shared: postmaster.pid has its number in line 7."""
        with suppress(OSError, IndexError):
            number = (self.folder / "data" / "postmaster.pid").read_text().splitlines()[6].split()[1]
            subprocess.run(["/usr/bin/ipcrm", "-m", number], stderr=subprocess.DEVNULL, check=False)  # noqa: S603 - a fixed program
