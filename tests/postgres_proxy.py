"""A way to a PostgreSQL server, over TCP, that is cut where a test says: in what the client sends at a given moment.

It hands bytes on, late or in pieces where that is asked, and knows nothing of their meaning.
"""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SOCKET = ".s.PGSQL.5432"
_RESET = struct.pack("ii", 1, 0)
"""Closing with this for SO_LINGER sends a reset at once (socket(7))."""


@dataclass(frozen=True)
class Cut:
    """What the server still hears of what is sent now (nothing, half, all of it), and how the way ends.

    `close`: the client reads an end; `reset`: its connection is reset; `half`: the server reads an end, and its answer
    still comes; `silence`: neither hears of the other again, and each end stays open until it is closed there.
    """

    where: Literal["before", "amid", "after"]
    how: Literal["close", "reset", "half", "silence"] = "close"


Rule = Callable[[int, bytes], Cut | None]
"""Given how often clients have sent something, and what they send now: how to cut it, or None."""


def never(count: int, data: bytes) -> None:
    """The way is whole."""


class Proxy:
    """The way, while it is open; `cut`, `late_s` and `pieces` may be set anew at any moment. `cuts` counts.

    `late_s`: so much later everything arrives; `pieces`: in pieces of so many bytes, or as it comes; `forgets_s`: after
    so much silence the server's end is closed, as its system's timers would.
    """

    def __init__(self, server: Path) -> None:
        self.cut: Rule = never
        self.late_s, self.pieces = 0.0, 0
        self.forgets_s: float | None = None
        self.cuts = self.sent = 0
        self._server, self._closed = server / SOCKET, threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets, self._threads = list[socket.socket](), list[threading.Thread]()
        self._begin(self._accept)

    @property
    def port(self) -> int:
        """Where it begins, on this machine."""
        return int(self._listener.getsockname()[1])

    def url(self, database: str) -> str:
        """The URL of a database, by this way."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def _begin(self, work: Callable[..., None], *given: object) -> None:
        thread = threading.Thread(target=work, args=given)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closed.is_set():
            with suppress(OSError):
                client, _ = self._listener.accept()
                self._sockets.append(client)
                if self._closed.is_set():
                    return
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                server = socket.socket(socket.AF_UNIX)
                self._sockets.append(server)
                server.connect(str(self._server))
                silent = threading.Event()
                self._begin(self._ask, client, server, silent)
                self._begin(self._answer, client, server, silent)

    def _ask(self, client: socket.socket, server: socket.socket, silent: threading.Event) -> None:
        with suppress(OSError):
            while data := client.recv(65_536):
                self.sent += 1
                cut = self.cut(self.sent, data)
                if cut is not None:
                    self._end(cut, data, client, server, silent)
                    return
                self._hand_on(server, data)
        # What the server was given it does; its answer is not handed on.
        with suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _end(
        self, cut: Cut, data: bytes, client: socket.socket, server: socket.socket, silent: threading.Event
    ) -> None:
        heard = {"before": b"", "amid": data[: len(data) // 2], "after": data}[cut.where]
        if cut.how != "half":
            # Before the server hears of it: its answer may be quicker than the cut.
            silent.set()
        self.cuts += 1
        self._hand_on(server, heard)
        if cut.how == "silence":
            self._closed.wait(self.forgets_s)
        server.shutdown(socket.SHUT_WR)
        if cut.how == "reset":
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            client.close()
        elif cut.how == "close":
            client.shutdown(socket.SHUT_RDWR)

    def _answer(self, client: socket.socket, server: socket.socket, silent: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(65_536):
                if not silent.is_set():
                    self._hand_on(client, data)
        if not silent.is_set():
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def _hand_on(self, to: socket.socket, data: bytes) -> None:
        if self.late_s:
            time.sleep(self.late_s)
        size = self.pieces or len(data) or 1
        for first in range(0, len(data), size):
            to.sendall(data[first : first + size])

    def close(self) -> None:
        """End the way, and all connections on it."""
        self._closed.set()
        with suppress(OSError), socket.create_connection(self._listener.getsockname()):
            self._threads[0].join(10)
        for each in self._sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for each in (self._listener, *self._sockets):
            each.close()


@contextmanager
def opened(server: Path) -> Iterator[Proxy]:
    """A way to the server whose socket lies in a folder."""
    proxy = Proxy(server)
    try:
        yield proxy
    finally:
        proxy.close()
