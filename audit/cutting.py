"""Conversations that end: a server that says one byte now and then keeps every single wait short, and none of them all.

It refuses to know what is said; it closes the way.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def cut_after(seconds: float, connected: Callable[[], socket.socket | None]) -> Iterator[threading.Event]:
    """Shut the connection down where the context lasts longer; gives what tells that this was done.

    Whoever waits for the other side then sees an error, or the end of what it says. `connected` gives the connection
    of the moment; None where there is none yet.
    """
    done = threading.Event()
    timer = threading.Timer(seconds, lambda: _cut(connected(), done))
    timer.daemon = True
    timer.start()
    try:
        yield done
    finally:
        timer.cancel()


def _cut(connection: socket.socket | None, done: threading.Event) -> None:
    done.set()
    if connection is None:
        return
    try:
        # The plain one: an encrypted connection would first forget that it is encrypted.
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    except OSError:
        return
