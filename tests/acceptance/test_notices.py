"""The real daemon and notices: killed between sending and noting, held up by a silent server, one of two."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance.driver import Site
from tests.receivers import Endpoint, web_server

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SHOWN = "2021-03-01T09:00:00Z"


@pytest.fixture
def office(tmp_path: Path) -> Site:
    """A sandbox with a post whose host has fifteen days to choose."""
    site = Site(tmp_path, {"clock": SHOWN}, surroundings={"PARCOURS_WEBHOOK_SECRETS": f"si={SECRET}"})
    site.init(sandbox=True)
    return site


def shown(site: Site, reference: str) -> None:
    site.place(reference)
    site.fire(reference, "grant_post", "anct", granted_on="2021-03-01")
    site.fire(reference, "show_candidate", "platform", candidate_ref=f"C-{reference}", candidate_name="Alix")


def telling(site: Site, url: str, clock: str, **said: str) -> Site:
    """The same, telling this address, by a clock that runs."""
    settings = {**site.settings, "webhooks": f"si={url}", "webhook_loopback": "1", "notices_interval_s": "0.1", **said}
    return Site(site.folder, {**settings, "clock": clock}, surroundings=site.surroundings)


def statuses(site: Site) -> list[str]:
    return [str(row[0]) for row in site.rows("SELECT status FROM delivery ORDER BY key")]


def test_daemon_killed_between_sending_and_noting_sends_again_under_the_same_key(office: Site) -> None:
    shown(office, "P-1")
    endpoint = Endpoint(answers=["hang"])
    with web_server(endpoint):
        site = telling(office, endpoint.url, "2021-03-11T08:00:00Z*100")
        with site.running() as daemon:
            assert endpoint.came.wait(60)
            daemon.stop(signal.SIGKILL)
        assert statuses(site) == ["waiting"]
        # Another daemon would wait until the dead one has been silent for a minute; a person need not.
        assert telling(office, endpoint.url, "2021-03-11T12:00:00Z").ask("notices", "send")["sent"] == 1
    first, again = endpoint.keys
    assert first == again
    assert statuses(site) == ["sent"]


@contextmanager
def deaf() -> Iterator[socket.socket]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(60)
        yield listening


def test_silent_server_holds_up_neither_a_deadline_nor_the_end(office: Site) -> None:
    shown(office, "P-1")
    with deaf() as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        # The reminder of the 15th is due; the fifteen days end two minutes later, two seconds by this clock.
        site = telling(office, url, "2021-03-16T22:58:00Z*60", notices_timeout_s="60")
        with site.running() as daemon:
            taken, _ = listening.accept()
            with taken:
                daemon.wait_for("deadline.fired")
                assert not [line for line in daemon.raw if "notice.failed" in line]
                assert daemon.stop().code == 0
    assert "waiting" in statuses(site)


def test_two_daemons_send_each_notice_once(office: Site) -> None:
    for number in range(15):
        shown(office, f"P-{number:02}")
    endpoint = Endpoint()
    with web_server(endpoint):
        site = telling(office, endpoint.url, "2021-03-11T08:00:00Z*10")
        with site.running() as one, site.running() as other:
            one.wait_for("runner.started")
            other.wait_for("runner.started")
            while len(endpoint.requests) < 15:
                assert endpoint.came.wait(60)
                endpoint.came.clear()
            one.stop()
            other.stop()
    assert len(set(endpoint.keys)) == len(endpoint.keys) == 15
    assert statuses(site) == ["sent"] * 15
