"""The calendar of deadlines: a month at a time, by last day, for whoever may see the placements."""

import re

import pytest

from storage.accounts import Grant
from tests.integration.console.conftest import Office, place, text_of

LAST_DAY = "2021-03-25"
"""Of P-75: fifteen days from the day after 10 March."""


def cells(text: str) -> dict[str, str]:
    """What each day that has something says, by its date."""
    found = re.findall(r'<td role="cell" class="filled.*?day=(\d{4}-\d\d-\d\d).*?</td>', text, re.S)
    bodies = re.findall(r'<td role="cell" class="filled.*?</td>', text, re.S)
    return {day: " ".join(re.sub(r"<[^>]+>", " ", body).split()) for day, body in zip(found, bodies, strict=True)}


def test_month_has_each_deadline_on_its_last_day_with_its_label(office: Office) -> None:
    answer = office.entered(Grant("viewer")).get("/due/calendar")
    page = answer.text
    assert "Calendrier : mars 2021 ←" in text_of(answer)
    assert cells(page)[LAST_DAY] == "25 jeudi 25 mars 2021 1 Quinze jours pour choisir"
    assert 'aria-current="date"' in page
    assert page.count('class="number"') == 31


def test_day_lists_its_deadlines_and_leads_to_the_placements(office: Office) -> None:
    browser = office.entered(Grant("viewer"))
    page = browser.get(f"/due/calendar?day={LAST_DAY}").text
    assert '<h2 id="day">jeudi 25 mars 2021</h2>' in page
    assert 'href="/placements/P-75"' in page
    assert "structure d’accueil" in page
    assert "Rien ce jour-là." in browser.get("/due/calendar?month=2021-03&day=2021-03-24").text


def test_filters_and_reach_hold_for_the_month_too(office: Office) -> None:
    place(office.app, "P-76", host="Commune de Guy")
    day = office.app.queries.deadlines_of("P-76")[0].last_day
    month = f"/due/calendar?month={day:%Y-%m}"
    browser = office.entered(Grant("viewer"))
    everything, one = (cells(browser.get(month + more).text) for more in ("", "&text=P-76"))
    nothing = office.entered(Grant("viewer", territory="01")).get(month).text
    assert day.isoformat() in one
    assert set(one) <= set(everything)
    assert "P-76" in browser.get(f"{month}&day={day}").text
    assert "Aucune échéance ce mois-là." in nothing
    assert cells(nothing) == {}


def test_every_month_leads_to_the_next_over_the_end_of_a_year(office: Office) -> None:
    page = office.entered(Grant("viewer")).get("/due/calendar?month=2021-12&territory=75").text
    assert "month=2022-01" in page
    assert "month=2021-11" in page
    assert text_of(office.entered(Grant("viewer")).get("/due")).count("Calendrier") == 1


@pytest.mark.parametrize(
    "said", ["month=2021-13", "month=x", "day=2021-02-30", "month=9999-01", "month=2021-03&after=x&day=2021-03-25"]
)
def test_what_is_no_month_is_a_sentence(office: Office, said: str) -> None:
    answer = office.entered(Grant("viewer")).get(f"/due/calendar?{said}")
    assert answer.status_code == 422
    assert "<h1>" in answer.text
