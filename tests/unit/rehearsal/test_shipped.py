"""The shipped definitions do what is recorded of them, and the record finds out a sample of mutants.

`parcours definition test states.yaml --mutants 200` tries more.
"""

from pathlib import Path

import pytest

from rehearsal.playing import play
from rehearsal.record import read_record
from rehearsal.rehearsing import prepared
from rehearsal.surviving import hunt
from tests.shipped import DEFINITIONS, STANDARD


@pytest.mark.parametrize("path", DEFINITIONS.values(), ids=DEFINITIONS)
def test_a_shipped_definition_does_what_is_expected(path: Path) -> None:
    published, _ = prepared(path.read_bytes(), str(path))
    record = path.with_suffix(".expected.json")
    expected = read_record(record.read_bytes(), record.name)
    differing = [f"{s.where}: {s.expected} {s.seen}" for s in play(expected, published) if s.seen != s.expected]
    assert not differing, "look at `parcours definition test`, then record anew with --record"


def test_a_sample_of_mutants_is_found_out() -> None:
    path = STANDARD
    record = path.with_suffix(".expected.json")
    result = hunt(path.read_bytes(), str(path), read_record(record.read_bytes(), record.name), 20, seed=3)
    assert result.percent >= 95, [f"{each.place.line}: {each.what}" for each in result.survivors]
