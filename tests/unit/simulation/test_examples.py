"""Any definition can be simulated: by its shape alone, those that are shipped as examples too."""

from collections import Counter
from pathlib import Path

import pytest

from operators.simulation.running import rules_of
from operators.simulation.writing import drafted
from tests.unit.simulation.plays import lived
from workflow.loader import load_definition

EXAMPLES = sorted((Path(__file__).parents[3] / "examples").glob("*/states.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_an_example_is_lived_to_its_ends(path: Path) -> None:
    definition = load_definition(path)
    play = lived(rules_of(definition, str(path)), drafted(definition), 25)
    kinds = Counter(entry.kind for _, entry in play.entries)
    assert kinds["placed"] == 25
    assert kinds["transition"] > 10
    assert kinds["timeout"] > 3
    assert play.refusals.stuck == {}
    ended = {life.facts.state for life in play.lives.values() if definition.is_final(life.facts.state)}
    assert len(ended) > 1
