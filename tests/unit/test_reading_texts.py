"""Moments, values and refusals as people read them on pages."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from operators.console.throttle import PER_NAME, WINDOW, Throttle, keys_of
from operators.labels import Labels
from operators.sentences import blocker_text
from operators.times import day_text, distance_text, exact_text
from operators.value_texts import value_text
from settings import SHIPPED_DEFINITION
from workflow import blockers
from workflow.definition import Field, Label
from workflow.loader import load_definition

NOW = datetime(2021, 3, 16, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("away", "fr", "en"),
    [
        (timedelta(seconds=30), "à l'instant", "now"),
        (timedelta(minutes=1), "dans 1 minute", "in 1 minute"),
        (timedelta(minutes=-89), "il y a 89 minutes", "89 minutes ago"),
        (timedelta(hours=2), "dans 2 heures", "in 2 hours"),
        (timedelta(hours=47, minutes=59), "dans 47 heures", "in 47 hours"),
        (timedelta(days=-2), "il y a 2 jours", "2 days ago"),
        (timedelta(days=75), "dans 2 mois", "in 2 months"),
        (timedelta(days=800), "dans 2 ans", "in 2 years"),
    ],
)
def test_distance_is_told_in_its_largest_unit(away: timedelta, fr: str, en: str) -> None:
    assert (distance_text(NOW + away, NOW, "fr"), distance_text(NOW + away, NOW, "en")) == (fr, en)


def test_exact_moment_has_its_day_and_its_zone() -> None:
    reunion = ZoneInfo("Indian/Reunion")
    assert exact_text(NOW, reunion, "fr") == "mardi 16 mars 2021 à 16:00 (Indian/Reunion)"
    assert exact_text(NOW, reunion, "en") == "Tuesday 16 March 2021 at 16:00 (Indian/Reunion)"
    assert (day_text(date(2021, 3, 1), "fr"), day_text(date(2021, 3, 1), "en")) == ("1er mars 2021", "1 March 2021")


@pytest.mark.parametrize(
    ("kind", "value", "fr", "en"),
    [
        ("money", 160312, "1\u202f603,12\u00a0€", "€1,603.12"),
        ("money", 5, "0,05\u00a0€", "€0.05"),
        ("date", "2021-03-01", "1er mars 2021", "1 March 2021"),
        ("boolean", True, "oui", "yes"),
        ("integer", 36, "36", "36"),
        ("text", None, "", ""),
    ],
)
def test_values_are_told_as_people_write_them(kind: str, value: object, fr: str, en: str) -> None:
    field = Field("f", kind, Label("F", "F"))  # type: ignore[arg-type]
    assert (value_text(field, value, "fr"), value_text(field, value, "en")) == (fr, en)  # type: ignore[arg-type]


def test_refusals_name_what_people_know_and_no_option_of_a_command() -> None:
    labels = Labels.among([load_definition(SHIPPED_DEFINITION)])
    told = [
        blocker_text(each, labels, lang)
        for lang in ("fr", "en")
        for each in (
            blockers.not_from_state("grant_post", "in_post", ["ami_application"]), blockers.role_needed(["host"]),
            blockers.reason_needed("void"), blockers.field_needed("candidate_ref"), blockers.date_needed(["vacancy"]),
            blockers.nothing_to_amend(), blockers.not_since("record_tranche", "contract_signed"),
            blockers.scheduler_only("lapse_selection"),
        )
    ]  # fmt: skip
    assert told[0] == "Impossible dans l’état «\u00a0En poste\u00a0»\u00a0; possible dans\u00a0: Candidature à l'AMI."
    assert told[1] == "Réservé à\u00a0: structure d’accueil."
    assert not [sentence for sentence in told if "--" in sentence or "_" in sentence]
    assert all(sentence.endswith(".") for sentence in told)


def test_throttle_forgets_what_is_old_and_who_showed_that_they_know() -> None:
    throttle, keys = Throttle(), keys_of("Ada", "10.0.0.1")
    for number in range(PER_NAME):
        assert throttle.wait_s(keys, NOW) == 0
        throttle.failed(keys, NOW + timedelta(seconds=number))
    assert throttle.wait_s(keys, NOW + timedelta(minutes=1)) == WINDOW.total_seconds() - 60 + 1
    assert throttle.wait_s(keys_of("ADA", "10.0.0.2"), NOW) > 0
    assert throttle.wait_s(keys_of("Bo", "10.0.0.1"), NOW) == 0
    assert throttle.wait_s(keys, NOW + WINDOW) == 0
    throttle.forget(keys[0])
    assert throttle.wait_s(keys, NOW) == 0
