"""Cells that hold what no program of ours wrote: a sentence and the code of broken integrity, never a traceback."""

from pathlib import Path

import pytest

from tests.acceptance.driver import Site

ACT = "UPDATE system_entry SET data = CAST(replace(CAST(data AS TEXT), ',', ';') AS BLOB)"
KEY = """
    UPDATE placement SET facts = CAST(replace(CAST(facts AS TEXT), '"held":false', '"hell":false') AS BLOB)
"""


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path).at("2021-03-01T09:00:00Z").init(sandbox=True)
    site.place("A-1")
    site.parcours("audit", "seal")
    return site


@pytest.mark.parametrize(
    "damage",
    [
        ACT,
        KEY,
        "UPDATE system_entry SET data = 7",
        "UPDATE seal SET sealed_at = CAST('x' AS BLOB)",
        "UPDATE seal SET sealed_at = 4611686018427387904",
        "UPDATE tile SET data = 4611686018427387904",
        "UPDATE definition SET quotas = '{'",
        "UPDATE definition SET source = 7",
        "UPDATE seal SET size = -1",
        "UPDATE deadline SET name = CAST('x' AS BLOB)",
        "UPDATE deadline SET due_at = CAST('x' AS BLOB)",
    ],
)
def test_damage_is_told_in_a_sentence(site: Site, damage: str) -> None:
    site.damage(damage)
    said = [site.parcours("doctor", code=None), site.parcours("audit", "verify", code=None)]
    assert 7 in [each.code for each in said]
    for each in said:
        assert each.code in (0, 7)
        assert "Traceback" not in each.err + each.out
        assert "command.failed" not in each.err
