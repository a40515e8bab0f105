"""Acts that concern no placement, for auditors: what was done, on what, by whom; never a word of a reason."""

from typing import get_args

from app import seal
from operators.acts import ACTS
from operators.incidents import set_aside
from storage.accounts import Grant
from tests.integration.console.conftest import NOW, Office, text_of
from workflow.changes import Incident
from workflow.system import SystemKind


def test_every_kind_of_act_is_called_something() -> None:
    assert {*ACTS, "heads"} == set(get_args(SystemKind))


def test_acts_are_listed_the_last_first_with_their_placement_and_account(office: Office) -> None:
    item = office.app.queries.placement("P-75")
    assert item is not None
    with office.app.store.writing() as unit:
        unit.report(Incident(item.id, "guard_failed", "la table", NOW, 1, NOW))
    browser = office.entered(Grant("auditor"), name="Aude Auditrice")
    set_aside(office.app, "P-75", "vu par téléphone", "Sam", ("supervisor",))
    seal(office.app)
    page = browser.get("/audit/acts")
    said = text_of(page)
    assert said.index("Incident mis de côté") < said.index("Compte ouvert") < said.index("Définition publiée")
    assert "code : guard_failed dossier : P-75" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "compte : Aude Auditrice rôles : auditor" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "téléphone" not in said
    assert "heads" not in said
    assert 'href="/placements/P-75"' in page.text


def test_acts_have_pages(office: Office) -> None:
    for number in range(60):
        office.account(Grant("viewer"), name=f"V{number:02}")
    browser = office.entered(Grant("auditor"))
    first = browser.get("/audit/acts").text
    following = first.split('rel="next" href="')[1].split('"')[0]
    second = text_of(browser.get(following))
    assert "V59" in first
    assert "V59" not in second
    assert "Définition publiée" in second
    assert browser.get("/audit/acts?after=x").status_code == 422
