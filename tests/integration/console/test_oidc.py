"""Signing in by an identity provider that is strict, over real HTTP: who is let in, who is not, and leaving."""

import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx2
import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from app import open_app
from operators.console.accounts import add, invite
from operators.console.app import make_console
from settings import Settings, WrongUsage, read_settings
from storage.accounts import Grant
from tests.identity_provider import (
    CLIENT,
    SECRET,
    Claims,
    IdentityProvider,
    provider_on_loopback,
    signed_by_another,
    signed_by_secret,
    signed_with,
    unsigned,
)
from tests.integration.console.conftest import NOW, Office, text_of
from workflow.clock import VirtualClock

BACK, LEFT = "http://localhost/login/oidc/back", "http://localhost/login"
REAL = datetime(2026, 1, 5, 8, tzinfo=UTC)


@dataclass
class Federation:
    """A console, and the provider that people sign in by."""

    office: Office
    provider: IdentityProvider

    def invitation(self, name: str = "Zoé", role: str = "viewer") -> str:
        """The secret of a one-time link to an account, made where there is none."""
        office = self.office
        if office.app.store.accounts.named(name) is None:
            return add(office.app, "Ada Admin", name, (Grant(role),), office.real.now()).token
        return invite(office.app, "Ada Admin", name, office.real.now()).token

    def linked(self, name: str = "Zoé") -> None:
        """An account that the provider's person was linked to."""
        assert self.sign_in(self.office.browser(), token=self.invitation(name)).status_code == 303

    def at_provider(self, browser: TestClient, **query: str) -> str:
        """Begin, and sign in at the provider; gives the address that it sends the browser back to."""
        begun = browser.get("/login/oidc", params=query)
        assert begun.status_code == 303, begun.text
        answer = httpx2.get(begun.headers["location"])
        assert answer.status_code == 303, answer.text
        address = answer.headers["location"]
        assert address.startswith(BACK)
        return f"{urlsplit(address).path}?{urlsplit(address).query}"

    def sign_in(self, browser: TestClient, **query: str) -> Response:
        return browser.get(self.at_provider(browser, **query))


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "oidc-secret"
    path.touch(0o600)
    path.write_text(SECRET + "\n")
    return path


@pytest.fixture
def settings(built: Path, tmp_path: Path, secret_file: Path) -> Settings:
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return Settings(
        database_url=f"sqlite:///{tmp_path}/parcours.db", actor="Ada", oidc_client_id=CLIENT,
        oidc_client_secret_file=secret_file, oidc_scopes=("openid", "idp_id"),
    )  # fmt: skip


@pytest.fixture
def federation(settings: Settings) -> Iterator[Federation]:
    with federated(settings) as made:
        yield made


class federated:  # noqa: N801 - a context manager, used as a function
    """A console with these settings, and its provider."""

    def __init__(self, settings: Settings, **more: object) -> None:
        self._settings, self._more = settings, more

    def __enter__(self) -> Federation:
        real = VirtualClock(REAL)
        self._provider = provider_on_loopback(real.now, BACK, LEFT)
        provider = self._provider.__enter__()
        settings = self._settings.model_copy(update={"oidc_issuer": provider.issuer, **self._more})
        self._app = open_app(settings=settings, clock=VirtualClock(NOW))
        office = Office(self._app, VirtualClock(NOW), real, make_console(self._app, real=real))
        office.account(Grant("admin"), name="Ada Admin")
        return Federation(office, provider)

    def __exit__(self, *error: object) -> None:
        self._app.close()
        self._provider.__exit__(None, None, None)


def is_in(browser: TestClient) -> bool:
    return browser.get("/due").status_code == 200


def test_invited_person_is_linked_once_and_signs_in_from_then_on(federation: Federation) -> None:
    token = federation.invitation()
    first = federation.office.browser()
    assert "ProConnect" in first.get("/welcome", params={"token": token}).text
    assert federation.sign_in(first, token=token).headers["location"] == "/"
    assert is_in(first)
    again = federation.office.browser()
    assert 'href="/login/oidc?next=/placements"' in again.get("/login?next=/placements").text
    assert federation.sign_in(again, next="/placements").headers["location"] == "/placements"
    assert is_in(again)
    with federation.office.app.store.seals.reading() as reading:
        acts = [row.data for row in reading.acts() if row.data is not None]
    assert sum(b'"account_linked"' in data for data in acts) == 1
    assert not any("Zoé".encode() in data or b"sub-1" in data for data in acts)


def test_link_serves_once(federation: Federation) -> None:
    token = federation.invitation()
    assert federation.sign_in(federation.office.browser(), token=token).status_code == 303
    spent = federation.sign_in(federation.office.browser(), token=token)
    assert (spent.status_code, "ne sert plus" in spent.text) == (403, True)


def test_person_whom_nobody_invited_is_told_so_and_no_account_is_made(federation: Federation) -> None:
    before = federation.office.app.store.accounts.listed()
    browser = federation.office.browser()
    answer = federation.sign_in(browser)
    assert answer.status_code == 403
    assert "aucun compte ne vous est ouvert" in text_of(answer)
    assert not is_in(browser)
    assert federation.office.app.store.accounts.listed() == before


