"""Corrections, dates, legal holds and reminders of many placements: through the same frozen and previewed batches."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from operators.batches.work import Work
from operators.plurals import counted
from storage.accounts import Grant
from tests.integration.console.conftest import Office, fire, opened, place, text_of
from tests.integration.console.test_batches import chosen, confirmed, ended, previewed
from workflow.commands import Place
from workflow.facts import Facts

OTHER = {"reason": "entered_by_mistake"}


def prepared(office: Office) -> None:
    """Three more posts in Paris, two of which have a candidate."""
    for number in range(1, 4):
        place(office.app, f"Q-{number}")
        if number > 1:
            fire(office.app, f"Q-{number}", "show_candidate", "platform", candidate_ref="C-1", candidate_name="Ana")


@pytest.fixture
def many(office: Office) -> Iterator[Office]:
    prepared(office)
    yield office
    work(office).end()


@pytest.fixture
def mailing(built: Path, tmp_path: Path) -> Iterator[Office]:
    """An office that sends e-mail: platforms are told, hosts at their own address where they have one."""
    said = {"notices_email": True, "notices_to": ("anct=suivi@anct.example",), "smtp_host": "127.0.0.1", "smtp_port": 9,
            "mail_from": "parcours@x.example", "notices_url": "https://parcours.example"}  # fmt: skip
    with opened(built, tmp_path, **said) as office:
        prepared(office)
        yield office
        work(office).end()


def work(office: Office) -> Work:
    made = office.console.inner.state.work
    assert isinstance(made, Work)
    return made


def facts(office: Office, reference: str) -> Facts:
    return office.app.engine.view(reference).facts


def done(office: Office, role: str, what: str, count: int, **said: str) -> str:
    """Preview and confirm it for Q-1, Q-2 and Q-3; the preview's text."""
    browser = office.entered(Grant(role))
    address = chosen(browser, "Q-1", "Q-2", "Q-3")
    preview = previewed(browser, address, what, **said)
    told = text_of(preview)
    assert f"Possible pour {counted(count, 'dossier|dossiers||', 'fr')} sur 3" in told, told
    assert confirmed(browser, address, what, preview, count).status_code == 303
    assert f"{counted(count, 'fait|faits||', 'fr')}, " in text_of(ended(office, browser, address))
    return told


def test_values_are_corrected_where_they_are_set(many: Office) -> None:
    done(many, "supervisor", "correct/amend", 3, **{"field.host_name": "Ville de Jour"}, **OTHER)
    assert {facts(many, name).fields["host_name"] for name in ("Q-1", "Q-2", "Q-3")} == {"Ville de Jour"}


def test_field_of_many_is_emptied_where_it_is_set(many: Office) -> None:
    done(many, "supervisor", "correct/amend", 3, **{"field.workplace_name": "Mairie"}, **OTHER)
    assert facts(many, "Q-1").fields["workplace_name"] == "Mairie"
    done(many, "supervisor", "correct/amend", 3, emptied="workplace_name", **OTHER)
    assert [facts(many, name).fields.get("workplace_name") for name in ("Q-1", "Q-2", "Q-3")] == [None] * 3
    browser = many.entered(Grant("supervisor"))
    both = {"emptied": "workplace_name", "field.workplace_name": "Poste", "step": "preview", **OTHER}
    refused = browser.post(f"{chosen(browser, 'Q-1')}/correct/amend", data=both)
    assert refused.status_code == 422
    assert "l'un ou l'autre" in text_of(refused).replace("’", "'")
    unknown = browser.post(f"{chosen(browser, 'Q-1')}/correct/amend", data={**both, "emptied": "nothing"})
    assert unknown.status_code < 500


def test_dates_of_a_deadline_are_changed_and_the_preview_says_from_which_to_which(many: Office) -> None:
    told = done(many, "supervisor", "deadlines/selection/extension", 2, by="2 days", **OTHER)
    assert "jeudi 25 mars 2021 → samedi 27 mars 2021" in told
    told = done(many, "supervisor", "deadlines/selection/move", 2, to="2021-04-20", **OTHER)
    assert "→ mardi 20 avril 2021" in told
    assert facts(many, "Q-2").occurrences["selection"].last_day.isoformat() == "2021-04-20"
    done(many, "supervisor", "deadlines/selection/pause", 2, **OTHER)
    assert "selection" in {each.name for each in many.app.engine.view("Q-2").deadlines if each.status == "paused"}
    done(many, "supervisor", "deadlines/selection/resume", 2, **OTHER)


def test_last_moves_are_reversed_and_mistakes_put_aside(many: Office) -> None:
    done(many, "supervisor", "correct/reverse", 2, **OTHER)
    assert facts(many, "Q-2").state == "ami_application"
    done(many, "supervisor", "correct/void", 3, **OTHER)
    assert {facts(many, name).state for name in ("Q-1", "Q-2", "Q-3")} == {"voided"}


