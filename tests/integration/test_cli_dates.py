"""`date`, `definition`, `config`, `calendar`: the commands that open no database."""

import json
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT, Cli
from workflow.calendar import COUNTINGS


def test_date_tells_last_day_instant_and_steps(cli: Cli) -> None:
    words = ("date", "--from", "2021-03-20T10:00", "--territory", "75", "--within", "15 days")
    answer = cli(*words, "--roll", "next_working_day", "--json").json
    assert (answer["last_day"], answer["instant"]) == ("2021-04-06", "2021-04-06T22:00:00Z")
    assert answer["steps"][0]["code"] == "anchor"
    assert "Lundi de Pâques" in cli(*words, "--roll", "next_working_day").out


def test_date_counts_as_asked(cli: Cli) -> None:
    words = (
        "date",
        "--from",
        "2021-05-03",
        "--territory",
        "75",
        "--within",
        "4 months",
        "--counting",
        "inclusive",
    )
    assert cli(*words, "--json").json["last_day"] == "2021-09-02"


def test_every_case_of_a_batch_comes_out_exactly(cli: Cli) -> None:
    answer = cli("date", "--batch", str(ROOT / "tests/data/deadline_cases.csv"), "--json")
    assert answer.code == 0
    assert len(answer.json) > 100
    assert {row["agrees"] for row in answer.json} == {True}


def test_faults_of_a_batch_are_told_by_line_and_column(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text(
        "id,anchor,territory,length,counting,roll\n"
        "a,2021-03-01,75,15 days,calendar,none\n"
        "b,2021-03-01,20,15 days,calendar,none\n"
        "c,2021-03-01,75,15 dayz,calendar,none\n"
        "d,2021-03-01,75,15 days,sideways,none\n"
        "e,2021-03-01,75\n"
        "f,yesterday,75,15 days,calendar,none\n"
    )
    answer = cli("date", "--batch", "cases.csv", "--json")
    found = [(each["line"], each["column"]) for each in answer.json["error"]["findings"]]
    assert (answer.code, found) == (6, [(3, 3), (4, 4), (5, 5), (6, 1), (7, 2)])
    fr, en = (cli("date", "--batch", "cases.csv", "--lang", lang).err.splitlines() for lang in ("fr", "en"))
    assert fr[3] == "cases.csv:6:1: 3 cellules, et 6 dans l'en-tête"
    assert fr[2] == "cases.csv:5:5: dans counting, la valeur « sideways » n'existe pas : attendu " + ", ".join(
        COUNTINGS
    )
    assert all(one != other for one, other in zip(fr, en, strict=True))


@pytest.mark.parametrize("content", [b"", b"id;anchor\n", b"\xff\xfe", b'id,anchor,territory,length\n"open'])
def test_what_is_no_batch_is_refused(cli: Cli, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cases.csv").write_bytes(content)
    assert cli("date", "--batch", "cases.csv").code == 6


def test_shipped_definition_has_no_finding(cli: Cli) -> None:
    assert cli("definition", "check", "--json").json["findings"] == []
    assert cli("definition", "check", str(ROOT / "states.yaml")).code == 0


def test_schema_is_one_json_value(cli: Cli) -> None:
    assert "properties" in cli("definition", "schema").json


def test_graph_names_every_state(cli: Cli) -> None:
    for form in ("mermaid", "dot"):
        drawn = cli("definition", "graph", "--format", form).out
        assert "candidate_shown" in drawn
        assert "Quinze jours pour choisir" in drawn
        assert json.loads(cli("definition", "graph", "--format", form, "--json").out)["graph"] == drawn


def test_svg_is_drawn_by_graphviz_or_refused_in_a_sentence(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cli("definition", "graph", "--format", "svg").code == 2
    dot = tmp_path / "dot"
    dot.write_text("#!/bin/sh\necho '<svg></svg>'\n")
    dot.chmod(0o755)
    assert cli("definition", "graph", "--format", "svg").out.startswith("<svg")
    dot.write_text("#!/bin/sh\necho 'no font' >&2\nexit 1\n")
    assert "no font" in cli("definition", "graph", "--format", "svg").err


def test_publishing_again_changes_nothing_and_other_bytes_need_another_version(cli: Cli, tmp_path: Path) -> None:
    cli("init", "--sandbox")
    assert cli("definition", "publish", "--json").json["published"] is False
    changed = tmp_path / "changed.yaml"
    changed.write_text((ROOT / "states.yaml").read_text() + "\n# another byte\n")
    assert cli("definition", "publish", "changed.yaml", "--json").code == 6
    changed.write_text(changed.read_text().replace("version: 1", "version: 2"))
    published = cli("definition", "publish", "changed.yaml", "--json").json
    assert (published["published"], published["definition"]["version"]) == (True, 2)


def test_what_time_brings_is_found_before_it_is_published_unless_asked_not_to(cli: Cli, tmp_path: Path) -> None:
    cli("init", "--sandbox")
    text = (ROOT / "states.yaml").read_text().replace("version: 1\n", "version: 2\n", 1)
    longer = text.replace(
        "    within: 15 days\n    while: candidate_shown", "    within: 20 days\n    while: candidate_shown"
    )
    (tmp_path / "longer.yaml").write_text(longer)
    refused = cli("definition", "publish", "longer.yaml", "--json")
    assert (refused.code, [each["code"] for each in refused.json["error"]["findings"]]) == (6, ["invariant_broken"])
    assert cli("definition", "publish", "longer.yaml", "--unproved", "--json").json["published"] is True
    # What is published is not looked at again.
    assert cli("definition", "publish", "longer.yaml", "--json").json["published"] is False


def test_calendar_build_writes_the_shipped_file(cli: Cli, tmp_path: Path) -> None:
    answer = cli("calendar", "build", "--out", "calendar.json", "--json")
    shipped = ROOT / "workflow/civil/calendars" / f"{answer.json['version']}.json"
    assert (tmp_path / "calendar.json").read_bytes() == shipped.read_bytes()
    assert cli("calendar", "build", "--out", "x.json", "--first-year", "2030", "--last-year", "2020").code == 2


def test_config_tells_where_each_setting_was_said(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "parcours.toml").write_text('lang = "en"\nrole = ["host"]\n')
    monkeypatch.setenv("PARCOURS_DATABASE_URL", "postgresql+psycopg://me:s3cret@db/parcours")
    answer = cli("config", "show", "--origin", "--log-level", "info", "--json")
    assert "s3cret" not in answer.out
    shown = answer.json
    assert shown["database_url"] == {
        "value": "postgresql+psycopg://me:***@db/parcours",
        "origin": "PARCOURS_DATABASE_URL",
    }
    assert shown["lang"] == {"value": "en", "origin": "parcours.toml"}
    assert shown["role"]["value"] == ["host"]
    assert shown["log_level"]["origin"] == "--log-level"
    assert shown["safety_interval_s"]["origin"] == "default"


def test_batch_without_ids_is_shown_to_people_too(cli: Cli) -> None:
    Path("cases.csv").write_text("anchor,territory,length\n2021-01-31,75,1 month\n", "utf-8")
    answer = cli("date", "--batch", "cases.csv")
    assert (answer.code, "2021-02-28" in answer.out) == (0, True)
