"""`parcours import` over a real database: what is created, what is refused and where, and nothing twice."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import initialise
from operators.cli.running import run
from operators.imports.reading import load
from operators.imports.run import read_lives
from operators.imports.sentences import Findings
from settings import read_settings
from workflow.errors import InputRefused
from workflow.loader import load_definition

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "operators/demo/structures_50.csv"
DEFINITION = load_definition(ROOT / "states.yaml")
HEADER, *ROWS = SAMPLE.read_text("utf-8").splitlines()
COLUMN = {name: number for number, name in enumerate(HEADER.split(";"), start=1)}
POSTS = sum(
    int(row["Nombre de conseillers validés par le COSELEC"]) for row in csv.DictReader([HEADER, *ROWS], delimiter=";")
)

CLOCK = "2022-06-01T12:00:00Z"

Command = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    flags = {"database_url": f"sqlite:///{path}", "definition": str(ROOT / "states.yaml"), "clock": CLOCK}
    initialise(read_settings(flags), sandbox=True)
    return path


@pytest.fixture
def database(empty_database: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(empty_database, tmp_path / "parcours.db"))


@pytest.fixture
def parcours(database: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs a command with `--json` at noon of 1 June 2022; gives its exit code and answer."""

    def command(*arguments: str | Path) -> tuple[int, Any]:
        capsys.readouterr()
        options = ["--json", "--database", f"sqlite:///{database}", "--clock", CLOCK]
        code = run([*map(str, arguments), *options])
        answer = capsys.readouterr().out
        return code, json.loads(answer)

    return command


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str) -> Path:
        path = tmp_path / "input.csv"
        path.write_text(text, "utf-8")
        return path

    return written


def row(**changed: str) -> str:
    """The sample's first row with some cells changed, by the column's name with `_` for each space."""
    cells = ROWS[0].split(";")
    for name, text in changed.items():
        cells[COLUMN[name.replace("_", " ")] - 1] = text
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", lineterminator="\n").writerow(cells)
    return buffer.getvalue().removesuffix("\n")


def places(answer: dict[str, Any]) -> list[tuple[int, int, str]]:
    assert answer["error"]["code"] == "input_invalid"
    return [(found["line"], found["column"], found["code"]) for found in answer["error"]["findings"]]


def faults(text: str) -> list[tuple[int, int, str]]:
    """The faults that reading alone finds in a file."""
    findings = Findings("f.csv")
    with suppress(InputRefused):
        read_lives(text.encode(), findings, DEFINITION)
    return [(found.line, found.column, found.code) for found in findings.sorted()]


# Structures


def test_each_granted_post_becomes_a_placement_that_is_applied_for_and_granted(parcours: Command) -> None:
    code, answer = parcours("import", SAMPLE)
    assert (code, answer) == (
        0,
        {"created": POSTS, "extended": 0, "unchanged": 0, "differs": [], "refused": [], "dry_run": False},
    )
    shown = parcours("show", "1004-2")[1]
    assert (shown["state"], shown["territory"]) == ("ami_application", "01")
    assert (
        shown["fields"]
        | {
            "host_name": "COMMUNE DE POLLIAT",
            "host_siret": "21010301600015",
            "host_type": "COMMUNE",
            "host_insee": "01301",
            "host_address": "1 place de la Mairie",
            "host_postcode": "01310",
            "estimated_investment": "100000",
            "rural_zone": True,
            "priority_district": False,
            "france_services": True,
            "granted_on": "2021-07-28",
            "grant_amount": "50000.00",
        }
        == shown["fields"]
    )
    entries = parcours("history", "1004-2")[1]
    assert [(each["kind"], each["trigger"], each["actor"], each["occurred_at"]) for each in entries] == [
        ("placed", None, "import", "2021-07-27T22:00:00Z"),
        ("recorded", "grant_post", "import", "2021-07-27T22:00:00Z"),
    ]


def test_importing_twice_creates_nothing_twice(parcours: Command) -> None:
    parcours("import", SAMPLE)
    code, answer = parcours("import", SAMPLE)
    assert code == 0
    assert (answer["created"], answer["unchanged"], answer["differs"]) == (0, POSTS, [])


