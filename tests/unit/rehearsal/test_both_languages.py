"""Whatever a rehearsal says is said in French and in English: no sentence of its sources is left out."""

import re
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from rehearsal import entry_words, goal_words, mutant_words
from rehearsal.coverage import SECTIONS, goals
from rehearsal.mutating import mutants
from rehearsal.rehearsing import prepared
from tests.shipped import DEFINITIONS
from tests.unit.french import in_french
from tests.unit.rehearsal.sources import Pair, alone, pairs
from workflow.history import Kind
from workflow.language.yaml_nodes import read_yaml

ROOT = Path(__file__).parents[3]
SOURCES = [
    *sorted((ROOT / "rehearsal").rglob("*.py")),
    *(ROOT / "operators" / name for name in ("rehearsals.py", "rehearsal_lines.py")),
]
BESIDE = [ROOT / "workflow" / name for name in ("asking.py", "undecided.py")]
"""Files that say more than a rehearsal does: their pairs are looked at."""
SAME = {"transition", "quota", "table", "transitions", "situation"}
"""Words that are the same in both languages."""
NO_SENTENCES = {"telling.py", "forms.py", "values.py"}
"""Files without any: the short texts of records, the schema of scenario files, values that are tried."""
NAMES = {
    "as usual", "gives back", "first {_refused(error)[0]}", "! field_not_taken {name}",
    "reminded {spec.reminders[prompt.number].text}", "reminded {reminder.text}", "Parcours scenarios",
    "; (?=(?:{'|'.join(KINDS)}|empties|takes|gives back) |[a-z0-9_]+: )", "situation {seen.id}",
}  # fmt: skip
"""Texts of several words that are names for programs, or the same in both languages."""
NOT_REHEARSED = {
    "amendment", "reversal", "pause", "resume", "extension", "move", "note", "void", "approval", "migration",
}  # fmt: skip
EVERY_PAIR = [pair for path in (*SOURCES, *BESIDE) for pair in pairs(path)]


@pytest.mark.parametrize("pair", EVERY_PAIR, ids=lambda pair: pair.where)
def test_a_sentence_says_the_same_in_both_languages(pair: Pair) -> None:
    assert values(pair.fr) == values(pair.en)
    fr, en = (re.sub(r"\{.*?\}", "", side).strip(" :;,.|()") for side in (pair.fr, pair.en))
    assert bool(fr) == bool(en)
    assert not fr or fr != en or fr in SAME or not re.search(r"[a-z]{3}", fr)
    in_french(re.sub(r"\{.*?\}", "X", pair.fr))


def values(side: str) -> Counter[str]:
    """What is put into a sentence, without the language in which it is."""
    return Counter(re.sub(r"\b(fr|en)\b", "LANG", each) for each in re.findall(r"\{(.*?)\}", side))


def test_a_sentence_that_stands_alone_is_found_out(tmp_path: Path) -> None:
    path = tmp_path / "sentences.py"
    lines = ("'Words of a docstring.'", "a = Said(f'{n} fois', f'{n} times')", "b = f'it fired {n}'", "fr = 'il y a'")
    path.write_text("\n".join(lines), "utf-8")
    assert [(pair.fr, pair.en) for pair in pairs(path)] == [("{n} fois", "{n} times")]
    assert sorted(found for _, found in alone(path)) == ["il y a", "it fired {n}"]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_sentence_stands_in_one_language_alone(path: Path) -> None:
    found = [] if path.name in NO_SENTENCES else list(alone(path))
    assert [(where, text) for where, text in found if text not in NAMES] == []


def test_every_kind_of_entry_has_its_words() -> None:
    assert entry_words.KINDS.keys() | NOT_REHEARSED == set(get_args(Kind))
    assert not entry_words.KINDS.keys() & NOT_REHEARSED


@pytest.mark.parametrize("path", DEFINITIONS.values(), ids=DEFINITIONS)
def test_every_goal_and_mutant_of_what_is_shipped_has_its_words(path: Path) -> None:
    source, _ = read_yaml(path.read_bytes(), str(path))
    assert {each.kind for each in mutants(source)} <= mutant_words.KINDS.keys()
    for each in mutants(source):
        assert each.what.fr != each.what.en
        in_french(each.what.fr)
    _, definition = prepared(path.read_bytes(), str(path))
    assert goal_words.SECTIONS.keys() == set(SECTIONS)
    for goal in goals(definition):
        words = goal_words.told(goal, definition)
        assert words.fr != words.en
        in_french(words.fr)
        assert "{" not in words.fr + words.en
