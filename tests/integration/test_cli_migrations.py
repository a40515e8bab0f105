"""`definition plan` and `migrate`, `deadlines --what-if`, `calendar change`: what they answer, and what they leave."""

import json
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT, Cli, Once, Said, grant, initialised, place, show_candidate

TERMS = ("--role", "supervisor", "--reason", "new rules")
SELECTION = "    within: 15 days\n    while: candidate_shown\n"


def write(name: str, version: int, *changes: tuple[str, str]) -> str:
    """A version of the shipped definition in a file here."""
    text = (ROOT / "states.yaml").read_text("utf-8").replace("version: 1\n", f"version: {version}\n", 1)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    Path(name).write_text(text, "utf-8")
    return name


def longer() -> str:
    return write("two.yaml", 2, (SELECTION, SELECTION.replace("15 days", "1 month")))


def two_shown(office: Cli) -> None:
    """A-1 and A-2, with a candidate shown on the 1st of March 2021: the selections end on the 16th. A-3 is voided."""
    initialised(office)
    for reference in ("A-1", "A-2", "A-3"):
        place(office, reference)
        grant(office, reference)
    for reference in ("A-1", "A-2"):
        show_candidate(office, reference)
    assert office("void", "A-3", "--reason", "other", "--role", "supervisor").code == 0


@pytest.fixture
def shown(once: Once) -> Cli:
    return once(two_shown)


def history(cli: Cli, reference: str = "A-1") -> list[dict[str, object]]:
    return list(cli("history", reference, "--json").json)


def dates(answer: Said) -> dict[str, tuple[str, str | None, str | None]]:
    """Of each placement, what becomes of its selection: fate, last day before and after."""
    return {
        item["reference"]: (each["fate"], each["before"] and each["before"]["last_day"],
                            each["after"] and each["after"]["last_day"])
        for item in answer.json["items"] for each in item["deadlines"] if each["name"] == "selection"
    }  # fmt: skip


def test_a_file_is_planned_before_it_is_published_and_nothing_is_written(shown: Cli) -> None:
    before = history(shown)
    answer = shown("definition", "plan", longer(), "--json")
    changed = ("recompute", "2021-03-16", "2021-04-01")
    assert (answer.code, dates(answer)) == (0, {"A-1": changed, "A-2": changed})
    assert answer.json["totals"]["deadlines"] == {"selection": {"recompute": 2}}
    assert (answer.json["dry_run"], history(shown)) == (True, before)


def test_running_placements_are_migrated_under_one_correlation_and_logged(shown: Cli) -> None:
    shown("definition", "publish", longer(), "--unproved")
    answer = shown("definition", "migrate", *TERMS, "--yes", "--json", "--log-level", "info")
    assert (answer.code, [item["done"] for item in answer.json["items"]]) == (0, [True, True])
    entries = [history(shown, reference)[-1] for reference in ("A-1", "A-2")]
    assert {entry["kind"] for entry in entries} == {"migration"}
    assert len({entry["correlation"] for entry in entries}) == 1
    assert [entry["definition_version"] for entry in entries] == [2, 2]
    assert history(shown, "A-3")[-1]["kind"] == "void"
    assert "placement.migrated" in answer.err
    assert shown("doctor").code == 0


def test_without_yes_and_without_a_terminal_nothing_is_done(shown: Cli) -> None:
    shown("definition", "publish", longer(), "--unproved")
    answer = shown("definition", "migrate", *TERMS, "--json")
    assert (answer.code, answer.json["error"]["code"]) == (2, "wrong_usage")
    assert len(answer.json["error"]["preview"]["items"]) == 2
    assert history(shown)[-1]["kind"] == "transition"


def test_the_plan_of_a_migration_is_shown_by_dry_run(shown: Cli) -> None:
    shown("definition", "publish", longer(), "--unproved")
    planned = shown("definition", "migrate", *TERMS, "--dry-run", "--json")
    assert (planned.code, planned.json["dry_run"]) == (0, True)
    assert history(shown)[-1]["kind"] == "transition"


def test_what_is_refused_is_told_for_each_and_answers_three(shown: Cli) -> None:
    shown("definition", "publish", longer(), "--unproved")
    answer = shown("definition", "migrate", "--role", "host", "--reason", "x", "--yes", "--json")
    codes = [[blocker["code"] for blocker in item["blockers"]] for item in answer.json["items"]]
    assert (answer.code, codes) == (3, [["role_not_allowed"], ["role_not_allowed"]])


def test_a_filter_selects_and_all_deadlines_may_be_kept(shown: Cli) -> None:
    place(shown, "B-1", "57")
    grant(shown, "B-1")
    show_candidate(shown, "B-1")
    shown("definition", "publish", longer(), "--unproved")
    answer = shown("definition", "migrate", *TERMS, "--where", "territory=57", "--keep", "all", "--yes", "--json")
    assert dates(answer) == {"B-1": ("keep", "2021-03-16", "2021-03-16")}
    assert [history(shown, reference)[-1]["kind"] for reference in ("A-1", "B-1")] == ["transition", "migration"]


