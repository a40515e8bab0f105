"""`simulate` and `forecast` as people run them: answers, files, a sandbox that holds, and what is coming."""

from pathlib import Path

import pytest

from tests.integration.conftest import ROOT, Cli, grant, place, show_candidate

SMALL = ("simulate", "--placements", "12", "--months", "14")
END = "2023-03-03T08:00:00Z"


def month_instead(tmp_path: Path) -> str:
    text = (ROOT / "states.yaml").read_text("utf-8").replace("version: 1", "version: 2")
    (tmp_path / "month.yaml").write_text(text.replace("within: 15 days", "within: 1 months"), "utf-8")
    return "month.yaml"


def test_the_same_seed_gives_the_same_bytes(cli: Cli, tmp_path: Path) -> None:
    def files(name: str) -> tuple[str, bytes, bytes]:
        said = cli(*SMALL, "--json", "--csv", f"{name}.csv", "--report", f"{name}.html")
        assert said.code == 0, said.err
        return said.out, (tmp_path / f"{name}.csv").read_bytes(), (tmp_path / f"{name}.html").read_bytes()

    assert files("one") == files("two")
    assert cli(*SMALL, "--seed", "2", "--json").out != cli(*SMALL, "--json").out


def test_outcomes_are_told_as_a_table_in_both_languages(cli: Cli) -> None:
    french, english = cli(*SMALL).out, cli(*SMALL, "--lang", "en").out
    assert "Dossiers par état, en fin de mois" in french
    assert "Placements by state, at the end of each month" in english
    assert "Fifteen days to choose" in english


def test_no_database_is_needed_and_none_is_made(cli: Cli, tmp_path: Path) -> None:
    assert cli(*SMALL).code == 0
    assert list(tmp_path.iterdir()) == []


def test_the_same_policy_differs_in_nothing(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "same.yaml").write_bytes((ROOT / "states.yaml").read_bytes())
    answer = cli(*SMALL, "--policy", "same.yaml", "--replications", "2", "--json").json
    assert {row["difference"] for row in answer["differences"]} == {0}


def test_a_month_to_choose_lets_fewer_lapse(cli: Cli, tmp_path: Path) -> None:
    words = ("simulate", "--placements", "25", "--months", "12", "--policy", month_instead(tmp_path), "--json")
    answer = cli(*words, "--replications", "3", "--report", "report.html").json
    change = {row["figure"]: row for row in answer["differences"]}
    assert change["timeout.selection"]["difference"] < 0
    assert change["timeout.selection"]["low"] <= change["timeout.selection"]["difference"]
    assert change["state.application_refused"]["difference"] == 0
    assert (answer["replications"], len(answer["policies"])) == (3, 2)
    assert "month" in (tmp_path / "report.html").read_text("utf-8")


def test_a_simulated_history_is_sealed_verified_and_exported_like_a_real_one(cli: Cli, tmp_path: Path) -> None:
    said = cli(*SMALL, "--database", "sqlite:///sim.db", "--json")
    assert said.code == 0, said.err
    entries = said.json["policies"][0]["entries"]
    there = ("--database", "sqlite:///sim.db", "--clock", END)
    assert cli("doctor", *there).code == 0
    assert cli("audit", "seal", *there).code == 0
    verified = cli("audit", "verify", *there, "--json")
    assert verified.code == 0
    assert cli("audit", "export", "--format", "bundle", "--out", "bundle.zip", *there).code == 0
    assert (tmp_path / "bundle.zip").stat().st_size > 0
    stats = cli("stats", *there, "--json").json
    assert stats["placements"] == 12
    assert stats["entries"] == entries
    assert cli("run", "--once", *there).code == 0


def test_a_simulation_never_writes_to_a_database_that_exists(office: Cli) -> None:
    said = office(*SMALL, "--database", "sqlite:///parcours.db")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert office("stats", "--json").json["placements"] == 0


def test_two_histories_do_not_fit_into_one_database(cli: Cli, tmp_path: Path) -> None:
    said = cli(*SMALL, "--database", "sqlite:///sim.db", "--replications", "2")
    assert said.code == 2
    assert not (tmp_path / "sim.db").exists()


def test_habits_fitted_from_a_database_are_a_file_to_read_and_use(cli: Cli, tmp_path: Path) -> None:
    assert cli("simulate", "--placements", "40", "--months", "14", "--database", "sqlite:///sim.db").code == 0
    there = ("--database", "sqlite:///sim.db", "--clock", END)
    fitted = cli(*SMALL, "--fit", "--fit-as", "empirical", "--write", "fitted.yaml", *there, "--json")
    assert fitted.code == 0, fitted.err
    text = (tmp_path / "fitted.yaml").read_text("utf-8")
    assert "empirical: [" in text
    assert "40 occasions" in text
    used = cli(*SMALL, "--behaviour", "fitted.yaml", "--json")
    assert used.code == 0
    assert used.out == fitted.out
    assert cli(*SMALL, "--fit", "--write", "fitted.yaml", *there).code == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--from", "hier"), "--from : hier n'est pas une date AAAA-MM-JJ."),
        (("--behaviour", "none.yaml"), "none.yaml:1:1: le fichier ne peut être lu : il n'existe pas"),
    ],
)
def test_bad_input_is_one_sentence(cli: Cli, words: tuple[str, str], told: str) -> None:
    said = cli(*SMALL, *words)
    assert said.code in (2, 6)
    assert said.err == told + "\n"


