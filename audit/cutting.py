"""Conversations that end: a server that says one byte now and then keeps every single wait short, and none of them all.

It refuses to know what is said; it closes the way.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def cut_after(seconds: float, connected: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Shut the connection down where the context lasts longer; what waits on it then fails with OSError.

    `connected` gives the connection of the moment; None where there is none yet.
    """
    timer = threading.Timer(seconds, lambda: _cut(connected()))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(connection: socket.socket | None) -> None:
    if connection is None:
        return
    try:
        # The plain one: an encrypted connection would first forget that it is encrypted.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        return