def test_same_subject_of_another_provider_behind_is_another_person(federation: Federation) -> None:
    federation.linked()
    federation.provider.person["idp_id"] = "idp-b"
    assert federation.sign_in(federation.office.browser()).status_code == 403


def test_identity_opens_one_account_only(federation: Federation) -> None:
    federation.linked()
    answer = federation.sign_in(federation.office.browser(), token=federation.invitation("Yann"))
    assert answer.status_code == 403
    assert "déjà un autre compte" in answer.text


def test_disabled_account_is_closed_to_its_identity_too(federation: Federation) -> None:
    federation.linked()
    account = federation.office.app.store.accounts.named("Zoé")
    assert account is not None
    with federation.office.app.store.writing() as unit:
        unit.accounts.disable(account.id, federation.office.real.now())
    assert federation.sign_in(federation.office.browser()).status_code == 403


SPOILT: dict[str, Callable[[Claims], Claims]] = {
    "nonce": lambda claims: claims | {"nonce": "another one, of another login of somebody"},
    "no nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "audience": lambda claims: claims | {"aud": "another-client"},
    "authorised party": lambda claims: claims | {"aud": [CLIENT, "other"], "azp": "other"},
    "issuer": lambda claims: claims | {"iss": "https://idp.example"},
    "expired": lambda claims: claims | {"exp": claims["exp"] - 200},
    "no end": lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    "made later": lambda claims: claims | {"iat": claims["iat"] + 3600},
    "no subject": lambda claims: {name: value for name, value in claims.items() if name != "sub"},
    "another subject": lambda claims: claims | {"sub": "sub-2"},
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_token_that_is_not_for_this_login_lets_nobody_in(
    federation: Federation, spoil: Callable[[Claims], Claims], caplog: pytest.LogCaptureFixture
) -> None:
    federation.linked()
    federation.provider.spoil = spoil
    browser = federation.office.browser()
    with caplog.at_level(logging.WARNING):
        assert federation.sign_in(browser).status_code == 403
    assert "login.refused" in [line.message for line in caplog.records]
    assert not is_in(browser)


@pytest.mark.parametrize("sign", [unsigned, signed_by_secret, signed_by_another, lambda claims: "no.token.at all"])
def test_token_that_the_provider_did_not_sign_lets_nobody_in(
    federation: Federation, sign: Callable[[Claims], str]
) -> None:
    federation.linked()
    federation.provider.sign = sign
    assert federation.sign_in(federation.office.browser()).status_code == 403
    federation.provider.sign, federation.provider.sign_person = None, sign
    assert federation.sign_in(federation.office.browser()).status_code == 403


@pytest.mark.parametrize("name", ["audience", "issuer", "expired", "no subject", "another subject"])
def test_userinfo_that_is_another_s_lets_nobody_in(federation: Federation, name: str) -> None:
    federation.linked()
    federation.provider.spoil_person = SPOILT[name]
    assert federation.sign_in(federation.office.browser()).status_code == 403


def test_answer_serves_once_and_only_the_browser_that_asked(federation: Federation) -> None:
    federation.linked()
    browser, other = federation.office.browser(), federation.office.browser()
    address = federation.at_provider(browser)
    assert other.get(address).status_code == 403
    kept = browser.cookies["parcours-login"]
    assert browser.get(address).status_code == 303
    assert "parcours-login" not in browser.cookies
    assert browser.get(address).status_code == 403, "the browser forgot it"
    thief = federation.office.browser()
    thief.cookies.set("parcours-login", kept, domain="localhost.local")
    assert thief.get(address).status_code == 403, "the provider takes a code once"
    assert not is_in(thief)


@pytest.mark.parametrize("change", [{"state": "x" * 43}, {"iss": "https://idp.example"}, {"code": "made-up"}])
def test_answer_with_another_word_lets_nobody_in(federation: Federation, change: dict[str, str]) -> None:
    federation.linked()
    browser = federation.office.browser()
    path, _, query = federation.at_provider(browser).partition("?")
    said = dict(each.split("=") for each in query.split("&")) | change
    assert browser.get(f"{path}?{urlencode(said)}").status_code == 403
    assert not is_in(browser)


def test_refusal_of_the_provider_is_a_sentence(federation: Federation) -> None:
    browser = federation.office.browser()
    federation.at_provider(browser)
    state = federation.provider.asked[-1]["state"]
    answer = browser.get("/login/oidc/back", params={"error": "access_denied", "state": state})
    assert (answer.status_code, "n’a pas abouti" in answer.text) == (403, True)


def test_keys_of_the_provider_may_change(federation: Federation) -> None:
    federation.linked()
    retired = federation.provider.key
    federation.provider.rotate()
    assert federation.sign_in(federation.office.browser()).status_code == 303
    federation.provider.sign = lambda claims: signed_with(retired, claims)
    assert federation.sign_in(federation.office.browser()).status_code == 403, "a key that is published no longer"


def test_provider_that_does_not_sign_its_userinfo_is_believed_about_the_same_subject(federation: Federation) -> None:
    federation.provider.plain_person = True
    federation.linked()
    federation.provider.spoil_person = SPOILT["another subject"]
    assert federation.sign_in(federation.office.browser()).status_code == 403


@pytest.mark.parametrize(
    ("said", "known", "sent"), [("auto", True, True), ("auto", False, False), ("off", True, False)]
)
def test_challenge_is_sent_only_where_the_provider_knows_it(
    settings: Settings, said: str, known: bool, sent: bool
) -> None:
    with federated(settings, oidc_pkce=said) as federation:
        federation.provider.pkce = known
        federation.linked()
        assert ("code_challenge" in federation.provider.asked[-1]) is sent


def test_level_of_assurance_is_asked_for_and_verified(settings: Settings) -> None:
    with federated(settings, oidc_acr=("eidas2", "eidas3"), oidc_idp_hint="idp-a") as federation:
        token = federation.invitation()
        assert federation.sign_in(federation.office.browser(), token=token).status_code == 403
        assert '"eidas2"' in federation.provider.asked[-1]["claims"]
        assert federation.provider.asked[-1]["idp_hint"] == "idp-a"
        federation.provider.person["acr"] = "eidas2"
        assert federation.sign_in(federation.office.browser(), token=token).status_code == 303


def test_leaving_the_console_leaves_the_provider(federation: Federation) -> None:
    federation.linked()
    browser = federation.office.browser()
    federation.sign_in(browser)
    gone = browser.post("/logout")
    assert gone.headers["location"] == "/signed-out"
    assert not is_in(browser)
    page = browser.get("/signed-out")
    assert (page.status_code, page.headers["Refresh"]) == (200, "0; url=/signed-out/provider")
    away = browser.get("/signed-out/provider")
    answer = httpx2.get(away.headers["location"])
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(LEFT)
    assert federation.provider.ended == ["sub-1"]
    assert browser.get("/signed-out/provider").headers["location"] == "/login", "the token is forgotten"
    assert browser.get("/login", params={"state": "x"}).status_code == 200


def test_who_came_by_a_password_leaves_no_provider(federation: Federation) -> None:
    browser = federation.office.entered(Grant("viewer"))
    assert browser.post("/logout").headers["location"] == "/login"


def test_session_by_a_provider_ends_as_any_other(federation: Federation) -> None:
    federation.linked()
    browser = federation.office.browser()
    federation.sign_in(browser)
    federation.office.real.advance(timedelta(hours=13))
    assert not is_in(browser)


def test_provider_that_is_away_or_another_one_is_told_and_asked_again_later(federation: Federation) -> None:
    federation.provider.announced = "https://idp.example"
    answer = federation.office.browser().get("/login/oidc")
    assert (answer.status_code, "ne répond pas" in answer.text) == (502, True)
    federation.provider.announced = None
    assert federation.office.browser().get("/login/oidc").status_code == 502, "not at once"
    federation.office.real.advance(timedelta(seconds=6))
    assert federation.office.browser().get("/login/oidc").status_code == 303


def test_login_leads_to_no_other_site(federation: Federation) -> None:
    federation.linked()
    for address in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        assert federation.sign_in(federation.office.browser(), next=address).headers["location"] == "/"


def test_nobody_signs_in_over_a_network_without_tls(federation: Federation) -> None:
    names = ("parcours.example",)
    console = make_console(federation.office.app, real=federation.office.real)
    console._hosts |= frozenset(names)
    browser = TestClient(console, base_url="http://parcours.example", follow_redirects=False)
    assert browser.get("/login/oidc").status_code == 403


def test_guessing_is_slowed_down(federation: Federation) -> None:
    browser = federation.office.browser()
    answers = [browser.get("/login/oidc/back?code=x&state=y").status_code for _ in range(51)]
    assert set(answers[:50]) == {403}
    assert answers[50] == 429


def test_console_without_a_provider_has_no_such_pages(office: Office) -> None:
    browser = office.browser()
    assert "oidc" not in browser.get("/login").text
    assert browser.get("/login/oidc").status_code == 404
    assert browser.get("/login/oidc/back").status_code == 404


def test_provider_without_its_secret_keeps_the_console_from_starting(settings: Settings, secret_file: Path) -> None:
    issuer = {"oidc_issuer": "https://idp.example"}
    secret_file.chmod(0o644)
    with pytest.raises(WrongUsage, match="chmod 600"), federated(settings, **issuer):
        raise AssertionError("it starts")
    with pytest.raises(WrongUsage, match="oidc_client_secret_file"):
        federated(settings, oidc_client_secret_file=None).__enter__()


@pytest.mark.parametrize("wrong", ["http://idp.example", "idp.example", "ftp://127.0.0.1", "https://"])
def test_provider_without_tls_is_no_setting(wrong: str) -> None:
    with pytest.raises(WrongUsage, match="oidc"):
        read_settings({"oidc_issuer": wrong}, environ={})
