"""Lists and counts on the command line."""

from pathlib import Path

import pytest

from storage.sqlite import library
from tests.integration.conftest import Cli, grant, place, show_candidate


def office_of_three(office: Cli) -> None:
    for reference, territory in (("A-1", "75"), ("A-2", "75"), ("B-1", "974")):
        place(office, reference, territory)
    grant(office, "A-1")
    show_candidate(office, "A-1")


def references(office: Cli, *words: str) -> list[str]:
    return [item["reference"] for item in office("list", *words, "--json").json["items"]]


def test_list_has_what_the_contract_promises(office: Cli) -> None:
    office_of_three(office)
    answer = office("list", "--json").json
    assert answer.keys() == {"items", "next"}
    assert {"reference", "territory", "state", "state_since", "revision"} <= answer["items"][0].keys()


def test_list_filters(office: Cli) -> None:
    office_of_three(office)
    assert references(office, "--state", "candidate_shown") == ["A-1"]
    assert references(office, "--territory", "974") == ["B-1"]
    assert references(office, "--host-siret", "130 026 032 00016") == ["A-1", "A-2", "B-1"]
    assert references(office, "--deadline", "selection") == ["A-1"]
    assert references(office, "--due-within", "7d") == []
    assert references(office, "--due-within", "16d") == ["A-1"]
    assert references(office, "--overdue") == []


def test_pages_follow_each_other_without_gap(office: Cli) -> None:
    office_of_three(office)
    first = office("list", "--limit", "2", "--json").json
    second = office("list", "--limit", "2", "--after", first["next"], "--json").json
    found = [item["reference"] for page in (first, second) for item in page["items"]]
    assert (found, second["next"]) == (["A-1", "A-2", "B-1"], None)
    assert first["next"] in office("list", "--limit", "2").out


def test_any_limit_is_taken(office: Cli) -> None:
    office_of_three(office)
    assert len(references(office, "--limit", "100000")) == 3


def test_deadlines_come_soonest_first(office: Cli) -> None:
    office_of_three(office)
    items = office("deadlines", "--json").json["items"]
    assert [item["due_at"] for item in items] == sorted(item["due_at"] for item in items)
    assert items[0]["name"] == "selection"
    assert {"reference", "territory", "last_day", "status", "then"} <= items[0].keys()


def test_stats_agree_with_the_list(office: Cli) -> None:
    office_of_three(office)
    stats = office("stats", "--json").json
    assert stats["by_territory"] == {"75": 2, "974": 1}
    assert sum(stats["by_state"].values()) == stats["placements"] == 3
    assert "candidate_shown" in office("stats").out


@pytest.mark.parametrize(
    ("lang", "words"), [("fr", ["échéance en cours", "contingent posts"]), ("en", ["deadlines running", "quota posts"])]
)
def test_stats_are_told_in_the_words_of_the_glossary(office: Cli, lang: str, words: list[str]) -> None:
    place(office, "A-1")
    told = office("stats", "--lang", lang).out
    assert all(each in told for each in words)


def test_notices_are_listed(office: Cli) -> None:
    office_of_three(office)
    office("run", "--once", clock="2021-03-17T00:00:00Z")
    items = office("notices", "--json").json["items"]
    assert ("A-1", "selection") in {(item["reference"], item["deadline"]) for item in items}


def test_doctor_finds_all_well_and_warns_of_work_that_waits(office: Cli) -> None:
    office_of_three(office)
    well = office("doctor", "--json")
    assert (well.code, well.json["ok"], well.json["checked"], well.json["warnings"]) == (0, True, 3, [])
    late = office("doctor", "--json", clock="2021-03-20T00:00:00Z")
    assert (late.code, late.json["ok"], late.json["pending"]["placements"]) == (0, True, 1)
    assert late.json["warnings"]


def test_doctor_tells_a_row_that_its_history_does_not_give(office: Cli, tmp_path: Path) -> None:
    office_of_three(office)
    connection = library().connect(tmp_path / "parcours.db", isolation_level=None)
    connection.execute("UPDATE placement SET state = 'in_post' WHERE reference = 'A-2'")
    connection.close()
    answer = office("doctor", "--json")
    assert (answer.code, answer.json["ok"]) == (7, False)
    assert {fault["reference"] for fault in answer.json["faults"]} == {"A-2"}
    assert "A-2" in office("doctor").out
    assert "A-2 : la ligne donne state " in office("doctor", "--lang", "fr").out
    assert "A-2: the row says state " in office("doctor", "--lang", "en").out


def test_doctor_tells_a_listed_deadline_that_was_moved(office: Cli, tmp_path: Path) -> None:
    office_of_three(office)
    connection = library().connect(tmp_path / "parcours.db", isolation_level=None)
    connection.execute("DELETE FROM deadline WHERE name = 'selection'")
    connection.close()
    answer = office("doctor", "--json")
    assert (answer.code, [fault["reference"] for fault in answer.json["faults"]]) == (7, ["A-1"])
