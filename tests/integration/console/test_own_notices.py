"""What one is told: each account chooses for itself, on its own page, and confirms its address by a link."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from operators.notices import confirming
from storage.accounts import Grant
from tests.integration.console.conftest import Office, opened, text_of

PAGE = "/me/notices"
LEA = "lea@anct.example"
SAID = {"email": LEA, "extent": "all", "rhythm": "digest", "lang": "en", "deadline": "selection", "approvals": "1"}


@pytest.fixture
def mailing(built: Path, tmp_path: Path) -> Iterator[Office]:
    said = {"notices_email": True, "smtp_host": "127.0.0.1", "smtp_port": 9, "mail_from": "parcours@x.example",
            "notices_url": "https://parcours.example"}  # fmt: skip
    with opened(built, tmp_path, **said) as office:
        yield office


@pytest.fixture
def lea(mailing: Office) -> TestClient:
    return mailing.entered(Grant("supervisor"), name="Léa")


def links(office: Office) -> list[str]:
    return [each.status for each in office.app.store.deliveries.listed().items if each.key.startswith("confirm:")]


def token_of(office: Office, name: str = "Léa") -> str:
    choice = office.app.store.notice_choices.of(office.account(name=name).id)
    assert choice is not None
    return confirming.secret_of(office.app, choice)


def test_address_is_kept_unconfirmed_and_a_link_is_sent_to_it(mailing: Office, lea: TestClient) -> None:
    assert "Vous ne recevez rien." in text_of(lea.get(PAGE))
    assert lea.post(PAGE, data=SAID).status_code == 303
    page = lea.get(PAGE)
    assert "à confirmer Suivez le lien envoyé à lea@anct.example" in text_of(page)
    assert links(mailing) == ["waiting"]
    choice = mailing.app.store.notice_choices.of(mailing.account(name="Léa").id)
    assert choice is not None
    assert (choice.extent, choice.rhythm, choice.lang, choice.deadlines) == ("all", "digest", "en", ("selection",))
    assert (choice.approvals, choice.confirmed_at) == (True, None)


def test_link_shows_a_button_which_confirms(mailing: Office, lea: TestClient) -> None:
    lea.post(PAGE, data=SAID)
    token = token_of(mailing)
    assert "Confirmer" in text_of(lea.get(f"{PAGE}/confirm?token={token}"))
    assert "à confirmer" in text_of(lea.get(PAGE))
    assert lea.post(f"{PAGE}/confirm", data={"token": token}).headers["location"] == PAGE
    assert "✓ adresse confirmée lea@anct.example" in text_of(lea.get(PAGE))


@pytest.mark.parametrize("token", ["", "0" * 64, "é"])
def test_another_link_confirms_nothing(mailing: Office, lea: TestClient, token: str) -> None:
    lea.post(PAGE, data=SAID)
    answer = lea.post(f"{PAGE}/confirm", data={"token": token})
    assert answer.status_code == 422
    assert "n’est plus valable" in text_of(answer)
    assert "à confirmer" in text_of(lea.get(PAGE))


def test_link_of_somebody_else_confirms_nothing(mailing: Office, lea: TestClient) -> None:
    lea.post(PAGE, data=SAID)
    other = mailing.entered(Grant("viewer"), name="Max")
    other.post(PAGE, data={**SAID, "email": "max@anct.example"})
    assert other.post(f"{PAGE}/confirm", data={"token": token_of(mailing)}).status_code == 422
    assert LEA not in other.get(PAGE).text


def test_other_choices_need_no_new_link_and_another_address_does(mailing: Office, lea: TestClient) -> None:
    lea.post(PAGE, data=SAID)
    lea.post(f"{PAGE}/confirm", data={"token": token_of(mailing)})
    lea.post(PAGE, data={**SAID, "rhythm": "each"})
    assert "adresse confirmée" in text_of(lea.get(PAGE))
    assert len(links(mailing)) == 1
    lea.post(PAGE, data={**SAID, "email": "autre@anct.example"})
    assert "Suivez le lien envoyé à autre@anct.example" in text_of(lea.get(PAGE))
    assert len(links(mailing)) == 2


def test_nobody_is_flooded_with_links(mailing: Office, lea: TestClient) -> None:
    for number in range(confirming.MOST_LINKS):
        assert lea.post(PAGE, data={**SAID, "email": f"x{number}@anct.example"}).status_code == 303
        lea.post(PAGE, data={"act": "none"})
    answer = lea.post(PAGE, data=SAID)
    assert answer.status_code == 422
    assert "Trop de liens" in text_of(answer)
    assert len(links(mailing)) == confirming.MOST_LINKS


@pytest.mark.parametrize("email", ["", "lea", "lea@", "lea@anct.example\nBcc: x@y.example", "a" * 300 + "@x.example"])
def test_what_is_no_address_is_a_sentence(mailing: Office, lea: TestClient, email: str) -> None:
    answer = lea.post(PAGE, data={**SAID, "email": email})
    assert answer.status_code == 422
    assert "pas une adresse" in text_of(answer)
    assert links(mailing) == []


def test_address_is_forgotten_when_nothing_more_is_wanted(mailing: Office, lea: TestClient) -> None:
    lea.post(PAGE, data=SAID)
    lea.post(PAGE, data={"act": "none"})
    assert "Vous ne recevez rien." in text_of(lea.get(PAGE))
    assert LEA not in lea.get(PAGE).text


def test_installation_that_sends_no_mail_says_so(office: Office) -> None:
    browser = office.entered(Grant("viewer"))
    assert "n’envoie pas d’avis aux comptes" in text_of(browser.get(PAGE))
    assert browser.post(PAGE, data=SAID).status_code == 422


def test_who_approves_nothing_is_not_asked_about_approvals(mailing: Office) -> None:
    assert "que je peux approuver" not in mailing.entered(Grant("viewer")).get(PAGE).text
    assert "que je peux approuver" in mailing.entered(Grant("supervisor")).get(PAGE).text