def test_what_exists_with_other_values_is_listed_and_left_alone(
    parcours: Command, write: Callable[[str], Path]
) -> None:
    parcours("import", SAMPLE)
    code, answer = parcours("import", write(f"{HEADER}\n{row(Adresse='2 rue Haute')}\n{ROWS[1]}\n"))
    assert code == 0
    assert answer["differs"] == [{"reference": "1001-1", "fields": ["host_address"]}]
    assert answer["unchanged"] == 1
    assert parcours("show", "1001-1")[1]["fields"]["host_address"] == "1 place de la Mairie"


def test_dry_run_says_the_same_and_writes_nothing(parcours: Command) -> None:
    code, answer = parcours("import", SAMPLE, "--dry-run")
    assert (code, answer["created"], answer["dry_run"]) == (0, POSTS, True)
    assert parcours("list")[1]["items"] == []


def test_one_bad_row_refuses_the_whole_file(parcours: Command, write: Callable[[str], Path]) -> None:
    path = write(f"{HEADER}\n{ROWS[1]}\n{row(SIRET='13002603200017')}\n")
    code, answer = parcours("import", path)
    assert (code, places(answer)) == (6, [(3, COLUMN["SIRET"], "not_a_siret")])
    assert answer["error"]["findings"][0]["file"] == str(path)
    assert parcours("list")[1]["items"] == []


def test_partial_enters_what_is_sound_and_reports_the_rest(parcours: Command, write: Callable[[str], Path]) -> None:
    code, answer = parcours("import", "--partial", write(f"{HEADER}\n{ROWS[1]}\n{row(SIRET='1')}\n"))
    assert (code, answer["created"], places(answer)) == (6, 1, [(3, COLUMN["SIRET"], "not_a_siret")])
    assert [found["line"] for found in answer["refused"]] == [3]
    assert [item["reference"] for item in parcours("list")[1]["items"]] == ["1002-1"]


def test_partial_enters_nothing_of_a_file_that_mixes_encodings(parcours: Command, tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    path.write_bytes(f"{HEADER}\n{ROWS[1]}\n".encode() + f"{ROWS[2]}\n".encode("cp1252"))
    code, answer = parcours("import", "--partial", path)
    assert code == 6
    assert {fault[2] for fault in places(answer)} == {"encoding_mixed"}
    assert parcours("list")[1]["items"] == []


def test_what_the_engine_refuses_is_a_finding_at_its_row(parcours: Command, write: Callable[[str], Path]) -> None:
    tomorrow = row(**{"Date_de_validation_en_comité_de_sélection": "02/06/2022"})
    code, answer = parcours("import", write(f"{HEADER}\n{ROWS[1]}\n{tomorrow}\n"))
    assert code == 6
    assert places(answer) == [(3, 1, "in_the_future")]
    assert parcours("list")[1]["items"] == []


def test_faults_of_cells_and_refusals_of_the_engine_come_in_one_go(
    parcours: Command, write: Callable[[str], Path]
) -> None:
    tomorrow = row(id="7", **{"Date_de_validation_en_comité_de_sélection": "2022-06-02"})
    code, answer = parcours("import", write(f"{HEADER}\n{tomorrow}\n{row(SIRET='1')}\n"))
    assert code == 6
    assert places(answer) == [(2, 1, "in_the_future"), (3, COLUMN["SIRET"], "not_a_siret")]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"id": ""}, "cell_empty"),
        ({"id": "a b"}, "id_invalid"),
        ({"id": "=1"}, "formula"),
        ({"Raison_sociale": ""}, "cell_empty"),
        ({"Raison_sociale": "=HYPERLINK(1)"}, "formula"),
        ({"Raison_sociale": " @SUM(1)"}, "formula"),
        ({"Raison_sociale": "x" * 3000}, "value_too_long"),
        ({"Région": "-1"}, "formula"),
        ({"Adresse": "+33"}, "formula"),
        ({"Adresse": "1 place\nde la Mairie"}, "control_character"),
        ({"Code_département": "20"}, "unknown_territory"),
        ({"Code_département": "1"}, "unknown_territory"),
        ({"Code_département": ""}, "cell_empty"),
        ({"Code_département": "02"}, "insee_contradicts"),
        ({"Département": "Aisne"}, "name_contradicts"),
        ({"Code_commune_INSEE": "1353"}, "not_an_insee_code"),
        ({"SIRET": "00000000000000"}, "not_a_siret"),
        ({"SIRET": ""}, "cell_empty"),
        ({"Type": "ASSOCIATION"}, "not_allowed"),
        ({"ZRR": "peut-être"}, "not_a_boolean"),
        ({"Date_de_validation_en_comité_de_sélection": "31/02/2021"}, "not_a_date"),
        ({"Date_de_validation_en_comité_de_sélection": ""}, "cell_empty"),
        ({"Nombre_de_conseillers_validés_par_le_COSELEC": "0"}, "posts_invalid"),
        ({"Nombre_de_conseillers_validés_par_le_COSELEC": "1,5"}, "posts_invalid"),
        ({"Nombre_de_conseillers_validés_par_le_COSELEC": "２"}, "posts_invalid"),
        ({"Nombre_de_conseillers_validés_par_le_COSELEC": "1001"}, "posts_invalid"),
        ({"Nombre_de_conseillers_validés_par_le_COSELEC": ""}, "posts_invalid"),
    ],
)
def test_each_bad_cell_is_named(changed: dict[str, str], code: str) -> None:
    name = next(iter(changed)).replace("_", " ")
    assert faults(f"{HEADER}\n{row(**changed)}\n") == [(2, COLUMN[name], code)]


