"""The diagrams' text: every arrow is there, timeouts stand out, and no label breaks out of its string."""

import re

from tests.unit.definitions import STATES_YAML, define, small
from workflow.graph import dot, edges, mermaid
from workflow.loader import load_definition

DEFINITION = load_definition(STATES_YAML)


def test_every_transition_is_drawn_from_each_of_its_states() -> None:
    expected = sum(len(move.sources) for moves in DEFINITION.transitions.values() for move in moves)
    drawn = [edge for edge in edges(DEFINITION, "fr") if edge.kind in ("transition", "recorded")]
    assert len(drawn) == expected
    assert mermaid(DEFINITION).count(" -->|") == expected


def test_timeouts_are_dashed_with_their_length() -> None:
    line = next(line for line in dot(DEFINITION, "en").splitlines() if "Fifteen days to choose" in line)
    assert line.strip() == (
        '"candidate_shown" -> "post_vacant" [label="Fifteen days to choose (15 days)", style=dashed];'
    )
    assert 's_in_training -.->|"Formation de quatre mois (4 mois)"| s_in_post' in mermaid(DEFINITION, "fr")


def test_automatic_transitions_are_drawn_apart() -> None:
    assert [edge.source for edge in edges(DEFINITION, "fr") if edge.kind == "automatic"] == ["candidate_selected"]
    assert dot(DEFINITION).count("style=dotted") == 1


def test_labels_cannot_break_out() -> None:
    evil = r"""label: {fr: "x\"]; click a \"javascript:alert(1)\" <b> | end \\"}"""
    definition = define(small(("waiting: {open_ended", f"waiting: {{{evil}, open_ended")))
    [in_mermaid] = [line for line in mermaid(definition).splitlines() if line.startswith("    s_waiting[")]
    assert re.fullmatch(r'    s_waiting\["[^"<>|\\\[\]]*"\]', in_mermaid)
    [in_dot] = [line for line in dot(definition).splitlines() if line.startswith('    "waiting" [')]
    assert re.fullmatch(r'    "waiting" \[label="(?:[^"\\]|\\.)*"\];', in_dot)


def test_initial_and_final_states_stand_out() -> None:
    text = mermaid(DEFINITION, "en")
    assert '    s_ami_application(["Application to the call"])' in text
    assert '    s_withdrawn(["Withdrawn"])' in text
    assert '    s_in_post["In post"]' in text
