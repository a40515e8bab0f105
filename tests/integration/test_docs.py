"""What keeps the documentation true: its examples run, its links resolve, and it names what there is."""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from operators.cli.catalogue import COMMANDS, Entry
from storage.tables.schema import METADATA
from tests.integration.doc_pages import (
    PAGES,
    ROOT,
    Block,
    Transcript,
    agrees,
    anchors_of,
    blocks_of,
    links_of,
    prose_of,
    steps_of,
)
from workflow.history import canonical_bytes, chained, parse_entry
from workflow.language.forms import Document
from workflow.language.yaml_nodes import read_yaml
from workflow.loader import check_definition

REFERENCE = ROOT / "docs" / "reference"


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _with(*languages: str) -> list[Path]:
    return [page for page in PAGES if any(block.language in languages for block in blocks_of(page))]


@pytest.fixture
def transcript(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Transcript]:
    monkeypatch.chdir(tmp_path)
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    yield Transcript(tmp_path)
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


@pytest.mark.parametrize("page", _with("console", "python"), ids=_name)
def test_examples_do_what_the_page_shows(page: Path, transcript: Transcript) -> None:
    blocks = blocks_of(page)
    for block, following in pairwise([*blocks, Block(page, 0, (), ())]):
        if block.file is not None:
            transcript.write(block)
        elif block.language == "console":
            _follow(transcript, block)
        elif block.language == "python":
            printed = transcript.run_python(block)
            assert transcript.code == 0, f"{block}: {printed}"
            assert following.language != "text" or agrees(following.lines, printed), f"{block}: {printed}"


def _follow(transcript: Transcript, block: Block) -> None:
    for step in steps_of(block):
        if step.command.startswith("make "):
            continue
        printed = transcript.run(step.command)
        if any(step.shown):
            assert agrees(step.shown, printed), f"{block}: {step.command} printed\n{printed}"
        else:
            assert transcript.code == 0, f"{block}: {step.command} answered {transcript.code}\n{printed}"


@pytest.mark.parametrize("page", _with("yaml"), ids=_name)
def test_definitions_in_the_docs_load(page: Path) -> None:
    """A fragment is added to the whole definition that precedes it on the page."""
    whole: dict[str, Any] = {}
    for block in blocks_of(page):
        if block.info[:2] != ("yaml", "definition"):
            continue
        source, findings = read_yaml(block.text.encode(), str(block))
        assert not findings, f"{block}: {findings}"
        fragment = dict(source.data)
        whole = fragment if "definition" in fragment else _merged(whole, fragment)
        _load(whole, block)


def _merged(whole: Mapping[str, Any], fragment: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(whole)
    for name, value in fragment.items():
        merged[name] = {**merged.get(name, {}), **value} if isinstance(value, dict) else value
    return merged


def _load(data: Mapping[str, Any], block: Block) -> None:
    check_definition(json.dumps(data).encode(), str(block))


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in links_of(page):
        if link.startswith(("http://", "https://")):
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors_of(path), f"{link} names no heading"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        paths = {(page.parent / link.partition("#")[0]).resolve() for link in links_of(page)}
        waiting += [path for path in paths if path in PAGES and path not in reached]
    assert {_name(page) for page in PAGES} == {_name(page) for page in reached}


def test_every_command_is_in_the_docs() -> None:
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    missing = [name for name in _commands(COMMANDS) if f"parcours {name}" not in text]
    assert not missing


def _commands(entries: Mapping[str, Entry], before: str = "") -> Iterator[str]:
    for name, entry in entries.items():
        if entry.commands:
            yield from _commands(entry.commands, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def test_every_key_of_the_language_is_in_its_reference() -> None:
    text = (REFERENCE / "definition-language.md").read_text("utf-8")
    schema = Document.model_json_schema()
    forms = [schema, *schema["$defs"].values()]
    keys = {key for form in forms for key in form.get("properties", {})}
    assert not sorted(key for key in keys if f"`{key}`" not in text)


def test_every_table_column_and_constraint_is_in_its_reference(transcript: Transcript) -> None:
    text = (REFERENCE / "database.md").read_text("utf-8")
    sections = {part.split("`")[1]: part for part in text.split("\n### ")[1:]}
    assert sections.keys() == METADATA.tables.keys()
    for name, table in METADATA.tables.items():
        names = [*table.columns.keys(), *(str(index.name) for index in table.indexes)]
        names += [str(each.name) for each in table.constraints if each.name is not None]
        assert not [each for each in names if f"`{each}`" not in sections[name]], name
    assert transcript.run("parcours init")
    assert not [name for name in _triggers(transcript.folder / "parcours.db") if f"`{name}`" not in text]


def _triggers(database: Path) -> list[str]:
    from storage import sqlite

    connection = sqlite.connect(sqlite.library(), database)
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    connection.close()
    return [str(name) for (name,) in rows]


def test_the_entry_in_the_reference_is_one_of_ours() -> None:
    (block,) = [b for b in blocks_of(REFERENCE / "history-entry.md") if b.file == "entry.json"]
    data = block.text.rstrip("\n").encode()
    item = parse_entry(data)
    assert canonical_bytes(item.entry) == data
    assert chained(item.entry).hash == item.hash
    assert item.hash in (REFERENCE / "history-entry.md").read_text("utf-8")


def test_every_key_of_an_entry_is_in_its_reference() -> None:
    page = REFERENCE / "history-entry.md"
    (block,) = [b for b in blocks_of(page) if b.file == "entry.json"]
    keys = json.loads(block.text)
    text = prose_of(page)
    assert not [key for key in keys if f"`{key}`" not in text]


def test_readme_is_short_and_names_both_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert len(text.splitlines()) < 120
    assert "make demo" in text
    assert "make test" in text


def test_the_picture_in_the_readme_is_of_the_shipped_definition(transcript: Transcript) -> None:
    drawn = transcript.run("parcours definition graph --format mermaid --lang en").splitlines()
    (picture,) = [block for block in blocks_of(ROOT / "README.md") if block.language == "mermaid"]
    assert not [line for line in picture.lines if line not in drawn]


def test_tests_named_in_the_docs_exist() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    named = {name for page in PAGES for name in re.findall(r"`(test_\w+)`", page.read_text("utf-8"))}
    exemplary = {"test_operator_beats_timer"}
    assert not [name for name in named - exemplary if f"def {name}(" not in code]


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_pages_name_nothing_of_the_place_where_they_were_written(page: Path) -> None:
    text = page.read_text("utf-8")
    found = re.search(r"(?<![\w:/.>-])/(?:home|root|tmp|work|mnt)/|\bissue #|\bsession \d", text)
    assert found is None, found
