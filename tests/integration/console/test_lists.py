"""Lists: filters whose counts agree with them, pages by key, the CSV of what is shown, each within one's reach."""

import csv
import io
import json
import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from operators.console import due, placements
from storage.accounts import Grant
from storage.listing import PlacementFilter, Reach
from tests.integration.console.conftest import Office, place, text_of
from workflow.commands import Place


@pytest.fixture
def crowd(office: Office) -> Office:
    """Seven placements more."""
    for number in range(1, 8):
        place(office.app, f"Q-{number}", "75" if number % 2 else "974", "École d’Été" if number == 3 else "Ville")
    return office


def shown(page: str) -> list[str]:
    return re.findall(r'<a href="/placements/([^/"?]+)">', page.partition("<table")[2])


def options(page: str, name: str) -> dict[str, int]:
    select = re.search(rf'<select id="f-{name}".*?</select>', page, re.S)
    assert select is not None
    return {value: int(count) for value, count in re.findall(r'value="([^"]+)"[^>]*>[^<]*\((\d+)\)<', select[0])}


@pytest.mark.parametrize("name", ["state", "territory", "deadline"])
@pytest.mark.parametrize("also", ["", "&overdue=1", "&text=Q-", "&territory=974"])
def test_count_beside_a_filter_is_the_length_of_its_list(crowd: Office, name: str, also: str) -> None:
    crowd.clock.advance(timedelta(days=31))
    browser = crowd.entered(Grant("viewer"))
    counted = options(browser.get(f"/placements?x=1{also}").text, name)
    assert counted or also
    for value, count in counted.items():
        if f"&{name}=" not in also:
            page = browser.get(f"/placements?{name}={value}{also}").text
            assert (len(shown(page)), options(page, name)[value]) == (count, count), value


def test_counts_are_of_what_is_open_to_who_asks(crowd: Office) -> None:
    page = crowd.entered(Grant("host", territory="974")).get("/placements").text
    assert options(page, "territory") == {"974": 4}
    assert shown(page) == ["P-974", "Q-2", "Q-4", "Q-6"]


def test_reach_is_a_condition_of_every_query(crowd: Office) -> None:
    queries, counts = crowd.app.queries, crowd.app.store.counts
    nothing, reunion = PlacementFilter(within=()), PlacementFilter(within=(Reach("974"),))
    assert queries.placements(nothing).items == queries.deadlines(nothing).items == ()
    assert (counts.placements(nothing).total, counts.number(nothing)) == (0, 0)
    assert {item.territory for item in queries.placements(reunion).items} == {"974"}
    assert {item.territory for item in queries.deadlines(reunion).items} == {"974"}
    both = PlacementFilter(within=(Reach("974", "21750001600019"), Reach("75")))
    assert len(queries.placements(both).items) == counts.placements(both).total == 9
    assert queries.placements(PlacementFilter(within=(Reach("974", "13002603200016"),))).items == ()


def test_pages_follow_each_other_without_gap_or_repetition(crowd: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placements, "PAGE", 4)
    browser = crowd.entered(Grant("viewer"))
    found: list[str] = []
    address = "/placements?territory=75"
    while address:
        page = browser.get(address).text
        found += shown(page)
        further = re.search(r'<a rel="next" href="([^"]+)"', page)
        address = further[1].replace("&amp;", "&") if further else ""
    assert found == ["P-75", "Q-1", "Q-3", "Q-5", "Q-7"]


def test_made_up_cursor_is_refused_with_a_sentence(office: Office) -> None:
    browser = office.entered(Grant("viewer"), Grant("auditor"))
    for address in ("/placements?after=x", "/due?band=week&after=x", "/audit?after=x", "/audit/access?after=x"):
        answer = browser.get(address)
        assert answer.status_code == 422, address
        assert "Cette suite de liste" in text_of(answer)


def test_unknown_filter_value_is_refused_rather_than_ignored(office: Office) -> None:
    answer = office.entered(Grant("viewer")).get("/placements?state=nowhere")
    assert answer.status_code == 422
    assert "nowhere" in text_of(answer)


def test_text_finds_references_and_hosts(crowd: Office) -> None:
    browser = crowd.entered(Grant("viewer"))
    assert shown(browser.get("/placements?text=Q-").text) == [f"Q-{n}" for n in range(1, 8)]
    assert shown(browser.get("/placements?text=école").text) == ["Q-3"]
    assert shown(browser.get("/placements?text=100%25").text) == []
    assert browser.get("/placements?text=P-75").headers["location"] == "/placements/P-75"


