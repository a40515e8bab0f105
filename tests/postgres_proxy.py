"""A way to a PostgreSQL server that is cut where a test says: before or after what the client sends at a given moment.

It hands bytes on, on a socket of the kind that libpq looks for in a folder, and knows nothing of their meaning.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SOCKET = ".s.PGSQL.5432"
Cut = Callable[[int, bytes], str | None]
"""Given how often clients have sent something, and what they send now: cut `before` or `after` it, or not at all."""


def never(count: int, data: bytes) -> None:
    """The way is whole."""


class Proxy:
    """The way, while it is open; `cut` may be set anew at any moment. `cuts` counts."""

    def __init__(self, server: Path, folder: Path) -> None:
        self.cut: Cut = never
        self.cuts = self.sent = 0
        self._server, self._open = server / SOCKET, True
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / SOCKET))
        self._listener.listen(32)
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while self._open:
            with suppress(OSError):
                client, _ = self._listener.accept()
                if not self._open:
                    client.close()
                    return
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._server))
                silent = threading.Event()
                for one, other, watched in ((client, server, True), (server, client, False)):
                    thread = threading.Thread(target=self._hand_on, args=(one, other, watched, silent))
                    self._threads.append(thread)
                    thread.start()

    def _hand_on(self, one: socket.socket, other: socket.socket, watched: bool, silent: threading.Event) -> None:
        with one, suppress(OSError):
            while data := one.recv(65_536):
                where = self._asked(data) if watched else None
                if where is not None:
                    # Before the server hears of it: its answer may be quicker than the cut.
                    silent.set()
                if silent.is_set() and not watched:
                    break
                if where != "before":
                    other.sendall(data)
                if where is not None:
                    self.cuts += 1
                    break
            # What the server was given it does; its answer is not handed on.
            one.shutdown(socket.SHUT_RDWR)
            other.shutdown(socket.SHUT_WR if watched else socket.SHUT_RDWR)

    def _asked(self, data: bytes) -> str | None:
        self.sent += 1
        return self.cut(self.sent, data)

    def close(self) -> None:
        """End the way."""
        self._open = False
        with suppress(OSError), socket.socket(socket.AF_UNIX) as last:
            last.connect(self._listener.getsockname())
        for thread in self._threads:
            thread.join(10)
        self._listener.close()


@contextmanager
def opened(server: Path, folder: Path) -> Iterator[Proxy]:
    """A way to the server whose socket lies in one folder, by a socket in another."""
    proxy = Proxy(server, folder)
    try:
        yield proxy
    finally:
        proxy.close()
