"""`definition diff`, `graph` and `poster` on the command line: what they print, count, write and refuse."""

import json
import shutil
from pathlib import Path

import pytest

from operators.definitions.svg import can_draw
from tests.integration.conftest import Cli, grant, place, show_candidate
from tests.shipped import EXAMPLES, STANDARD

EARLIER = "    within: 15 days\n    while: candidate_shown"
LATER = "    within: 1 month\n    while: candidate_shown"


@pytest.fixture
def second(tmp_path: Path) -> Path:
    """The standard definition as version 2, with a longer time to choose."""
    text = STANDARD.read_text("utf-8")
    assert EARLIER in text
    file = tmp_path / "second.yaml"
    file.write_text(text.replace(EARLIER, LATER).replace("\nversion: 1\n", "\nversion: 2\n"), "utf-8")
    return file


def test_diff_of_files_says_what_changed_in_both_languages(cli: Cli, second: Path) -> None:
    answer = cli("definition", "diff", str(STANDARD), str(second), "--lang", "en")
    assert answer.out.splitlines() == [
        "placement 1 → placement 2", "", "Deadlines",
        "  ~ Fifteen days to choose (selection)", "      length: 15 days → 1 month",
    ]  # fmt: skip
    assert "durée : 15 jours → 1 mois" in cli("definition", "diff", str(STANDARD), str(second), "--lang", "fr").out


def test_diff_counts_whom_it_touches_without_a_plan(office: Cli, second: Path) -> None:
    for reference in ("A-1", "A-2", "A-3"):
        place(office, reference)
    grant(office, "A-1", "A-2")
    show_candidate(office, "A-1")
    answer = office("definition", "diff", "placement@1", str(second), "--whom", "--json").json
    [found] = answer["differences"]
    assert (found["section"], found["name"], found["change"], found["deadlines"]) == (
        "deadlines", "selection", "changed", ["selection"],
    )  # fmt: skip
    assert found["lines"][0]["before"] == {"fr": "15 jours", "en": "15 days"}
    assert found["touched"] == {"placements": 1, "states": {}, "deadlines": {"selection": 1}}
    assert answer["touched"] == {"running": 3, "placements": 1}


def test_diff_of_published_versions_and_what_is_not_there(office: Cli, second: Path) -> None:
    assert office("definition", "publish", str(second), "--unproved").code == 0
    assert office("definition", "diff", "@1", "@2", "--json").json["differences"][0]["name"] == "selection"
    missing = office("definition", "diff", "placement@7", "@2", "--lang", "en")
    assert (missing.code, missing.err) == (
        2, "No version placement@7 is published here (published: placement@1, placement@2).\n",
    )  # fmt: skip
    assert office("definition", "diff", "nothing.yaml", "@2").code == 6


def test_diff_of_the_same_says_so(cli: Cli) -> None:
    answer = cli("definition", "diff", str(STANDARD), str(STANDARD), "--lang", "en")
    assert answer.out == "placement 1 → placement 1\nThe same rules.\n"


def test_graph_as_text_and_as_a_table(cli: Cli) -> None:
    permit = str(EXAMPLES["building_permit"])
    assert (
        "    granted --> lapsed : ⏱ Validity of the permit\n" in cli("definition", "graph", permit, "--lang", "en").out
    )
    assert cli("definition", "graph", permit, "--format", "dot").out.startswith('digraph "building_permit" {')
    table = cli("definition", "graph", permit, "--format", "table", "--lang", "en").out
    assert "Contested in court         Validity of the permit (3 years), paused" in table


def test_heat_comes_from_the_history(office: Cli) -> None:
    place(office, "A-1")
    grant(office, "A-1")
    show_candidate(office, "A-1")
    office("run", "--once", clock="2021-03-20T09:00:00Z")
    heat = office("definition", "graph", "--format", "table", "--heat", "--json").json["heat"]
    assert heat["states"]["candidate_shown"] == {
        "now": 0,
        "stays": 1,
        "median_s": pytest.approx(1344600, abs=7200),
        "lapsed": 1.0,
    }
    assert heat["deadlines"]["selection"] == {"running": 0, "fired": 1, "missed": 0}
    assert office("definition", "graph", "--heat").code == 2


@pytest.mark.skipif(not can_draw(), reason="Graphviz is not installed")
def test_heat_as_a_page_has_the_drawing_and_its_tables(office: Cli) -> None:
    page = office("definition", "graph", "--format", "html", "--heat", "--lang", "en").out
    for caption in ("Stays", "Deadlines", "States", "Moves"):
        assert f"<caption>{caption}</caption>" in page
    assert "<svg" in page
    assert "heat0" in page


def test_svg_without_graphviz_is_refused_in_a_sentence(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    answer = cli("definition", "graph", str(STANDARD), "--format", "svg", "--lang", "en")
    assert answer.code == 2
    assert answer.err == "SVG needs Graphviz (the command dot), missing here: --format dot, mermaid or table.\n"


def test_poster_is_written_or_printed(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "poster.html"
    assert cli("definition", "poster", str(STANDARD), "--out", str(out), "--lang", "en").code == 0
    assert "<h1>Placement of a digital adviser</h1>" in out.read_text("utf-8")
    printed = cli("definition", "poster", str(STANDARD), "--lang", "en")
    assert printed.out == out.read_text("utf-8")
    assert json.loads(cli("definition", "poster", str(STANDARD), "--json").out)["file"] is None


def test_poster_of_another_form_or_place_is_refused(cli: Cli, tmp_path: Path) -> None:
    pdf = cli("definition", "poster", str(STANDARD), "--out", str(tmp_path / "p.pdf"), "--lang", "en")
    assert (pdf.code, pdf.err) == (2, "The poster is an HTML page, to be printed: name p.pdf .html.\n")
    nowhere = cli("definition", "poster", str(STANDARD), "--out", str(tmp_path / "no" / "p.html"), "--lang", "en")
    assert nowhere.code == 2
    assert "cannot be written" in nowhere.err
