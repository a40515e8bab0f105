"""Charts and the report: well formed, escaped, the same bytes, and nothing that a page could run."""

from datetime import date
from xml.etree import ElementTree

import pytest

from operators.simulation.charts import fitting, nice, panel_svg
from operators.simulation.outcomes import months, week_of, weeks
from operators.simulation.report import report_html
from operators.simulation.sections import Line, Panel, Section, Told, file_rows, sampled, told_number

DAYS = [date(2022, month, 1) for month in range(1, 7)]
TWO = Panel("x", "Lapses <b>", DAYS, [Line("as & is", [1, 4, 2, 8, 5, 7]), Line("other", [0, 1, 1, 2, 0, 3])])
BAND = Panel("y", "Due", DAYS, [Line("expected", [1.5] * 6, [1] * 6, [3] * 6), Line("nobody", [2] * 6)])


@pytest.mark.parametrize("panel", [TWO, BAND], ids=["two", "band"])
def test_a_drawing_is_well_formed_and_says_what_it_shows(panel: Panel) -> None:
    svg = panel_svg(panel, "en")
    root = ElementTree.fromstring(svg)  # noqa: S314
    assert root.attrib["role"] == "img"
    assert panel.lines[0].name in root.attrib["aria-label"]
    assert svg == panel_svg(panel, "en")


def test_lines_are_told_apart_without_colour() -> None:
    svg = panel_svg(TWO, "en")
    assert 'class="line line0"' in svg
    assert 'class="line line1"' in svg
    assert ">other</text>" in svg


def test_nothing_is_drawn_outside_the_drawing() -> None:
    for panel in (TWO, BAND):
        root = ElementTree.fromstring(panel_svg(panel, "fr"))  # noqa: S314
        points = [p.split(",") for each in root if each.get("points") for p in str(each.get("points")).split()]
        assert all(0 <= float(x) <= 320 and 0 <= float(y) <= 176 for x, y in points)


@pytest.mark.parametrize(("value", "top"), [(0, 1), (7, 8), (8.1, 10), (1234, 1500), (0.4, 0.4), (100, 100)])
def test_an_axis_ends_at_a_round_number(value: float, top: float) -> None:
    assert nice(value) == pytest.approx(top)


def test_a_report_runs_nothing_and_escapes_what_it_is_told() -> None:
    section = Section("s", "Ti<tle", ("a<b", "c"), [("<script>alert(1)</script>", "1 200")], [TWO], "re<mark")
    page = report_html(Told("<i>T</i>", [("n&m", "v<w")], [section]), "en")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in page
    assert 'src="' not in page
    assert "http" not in page.replace("http-equiv", "")


def test_every_value_is_a_row_of_the_file() -> None:
    rows = list(file_rows([Section("s", "S", panels=[BAND])]))
    assert rows[0] == ("subject", "name", "day", "line", "value", "low", "high")
    assert rows[1] == ("s", "y", "2022-01-01", "expected", "1.5", "1", "3")
    assert len(rows) == 13


def test_months_and_weeks_follow_each_other() -> None:
    assert months(date(2021, 11, 15), date(2022, 2, 1)) == [date(2021, 11, 1), date(2021, 12, 1), date(2022, 1, 1),
                                                          date(2022, 2, 1)]  # fmt: skip
    assert week_of(date(2022, 1, 2)) == date(2021, 12, 27)
    assert weeks(date(2022, 1, 2), date(2022, 1, 10)) == [date(2021, 12, 27), date(2022, 1, 3), date(2022, 1, 10)]


def test_samples_end_with_the_last() -> None:
    assert sampled(DAYS, 4) == [1, 5]


def test_numbers_are_those_of_the_language() -> None:
    assert (told_number(1234.5, "fr", 1), told_number(1234.5, "en", 1)) == ("1 234,5", "1,234.5")
    assert told_number(None, "fr") == "–"


def test_names_that_have_no_room_together_are_cut_the_longest_first() -> None:
    assert fitting(["states", "best_effort_selection"]) == ["states", "best_effort_selection"]
    short, long = fitting(["states", "a-name-of-a-file-that-goes-on-and-on"])
    assert (short, long[-1], len(short) + len(long) <= 29) == ("states", "…", True)
