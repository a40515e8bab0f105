"""The forms for programs, read back by Python's csv and json, DuckDB and pandas."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import duckdb
import pandas
import pyarrow as arrow
import pytest
from pyarrow import parquet

import audit.export_parquet as form
from audit.export_csv_fr import _text_of
from audit.records import KEYS, entry_record
from tests.integration.exports.conftest import Exported, Office


def test_strict_csv_reader_gets_every_row_and_cell(cohort: Office, exported: Exported) -> None:
    with exported("csv", "log.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, strict=True))
    wanted = [entry_record(item.chained, cohort.definition, item.reversed_by) for item in cohort.items()]
    assert list(rows[0]) == ["reference", *KEYS]
    assert [(row["hash"], json.loads(row["fields"])) for row in rows] == [(w["hash"], w["fields"]) for w in wanted]
    assert {row["reference"] for row in rows} == {item.stored.reference for item in cohort.items()}
    assert [row["occurred_at"] for row in rows] == [w["occurred_at"] for w in wanted]


def test_strict_csv_reader_reads_the_french_flavour(cohort: Office, exported: Exported) -> None:
    path = exported("csv-fr", "log.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbfreference;territory;")
    assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n") == len(cohort.items()) + 1
    with path.open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";", strict=True))
    tranche = next(row for row in rows if row["activity"] == "record_tranche")
    assert tranche["field_amount"] == "12345,60"
    assert [row["hash"] for row in rows] == [item.chained.hash for item in cohort.items()]
    placed = next(row for row in rows if row["activity"] == "placed" and row["territory"] == "974")
    assert (placed["occurred_at"], placed["zone"]) == ("01/03/2021 10:30:00", "Indian/Reunion")


def test_french_cells_have_decimal_commas() -> None:
    assert [_text_of("money")(-350), _text_of("integer")(7), _text_of("text")("=1")] == ["-3,50", "7", "'=1"]


def test_duckdb_reads_every_row_of_parquet_with_its_types(cohort: Office, exported: Exported) -> None:
    path = exported("parquet", "log.parquet")
    with duckdb.connect() as connection:
        asked = f"SELECT count(*), count(DISTINCT reference), sum(field_amount) FROM '{path}'"  # noqa: S608
        counted = connection.execute(asked).fetchone()
        types = dict(connection.execute(f"SELECT column_name, column_type FROM (DESCRIBE '{path}')").fetchall())  # noqa: S608
    items = cohort.items()
    paid = sum(int(str(item.entry.fields.get("amount", 0))) for item in items)
    assert counted == (len(items), len({item.stored.reference for item in items}), Decimal(paid).scaleb(-2))
    assert types["occurred_at"] == "TIMESTAMP WITH TIME ZONE"
    assert (types["field_granted_on"], types["field_grant_amount"]) == ("DATE", "DECIMAL(16,2)")
    assert (types["late"], types["seq"]) == ("BOOLEAN", "BIGINT")


def test_pandas_reads_instants_of_parquet_to_the_microsecond(cohort: Office, exported: Exported) -> None:
    frame = pandas.read_parquet(exported("parquet", "log.parquet"))
    assert [moment.to_pydatetime() for moment in frame["occurred_at"]] == [i.entry.occurred_at for i in cohort.items()]
    assert list(frame["hash"]) == [item.chained.hash for item in cohort.items()]


def test_parquet_is_written_in_row_groups(cohort: Office, tmp_path: Path) -> None:
    form.write(cohort.stream(), path := tmp_path / "log.parquet", group_rows=400)
    file = parquet.ParquetFile(path)
    sizes = [file.metadata.row_group(at).num_rows for at in range(file.num_row_groups)]
    assert (sum(sizes), max(sizes)) == (len(cohort.items()), 400)


@pytest.mark.parametrize("group_rows", [7, 100, 400])
def test_rows_of_parquet_are_the_same_in_groups_of_any_size(
    cohort: Office, exported: Exported, tmp_path: Path, group_rows: int
) -> None:
    form.write(cohort.stream(), path := tmp_path / "log.parquet", group_rows=group_rows)
    assert parquet.read_table(path).equals(parquet.read_table(exported("parquet", "whole.parquet")))


def test_a_moment_that_was_written_otherwise_is_the_same_moment() -> None:
    told = ["2021-03-01T09:30:00.000000Z", None, "2021-03-01T10:30:00+01:00"]
    for column in (told, told[:2], told[2:]):
        found = form._moments(arrow.array(column, arrow.string())).to_pylist()
        assert found == [each and told[0] for each in column]
