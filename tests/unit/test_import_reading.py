"""What a file's bytes may be, and how each fault is told: its line, its cell, its kind."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from operators.imports import reading
from operators.imports.reading import WHOLE_FILE, load, read_table
from operators.imports.sentences import MAX_FINDINGS, SENTENCES, Findings
from settings import WrongUsage
from workflow.errors import InputRefused

SAMPLE = Path(__file__).parents[2] / "operators/demo/structures_50.csv"


def read(data: bytes) -> tuple[list[tuple[int, list[str]]], list[tuple[int, int, str]]]:
    """The rows (line, cells), header included, and the faults (line, column, code)."""
    findings = Findings("f.csv")
    try:
        table = read_table(data, findings)
        rows = [(1, list(table.header)), *((row.line, row.cells) for row in table.rows)]
    except InputRefused:
        rows = []
    return rows, [(found.line, found.column, found.code) for found in findings.sorted()]


def rows_of(data: bytes) -> list[list[str]]:
    rows, faults = read(data)
    assert faults == []
    return [cells for _, cells in rows]


def faults_of(data: bytes) -> list[tuple[int, int, str]]:
    return read(data)[1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_every_accepted_form_gives_the_same_cells(encoding: str, newline: str, separator: str) -> None:
    table = [["nom", "ville"], ["Médiathèque « l’Été »", "Évry"], ["Œuvre", "Île-d’Yeu"]]
    text = newline.join(separator.join(row) for row in table) + newline
    assert rows_of(text.encode(encoding)) == table


def test_last_line_needs_no_end_and_blank_lines_at_the_end_are_nothing() -> None:
    assert rows_of(b"a;b\n1;2") == rows_of(b"a;b\r\n1;2\r\n\r\n\r\n") == [["a", "b"], ["1", "2"]]


def test_separator_is_judged_by_the_header_alone() -> None:
    assert rows_of(b"a;b\n1,2,3,4;5") == [["a", "b"], ["1,2,3,4", "5"]]


def test_quoted_newlines_count_as_lines() -> None:
    rows, faults = read(b'a;b\n"one\ntwo";2\r\nx;"3""4"\nlast\n')
    assert rows[1:] == [(2, ["one\ntwo", "2"]), (4, ["x", '3"4'])]
    assert faults == [(5, 2, "row_length")]


def test_cp1252_text_that_is_by_chance_utf8_in_places_is_still_cp1252() -> None:
    quoted = "a;b\nMédiathèque;le « café\xa0» du village\n".encode("cp1252")
    assert b"\xe9\xa0\xbb" in quoted
    assert rows_of(quoted)[1] == ["Médiathèque", "le « café\xa0» du village"]


def test_utf8_file_with_a_cp1252_cell_names_the_cell() -> None:
    data = "nom;ville\nÉcole;Évry\n".encode() + "Poste;Évry\n".encode("cp1252")
    assert faults_of(data) == [(3, 2, "encoding_mixed")]


def test_cp1252_file_with_a_utf8_cell_names_the_cell() -> None:
    data = "nom;ville\nÉcole élémentaire;Évry\n".encode("cp1252") + "Poste;Évry\n".encode()
    assert faults_of(data) == [(3, 2, "encoding_mixed")]


def test_two_encodings_in_one_line_are_found() -> None:
    assert faults_of("nom;ville\nécole;".encode() + "Évry\n".encode("cp1252")) == [(2, 2, "encoding_mixed")]


def test_cp1252_bytes_after_a_byte_order_mark_are_found() -> None:
    assert faults_of(b"\xef\xbb\xbfa;b\n1;\xe9\n") == [(2, 2, "encoding_mixed")]


@pytest.mark.parametrize("byte", [0x81, 0x8D, 0x8F, 0x90, 0x9D])
def test_bytes_that_cp1252_does_not_define_are_found(byte: int) -> None:
    assert faults_of(b"a;b\n1;x" + bytes([byte]) + b"y\n") == [(2, 2, "encoding_undefined")]


@pytest.mark.parametrize("character", ["\0", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff"])
def test_control_characters_are_found(character: str) -> None:
    assert faults_of(f"a;b\né;x{character}y\n".encode()) == [(2, 2, "control_character")]


def test_tabs_and_lone_carriage_returns_in_a_cell_are_controls() -> None:
    assert faults_of(b"a;b\n1;\tx\n\ry;2\n") == [(2, 2, "control_character"), (3, 1, "control_character")]


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (b"a;b;c\n1;2;3\n1;2\n", (3, 3)),
        (b"a;b;c\n1;2;3;4;5\n", (2, 4)),
        (b"a;b;c\n\n1;2;3\n", (2, 1)),
        (b"a;b;c\n1;2;3\n1", (3, 2)),
    ],
)
def test_rows_of_another_width_than_the_header_are_found(data: bytes, where: tuple[int, int]) -> None:
    assert faults_of(data) == [(*where, "row_length")]


@pytest.mark.parametrize("data", [b'a;b\n1;"cut off', b'a;b\n1;"cut\noff;2\n3;4\n', b'a;b\n"x"y;2\n', b'"a;b\n1;2\n'])
def test_quotation_marks_must_close_where_their_cell_ends(data: bytes) -> None:
    line = 1 if data.startswith(b'"') else 2
    assert faults_of(data) == [(line, 1, "row_malformed")]


def test_reading_goes_on_after_a_row_that_is_malformed_alone() -> None:
    assert faults_of(b'a;b\n"x"y;2\n1\n') == [(2, 1, "row_malformed"), (3, 2, "row_length")]


def test_huge_cells_are_refused() -> None:
    assert faults_of(b"a;b\n1;" + b"x" * 200_000) == [(2, 1, "row_malformed")]
    assert faults_of(b"x" * 200_000) == [(1, 1, "row_malformed")]


def test_all_faults_come_in_one_go_sorted_by_place() -> None:
    faults = faults_of(b"a;b\n1\n\0;2\n1;2;3\n4;\x01\n")
    assert faults == [
        (2, 2, "row_length"),
        (3, 1, "control_character"),
        (4, 3, "row_length"),
        (5, 2, "control_character"),
    ]


def test_too_many_faults_stop_the_reading() -> None:
    faults = faults_of(b"a;b\n" + b"x\n" * (MAX_FINDINGS + 50))
    assert len(faults) == MAX_FINDINGS + 1
    assert faults[-1][2] == "too_many_findings"


def test_too_many_lines_are_refused_before_they_are_read() -> None:
    assert faults_of(b"a;b\n" + b"1;2\n" * reading.MAX_LINES) == [(reading.MAX_LINES + 1, 1, "too_many_lines")]


def loaded(path: Path) -> list[str]:
    findings = Findings(str(path))
    with pytest.raises(InputRefused):
        load(path, findings)
    return [found.code for found in findings.sorted()]


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_empty_files_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "empty.csv"
    path.write_bytes(data)
    assert loaded(path) == ["file_empty"]


@pytest.mark.parametrize("start", [b"PK\x03\x04", b"\xff\xfe", b"\x1f\x8b", b"%PDF"])
def test_files_that_are_no_csv_are_called_by_their_name(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "structures.csv"
    path.write_bytes(start + b"x" * 10)
    assert loaded(path) == ["not_csv"]


def test_files_over_the_limit_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.write(b"a;b\n")
        file.truncate(reading.MAX_BYTES + 1)
    assert loaded(path) == ["file_too_large"]


def test_files_that_cannot_be_read_are_wrong_usage(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.csv", tmp_path, Path("nul\0name.csv"), SAMPLE / "below"):
        with pytest.raises(WrongUsage) as refused:
            load(path, Findings(str(path)))
        assert refused.value.message
        assert refused.value.message_en


def test_every_sentence_is_there_in_both_languages_with_the_same_details() -> None:
    for french, english in SENTENCES.values():
        assert french != english
        assert set(re.findall(r"{(\w+)}", french)) == set(re.findall(r"{(\w+)}", english))


def test_faults_of_the_whole_file_are_known_kinds() -> None:
    assert set(SENTENCES) >= WHOLE_FILE


@given(st.binary(max_size=400))
def test_any_bytes_give_rows_or_faults(data: bytes) -> None:
    rows, faults = read(data)
    assert rows or faults
    assert all(line >= 1 and column >= 1 for line, column, _ in faults)


CELLS = st.text(st.characters(codec="cp1252", categories=("L", "N", "P", "Zs")), max_size=8)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=5))
def test_quoted_cells_come_back_as_they_were(rows: list[list[str]]) -> None:
    table = [["nom", "é", "c"], *rows]
    text = "\n".join(";".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table)
    assert rows_of(text.encode()) == table