def test_legal_hold_begins_and_ends_for_many(many: Office) -> None:
    done(many, "supervisor", "data/hold", 3, **OTHER)
    assert facts(many, "Q-2").held
    done(many, "supervisor", "data/release", 3, **OTHER)
    assert not facts(many, "Q-2").held


def test_reason_is_needed_and_a_day_that_is_none_is_a_sentence(many: Office) -> None:
    browser = many.entered(Grant("supervisor"))
    address = chosen(browser, "Q-2")
    assert "C’est nécessaire." in text_of(previewed(browser, address, "correct/void"))
    answer = previewed(browser, address, "deadlines/selection/move", to="demain", **OTHER)
    assert answer.status_code == 422
    assert "n’est pas une date" in text_of(answer)
    assert previewed(browser, address, "deadlines/nothing/move").status_code == 404


@pytest.mark.parametrize("what", ["correct/void", "deadlines/selection/pause", "data/hold"])
def test_corrections_of_many_are_for_who_may_correct(many: Office, what: str) -> None:
    browser = many.entered(Grant("operator"))
    address = chosen(browser, "Q-2")
    assert browser.get(f"{address}/{what}").status_code == 403
    assert previewed(browser, address, what, **OTHER).status_code == 403
    assert "Suspendre" not in browser.get(address).text
    assert "Rappeler" in browser.get(address).text


def test_role_of_a_part_corrects_that_part_alone(many: Office) -> None:
    browser = many.entered(Grant("operator"), Grant("supervisor", territory="974"))
    address = chosen(browser, "Q-2", "P-974")
    preview = text_of(previewed(browser, address, "correct/void", **OTHER))
    assert "Possible pour 1 dossier sur 2" in preview
    assert "Il ne vous est pas ouvert." in preview


def test_correction_that_needs_a_second_person_says_so_before_and_waits(strict_office: Office) -> None:
    prepared(strict_office)
    browser = strict_office.entered(Grant("supervisor"))
    address = chosen(browser, "Q-2")
    preview = previewed(browser, address, "correct/reverse", **OTHER)
    assert "Attendra l’approbation d’une autre personne." in text_of(preview)
    confirmed(browser, address, "correct/reverse", preview, 1)
    assert "attend une approbation" in text_of(ended(strict_office, browser, address))
    assert facts(strict_office, "Q-2").state == "candidate_shown"


def test_confirming_something_else_than_was_previewed_does_nothing(many: Office) -> None:
    browser = many.entered(Grant("supervisor"))
    address = chosen(browser, "Q-2")
    preview = previewed(browser, address, "deadlines/selection/move", to="2021-04-20", **OTHER)
    before = facts(many, "Q-2")
    assert confirmed(browser, address, "deadlines/selection/pause", preview, 1).status_code == 409
    assert confirmed(browser, address, "correct/void", preview, 1).status_code == 409
    assert facts(many, "Q-2") == before


def test_reminder_to_nobody_is_refused_and_a_deadline_that_does_not_run_too(mailing: Office) -> None:
    browser = mailing.entered(Grant("operator"))
    address = chosen(browser, "Q-1", "Q-2")
    told = text_of(previewed(browser, address, "remind/selection"))
    assert "Possible pour 0 dossier sur 2" in told
    assert "Personne n’a d’adresse." in told
    assert mailing.app.queries.notices().items == ()


def test_reminder_goes_into_the_outbox_once_and_into_the_history(mailing: Office) -> None:
    place(mailing.app, "R-1")
    fields = {"territory": "75", "host_name": "Ville", "host_siret": "13002603200016", "host_type": "COMMUNE",
              "host_email": "mairie@ville.example"}  # fmt: skip
    mailing.app.engine.place(Place(reference="R-2", fields=fields, actor="Import"))
    fire(mailing.app, "R-2", "grant_post", "anct", granted_on="2021-03-10")
    fire(mailing.app, "R-2", "show_candidate", "platform", candidate_ref="C-1", candidate_name="Ana")
    browser = mailing.entered(Grant("operator"), name="Bo Martin")
    address = chosen(browser, "R-1", "R-2")
    preview = previewed(browser, address, "remind/selection")
    told = text_of(preview)
    assert "Possible pour 1 dossier sur 2" in told
    assert "structure d’accueil (adresse du dossier)" in told
    assert "jeudi 25 mars 2021" in told
    confirmed(browser, address, "remind/selection", preview, 1)
    page = text_of(ended(mailing, browser, address))
    assert "1 fait" in page
    assert "Rappeler par courriel" in page
    (notice,) = mailing.app.queries.notices().items
    assert (notice.reference, notice.kind, notice.deadline, notice.status) == ("R-2", "note", "selection", "pending")
    assert "Rappel envoyé par une personne" in text_of(browser.get("/placements/R-2"))
    assert "mairie@" not in browser.get(f"{address}").text
