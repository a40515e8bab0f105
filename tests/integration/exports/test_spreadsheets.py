"""The spreadsheet forms, opened by LibreOffice: no formula runs, accents and dates are right."""

import csv
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from audit import export_xlsx
from audit.export_cells import neutral
from tests.integration.exports.conftest import AWKWARD, HOSTILE, Exported, Office
from workflow.calendar import zone_of

OFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(
    OFFICE is None,
    reason="LibreOffice is missing: sudo apt-get install --no-install-recommends libreoffice-calc-nogui",
)
# Semicolon, quotation mark, UTF-8, from row 1, French, quoted cells too are looked at for numbers and dates.
FRENCH = "59,34,76,1,,1036,false,true,false"


Opened = Callable[..., Path]


@pytest.fixture
def opened(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """Has LibreOffice open a file and write it again in another form."""
    # Made at the first start, which takes longer.
    profile = tmp_path_factory.getbasetemp() / "office"

    def run(path: Path, form: str, *, read_as: str | None = None) -> Path:
        words = [
            str(OFFICE),
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            *([f"--infilter={read_as}"] if read_as else []),
            *("--convert-to", form, "--outdir", str(tmp_path / "opened"), str(path)),
        ]
        subprocess.run(words, check=True, capture_output=True, timeout=120)
        return tmp_path / "opened" / f"{path.stem}.{form.partition(':')[0]}"

    return run


def sheets(path: Path) -> list[list[dict[str, Any]]]:
    """For each sheet its rows, each cell under its column's id."""
    book = openpyxl.load_workbook(path)
    found = []
    for sheet in book.worksheets:
        head, *rows = sheet.iter_rows()
        found.append([{str(h.value): c for h, c in zip(head, row, strict=True)} for row in rows])
    return found


def formulas(rows: list[dict[str, Any]]) -> list[object]:
    return [cell.value for row in rows for cell in row.values() if cell.data_type == "f"]


def assert_like(cohort: Office, rows: list[dict[str, Any]]) -> None:
    """The rows are the entries: texts, local moments, dates and money, and nothing that runs."""
    items = cohort.items()
    assert len(rows) == len(items)
    assert formulas(rows) == []
    for row, item in zip(rows, items, strict=True):
        local = item.entry.occurred_at.astimezone(zone_of(item.stored.territory)).replace(tzinfo=None)
        assert row["hash"].value == item.chained.hash
        assert row["reference"].value == neutral(item.stored.reference)
        assert row["occurred_at"].value == local.replace(microsecond=0)
        if (name := item.entry.fields.get("host_name")) is not None and name not in ("1e5", "00123"):
            assert row["field_host_name"].value == neutral(str(name))
        if (day := item.entry.fields.get("granted_on")) is not None:
            assert row["field_granted_on"].value == datetime.combine(date.fromisoformat(str(day)), datetime.min.time())
        if (cents := item.entry.fields.get("grant_amount")) is not None:
            assert row["field_grant_amount"].value == int(cents) / 100


@needs_office
def test_libreoffice_opens_the_french_csv_without_a_formula(cohort: Office, exported: Exported, opened: Opened) -> None:
    path = opened(exported("csv-fr", "fr.csv"), "xlsx", read_as=f"CSV:{FRENCH}")
    assert_like(cohort, sheets(path)[0])


@needs_office
def test_libreoffice_would_run_what_is_not_neutral(tmp_path: Path, opened: Opened) -> None:
    path = tmp_path / "plain.csv"
    path.write_text('a;b\r\n"=1+1";x\r\n', "utf-8")
    (rows,) = sheets(opened(path, "xlsx", read_as=f"CSV:{FRENCH}"))
    assert formulas(rows) == ["=1+1"]


@needs_office
@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_libreoffice_opens_the_workbook_without_a_formula(
    cohort: Office, exported: Exported, opened: Opened, form: str
) -> None:
    path = exported("xlsx", "log.xlsx")
    again = opened(path, form)
    # openpyxl reads no ods: LibreOffice tells once more what it has understood.
    assert_like(cohort, sheets(again if form == "xlsx" else opened(again, "xlsx"))[0])


@needs_office
def test_libreoffice_gives_back_the_texts_of_the_workbook(exported: Exported, opened: Opened) -> None:
    as_csv = opened(exported("xlsx", "log.xlsx"), f"csv:Text - txt - csv (StarCalc):{FRENCH}")
    with as_csv.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";", strict=True))
    named = {row["field_host_name"] for row in rows}
    assert {neutral(name) for name in [*HOSTILE, *AWKWARD]} <= named
    # In this order also where the spreadsheet speaks English.
    placed = next(row for row in rows if row["activity"] == "placed")
    assert (placed["occurred_at"], placed["late"]) == ("01/03/2021 10:30:00", "non")


def test_workbook_has_no_formula_and_keeps_zeros_in_front(cohort: Office, exported: Exported) -> None:
    (rows,) = sheets(exported("xlsx", "log.xlsx"))
    assert_like(cohort, rows)
    assert {"1e5", "00123"} <= {row["field_host_name"].value for row in rows}
    assert "01" in {row["territory"].value for row in rows}
    assert next(row for row in rows if row["activity"].value == "record_tranche")["field_amount"].value == 12345.6


def test_workbook_goes_on_on_further_sheets(cohort: Office, tmp_path: Path) -> None:
    export_xlsx.write(cohort.stream(), path := tmp_path / "log.xlsx", sheet_rows=301)
    found = sheets(path)
    items = cohort.items()
    assert [len(rows) for rows in found] == [*[300] * (len(items) // 300), len(items) % 300]
    assert [row["hash"].value for rows in found for row in rows] == [item.chained.hash for item in items]


def test_workbook_holds_what_excel_cannot() -> None:
    fitting = export_xlsx._fitting
    assert fitting(date(1899, 12, 31)) == "1899-12-31"
    assert fitting(date(2021, 3, 1)) == date(2021, 3, 1)
    assert len(str(fitting("é" * 40_000))) == 32_767


@pytest.mark.parametrize("text", [*HOSTILE, "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\ufeff=1", "\x0b-1", "'x"])
def test_hostile_texts_get_an_apostrophe(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "Évry", "1+1", "a=b", "2A", "0612", "{}", "x;=1", "€-1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert neutral(text) == text
