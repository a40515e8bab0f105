"""What holds for every form: what lies beside it, nothing personal, memory flat, all or nothing."""

import hashlib
import json
import re
import tracemalloc
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audit.export_schema import field_columns
from audit.exports import FORMS, FormName, beside, export
from bench.cohort import CANARY, NOW
from storage.entries import Entries, ExportedRow, cursor_of
from storage.queries import Queries
from tests.integration.exports.conftest import Exported, Office
from workflow.errors import IntegrityBroken

NAMES: list[tuple[FormName, str]] = [*((form, f"log.{form}") for form in FORMS), ("ocel", "log.json")]
every_form = pytest.mark.parametrize(("form", "name"), NAMES)


def document(target: Path, what: str) -> dict[str, object]:
    content = json.loads(target.with_name(f"{target.name}.{what}.json").read_text("utf-8"))
    assert isinstance(content, dict)
    return content


@every_form
def test_manifest_tells_what_the_file_holds(cohort: Office, tmp_path: Path, form: FormName, name: str) -> None:
    target, note = tmp_path / name, "parcours.example/log\n1\nroot=\n"
    made = export(cohort.stream(territory="75"), form, target, made_at=NOW, checkpoint=note)
    told = document(target, "manifest")
    wanted = [item for item in cohort.items() if item.stored.territory == "75"]
    assert (told["entries"], made.entries) == (len(wanted), len(wanted))
    assert told["sha256"] == made.sha256 == hashlib.sha256(target.read_bytes()).hexdigest()
    assert (told["bytes"], told["file"], told["format"]) == (target.stat().st_size, name, form)
    assert told["filters"] == {
        "since": None, "until": None, "by": "recorded", "territory": "75", "after": None, "sealed": False,
    }  # fmt: skip
    assert told["unsealed"] == made.unsealed == sum(item.stored.position is None for item in wanted) > 0
    assert told["checkpoint"] == note
    assert b"parcours.example" not in target.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {name, f"{name}.schema.json", f"{name}.manifest.json"}


@every_form
def test_schema_describes_every_column(exported: Exported, form: FormName, name: str) -> None:
    told = document(exported(form, name), "schema")
    assert (told["schema"], told["version"], told["format"]) == ("parcours.export", 1, form)
    columns = told["columns"]
    assert isinstance(columns, list)
    assert all(column[key] for column in columns for key in ("id", "name", "type", "fr", "en"))
    assert len({column["id"] for column in columns}) == len(columns)


@every_form
def test_reference_names_every_form_column_and_key(exported: Exported, form: FormName, name: str) -> None:
    page = (Path(__file__).parents[3] / "docs/reference/exports.md").read_text("utf-8")
    target = exported(form, name)
    columns = document(target, "schema")["columns"]
    assert isinstance(columns, list)
    named = [form, *document(target, "schema"), *document(target, "manifest")]
    named += [column["id"] for column in columns if not column["id"].startswith("field_")]
    assert [word for word in named if f"`{word}`" not in page] == []


@every_form
def test_no_export_holds_a_personal_value(exported: Exported, form: FormName, name: str) -> None:
    target = exported(form, name)
    content = target.read_bytes() + beside(target, "schema").read_bytes() + beside(target, "manifest").read_bytes()
    if zipfile.is_zipfile(target):
        with zipfile.ZipFile(target) as archive:
            content += b"".join(archive.read(part) for part in archive.namelist())
    assert "Évry-Grégy".encode() in content or form == "parquet", "the search finds what is there"
    for spelling in (CANARY, CANARY.partition(" ")[0], json.dumps(CANARY).strip('"'), "1 900", "190000"):
        assert spelling.encode() not in content


def test_no_column_is_of_a_personal_field(cohort: Office) -> None:
    definitions = cohort.stream().definitions
    personal = {name for each in definitions for name, field in each.fields.items() if field.personal}
    shown = {column.id.removeprefix("field_") for column in field_columns(definitions)}
    assert personal
    assert shown
    assert not personal & shown


@every_form
def test_memory_is_flat_in_a_growing_export(cohort: Office, tmp_path: Path, form: FormName, name: str) -> None:
    few = datetime(2021, 4, 5, tzinfo=UTC)

    def peak(until: datetime | None) -> tuple[int, int]:
        tracemalloc.start()
        entries = cohort.export(form, tmp_path / name, until=until, by="occurred").entries
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return entries, used

    peak(few)  # what is imported and cached at the first use
    (fewer, small), (more, large) = peak(few), peak(None)
    assert more > 2.5 * fewer > 900
    assert large < 1.5 * small + 300_000


@every_form
def test_failed_export_leaves_all_files_as_they_were(cohort: Office, tmp_path: Path, form: FormName, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(OSError, match=name):
        cohort.export(form, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_exports_after_a_cursor_add_up_to_what_is_sealed(cohort: Office, tmp_path: Path, form: FormName) -> None:
    sealed = cohort.export(form, tmp_path / "sealed", sealed=True)
    assert sealed.next is not None
    nothing_new = cohort.export(form, tmp_path / "none", after=sealed.next)
    assert (nothing_new.entries, nothing_new.next) == (0, sealed.next)
    middle = cohort.items()[300].stored.position
    assert middle is not None
    rest = cohort.export(form, tmp_path / "rest", after=cursor_of(middle + 1))
    assert (rest.entries, rest.unsealed, rest.next) == (sealed.entries - 301, 0, sealed.next)
    lines = (tmp_path / "rest").read_bytes().splitlines(keepends=True)[form == "csv" :]
    assert (tmp_path / "sealed").read_bytes().endswith(b"".join(lines))


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_whole_export_is_what_is_sealed_and_then_the_rest(cohort: Office, tmp_path: Path, form: FormName) -> None:
    sealed = cohort.export(form, tmp_path / "sealed", sealed=True)
    whole = cohort.export(form, tmp_path / "whole")
    assert (tmp_path / "whole").read_bytes().startswith((tmp_path / "sealed").read_bytes())
    assert (whole.entries - whole.unsealed, whole.next) == (sealed.entries, sealed.next)
    assert whole.unsealed > 0


@every_form
def test_only_what_is_sealed_can_be_asked_for_in_every_form(
    cohort: Office, tmp_path: Path, form: FormName, name: str
) -> None:
    made = cohort.export(form, tmp_path / name, sealed=True)
    assert made.unsealed == 0
    assert made.entries == sum(item.stored.position is not None for item in cohort.items())


def test_cursor_of_another_list_is_refused(cohort: Office, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no cursor"):
        cohort.export("csv", tmp_path / "log.csv", after="WzEyXQ")
    assert not list(tmp_path.iterdir())


@every_form
@pytest.mark.parametrize("spoilt", [b'"occurred_at":"2021-13-', b'"occurred_at":2021, "x":"'], ids=["month", "number"])
def test_entry_that_cannot_be_read_is_told_as_damage_and_nothing_is_left(
    cohort: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: FormName, name: str, spoilt: bytes
) -> None:
    exported = Queries.exported

    def damaged(self: Queries, which: Entries, *, grouped: bool = False) -> Iterator[Sequence[ExportedRow]]:
        for page in exported(self, which, grouped=grouped):
            yield [(*row[:2], re.sub(rb'"occurred_at":"\d{4}-\d\d-', spoilt, row[2]), row[3]) for row in page]

    monkeypatch.setattr(Queries, "exported", damaged)
    with pytest.raises(IntegrityBroken, match="parcours audit verify"):
        cohort.export(form, tmp_path / name)
    assert not list(tmp_path.iterdir())