def test_overseas_communes_agree_with_their_three_figures() -> None:
    mayotte = row(Code_département="976", Code_commune_INSEE="97614", Département="MAYOTTE")
    reunion = row(id="2", Code_département="974", Code_commune_INSEE="97411", Département="Reunion")
    assert faults(f"{HEADER}\n{mayotte}\n{reunion}\n") == []


def test_an_id_that_is_there_twice_is_named_the_second_time() -> None:
    assert faults(f"{HEADER}\n{ROWS[0]}\n{ROWS[1]}\n{ROWS[0]}\n") == [(4, 1, "id_repeated")]
    assert faults(f"{HEADER}\n{row(id='')}\n{row(id='')}\n") == [(2, 1, "cell_empty"), (3, 1, "cell_empty")]


def test_all_that_is_wrong_with_the_header_is_told_at_once() -> None:
    header = HEADER.replace("SIRET", "SIRTE").replace("QPV", "ZRR")
    assert faults(f"{header}\n{ROWS[0]}\n") == [
        (1, COLUMN["SIRET"], "column_unknown"),
        (1, COLUMN["QPV"], "column_repeated"),
        (1, len(COLUMN) + 1, "column_missing"),
        (1, len(COLUMN) + 1, "column_missing"),
    ]


def test_columns_may_stand_in_any_order() -> None:
    turned = "\n".join(";".join(reversed(line.split(";"))) for line in [HEADER, *ROWS])
    assert faults(turned) == []


def test_a_file_that_is_not_there_is_wrong_usage(parcours: Command, tmp_path: Path) -> None:
    for path in (tmp_path / "missing.csv", tmp_path):
        code, answer = parcours("import", path)
        assert (code, answer["error"]["code"]) == (2, "wrong_usage")


# Facts

FACTS = """\
reference;trigger;at;territory;host_name;host_siret;host_type;granted_on;candidate_ref;candidate_name;reason
7001;place;12/01/2021;57;COMMUNE DE METZ;35600000049837;COMMUNE;;;;
7001;grant_post;;;;;;03/02/2021;;;
7002;place;2021-01-12;974;RÉGION;13002603200016;REGION;;;;
7001;show_candidate;2021-03-01T14:00;;;;;;c-12;Alix Martin;
7002;withdraw;2021-05-01T10:00:00+04:00;;;;;;;;host_withdrew
"""


def test_lives_are_entered_with_what_fell_due_on_their_way(parcours: Command, write: Callable[[str], Path]) -> None:
    code, answer = parcours("import", write(FACTS))
    assert (code, answer["created"]) == (0, 2)
    first = [(each["kind"], each["trigger"], each["occurred_at"]) for each in parcours("history", "7001")[1]]
    assert ("recorded", "grant_post", "2021-02-02T23:00:00Z") in first
    assert ("transition", "show_candidate", "2021-03-01T13:00:00Z") in first
    assert ("timeout", "lapse_selection", "2021-03-16T23:00:00Z") in first
    assert first[-1] == ("timeout", "return_post", "2021-09-17T22:00:00Z")
    assert parcours("show", "7002")[1]["state"] == "withdrawn"


