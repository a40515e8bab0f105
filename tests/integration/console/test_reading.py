"""The pages that show: what is due, the list, one placement. They tell what is recorded, and to whom it is open."""

from storage.accounts import Grant
from tests.integration.console.conftest import CAMILLE, Office, text_of


def test_front_page_tells_what_is_due_and_who_is_awaited(office: Office) -> None:
    answer = office.entered(Grant("viewer")).get("/")
    assert answer.status_code == 200
    said = text_of(answer)
    assert "P-75 Ville de Nuits · 75 Quinze jours pour choisir Candidat présenté host sinon : " in said


def test_placement_page_masks_personal_values(office: Office) -> None:
    answer = office.entered(Grant("operator")).get("/placements/P-75")
    assert answer.status_code == 200
    assert CAMILLE not in answer.text
    assert "Nom du candidat masqué" in text_of(answer)