def test_habits_that_another_definition_does_not_know_are_refused(cli: Cli, tmp_path: Path) -> None:
    text = (ROOT / "states.yaml").read_text("utf-8").replace("reject_candidates:", "turn_down:")
    (tmp_path / "other.yaml").write_text(text, "utf-8")
    said = cli(*SMALL, "--policy", "other.yaml")
    assert said.code == 6
    assert "le déclencheur « reject_candidates » n'existe pas" in said.err


def test_a_forecast_is_what_comes_if_nobody_acts(office: Cli) -> None:
    for reference in ("A-1", "A-2"):
        place(office, reference)
    grant(office, "A-1", "A-2")
    show_candidate(office, "A-1")
    told = office("forecast", "--weeks", "40", "--json").json
    lapses = {name for week in told["weeks"] for name in week["lapses"]}
    assert lapses == {"selection", "vacancy"}
    chosen = [week["week"] for week in told["weeks"] if week["lapses"]["selection"]["if_nobody_acts"]]
    # Shown on the 1st of March: the fifteen days end with the 16th.
    assert chosen == ["2021-03-15"]
    before = office("history", "A-1", "--json").out
    office("run", "--once", clock="2021-12-06T09:00:00Z")
    entries = [entry["deadline"] for entry in office("history", "A-1", "--json").json
               if entry["kind"] == "timeout"]  # fmt: skip
    assert entries == ["selection", "vacancy"]
    assert before != office("history", "A-1", "--json").out


def test_a_forecast_is_exactly_what_the_daemon_then_does(cli: Cli) -> None:
    assert cli("simulate", "--placements", "30", "--months", "8", "--database", "sqlite:///sim.db").code == 0
    there = ("--database", "sqlite:///sim.db", "--json")
    told = cli("forecast", "--weeks", "26", *there, clock="2022-09-03T08:00:00Z").json
    expected: dict[str, float] = {}
    for week in told["weeks"]:
        for name, numbers in week["lapses"].items():
            expected[name] = expected.get(name, 0) + numbers["if_nobody_acts"]
    before = lapsed(cli, there)
    assert cli("run", "--once", *there[:2], clock="2023-03-04T08:00:00Z").code == 0
    after = lapsed(cli, there)
    assert {name: after[name] - before.get(name, 0) for name in after if after[name] - before.get(name, 0)} == {
        name: count for name, count in expected.items() if count
    }
    assert sum(expected.values()) > 5


def lapsed(cli: Cli, there: tuple[str, ...]) -> dict[str, int]:
    """How many deadlines have fired so far, by name."""
    import csv

    assert cli("audit", "export", "--out", "entries.csv", *there).code == 0
    counts: dict[str, int] = {}
    with Path("entries.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["kind"] == "timeout":
                counts[row["deadline"]] = counts.get(row["deadline"], 0) + 1
    return counts


def test_expected_lies_within_its_interval(office: Cli) -> None:
    for reference in ("A-1", "A-2", "A-3"):
        place(office, reference)
    grant(office, "A-1", "A-2", "A-3")
    words = ("forecast", "--weeks", "12", "--replications", "8", "--fit", "--json", "--report", "f.html")
    told = office(*words).json
    assert told["replications"] == 8
    rows = [row for week in told["weeks"] for row in week.get("lapses", {}).values()]
    assert rows
    assert all(row["low"] <= row["high"] for row in rows)
    assert office(*words).out == office(*words).out
    assert office("stats", "--json").json["entries"] == 6


def test_habits_can_be_written_down_to_be_edited(cli: Cli, tmp_path: Path) -> None:
    assert cli(*SMALL, "--write", "mine.yaml").code == 0
    assert (tmp_path / "mine.yaml").read_bytes() == (ROOT / "operators/simulation/shipped/placement.yaml").read_bytes()


def test_what_is_overdue_counts_in_the_first_week(office: Cli) -> None:
    place(office, "A-1")
    grant(office, "A-1")
    show_candidate(office, "A-1")
    told = office("forecast", "--weeks", "4", "--json", clock="2021-05-03T09:00:00Z").json
    assert told["weeks"][0]["lapses"]["selection"]["if_nobody_acts"] == 1


def test_a_database_of_an_older_schema_is_left_as_it_is(cli: Cli, tmp_path: Path) -> None:
    """Making a sandbox would upgrade it, and write into what is there."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "old.db")) as old:
        old.execute("CREATE TABLE alembic_version (version_num TEXT)")
        old.execute("INSERT INTO alembic_version VALUES ('0001')")
        old.commit()
    before = (tmp_path / "old.db").read_bytes()
    assert cli(*SMALL, "--database", "sqlite:///old.db").code == 2
    assert (tmp_path / "old.db").read_bytes() == before
