"""A difference is told as far as it goes: what is not in both, and of the same entries the parts that differ."""

from types import SimpleNamespace
from typing import Any

import pytest

from rehearsal.differing import grouped, sentence
from rehearsal.playing import Shown
from rehearsal.rehearsing import prepared
from tests.unit.rehearsal.loan import FILE, LOAN
from workflow.language.wording import Said

_, LOANS = prepared(LOAN.encode(), FILE)
LEND = "transition lend asked>lent 2021-03-02 as desk"
LATER = "transition lend asked>lent 2021-03-03 as desk"


def shown(expected: Any, seen: Any, place: str = "situation 4") -> Shown:
    """Something in a record that came otherwise."""
    return Shown(Said("lend", "lend"), SimpleNamespace(gives=expected), "gives", seen, place)


@pytest.mark.parametrize(
    ("expected", "seen", "fr", "en"),
    [
        (LEND, LATER, "transition lend : attendu le 2021-03-02 ; obtenu le 2021-03-03",
         "transition lend: expected on 2021-03-02; got on 2021-03-03"),
        (f"{LEND}; takes items:1", "! below_fee",
         "attendu transition lend, asked → lent ; obtenu refus : below_fee (« Below the fee »)",
         "expected transition lend, asked → lent; got refused: below_fee (“Below the fee”)"),
        ("! value_taken", "granted",
         "attendu refus : value_taken (valeur déjà prise par un autre dossier) ; obtenu un accord",
         "expected refused: value_taken (value that another placement holds); got granted"),
        (f"{LEND}; takes items:1", LEND, "attendu prend items:1 ; obtenu rien", "expected takes items:1; got nothing"),
        (["answer 2021-03-16 running", "loan 2021-06-02 running"], ["loan 2021-06-02 running"],
         "attendu answer court jusqu'au 2021-03-16 ; obtenu rien",
         "expected answer runs until 2021-03-16; got nothing"),
        ({"lend": "! not_yet", "lapse": ""}, {"lend": "granted", "lapse": ""},
         "attendu lend : refus : not_yet (un état n’a pas encore été atteint) ; obtenu lend : un accord",
         "expected lend: refused: not_yet (a state was not entered yet); got lend: granted"),
        ([LEND, LATER], [LATER, LEND], None, None),
    ],
)  # fmt: skip
def test_only_what_differs_is_told(expected: Any, seen: Any, fr: str | None, en: str | None) -> None:
    told = sentence(shown(expected, seen), LOANS)
    if fr is None:
        assert " ; obtenu " in told.fr, "the same in another order: all is told"
        assert "; got " in told.en
        return
    assert told == (f"situation 4, lend : {fr}", f"situation 4, lend: {en}")


def test_the_same_difference_is_told_once() -> None:
    every = [shown(LEND, LATER, place) for place in ("situation 4", "situation 5", "situation 6")]
    [told] = grouped(every, LOANS)
    assert told.fr.startswith("situation 4 et 2 autres, lend : transition lend")
    assert told.en.startswith("situation 4 and 2 more, lend: transition lend")
    [one] = grouped(every[:2], LOANS)
    assert one.fr.startswith("situation 4 et 1 autre, ")
    [placing] = grouped([shown(LEND, LATER, "")], LOANS)
    assert placing.fr.startswith("lend : ")
