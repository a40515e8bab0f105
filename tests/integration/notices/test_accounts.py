"""Notices to accounts: to whom, what, when, within the roles of that moment; reminders of a person; approvals."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from app import initialise
from operators.console.accounts import add
from operators.notices import confirming
from settings import SHIPPED_DEFINITION, read_settings
from storage.accounts import Account, Grant
from storage.notice_choices import NoticeChoice
from tests.integration.console.conftest import APPROVALS
from tests.integration.notices.conftest import CANARY, MONDAY, SENDER, Office
from tests.receivers import Mailbox, mail_server
from tests.world import instant
from workflow.clock import VirtualClock
from workflow.commands import Decide, Remind, Reverse

LEA = "lea.roux@anct.example"
URL = "https://parcours.example"


def account(office: Office, name: str, *grants: Grant) -> Account:
    found = office.app().store.accounts.named(name)
    return found or add(office.app(), "Ada", name, grants, office.clock.now()).account


def choose(office: Office, who: Account, email: str = LEA, **said: Any) -> NoticeChoice:
    """An account chose, and confirmed its address."""
    now = office.clock.now()
    usual: dict[str, Any] = {"nonce": "0" * 32, "asked_at": now, "confirmed_at": now, "extent": "awaited",
                             "deadlines": (), "approvals": True, "lang": "fr", "rhythm": "each"}  # fmt: skip
    choice = NoticeChoice(account=who.id, email=email, **{**usual, **said})
    office.app().store.notice_choices.keep(choice)
    return choice


def received(office: Office, address: str = LEA) -> list[EmailMessage]:
    return [each for each in office.mailbox.messages if each["To"] == address]


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def remind(office: Office, reference: str = "P-1") -> None:
    office.app().engine.ask(Remind(reference=reference, deadline="selection", actor="Bo Martin"))


@pytest.fixture
def lea(office: Office) -> Account:
    """She is told what is awaited of hosts in Paris; P-1 is there, P-2 on Réunion, both to be reminded of."""
    office.said |= {"notices_url": URL}
    office.shown()
    office.shown("P-2", "974")
    who = account(office, "Léa", Grant("host", "75"))
    return who


def test_account_is_told_what_is_awaited_of_its_roles_where_it_holds_them(office: Office, lea: Account) -> None:
    choose(office, lea)
    office.until("2021-03-11T09:00")
    office.send()
    (message,) = received(office)
    assert "P-1" in message["Subject"]
    for kind in ("plain", "html"):
        assert f"{URL}/me/notices" in text_of(message, kind)
        assert "mardi 16 mars 2021" in text_of(message, kind)
    told = [each for each in office.log() if each.recipient.startswith("account:")]
    assert [(each.recipient, each.status) for each in told] == [(f"account:{lea.id}", "sent")]


def test_language_and_deadlines_are_the_accounts_own(office: Office, lea: Account) -> None:
    choose(office, lea, lang="en", deadlines=("selection",))
    other = account(office, "Max", Grant("host", "75"))
    choose(office, other, "max@anct.example", deadlines=("ami_application",))
    office.until("2021-03-11T09:00")
    office.send()
    assert [each["Subject"].startswith("Reminder") for each in received(office)] == [True]
    assert received(office, "max@anct.example") == []


def test_account_may_choose_all_that_it_reads(office: Office) -> None:
    office.shown()
    office.shown("P-2", "974")
    viewer = account(office, "Vi", Grant("viewer", "974"))
    choose(office, viewer, extent="all")
    nothing = account(office, "Nil", Grant("viewer"))
    choose(office, nothing, "nil@anct.example")
    office.until("2021-03-11T09:00")
    office.send()
    assert ["P-2" in each["Subject"] for each in received(office)] == [True]
    assert received(office, "nil@anct.example") == []


@pytest.mark.parametrize("why", ["role", "elsewhere", "disabled", "forgotten", "unconfirmed", "digest"])
def test_who_may_no_more_when_it_is_sent_is_told_nothing(office: Office, lea: Account, why: str) -> None:
    choice = choose(office, lea)
    office.until("2021-03-11T09:00")
    office.mailbox.answer = "451 4.3.0 not now"
    office.send()
    office.mailbox.answer = "250 OK"
    assert received(office) == []
    store = office.app().store
    with store.writing() as unit:
        if why == "role":
            unit.accounts.grant(lea.id, [Grant("viewer")])
        elif why == "elsewhere":
            unit.accounts.grant(lea.id, [Grant("host", "974")])
        elif why == "disabled":
            unit.accounts.disable(lea.id, office.clock.now())
    if why == "forgotten":
        store.notice_choices.forget(lea.id)
    elif why in ("unconfirmed", "digest"):
        changed = {"confirmed_at": None} if why == "unconfirmed" else {"deadlines": ("ami_application",)}
        choose(office, lea, choice.email, **changed)
    office.wait(hours=1)
    office.send()
    assert received(office) == []
    (told,) = (each for each in office.log() if each.recipient.startswith("account:"))
    assert told.status == "overtaken"


def test_digest_each_working_day_instead_of_each_notice(office: Office, lea: Account) -> None:
    choose(office, lea, rhythm="digest", lang="en")
    office.until("2021-03-15T09:00")
    office.send()
    (message,) = received(office)
    assert message["Subject"].startswith("Digest of Monday 15 March 2021")
    assert "P-1" in text_of(message)
    assert "P-2" not in text_of(message)
    office.wait(hours=2)
    office.send()
    assert len(received(office)) == 1


def test_address_of_the_settings_and_of_an_account_is_told_once(office: Office, lea: Account) -> None:
    choose(office, lea)
    office.said |= {"notices_to": [f"host/75={LEA.upper()}"]}
    office.until("2021-03-11T09:00")
    office.send()
    assert [each["To"] for each in office.mailbox.messages if each["To"].lower() == LEA] == [LEA.upper()]


def test_address_is_confirmed_by_its_link_and_nothing_goes_before(office: Office, lea: Account) -> None:
    new = choose(office, lea, confirmed_at=None)
    confirming.ask(office.app(), new)
    office.until("2021-03-11T09:00")
    office.send()
    (message,) = received(office)
    assert message["Subject"] == "Confirmez votre adresse"
    token = confirming.secret_of(office.app(), new)
    assert f"{URL}/me/notices/confirm?token={token}" in text_of(message)
    other = account(office, "Max", Grant("host", "75"))
    now = new.asked_at
    assert not confirming.confirm(office.app(), other.id, token, now)
    assert not confirming.confirm(office.app(), lea.id, token[:-1] + "x", now)
    assert not confirming.confirm(office.app(), lea.id, token, now + timedelta(days=4))
    assert confirming.confirm(office.app(), lea.id, token, now)
    remind(office)
    office.send()
    assert len(received(office)) == 2


def test_link_to_an_address_that_was_given_up_is_not_sent(office: Office, lea: Account) -> None:
    confirming.ask(office.app(), choose(office, lea, confirmed_at=None))
    office.app().store.notice_choices.forget(lea.id)
    office.send()
    assert received(office) == []


def test_no_address_of_an_account_is_in_logs_or_the_log_of_deliveries(office: Office, lea: Account, lines: Any) -> None:
    confirming.ask(office.app(), choose(office, lea, confirmed_at=None))
    choose(office, lea)
    office.mailbox.refuses = (LEA,)
    office.until("2021-03-11T09:00")
    office.send()
    assert "dead" in {each.status for each in office.log()}
    kept = "".join(repr(vars(record)) for record in lines()) + "".join(map(repr, office.log()))
    assert "lea.roux" not in kept


def test_erased_name_takes_its_address_with_it(office: Office, lea: Account) -> None:
    choose(office, lea)
    with office.app().store.writing() as unit:
        unit.accounts.forget(lea.id, office.clock.now())
    assert office.app().store.notice_choices.of(lea.id) is None


def test_person_reminds_those_who_are_awaited_and_the_history_keeps_it(office: Office) -> None:
    office.said |= {"notices_url": URL}
    office.shown()
    before = office.app().engine.view("P-1").facts
    remind(office)
    assert office.send().sent == 1
    (message,) = received(office, CANARY)
    assert message["Subject"].startswith("Rappel : ")
    assert "parcours fire P-1 select_candidate" in text_of(message)
    entry = list(office.app().queries.history("P-1"))[-1].chained().entry
    assert (entry.kind, entry.deadline, entry.due_at) == ("note", "selection", before.occurrences["selection"].due_at)
    after = office.app().engine.view("P-1").facts
    assert (after.revision, after.occurrences) == (before.revision, before.occurrences)
    office.until("2021-03-11T09:00")
    assert office.send().sent == 1
    assert len(received(office, CANARY)) == 2


def test_reminder_of_a_person_is_not_sent_once_the_deadline_is_met(office: Office) -> None:
    office.shown()
    remind(office)
    office.ask("P-1", "select_candidate", "host", selected_candidate_ref="C-P-1")
    assert office.send().overtaken == 1
    assert office.mailbox.messages == []


@pytest.fixture
def strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office under rules that ask for a second person."""
    (tmp_path / "states.yaml").write_text(SHIPPED_DEFINITION.read_text("utf-8") + APPROVALS, "utf-8")
    said: dict[str, Any] = {
        "database_url": f"sqlite:///{tmp_path}/parcours.db", "definition": str(tmp_path / "states.yaml"),
    }  # fmt: skip
    initialise(read_settings(said, environ={}), sandbox=True)
    monkeypatch.chdir(tmp_path)
    with ExitStack() as closing:
        ready = Office(tmp_path, VirtualClock(instant(MONDAY)), said, closing, Mailbox())
        port = closing.enter_context(mail_server(ready.mailbox))
        said |= {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "mail_from": SENDER,
                 "notices_email": True, "notices_timeout_s": 2.0, "notices_url": URL}  # fmt: skip
        yield ready


