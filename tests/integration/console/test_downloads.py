"""The lists of incidents and deliveries as files: what the pages show, whole, for who may see it, without formulas."""

import csv
import io
from datetime import timedelta

import pytest
from httpx2 import Response

from operators.console import deliveries
from storage.accounts import Grant
from storage.queries import Delivery
from tests.integration.console.conftest import NOW, Office, text_of
from workflow.changes import Incident

REASON = {"reason": "la table vient lundi"}


def rows(answer: Response) -> list[dict[str, str]]:
    """What a spreadsheet reads."""
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))


def stuck(office: Office, reference: str, code: str, message: str) -> None:
    item = office.app.queries.placement(reference)
    assert item is not None
    with office.app.store.writing() as unit:
        unit.report(Incident(item.id, code, message, NOW, 3, NOW + timedelta(hours=1)))


def test_incidents_are_downloaded_with_those_set_aside(office: Office) -> None:
    stuck(office, "P-75", "too_many_firings", "more than 1000 deadlines fell due in one settling")
    stuck(office, "P-974", "guard_failed", "=1+1")
    browser = office.entered(Grant("supervisor"))
    browser.post("/placements/P-75/set-aside", data=REASON)
    answer = browser.get("/incidents.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="incidents.csv"'
    first, second = sorted(rows(answer), key=lambda row: row["reference"])
    assert first == {
        "reference": "P-75", "why": "Plus de 1 000 échéances sont échues d'un coup.", "code": "too_many_firings",
        "message": "more than 1000 deadlines fell due in one settling", "since": "2021-03-10 10:00", "attempts": "3",
        "retry_at": "2021-03-10 11:00", "zone": "Europe/Paris", "aside_reason": "la table vient lundi",
        "aside_by": "supervisor", "aside_at": "2021-03-10 10:00",
    }  # fmt: skip
    assert (second["message"], second["aside_reason"], second["aside_by"]) == ("'=1+1", "", "")
    assert "Télécharger les incidents (CSV)" in text_of(browser.get("/incidents"))


def test_incidents_elsewhere_are_not_downloaded(office: Office) -> None:
    stuck(office, "P-75", "guard_failed", "x")
    stuck(office, "P-974", "guard_failed", "y")
    answer = office.entered(Grant("viewer", territory="974")).get("/incidents.csv")
    assert [row["reference"] for row in rows(answer)] == ["P-974"]
    assert office.entered(Grant("author")).get("/incidents.csv").status_code == 403


def delivery(key: str, status: str, error: str | None = None) -> Delivery:
    ended = None if status == "waiting" else NOW
    return Delivery(key, "email", "host", None, None, status, 2, error, NOW, NOW + timedelta(hours=1), ended)


def test_deliveries_are_downloaded_whole_or_as_filtered(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "_AT_ONCE", 2)
    for each in (*(delivery(str(n), "sent") for n in range(5)), delivery("7", "waiting"), delivery("8", "dead", "=x")):
        office.app.store.deliveries.add(each)
    browser = office.entered(Grant("supervisor"))
    browser.post("/deliveries/dismiss", data={"key": "8", **REASON})
    answer = browser.get("/deliveries.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="deliveries.csv"'
    found = rows(answer)
    assert [row["key"] for row in found] == ["0", "1", "2", "3", "4", "7", "8"]
    assert found[0] == {
        "key": "0", "reference": "", "seq": "", "recipient": "structure d’accueil", "channel": "email",
        "channel_label": "courriel", "status": "sent", "status_label": "envoyé", "error": "", "attempts": "2",
        "next_at": "", "ended_at": "2021-03-10 10:00", "zone": "Europe/Paris", "dismissal_reason": "",
        "dismissed_by": "", "dismissed_at": "",
    }  # fmt: skip
    assert (found[5]["next_at"], found[5]["ended_at"]) == ("2021-03-10 11:00", "")
    assert (found[6]["error"], found[6]["dismissal_reason"], found[6]["dismissed_by"]) == (
        "'=x",
        REASON["reason"],
        "supervisor",
    )
    assert [row["key"] for row in rows(browser.get("/deliveries.csv?status=waiting"))] == ["7"]
    assert browser.get("/deliveries.csv?status=lost").status_code == 422
    assert '/deliveries.csv?status=waiting" download' in browser.get("/deliveries?status=waiting").text


def test_deliveries_are_for_who_sees_all(office: Office) -> None:
    assert office.entered(Grant("viewer", territory="75")).get("/deliveries.csv").status_code == 403
    assert rows(office.entered(Grant("viewer")).get("/deliveries.csv")) == []
