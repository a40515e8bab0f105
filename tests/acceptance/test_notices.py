"""The real daemon and notices: killed between sending and noting, a silent server, two daemons, accounts told."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from operators.console.accounts import add
from storage.accounts import Grant
from storage.notice_choices import NoticeChoice
from tests.acceptance.driver import Site
from tests.receivers import Endpoint, Mailbox, mail_server, silent_server, web_server

LEA = "lea@anct.example"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SHOWN = "2021-03-01T09:00:00Z"


@pytest.fixture
def office(site: Site) -> Site:
    """A sandbox, on each kind of database in turn, for posts whose hosts have fifteen days to choose."""
    made = replace(site.at(SHOWN), surroundings={"PARCOURS_WEBHOOK_SECRETS": f"si={SECRET}"})
    made.init(sandbox=True)
    return made


def shown(site: Site, reference: str) -> None:
    site.place(reference)
    site.fire(reference, "grant_post", "anct", granted_on="2021-03-01")
    site.fire(reference, "show_candidate", "platform", candidate_ref=f"C-{reference}", candidate_name="Alix")


def telling(site: Site, url: str, clock: str, **said: str) -> Site:
    """The same, telling this address, by a clock that runs."""
    settings = {**site.settings, "webhooks": f"si={url}", "webhook_loopback": "1", "notices_interval_s": "0.1", **said}
    return replace(site, settings={**settings, "clock": clock})


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


def subscribed(site: Site) -> str:
    """An account that chose to be told of all that hosts are awaited for, and confirmed its address; its id."""
    with site.open() as app:
        now = app.clock.now()
        who = add(app, "Ada", "Léa", [Grant("host")], now).account
        app.store.notice_choices.keep(NoticeChoice(
            who.id, LEA, "0" * 32, now, now, extent="awaited", deadlines=(), approvals=True, lang="fr", rhythm="each"
        ))  # fmt: skip
    return who.id


def mailing(site: Site, port: int) -> Site:
    """The same, sending by e-mail through this port."""
    mail = {"notices_email": "1", "smtp_host": "127.0.0.1", "smtp_port": str(port), "smtp_security": "none",
            "mail_from": "parcours@x.example", "notices_timeout_s": "1"}  # fmt: skip
    return replace(site, settings={**site.settings, **mail})


def deliveries(site: Site) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in site.rows("SELECT recipient, status FROM delivery")}


def test_account_and_webhook_are_told_once_all_that_failed_hung_and_died_has_come_back(office: Site) -> None:
    shown(office, "P-1")
    told = f"account:{subscribed(office)}"
    endpoint, mailbox = Endpoint(answers=[500, "hang"]), Mailbox()
    with web_server(endpoint):
        # Nobody listens, and the webhook fails.
        refused = mailing(telling(office, endpoint.url, "2021-03-11T08:00:00Z"), 9)
        refused.parcours("run", "--once")
        assert refused.parcours("notices", "send", "--json", code=None).json["failed"] == 2
        # Both take the connection and say nothing; the daemon that waits for them is killed.
        with silent_server() as port:
            hung = mailing(telling(office, endpoint.url, "2021-03-11T09:00:00Z*10"), port)
            with hung.running() as daemon:
                endpoint.came.clear()
                assert endpoint.came.wait(60)
                daemon.stop(signal.SIGKILL)
        assert deliveries(office) == {told: "waiting", "si": "waiting"}
        endpoint.released.set()
        with mail_server(mailbox) as port:
            back = mailing(telling(office, endpoint.url, "2021-03-11T16:00:00Z"), port)
            assert back.ask("notices", "send")["sent"] == 2
            assert back.ask("notices", "send")["sent"] == 0
    assert deliveries(office) == {told: "sent", "si": "sent"}
    assert mailbox.recipients == [LEA]
    assert len(set(endpoint.keys)) == 1


def test_account_that_lost_its_role_while_the_server_was_down_is_told_nothing(office: Site) -> None:
    shown(office, "P-1")
    told = f"account:{subscribed(office)}"
    late = mailing(office.at("2021-03-11T08:00:00Z"), 9)
    late.parcours("run", "--once")
    assert late.parcours("notices", "send", "--json", code=None).json["failed"] == 1
    late.parcours("account", "disable", "Léa")
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        assert mailing(office.at("2021-03-11T16:00:00Z"), port).ask("notices", "send")["overtaken"] == 1
    assert (deliveries(office), mailbox.envelopes) == ({told: "overtaken"}, [])