def test_it_goes_back_by_another_migration(shown: Cli) -> None:
    shown("definition", "publish", longer(), "--unproved")
    shown("definition", "migrate", *TERMS, "--yes")
    back = shown("definition", "migrate", "--version", "1", *TERMS, "--accept-earlier", "--yes", "--json")
    assert dates(back)["A-1"] == ("recompute", "2021-04-01", "2021-03-16")
    assert shown("definition", "migrate", "--version", "1", *TERMS, "--yes", "--json").json["items"] == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("definition", "migrate", "--version", "9", *TERMS, "--yes"), 5),
        (("definition", "migrate", "--keep", "selecton", *TERMS, "--yes"), 2),
        (("definition", "plan", "--state", "candidate_shown"), 2),
        (("definition", "plan", "two.yaml", "--version", "1"), 2),
        (("definition", "plan", "nowhere.yaml"), 6),
        (("deadlines", "A-1", "--state", "candidate_shown"), 2),
        (("deadlines", "A-1", "--what-if", "selected yesterday"), 2),
        (("deadlines", "A-1", "--what-if", "signed"), 2),
        (("deadlines", "A-9", "--what-if", "selected"), 5),
        (("calendar", "change", "--version", "FR-2026.2"), 2),
        (("calendar", "change", "--version", "FR-2026.1", "--add", "2021-03-16=x"), 2),
        (("calendar", "change", "--version", "FR-2026.2", "--add", "2021-05-01=x"), 2),
        (("calendar", "change", "--version", "FR-2026.2", "--add", "soon=x"), 2),
        (("calendar", "change", "--version", "two", "--add", "2021-03-16=x"), 2),
    ],
)
def test_what_cannot_be_is_told_in_one_sentence(shown: Cli, words: tuple[str, ...], code: int) -> None:
    answer = shown(*words)
    assert (answer.code, answer.out, len(answer.err.strip().splitlines())) == (code, "", 1)
    assert not Path("calendars").exists()


def test_a_version_that_is_published_with_other_bytes_cannot_be_planned(shown: Cli) -> None:
    shown("definition", "publish", longer(), "--unproved")
    write("two.yaml", 2, (SELECTION, SELECTION.replace("15 days", "2 months")))
    answer = shown("definition", "plan", "two.yaml", "--json")
    assert (answer.code, answer.json["error"]["findings"][0]["code"]) == (6, "version_published")
    assert "la version 2 de placement est publiée avec un autre contenu" in answer.json["error"]["message"]


def test_a_new_holiday_reaches_running_cases_with_a_trace(office: Cli) -> None:
    rolled = (SELECTION, SELECTION.replace("15 days\n", "15 days\n    roll: next_working_day\n"))
    office("definition", "publish", write("two.yaml", 2, rolled), "--unproved")
    place(office, "A-1")
    grant(office, "A-1")
    show_candidate(office, "A-1")
    assert office("calendar", "change", "--version", "FR-2026.2", "--add", "2021-03-16=Fête").code == 0
    third = write("three.yaml", 3, rolled, ("calendar: FR-2026.1", "calendar: FR-2026.2"))
    planned = office("definition", "plan", third, "--json")
    assert planned.json["definition"]["calendar"] == "FR-2026.2"
    assert dates(planned) == {"A-1": ("recompute", "2021-03-16", "2021-03-17")}
    office("definition", "publish", third, "--unproved")
    office("definition", "migrate", *TERMS, "--yes")
    assert history(office)[-1]["fields"] == {"dates": "recompute selection 2021-03-16 2021-03-17"}
    assert "Fête" in office("explain", "A-1", "selection").out


def test_a_calendar_once_published_is_never_another(office: Cli) -> None:
    office("calendar", "change", "--version", "FR-2026.2", "--add", "2021-03-16=Fête")
    named = ("calendar: FR-2026.1", "calendar: FR-2026.2")
    office("definition", "publish", write("two.yaml", 2, named))
    file = Path("calendars/FR-2026.2.json")
    file.write_text(json.dumps(json.loads(file.read_text("utf-8"))), "utf-8")
    answer = office("definition", "publish", write("three.yaml", 3, named), "--json")
    assert (answer.code, answer.json["error"]["findings"][0]["code"]) == (6, "calendar_published")
    assert "le calendrier FR-2026.2 est publié avec un autre contenu" in answer.json["error"]["message"]


def test_a_calendar_that_cannot_be_read_is_a_finding(office: Cli) -> None:
    Path("calendars").mkdir()
    Path("calendars/FR-2026.2.json").write_text("{}", "utf-8")
    answer = office(
        "definition", "check", write("two.yaml", 2, ("calendar: FR-2026.1", "calendar: FR-2026.2")), "--json"
    )
    assert (answer.code, answer.json["error"]["findings"][0]["code"]) == (6, "wrong_calendar")
    assert "le fichier du calendrier ne peut être lu" in answer.json["error"]["message"]


def test_what_if_tells_every_date_and_writes_nothing(shown: Cli) -> None:
    before = history(shown)
    answer = shown("deadlines", "A-1", "--what-if", "selected 2021-03-05", "--json")
    (item,) = answer.json["items"]
    found = {each["name"]: each["after"] and each["after"]["last_day"] for each in item["deadlines"]}
    assert (item["state"], found) == ("candidate_selected", {"selection": None, "signature": "2021-03-20"})
    assert history(shown) == before
    many = shown("deadlines", "--state", "candidate_shown", "--what-if", "selected 2021-03-05", "--json")
    assert [each["reference"] for each in many.json["items"]] == ["A-1", "A-2"]
    assert "signature" in shown("deadlines", "A-1", "--what-if", "selected 2021-03-05").out


def test_the_deadlines_of_one_placement_are_listed(shown: Cli) -> None:
    answer = shown("deadlines", "A-1", "--json")
    assert [(item["name"], item["reference"]) for item in answer.json["items"]] == [("selection", "A-1")]
