"""How a PostgreSQL server goes down under those who work on it, and comes back. Knows nothing of the product."""

import os
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from random import Random

import psycopg

from tests.postgres import Server

_PATIENCE_S = 60.0
_OTHERS = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"


def kill_postmaster(server: Server, dice: Random) -> None:
    """Kill the first process; its children see that and end by themselves, in the middle of what they do."""
    postmaster = _postmaster(server)
    family = [postmaster, *_children(postmaster)]
    os.kill(postmaster, signal.SIGKILL)
    # Also as zombies: a new one finds the old one's number in its file, and asks the system whether that is in use.
    _until(lambda: all(_parent(pid) is None for pid in family), "its processes end")
    server.start()


def kill_backend(server: Server, dice: Random) -> None:
    """Kill the process of one connection: the server ends all others, and recovers as after a crash."""
    before = _booted(server)
    pid = _one_of(server, dice)
    if pid is None:
        kill_postmaster(server, dice)
        return
    os.kill(pid, signal.SIGKILL)
    _until(lambda: _booted(server) not in (None, before), "it has recovered")


def stop_fast(server: Server, dice: Random) -> None:
    """Stop in order: transactions in hand are rolled back, and there is a last checkpoint."""
    server.stop("fast")
    server.start()


def stop_at_once(server: Server, dice: Random) -> None:
    """Stop without a checkpoint: the next start recovers."""
    server.stop("immediate")
    server.start()


ENDS: Mapping[str, Callable[[Server, Random], None]] = {
    "postmaster killed": kill_postmaster,
    "stopped at once": stop_at_once,
    "backend killed": kill_backend,
    "stopped fast": stop_fast,
}
"""Each way, by its name: afterwards the server is there again."""


def terminate_one(server: Server, dice: Random) -> None:
    """End one connection, as an administrator does."""
    pid = _one_of(server, dice)
    if pid is not None:
        with server.connect() as connection:
            connection.execute("SELECT pg_terminate_backend(%s)", (pid,))


def _one_of(server: Server, dice: Random) -> int | None:
    with server.connect() as connection:
        pids = sorted(pid for (pid,) in connection.execute(_OTHERS).fetchall())
    return dice.choice(pids) if pids else None


def _postmaster(server: Server) -> int:
    return int((server.folder / "data/postmaster.pid").read_text().split()[0])


def _booted(server: Server) -> object:
    """When the checkpointer began, which is with each recovery; None while nobody is let in."""
    with suppress(psycopg.OperationalError), server.connect() as connection:
        asked = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
        return connection.execute(asked).fetchone()
    return None


def _children(parent: int) -> list[int]:
    pids = (int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit())
    return [pid for pid in pids if _parent(pid) == parent]


def _parent(pid: int) -> int | None:
    """The process that began this one (proc(5)); None where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def _until(holds: Callable[[], bool], what: str) -> None:
    until_s = time.monotonic() + _PATIENCE_S
    while not holds():
        if time.monotonic() > until_s:
            raise TimeoutError(f"waited in vain for the server: {what}")
        time.sleep(0.02)
