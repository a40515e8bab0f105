"""A small sample of every row of `make faults`, the same every time; and each control, which must be found out."""

import pytest

from faults.harness import Row
from faults.page import PAGE
from faults.rows import ROWS

# What has no sample needs what cannot be had everywhere, a cluster for one: it is tried by command only.
_SAMPLED = [name for name in ROWS if ROWS[name].sample]
# These controls take as long as their row.
_QUICK = [name for name in _SAMPLED if name not in ("T8", "T9", "T18", "T21")]


def needing_its_tools(row: Row) -> Row:
    if row.missing():
        pytest.skip(f"{', '.join(row.missing())} is not installed")
    return row


@pytest.mark.parametrize("name", _SAMPLED)
def test_what_is_broken_off_spoilt_or_damaged_violates_nothing(name: str) -> None:
    row = needing_its_tools(ROWS[name])
    tally = row.run(row.sample)
    assert tally.violations == ()
    assert tally.tried >= row.sample


@pytest.mark.parametrize("name", _QUICK)
def test_defect_that_is_brought_back_is_found_out(name: str) -> None:
    assert needing_its_tools(ROWS[name]).control().violations


def test_page_has_a_line_for_each_row() -> None:
    text = PAGE.read_text("utf-8")
    assert [name for name in ROWS if f"| {name} | {ROWS[name].fault}" not in text] == []
