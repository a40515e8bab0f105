"""A loop's pulse: alive while it beats, silent when it hangs; systemd is told over a real socket."""

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from operators.pulse import LIVE_FOR_S, Pulse
from operators.systemd import Systemd


@pytest.fixture
def ear(tmp_path: Path) -> Iterator[socket.socket]:
    """What systemd listens with."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.setblocking(False)
        yield listener


def heard(ear: socket.socket) -> list[str]:
    found = []
    while True:
        try:
            found.append(ear.recv(4096).decode())
        except BlockingIOError:
            return found


def environ(ear: socket.socket, **more: str) -> dict[str, str]:
    return {"NOTIFY_SOCKET": str(ear.getsockname()), **more}


class Seconds:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_loop_that_hangs_is_not_alive_and_one_that_beats_again_is() -> None:
    seconds = Seconds()
    pulse = Pulse(Systemd({}), seconds)
    seconds.now += LIVE_FOR_S
    assert pulse.is_alive
    seconds.now += 1
    assert not pulse.is_alive
    pulse()
    assert (pulse.is_alive, pulse.silent_s) == (True, 0)


def test_watchdog_hears_three_times_as_often_as_it_needs(ear: socket.socket) -> None:
    seconds = Seconds()
    pulse = Pulse(Systemd(environ(ear, WATCHDOG_USEC="30000000", WATCHDOG_PID=str(os.getpid()))), seconds)
    pulse()
    assert heard(ear) == ["READY=1", "WATCHDOG=1"]
    seconds.now += 9.9
    pulse()
    assert heard(ear) == []
    seconds.now += 0.1
    pulse()
    assert heard(ear) == ["WATCHDOG=1"]


def test_status_is_told_where_it_is_new_and_the_end_is_told(ear: socket.socket) -> None:
    pulse = Pulse(Systemd(environ(ear)))
    for status in ("firing", "firing", "held"):
        pulse.says(status)
    pulse.end()
    assert heard(ear) == ["STATUS=firing", "STATUS=held", "STOPPING=1"]


@pytest.mark.parametrize(
    "variables",
    [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}, {"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}],
)
def test_no_watchdog_is_fed_that_does_not_ask_this_process(ear: socket.socket, variables: dict[str, str]) -> None:
    Pulse(Systemd(environ(ear, **variables)))()
    assert heard(ear) == ["READY=1"]


def test_abstract_socket_is_spoken_to() -> None:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as listener:
        listener.bind(f"\0parcours-test-{os.getpid()}")
        listener.setblocking(False)
        Systemd({"NOTIFY_SOCKET": f"@parcours-test-{os.getpid()}"})("READY=1", "STATUS=firing")
        assert heard(listener) == ["READY=1\nSTATUS=firing"]


def test_supervisor_that_is_gone_or_reads_nothing_stops_nothing(tmp_path: Path, ear: socket.socket) -> None:
    Systemd({"NOTIFY_SOCKET": str(tmp_path / "nobody")})("READY=1")
    tell = Systemd(environ(ear))
    for _ in range(10_000):
        tell("WATCHDOG=1")
    assert set(heard(ear)) == {"WATCHDOG=1"}
