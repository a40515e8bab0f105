"""The console over PostgreSQL: every page answers, and an act is entered."""

from datetime import UTC, datetime
from pathlib import Path

from app import initialise, open_app
from operators.console.app import make_console
from settings import Settings
from storage.accounts import Grant
from tests.integration.console.conftest import NOW, Office, fire, place
from tests.integration.console.test_acting import confirm
from tests.integration.console.test_policy import OWN, address, guarded
from tests.postgres import Server, fresh_name
from workflow.clock import VirtualClock


def test_pages_answer_and_an_act_is_entered(server: Server, tmp_path: Path) -> None:
    url = server.create(fresh_name())
    settings = Settings(database_url=url, actor="Ada", signing_key=tmp_path / "key")
    initialise(settings, sandbox=True)
    real = VirtualClock(datetime(2026, 1, 5, 8, tzinfo=UTC))
    with open_app(settings=settings, clock=VirtualClock(NOW)) as app:
        place(app, OWN)
        fire(app, OWN, "show_candidate", "platform", candidate_ref="C-7", candidate_name="Camille Roux")
        office = Office(app, VirtualClock(NOW), real, make_console(app, real=real))
        browser = office.entered(*map(Grant, ("supervisor", "auditor", "admin", "host")), name="Sophie")
        for declared in guarded(office):
            if declared.method == "GET":
                assert browser.get(address(declared, OWN)).status_code in (200, 303, 404), declared
        assert browser.get("/placements?overdue=1&text=ville&deadline=selection&territory=75").status_code == 200
        done = confirm(browser, f"/placements/{OWN}/fire/select_candidate", **{"field.selected_candidate_ref": "C-7"})
        assert done.status_code == 303
        assert browser.post(f"/placements/{OWN}/reveal").status_code == 200
        assert browser.get("/audit/access").status_code == 200
        assert app.engine.view(OWN).facts.state == "candidate_selected"
