"""What a record's short texts say in words: each of them in both languages, and two that differ never alike."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.outcome_words import Words
from rehearsal.record import Record, Try, read_record
from rehearsal.record_words import NOTHING, TRIES
from rehearsal.rehearsing import prepared
from tests.shipped import DEFINITIONS, STANDARD
from tests.unit.french import in_french

_VALUES = re.compile(r"[a-z0-9_]+=\S+( [a-z0-9_]+=\S+)*")
"""What reads the same in both languages: names, and values that they have."""
NAME = st.from_regex(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", fullmatch=True)


@cache
def words(path: Path = STANDARD) -> Words:
    return Words(prepared(path.read_bytes(), str(path))[1])


def record(path: Path) -> Record:
    kept = path.with_suffix(".expected.json")
    return read_record(kept.read_bytes(), kept.name)


def texts(kept: Record) -> Iterator[str]:
    """Every outcome that a record tells."""
    yield from (placed.gives for placed in kept.placings)
    yield from (rival.gives for rival in kept.rivals)
    for seen in kept.situations:
        yield from (*seen.gives, *seen.clocks, *(seen.alone or ()), *seen.elsewhere.values())
        for asked in seen.asks:
            yield from (asked.gives, asked.others, *(each.gives for each in asked.tries))


@pytest.mark.parametrize("path", DEFINITIONS.values(), ids=DEFINITIONS)
def test_every_text_of_a_shipped_record_is_told_in_both_languages(path: Path) -> None:
    told, every = words(path), set(texts(record(path)))
    found = {text: told.of(text) for text in every}
    assert len({each.fr for each in found.values()}) == len({each.en for each in found.values()}) == len(every)
    for text, each in found.items():
        assert each.fr != each.en or _VALUES.fullmatch(text), text
        assert text not in (each.fr.strip("« »"), each.en.strip("'")), text
        in_french(each.fr.replace("'", "’"))


@pytest.mark.parametrize(
    ("text", "fr", "en"),
    [
        ("", "rien", "nothing"),
        ("granted", "un accord", "granted"),
        ("as usual", "comme avec les valeurs usuelles", "as with the usual values"),
        ("! field_needed granted_on, too_late", "refus : field_needed granted_on (champ à renseigner), too_late",
         "refused: field_needed granted_on (field to be filled in), too_late"),
        ("! post_not_granted", "refus : post_not_granted (« Le poste n'est pas encore attribué »)",
         "refused: post_not_granted (“The post is not granted yet”)"),
        ("first ! value_taken", "le premier : refus : value_taken (valeur déjà prise par un autre dossier)",
         "the first: refused: value_taken (value that another placement holds)"),
        ("selection 2021-03-18 running", "selection court jusqu'au 2021-03-18", "selection runs until 2021-03-18"),
        ("selection 2021-03-18 missed", "selection manquée, dernier jour 2021-03-18",
         "selection missed, last day 2021-03-18"),
        ("grant_amount=5000000 host_type=GIP rural_zone=False rank=",
         "grant_amount = 50000.00, host_type = GIP, rural_zone = false, rank vide",
         "grant_amount = 50000.00, host_type = GIP, rural_zone = false, rank empty"),
        ("timeout selection lapse_selection candidate_shown>post_vacant 2021-03-19 as scheduler awaits host",
         "échéance selection échue (lapse_selection), candidate_shown → post_vacant, le 2021-03-19, par scheduler, "
         "on attend host",
         "deadline selection fired (lapse_selection), candidate_shown → post_vacant, on 2021-03-19, by scheduler, "
         "awaits host"),
        ("reminder selection 2021-03-13 due 2021-03-19 awaits host",
         "rappel de l'échéance selection, le 2021-03-13, échoit le 2021-03-19, on attend host",
         "reminder of deadline selection, on 2021-03-13, falls due on 2021-03-19, awaits host"),
        ("recorded grant_post 2021-03-01 10:00 as anct because other certification_title=CCP 1 du titre reason=* "
         "host_not_eligible? too_late!?; gives back posts:3; empties rank",
         "fait enregistré grant_post, le 2021-03-01 10:00, par anct, motif other, "
         "certification_title = CCP 1 du titre, reason donné (donnée personnelle), "
         "condition host_not_eligible remplie, condition too_late non remplie ; rend posts:3 ; vide rank",
         "recorded fact grant_post, on 2021-03-01 10:00, by anct, reason other, certification_title = CCP 1 du titre, "
         "reason given (personal data), guard host_not_eligible holds, guard too_late does not hold; "
         "gives back posts:3; empties rank"),
        ("erasure 2023-03-03 as scheduler because retention emptied=remarks erased=1",
         "données personnelles effacées, le 2023-03-03, par scheduler, motif retention, champs vidés : remarks, "
         "engagements effacés : 1",
         "personal data erased, on 2023-03-03, by scheduler, reason retention, fields emptied: remarks, "
         "commitments erased: 1"),
        ("granted_on: ! field_not_taken granted_on",
         "granted_on : refus : field_not_taken granted_on (champ non accepté ici)",
         "granted_on: refused: field_not_taken granted_on (field not taken here)"),
        ("what no rule reads", "« what no rule reads »", "'what no rule reads'"),
    ],
)  # fmt: skip
def test_a_text_is_told_in_words(text: str, fr: str, en: str) -> None:
    assert words().of(text) == (fr, en)


def test_of_many_outcomes_the_first_are_told() -> None:
    clocks = [f"answer 2021-03-{day} running" for day in (11, 12, 13, 14, 15)]
    assert words().of(clocks).fr.endswith(" | … et 2 de plus")
    assert words().of(clocks[:3]).en.endswith("answer runs until 2021-03-13")
    assert words().of({"lend": "! not_yet"}) == (
        "lend : refus : not_yet (un état n’a pas encore été atteint)",
        "lend: refused: not_yet (a state was not entered yet)",
    )


@pytest.mark.parametrize("path", DEFINITIONS.values(), ids=DEFINITIONS)
def test_every_code_of_a_shipped_record_is_told_with_its_meaning(path: Path) -> None:
    refused = [each for text in texts(record(path)) for each in re.findall(r"! ([a-z0-9_]+)", text)]
    assert refused
    for code in set(refused):
        told = words(path).of(f"! {code}")
        assert told.fr.startswith(f"refus : {code} ("), told
        assert told.en.startswith(f"refused: {code} ("), told


@given(NAME, st.text(max_size=30))
def test_a_value_is_told_whatever_it_is(name: str, value: str) -> None:
    line = f"transition {name} asked>lent 2021-03-02 as desk {name}={value}".replace("\n", " ")
    told = words().of(line)
    assert told.fr.startswith(f"transition {name}, asked → lent, le 2021-03-02, par desk")
    assert told.en.startswith(f"transition {name}, asked → lent, on 2021-03-02, by desk")


def test_every_way_in_which_a_request_differs_has_its_words() -> None:
    found = {each.what: each.value for path in DEFINITIONS.values() for each in tries(record(path))}
    assert found.keys() <= TRIES.keys()
    nothing = {each.what for path in DEFINITIONS.values() for each in tries(record(path)) if not each.value}
    assert nothing == NOTHING.keys()


def tries(kept: Record) -> Iterator[Try]:
    return (each for seen in kept.situations for asked in seen.asks for each in asked.tries)
