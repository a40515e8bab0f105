"""What people read of a simulation: labels and sentences, no short names."""

import pytest

from operators.simulation.wording import Wording
from settings import SHIPPED_DEFINITION
from workflow.loader import load_definition

STANDARD = load_definition(SHIPPED_DEFINITION)


def test_what_a_deadline_fires_is_called_as_people_call_it() -> None:
    words = Wording(STANDARD, "fr")
    assert words.then(STANDARD.deadlines["signature"]) == "Délai de signature expiré"
    assert words.then(STANDARD.deadlines["equipment"]) == "un avis seulement"


@pytest.mark.parametrize(
    ("trigger", "code", "told"),
    [
        ("record_tranche", "tranche_out_of_order", ("Record the payment of a tranche", "tranches are paid in order")),
        ("confirm_equipment", "not_allowed_here",
         ("Confirm the equipment", "not possible in this state")),
        ("place", "field_needed", ("Create a placement", "field to be filled in")),
        ("incident", "never_heard_of", ("Placement in an incident", "never_heard_of")),
    ],
)  # fmt: skip
def test_refusal_is_told_by_its_guard_or_in_general(trigger: str, code: str, told: tuple[str, str]) -> None:
    words = Wording(STANDARD, "en")
    assert (words.trigger(trigger), words.refusal(trigger, code)) == told
