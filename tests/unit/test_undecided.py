"""Why a placement could not be decided is told in French for every code that the docs name, and quoted else."""

import re
from pathlib import Path

import pytest

from tests.unit.french import in_french
from workflow.undecided import why_undecided

PAGE = Path(__file__).parents[2] / "docs/how-to/read-an-incident.md"
CODES = re.findall(r"^\| `([a-z_]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("code", CODES)
def test_every_code_of_the_docs_has_its_sentence(code: str) -> None:
    told = why_undecided(code, "it went wrong")
    assert told.en == "it went wrong"
    assert "le moteur dit" not in told.fr
    in_french(told.fr)


def test_what_has_no_sentence_is_quoted() -> None:
    assert why_undecided("KeyError", "'x'").fr == "le moteur dit « 'x' »"
    assert len(CODES) == 4