def asked(office: Office, actor: str) -> None:
    """A post whose last move this supervisor wants to have reversed: request no. 4."""
    office.shown(email=None)
    request = Reverse(reference="P-1", reason="entered_by_mistake", actor=actor, roles=("supervisor",))
    office.app().engine.ask(request)


def test_correction_that_waits_tells_those_who_may_approve_it_and_not_who_asked(strict: Office) -> None:
    bo = account(strict, "Bo", Grant("supervisor"))
    for name, grant in {"Lea": Grant("supervisor", "75"), "Max": Grant("supervisor", "974"), "Vi": Grant("viewer"),
                        "Tim": Grant("supervisor")}.items():  # fmt: skip
        choose(strict, account(strict, name, grant), f"{name.lower()}@x.example", approvals=name != "Tim")
    choose(strict, bo, "bo@x.example")
    asked(strict, "Bo")
    assert strict.send().sent == 1
    (message,) = strict.mailbox.messages
    assert (message["To"], message["Subject"]) == ("lea@x.example", "À approuver : annulation, dossier P-1")
    for kind in ("plain", "html"):
        said = text_of(message, kind)
        assert "parcours approve P-1 --request 4" in said
        assert f"{URL}/placements/P-1/requests/4" in said
        assert "annulation" in said


def test_correction_that_was_answered_meanwhile_is_told_no_more(strict: Office) -> None:
    choose(strict, account(strict, "Léa", Grant("supervisor")))
    asked(strict, "Bo")
    strict.mailbox.answer = "451 4.3.0 not now"
    strict.send()
    strict.mailbox.answer = "250 OK"
    decision = Decide(reference="P-1", verdict="approve", actor="Léa", roles=("supervisor",))
    strict.app().engine.ask(decision)
    strict.wait(hours=1)
    strict.send()
    assert strict.mailbox.messages == []
    assert [each.status for each in strict.log()] == ["overtaken"]


def test_digest_tells_of_corrections_that_wait(strict: Office) -> None:
    choose(strict, account(strict, "Léa", Grant("supervisor", "75")), rhythm="digest")
    asked(strict, "Bo")
    strict.send()
    (message,) = strict.mailbox.messages
    for kind in ("plain", "html"):
        assert "À approuver (1)" in text_of(message, kind)
        assert f"{URL}/placements/P-1/requests/4" in text_of(message, kind)