def test_csv_has_what_the_list_shows_and_no_formula(crowd: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    place(crowd.app, "=1+1", "75", "@SUM(A1)")
    answer = crowd.entered(Grant("viewer", territory="75")).get("/placements.csv?deadline=no_candidate")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert [row["reference"] for row in rows] == ["'=1+1", "Q-1", "Q-3", "Q-5", "Q-7"]
    assert rows[0]["host_name"] == "'@SUM(A1)"
    assert (rows[1]["state_label"], rows[1]["zone"]) == ("Candidature à l'AMI", "Europe/Paris")


def test_stretches_of_time_hold_each_deadline_once(crowd: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "PAGE", 500)
    browser = crowd.entered(Grant("viewer"))
    for days in (0, 14, 15, 29, 30, 31):
        crowd.clock.advance(timedelta(days=days))
        seen = [
            ref
            for band in ("overdue", "today", "week", "month")
            for ref in shown(browser.get(f"/due?band={band}").text)
        ]
        end = datetime.combine(crowd.clock.now().date() + timedelta(days=31), time(), ZoneInfo("Europe/Paris"))
        listed = crowd.app.queries.deadlines(PlacementFilter(overdue=end), 500).items
        assert sorted(seen) == sorted(item.reference for item in listed)
        crowd.clock.advance(timedelta(days=-days))


def test_deadline_due_at_midnight_is_due_today(office: Office) -> None:
    # Fifteen days from the 10th of March: the last day is the 25th, which ends at its midnight.
    office.clock.at = office.clock.at.replace(day=25)
    browser = office.entered(Grant("viewer"))
    assert shown(browser.get("/due?band=today").text) == ["P-75"]
    office.clock.advance(timedelta(days=1))
    assert shown(browser.get("/due?band=overdue").text) == ["P-75"]
    assert shown(browser.get("/due?band=today").text) == []


def test_log_is_searched_newest_first(crowd: Office) -> None:
    browser = crowd.entered(Grant("auditor"))
    said = text_of(browser.get("/audit?reference=P-75"))
    assert said.index("P-75, n° 3") < said.index("P-75, n° 2") < said.index("P-75, n° 1")
    assert "Q-1" not in said
    assert "P-75, n° 3" in text_of(browser.get("/audit?kind=transition&territory=75&since=2021-03-10"))
    assert "P-75, n° 3" in text_of(browser.get("/audit?by=bob&territory=75&kind=transition&since=2021-03-10"))
    assert "P-75, n° 3" in text_of(browser.get("/audit?by=BO")), "a part of a name"
    assert "P-75, n° 3" not in text_of(browser.get("/audit?by=import"))
    assert "P-75, n° 1" in text_of(browser.get("/audit?by=import"))
    assert "Aucune écriture." in text_of(browser.get("/audit?by=nobody"))
    assert "Aucune écriture." in text_of(browser.get("/audit?by=bob&until=2021-03-10"))
    assert "Aucune écriture." in text_of(browser.get("/audit?until=2021-03-10"))


def test_log_is_verified_and_exported(office: Office) -> None:
    browser = office.entered(Grant("auditor"))
    assert "✓ Tout se tient" in browser.post("/audit/verify").text
    answer = browser.post(
        "/audit/export", data={"form": "jsonl", "since": "2021-03-10", "until": "", "territory": "75"}
    )
    assert answer.status_code == 200
    assert {line["reference"] for line in map(json.loads, answer.text.splitlines())} == {"P-75"}
    assert browser.post("/audit/export", data={"form": "../x"}).status_code == 422


def test_what_is_due_is_downloaded_whole_or_one_stretch_of_it(office: Office) -> None:
    office.app.engine.place(Place(reference="=1+1", fields={"territory": "75", "host_name": "=2+2",
                                  "host_siret": "13002603200016", "host_type": "COMMUNE"}, actor="Bob"))  # fmt: skip
    browser = office.entered(Grant("viewer"))
    answer = browser.get("/due.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="due.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    (choice,) = [row for row in rows if row["deadline"] == "selection"]
    assert choice == {
        "last_day": "2021-03-25", "due_at": choice["due_at"], "zone": "Europe/Paris", "reference": "P-75",
        "territory": "75", "host_name": "Ville de Nuits", "deadline": "selection",
        "deadline_label": "Quinze jours pour choisir", "status": "running", "awaited": "structure d’accueil",
        "state": "candidate_shown", "state_label": "Candidat présenté",
    }  # fmt: skip
    assert not [cell for row in rows for cell in row.values() if cell.startswith("=")]
    assert [row["last_day"] for row in rows] == sorted(row["last_day"] for row in rows)
    within = browser.get("/due.csv?band=week").text.count("\n") - 1
    assert within == len([row for row in rows if "2021-03-11" <= row["last_day"] <= "2021-03-17"])
    assert "P-75" not in office.entered(Grant("viewer", territory="974")).get("/due.csv").text
    assert "Télécharger ces échéances" in browser.get("/due").text
