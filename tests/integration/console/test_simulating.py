"""The simulator of the console: bounded, in a process of its own, for who may write definitions or supervises."""

import re

import pytest

from operators.console import apart, simulating
from settings import SHIPPED_DEFINITION
from storage.accounts import Grant
from tests.integration.console.conftest import Office, text_of

PAGE = "/definition/simulation"
SMALL = "?placements=12&months=6&begins_on=2022-01-03&seed=1"


def test_version_is_simulated_and_told_in_tables(office: Office) -> None:
    browser = office.entered(Grant("author"))
    assert "Simuler une version" in text_of(browser.get(PAGE))
    said = text_of(browser.get(PAGE + SMALL))
    assert "Dossiers par état, en fin de mois" in said
    assert "Quinze jours pour choisir" in said
    assert said == text_of(browser.get(PAGE + SMALL)), "the same seed gives the same page"


def test_two_versions_are_compared(office: Office) -> None:
    text = SHIPPED_DEFINITION.read_text("utf-8")
    longer = text.replace(
        "    within: 15 days\n    while: candidate_shown", "    within: 1 month\n    while: candidate_shown"
    )
    assert longer != text
    published = office.app.engine.publish(longer.replace("\nversion: 1\n", "\nversion: 2\n").encode(), "second.yaml")
    said = text_of(office.entered(Grant("author")).get(f"{PAGE}{SMALL}&other={published.digest}"))
    assert "Ce que changerait la règle" in said
    assert "intervalle à 95 %" in said.replace("\u00a0", " ")


@pytest.mark.parametrize(
    "asked", ["placements=0", "placements=301", "placements=x", "placements=5&months=49", "placements=5&begins_on=soon",
              "placements=5&seed=-1", "placements=5&digest=none"],
)  # fmt: skip
def test_what_cannot_be_simulated_is_refused_in_a_sentence(office: Office, asked: str) -> None:
    answer = office.entered(Grant("supervisor")).get(f"{PAGE}?{asked}")
    assert answer.status_code == 422
    assert re.search(r"Il faut 1 à 300|n’est pas publiée", text_of(answer))


def test_one_simulation_at_a_time_and_not_for_ever(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = office.entered(Grant("author"))
    with simulating.SIMULATOR.one:
        assert "Une autre simulation est en cours" in text_of(browser.get(PAGE + SMALL))
    monkeypatch.setattr(apart, "PATIENCE_S", 0.01)
    assert "a pris trop de temps" in text_of(browser.get(PAGE + SMALL))


def test_who_only_reads_sees_no_simulator(office: Office) -> None:
    browser = office.entered(Grant("viewer"))
    assert browser.get(PAGE).status_code == 403
    assert PAGE not in browser.get("/definition").text
