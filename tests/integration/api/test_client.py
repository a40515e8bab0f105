"""The Python client against the real API: in this process, and against the served console."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx2
import pytest
from starlette.testclient import TestClient

from operators.api.client import Parcours, ProblemError
from storage.accounts import Grant
from tests.integration.api.conftest import Desk
from tests.integration.console.conftest import CAMILLE, place
from workflow.clock import SystemClock

SELECT = ("select_candidate", {"selected_candidate_ref": "C-7"})


def client(desk: Desk, *grants: Grant, http: httpx2.Client | None = None) -> Parcours:
    secret = desk.secret(desk.account(*grants))
    return Parcours("http://localhost", secret, lang="en", http=http or TestClient(desk.site, "http://localhost"))


@pytest.fixture
def supervisor(desk: Desk) -> Parcours:
    return client(desk, Grant("supervisor"))


def test_life_of_a_placement(supervisor: Parcours) -> None:
    new = {"territory": "75", "host_name": "Ville", "host_siret": "13002603200016", "host_type": "COMMUNE"}
    assert supervisor.place("N/1", new).reference == "N/1"
    assert supervisor.placement("N/1").revision == 1
    done = supervisor.fire("P-75", *SELECT, expect=3)
    assert supervisor.placement("P-75").state == done.state
    assert supervisor.note("P-75", "seen").entries[-1].kind == "note"
    assert supervisor.history("P-75")[0].from_state is None
    assert supervisor.reverse("P-75", "other").state == "candidate_shown"
    assert supervisor.void("N/1", "other").state == "voided"


def test_deadlines_are_read_and_corrected(supervisor: Parcours) -> None:
    before = supervisor.explain("P-75", "selection")
    supervisor.extend("P-75", "selection", "2 days", "other")
    assert supervisor.explain("P-75", "selection").last_day > before.last_day
    supervisor.pause("P-75", "selection", "other")
    assert [each.status for each in supervisor.deadlines_of("P-75") if each.name == "selection"] == ["paused"]
    supervisor.resume("P-75", "selection", "other")
    supervisor.move("P-75", "selection", date(2021, 4, 20), "other")
    assert supervisor.explain("P-75", "selection").last_day == date(2021, 4, 20)
    assert supervisor.amend("P-75", {"host_name": "Ville de Jour"}, "other", dry_run=True).revision > 0
    assert supervisor.placement("P-75").fields["host_name"] == "Ville de Nuits"


def test_lists_come_whole_whatever_their_pages(desk: Desk, supervisor: Parcours) -> None:
    for number in range(51):
        place(desk.app, f"Q-{number:02}")
    assert len([each.reference for each in supervisor.placements()]) == 53
    assert [each.reference for each in supervisor.placements(territory="974")] == ["P-974"]
    assert {each.name for each in supervisor.deadlines(deadline="selection")} == {"selection"}
    assert list(supervisor.approvals()) == list(supervisor.incidents()) == []


def test_what_is_refused_is_an_error_with_every_blocker(supervisor: Parcours) -> None:
    with pytest.raises(ProblemError, match="is needed") as caught:
        supervisor.fire("P-75", "select_candidate")
    assert caught.value.code == "refused"
    assert [each.code for each in caught.value.problem.blockers] == ["field_needed"]
    with pytest.raises(ProblemError) as stale:
        supervisor.fire("P-75", *SELECT, expect=2)
    assert (stale.value.code, stale.value.problem.status) == ("stale", 412)
    with pytest.raises(ProblemError) as missing:
        supervisor.placement("P-999")
    assert missing.value.code == "not_found"


def test_personal_values_are_masked_until_revealed(supervisor: Parcours) -> None:
    assert "candidate_name" in supervisor.placement("P-75").masked
    assert supervisor.reveal("P-75").fields["candidate_name"] == CAMILLE


def test_log_is_read_as_a_stream_and_verified(desk: Desk) -> None:
    auditor = client(desk, Grant("auditor"))
    assert [each.reference for each in auditor.entries(territory="974")] == ["P-974", "P-974"]
    assert auditor.verify().ok
    with pytest.raises(ProblemError) as refused:
        next(client(desk, Grant("viewer")).entries())
    assert refused.value.code == "forbidden"


def test_dates_and_standing_are_told(supervisor: Parcours) -> None:
    assert supervisor.compute("2021-03-01", "75", "15 days").last_day == date(2021, 3, 16)
    assert supervisor.me().account == "supervisor"
    assert supervisor.stats().placements == 2
    assert {each.trigger for each in supervisor.can("P-75") if each.allowed} >= {"show_candidate"}


class Losing(httpx2.BaseTransport):
    """A network that carries requests and loses the first answer."""

    def __init__(self, site: TestClient) -> None:
        self.site, self.lost = site, False

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self.site.request(request.method, str(request.url), headers=request.headers, content=request.read())
        if not self.lost:
            self.lost = True
            raise httpx2.ReadError("the answer was lost", request=request)
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)


def test_act_whose_answer_was_lost_is_done_once(desk: Desk) -> None:
    network = Losing(TestClient(desk.site, "http://localhost"))
    host = client(desk, Grant("host"), http=httpx2.Client(transport=network))
    assert host.fire("P-75", *SELECT, expect=3).repeated
    assert network.lost
    assert [each.trigger for each in host.history("P-75")].count("select_candidate") == 1


@pytest.fixture
def served(desk: Desk, tmp_path: Path) -> Iterator[str]:
    """The address of a console that serves the same database from its own process."""
    url = f"sqlite:///{tmp_path}/parcours.db"
    words = ("console", "--port", "0", "--database", url, "--json")
    with subprocess.Popen([sys.executable, "-m", "operators.cli", *words], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        told = ""
        for line in server.stdout:
            told += line
            if line == "}\n":
                break
        yield json.loads(told)["address"]
        server.terminate()


def test_served_api_answers_the_client(desk: Desk, served: str) -> None:
    desk.real.advance(SystemClock().now() - desk.real.now())
    secret = desk.secret(desk.account(Grant("host", "75")))
    with Parcours(served, secret) as parcours:
        assert [each.reference for each in parcours.placements()] == ["P-75"]
        with pytest.raises(ProblemError, match="Aucun dossier"):
            parcours.placement("P-974")
    with Parcours(served, "pcs_none") as stranger, pytest.raises(ProblemError, match="jeton"):
        stranger.me()