def test_facts_imported_twice_are_there_once(parcours: Command, write: Callable[[str], Path]) -> None:
    path = write(FACTS)
    parcours("import", path)
    before = parcours("history", "7001")[1]
    code, answer = parcours("import", path)
    assert (code, answer["created"], answer["extended"], answer["unchanged"], answer["differs"]) == (
        0,
        0,
        0,
        2,
        [],
    )
    assert parcours("history", "7001")[1] == before


def test_rows_without_place_extend_what_exists(parcours: Command, write: Callable[[str], Path]) -> None:
    parcours("import", SAMPLE)
    path = write("reference;trigger;at;reason\n1001-1;withdraw;2022-01-10;host_withdrew\n")
    assert parcours("import", path)[1]["extended"] == 1
    assert parcours("show", "1001-1")[1]["state"] == "withdrawn"
    assert parcours("import", path)[1]["unchanged"] == 1


def test_a_refused_fact_names_its_own_row_and_cell(parcours: Command, write: Callable[[str], Path]) -> None:
    lines = FACTS.splitlines()
    lines[4] = "7001;show_candidate;2021-03-01T14:00;;;;;;c-12;;"
    code, answer = parcours("import", write("\n".join(lines)))
    assert code == 6
    assert places(answer) == [(5, 10, "field_needed")]
    assert parcours("list")[1]["items"] == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (";grant_post;2021-02-03", (3, 1, "cell_empty")),
        ("7001;grant_pots;2021-02-03", (3, 2, "trigger_unknown")),
        ("7001;;2021-02-03", (3, 2, "cell_empty")),
        ("7001;place;2021-02-03", (3, 2, "place_not_first")),
        ("7001;grant_post;", (3, 3, "at_needed")),
        ("7001;withdraw;", (3, 3, "cell_empty")),
        ("7001;withdraw;20210203", (3, 3, "at_invalid")),
        ("7001;withdraw;2021-02-30", (3, 3, "at_invalid")),
        ("7001;withdraw;0001-01-01T00:00+14:00", (3, 3, "at_invalid")),
        ("7001;withdraw;2021-02-03T25:00", (3, 3, "at_invalid")),
        ("7001;withdraw;=TODAY()", (3, 3, "at_invalid")),
    ],
)
def test_each_bad_fact_is_named(line: str, fault: tuple[int, int, str]) -> None:
    start = "\n".join(FACTS.splitlines()[:2])
    assert faults(f"{start}\n{line};;;;;;;;\n") == [fault]


def test_a_life_with_a_bad_row_is_left_out_whole() -> None:
    findings = Findings("f.csv")
    text = FACTS.replace("03/02/2021", "31/02/2021")
    lives = read_lives(text.encode(), findings, DEFINITION).lives
    assert [life.reference for life in lives] == ["7002"]
    assert [(found.line, found.column) for found in findings.sorted()] == [(3, 8)]


# Any bytes

BYTES = SAMPLE.read_bytes()[:3000]


@given(st.lists(st.tuples(st.integers(0, len(BYTES) - 1), st.binary(max_size=4), st.integers(0, 40)), max_size=6))
def test_mutated_files_give_lives_or_findings(changes: list[tuple[int, bytes, int]]) -> None:
    data = bytearray(BYTES)
    for at, put, dropped in changes:
        data[at : at + dropped] = put
    findings = Findings("f.csv")
    lives = None
    with suppress(InputRefused):
        lives = read_lives(bytes(data), findings, DEFINITION).lives
    assert lives is not None or findings
    assert all(found.line >= 1 and found.column >= 1 for found in findings.sorted())


def test_a_cut_off_last_row_is_refused() -> None:
    whole = {life.reference: life for life in read_lives(BYTES, Findings("f.csv"), DEFINITION).lives}
    for end in range(len(HEADER.encode()) + 3, len(BYTES), 7):
        if BYTES[end - 1 : end] == b";":  # an empty last cell may be meant
            continue
        findings = Findings("f.csv")
        lives = read_lives(BYTES[:end], findings, DEFINITION).lives
        assert findings or all(life == whole[life.reference] for life in lives)


def test_the_sample_is_read_without_a_fault(tmp_path: Path) -> None:
    findings = Findings(str(SAMPLE))
    lives = read_lives(load(SAMPLE, findings), findings, DEFINITION).lives
    assert (len(lives), findings.sorted()) == (POSTS, ())
