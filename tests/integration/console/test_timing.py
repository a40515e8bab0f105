"""The console's measures: by route and not by address; its health address is apart from the one that browsers use."""

import pytest
from prometheus_client import CollectorRegistry
from starlette.testclient import TestClient

from operators.console.timing import NOWHERE, Watch
from storage.accounts import Grant
from tests.acceptance.driver import PROGRAM, Site
from tests.integration.console.conftest import Office
from tests.integration.test_health import ANYWHERE, ask


def count(watch: Watch, route: str, method: str, status: int) -> float | None:
    registry = CollectorRegistry()
    registry.register(watch.durations)
    labels = {"route": route, "method": method, "status": str(status)}
    return registry.get_sample_value("parcours_request_duration_seconds_count", labels)


def test_requests_are_timed_by_route_method_and_status(office: Office) -> None:
    watch = Watch()
    session = office.entered(Grant("viewer")).cookies["parcours"]
    with TestClient(watch.around(office.console), base_url="http://localhost", follow_redirects=False) as browser:
        browser.cookies.set("parcours", session, domain="localhost.local")
        browser.get("/placements/P-75")
        browser.get("/placements/P-974")
        browser.get("/placements/none")
        browser.get("/nowhere/at/all")
        browser.request("BREW", "/livez")
    assert count(watch, "/placements/{reference:reference}", "GET", 200) == 2
    assert count(watch, "/placements/{reference:reference}", "GET", 404) == 1
    assert count(watch, NOWHERE, "GET", 404) == 1
    told = [sample.labels for family in watch.durations.collect() for sample in family.samples]
    assert not any("P-75" in value or value == "BREW" for labels in told for value in labels.values())


def test_console_has_a_health_address_of_its_own(site: Site) -> None:
    words = ("console", "--port", "0", "--console-health-address", ANYWHERE)
    with site.program(*PROGRAM, *words) as console:
        health = console.wait_for("health.started")["address"]
        address = console.wait_for("console.started")["address"]
        assert ask(address, "/livez").status == 200
        assert ask(address, "/metrics").status == 404, "what browsers reach shows no measures"
        assert ask(health, "/livez").status == 200
        assert ask(health, "/readyz").status == 200
        page = ask(health, "/metrics")
        labels = {"route": "/livez", "method": "GET", "status": "200"}
        assert page.value("parcours_request_duration_seconds_count", **labels) == 1
        assert page.value("parcours_database_up") == 1
        console.stop()


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("served")).init(sandbox=True)
