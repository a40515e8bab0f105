"""Tells systemd how this process does, as sd_notify(3) has it; says nothing where no systemd asks for it.

What cannot be told stops nothing: the process matters, not its supervisor.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress


class Systemd:
    """The supervisor that started this process, if any. `watchdog_s`: it ends a process that is silent for longer."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        environ = os.environ if environ is None else environ
        address = environ.get("NOTIFY_SOCKET", "")
        # An abstract socket's name begins with a zero byte, which a variable cannot hold.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self.watchdog_s = _watchdog_s(environ) if address else None

    def __call__(self, *states: str) -> None:
        """Tell assignments such as `READY=1`, all at once."""
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as stream:
            # A supervisor that reads nothing must not hold the loop up either.
            stream.setblocking(False)
            stream.sendto("\n".join(states).encode(), self._address)


def _watchdog_s(environ: Mapping[str, str]) -> float | None:
    """The longest silence; None where no watchdog runs, or another process is meant (sd_watchdog_enabled(3))."""
    wanted, microseconds = environ.get("WATCHDOG_PID", ""), environ.get("WATCHDOG_USEC", "")
    mine = wanted in ("", str(os.getpid()))
    return int(microseconds) / 1e6 if mine and microseconds.isdecimal() and int(microseconds) else None
