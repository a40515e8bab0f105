"""Health and metrics over real HTTP on loopback; the daemon as systemd sees it."""

import socket
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

from operators.health import answering, basic_answers
from operators.pulse import LIVE_FOR_S, Pulse
from operators.readiness import is_ready
from operators.systemd import Systemd
from operators.tally import Tally
from operators.watched import watched
from settings import WrongUsage
from tests.acceptance.driver import Daemon, Site

ANYWHERE = "127.0.0.1:0"
ISSUED = "2021-03-17T08:00:00Z"


@dataclass(frozen=True)
class Told:
    """An answer over HTTP."""

    status: int
    text: str
    headers: Mapping[str, str]

    def value(self, sample: str, **labels: str) -> float:
        """One measure of the page."""
        for family in text_string_to_metric_families(self.text):
            for each in family.samples:
                if each.name == sample and each.labels == labels:
                    return float(each.value)
        raise AssertionError(f"no {sample} {labels} in\n{self.text}")


def ask(address: str, path: str, method: str = "GET") -> Told:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=30)
    with closing(connection):
        connection.request(method, path)
        answer = connection.getresponse()
        return Told(answer.status, answer.read().decode(), dict(answer.getheaders()))


def address_of(caplog: pytest.LogCaptureFixture) -> str:
    return next(str(vars(line)["address"]) for line in reversed(caplog.records) if line.message == "health.started")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """One placement, whose deadline falls due at some time."""
    made = Site(tmp_path).init(sandbox=True).at(ISSUED)
    made.place("SECRET-1", at=date(2021, 3, 16))
    return made


@contextmanager
def daemon_of(site: Site) -> Iterator[tuple[Daemon, str]]:
    with site.running("--health-address", ANYWHERE) as daemon:
        yield daemon, str(daemon.wait_for("health.started")["address"])


def test_daemon_tells_that_it_lives_and_can_work(site: Site) -> None:
    with daemon_of(site) as (daemon, address):
        daemon.wait_for("runner.started")
        live, ready = ask(address, "/livez"), ask(address, "/readyz")
        assert (live.status, live.text) == (200, "live\n")
        assert (ready.status, ready.text) == (200, "ready\n")
        assert ready.headers["Cache-Control"] == "no-store"
        assert ask(address, "/elsewhere").status == 404
        assert ask(address, "/livez", "POST").status == 501
        assert daemon.stop().code == 0


def test_metrics_of_a_daemon_count_what_it_fired(site: Site) -> None:
    late = site.at("2022-03-17T08:00:00Z")
    with daemon_of(late) as (daemon, address):
        daemon.wait_for("seal.finished")
        page = ask(address, "/metrics")
        assert page.value("parcours_sweeps_total", outcome="done") >= 1
        fired = Counter(entry.kind for entry in late.history("SECRET-1") if entry.kind != "placed")
        assert fired
        assert all(page.value("parcours_entries_total", kind=kind) == count for kind, count in fired.items())
        assert page.value("parcours_database_up") == 1
        assert page.value("parcours_lateness_seconds") == 0
        assert page.value("parcours_unsealed_entries") == 0
        assert page.value("parcours_runners", state="alive") == 1
        assert "SECRET" not in page.text
        assert "Ville" not in page.text
        daemon.stop()


def test_what_is_due_and_not_fired_is_late(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with site.at("2022-03-17T08:00:00Z").open() as app, watched(app, Pulse(Systemd({})), Tally(), ANYWHERE):
        page = ask(address_of(caplog), "/metrics")
    assert page.value("parcours_due_placements") == 1
    assert page.value("parcours_lateness_seconds") > 86400
    assert page.value("parcours_unsealed_entries") >= 1


def test_loop_that_hangs_is_told_by_livez_alone(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    now = [0.0]
    pulse = Pulse(Systemd({}), lambda: now[0])
    with site.open() as app, answering(ANYWHERE, basic_answers(pulse, lambda: is_ready(app))):
        address = address_of(caplog)
        assert ask(address, "/livez").status == 200
        now[0] += LIVE_FOR_S + 1
        assert ask(address, "/livez").status == 503
        assert ask(address, "/readyz").status == 200


def test_database_that_cannot_be_used_is_told_by_readyz_alone(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with site.open() as app, watched(app, Pulse(Systemd({})), Tally(), ANYWHERE):
        address = address_of(caplog)
        assert ask(address, "/readyz").status == 200
        with site.connection() as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        assert ask(address, "/readyz").status == 503
        assert ask(address, "/livez").status == 200
        with site.connection() as connection:
            connection.execute("ALTER TABLE placement RENAME TO gone")
        page = ask(address, "/metrics")
        assert page.value("parcours_database_up") == 0
        assert "parcours_lateness_seconds " not in page.text


def test_without_the_extra_all_but_metrics_is_told(
    site: Site, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("INFO")
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "operators.metrics", raising=False)
    with site.open() as app, watched(app, Pulse(Systemd({})), Tally(), ANYWHERE):
        address = address_of(caplog)
        assert ask(address, "/livez").status == 200
        page = ask(address, "/metrics")
    assert page.status == 501
    assert "parcours[metrics]" in page.text


def test_address_in_use_is_one_sentence(site: Site) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(WrongUsage, match=taken), answering(taken, {}):
            raise AssertionError("it answers")
        said = site.parcours("run", "--health-address", taken, code=2)
    assert "cannot be had" in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("wrong", ["9402", "127.0.0.1", "http://127.0.0.1:9402", "127.0.0.1:ninety", "a@b:1", ""])
def test_address_that_is_none_is_refused_before_anything_runs(site: Site, wrong: str) -> None:
    assert "HOST" not in site.parcours("run", "--once", "--health-address", wrong, code=2).err


def test_systemd_hears_of_the_daemon_that_it_started(site: Site, tmp_path: Path) -> None:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(60)
        site.surroundings = {"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "300000"}
        with site.running() as daemon:
            heard = [ear.recv(4096).decode() for _ in range(6)]
            daemon.stop()
        ear.setblocking(False)
        last = heard[-1]
        while last != "STOPPING=1":
            last = ear.recv(4096).decode()
    assert heard[:2] == ["READY=1", "WATCHDOG=1"]
    assert "STATUS=firing" in heard
    assert heard.count("WATCHDOG=1") >= 3, "the loop goes on feeding it"
