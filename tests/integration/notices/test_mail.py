"""Notices by e-mail, through a real mail server: who receives what, when, and how often."""

from collections.abc import Callable
from datetime import date, timedelta
from logging import LogRecord
from typing import Any

import pytest

from operators.anchoring import anchor_pending, channels_of
from operators.notices.delivering import Delivered, deliver_pending
from operators.notices.schedule import LONGEST_RETRY
from settings import WrongUsage
from storage.deliveries import Deliveries
from tests.integration.notices.conftest import CANARY, NAME, SENDER, Office
from tests.receivers import Mailbox, mail_server, silent_server
from tests.world import instant
from workflow.commands import Adjust, Fire, Reverse, Void
from workflow.errors import StoreBusy

TUESDAY_MIDNIGHT = "2021-03-10T23:00"
"""When the first reminder falls, in Paris: five days before the end of the fifteen days."""


def reminded(office: Office, at: str = "2021-03-11T09:00") -> None:
    office.shown()
    office.until(at)


def test_reminder_reaches_the_host_and_says_all_that_it_should(office: Office) -> None:
    reminded(office)
    done = office.send(notices_url="https://parcours.example/")
    (message,) = office.mailbox.messages
    (delivery,) = office.log()
    assert (done.planned, done.sent) == (1, 1)
    assert (message["To"], message["From"]) == (CANARY, SENDER)
    assert message["Message-ID"] == f"<{delivery.key}@programme.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    for said in (
        "mardi 16 mars 2021",
        "mercredi 17 mars 2021 à 00:00, fuseau Europe/Paris (75, Paris)",
        "Durée : 15 jours, à compter du lendemain.",
        "parcours fire P-1 select_candidate --role host --set selected_candidate_ref=…",
        "parcours explain P-1 selection",
        "https://parcours.example/placements/P-1",
        "Poste vacant",
        "bac à sable",
    ):
        assert said in text.get_content(), said
        assert said in html.get_content(), said
    assert "Candidat présenté" in text.get_content()
    assert (delivery.status, delivery.recipient, office.statuses) == ("sent", "host", ["sent"])


def test_english_by_setting(office: Office) -> None:
    reminded(office)
    office.send(notices_lang="en")
    (message,) = office.mailbox.messages
    assert message["Subject"].startswith("Reminder: Fifteen days to choose, placement P-1, before the end of Tuesday")
    body = message.get_body(("plain",))
    assert body is not None
    assert "Due: Wednesday 17 March 2021 at 00:00, Europe/Paris time (75, Paris)" in body.get_content()


def test_what_people_typed_is_text_in_html(office: Office) -> None:
    office.shown("<b>P&1</b>")
    office.until("2021-03-11T09:00")
    office.send(notices_url="https://parcours.example")
    body = office.mailbox.messages[0].get_body(("html",))
    assert body is not None
    html = body.get_content()
    assert "&lt;b&gt;P&amp;1&lt;/b&gt;" in html
    assert "<b>" not in html
    assert "https://parcours.example/placements/%253Cb%253EP%25261%253C%252Fb%253E" in html


def test_nothing_leaves_at_night_or_on_a_day_off(office: Office) -> None:
    reminded(office, TUESDAY_MIDNIGHT)
    assert office.send().sent == 0
    assert office.log()[0].next_at == instant("2021-03-11T07:00")
    office.clock.at = instant("2021-03-11T06:59")
    assert office.send().sent == 0
    office.clock.at = instant("2021-03-11T07:00")
    assert office.send().sent == 1


def test_each_notice_is_sent_once_however_often_the_daemon_looks(office: Office) -> None:
    reminded(office)
    for _ in range(3):
        office.send()
        office.wait(hours=1)
    assert len(office.mailbox.messages) == 1


def test_those_who_are_awaited_are_told_and_nobody_else(office: Office) -> None:
    told = ["host=suivi@hotes.example", "host+anct/75+77=idf@anct.example", "host/971=ailleurs@anct.example",
            "anct=national@anct.example", "*=tout@programme.example", "host/75=SUIVI@hotes.example"]  # fmt: skip
    reminded(office)
    office.send(notices_to=told)
    assert sorted(office.mailbox.recipients) == sorted(
        [CANARY, "suivi@hotes.example", "idf@anct.example", "tout@programme.example"]
    )
    assert len({message["Message-ID"] for message in office.mailbox.messages}) == 1


def test_notice_without_anybody_to_tell_says_so(office: Office) -> None:
    office.shown(email=None)
    office.until("2021-03-11T09:00")
    assert office.send().planned == 0
    assert office.statuses == ["unaddressed"]


def test_message_that_was_not_taken_comes_again_under_the_same_id(office: Office) -> None:
    reminded(office)
    office.mailbox.answer = "451 try later"
    for pause in (timedelta(), timedelta(minutes=1), timedelta(minutes=2)):
        office.clock.advance(pause)
        assert office.send().failed == 1
        assert office.send().failed == 0, "the pause is kept"
    (waiting,) = office.log()
    assert (waiting.attempts, waiting.error) == (3, "the mail server answered 451")
    office.mailbox.answer = "250 OK"
    office.wait(minutes=4)
    assert office.send().sent == 1
    assert office.mailbox.messages[0]["Message-ID"] == f"<{waiting.key}@programme.example>"


def test_server_that_is_away_for_days_loses_nothing(office: Office) -> None:
    for number in range(5):
        office.shown(f"P-{number}")
    office.until("2021-03-11T09:00")
    with mail_server(Mailbox()) as port:
        pass
    office.said["smtp_port"], there = port, office.said["smtp_port"]
    for _ in range(24 * 2):
        office.send()
        office.wait(hours=1)
    assert office.mailbox.messages == []
    office.said["smtp_port"] = there
    for _ in range(24 * 3):
        office.send()
        office.wait(hours=1)
    assert len({message["Message-ID"] for message in office.mailbox.messages}) == 5
    assert {delivery.status for delivery in office.log()} == {"sent"}


def test_one_attempt_is_made_of_many_while_the_server_is_away(office: Office) -> None:
    for number in range(5):
        office.shown(f"P-{number}")
    office.until("2021-03-11T09:00")
    with mail_server(Mailbox()) as port:
        pass
    assert office.send(smtp_port=port).failed == 1
    assert sorted(delivery.attempts for delivery in office.log()) == [0, 0, 0, 0, 1]


def test_notice_that_nobody_takes_is_given_up_after_its_time(office: Office) -> None:
    reminded(office)
    office.mailbox.answer = "451 try later"
    passes = 0
    while not office.log() or office.log()[0].status == "waiting":
        office.send(notices_give_up_s=3 * 86400)
        office.wait(hours=1)
        passes += 1
        assert passes < 24 * 7
    (dead,) = office.log()
    assert (dead.status, dead.error) == ("dead", "the mail server answered 451")
    assert office.clock.at - dead.planned_at <= timedelta(days=3) + LONGEST_RETRY
    assert office.statuses == ["dead"]


def test_address_that_does_not_exist_is_given_up_at_once_and_named_nowhere(office: Office) -> None:
    reminded(office)
    office.mailbox.refuses = (CANARY,)
    assert office.send().dead == 1
    (dead,) = office.log()
    assert (dead.status, dead.attempts) == ("dead", 1)
    assert dead.error is not None
    assert "@" not in dead.error


def select(office: Office) -> None:
    office.ask("P-1", "select_candidate", "host", selected_candidate_ref="C-P-1")


def extend(office: Office) -> None:
    adjust(office, "extension", by="10 days")


def pause(office: Office) -> None:
    adjust(office, "pause", ground="force majeure")


def adjust(office: Office, kind: Any, **said: Any) -> None:
    how = {"reference": "P-1", "deadline": "selection", "reason": "other", "actor": "Ada", "roles": ("supervisor",)}
    office.app().engine.ask(Adjust(kind=kind, **how, **said))


def void(office: Office) -> None:
    office.app().engine.ask(Void(reference="P-1", reason="entered_by_mistake", actor="Ada", roles=("supervisor",)))


@pytest.mark.parametrize("act", [select, extend, pause, void])
def test_reminder_of_what_was_met_moved_paused_or_voided_is_not_sent(
    office: Office, act: Callable[[Office], None]
) -> None:
    reminded(office, TUESDAY_MIDNIGHT)
    assert office.send().planned == 1
    act(office)
    office.clock.at = instant("2021-03-11T09:00")
    assert office.send().overtaken == 1
    assert office.statuses == ["overtaken"]
    assert office.mailbox.messages == []


def test_lapse_is_told_and_the_reminders_that_came_too_late_are_not(office: Office) -> None:
    office.shown()
    office.until("2021-03-17T09:00")
    done = office.send()
    assert (done.planned, done.sent, done.overtaken) == (3, 1, 2)
    (message,) = office.mailbox.messages
    assert message["Subject"] == "Délai échu : Quinze jours pour choisir, dossier P-1"
    body = message.get_body(("plain",))
    assert body is not None
    assert "Conséquence, déjà inscrite" in body.get_content()
    assert "Poste vacant" in body.get_content()


def test_lapse_that_was_reversed_before_it_was_told_is_not_told(office: Office) -> None:
    office.shown()
    office.until("2021-03-16T23:00")
    office.send()
    until = date(2021, 4, 1)
    office.app().engine.ask(
        Reverse(reference="P-1", reason="other", actor="Ada", roles=("supervisor",), extend_to=until)
    )
    office.clock.at = instant("2021-03-17T09:00")
    office.send()
    assert not [message for message in office.mailbox.messages if "échu" in message["Subject"]]


def test_first_setting_up_does_not_flood_anybody(office: Office) -> None:
    office.shown()
    office.until("2021-04-20T09:00")
    assert office.statuses == ["pending"] * 3
    assert office.send().sent == 0
    assert office.statuses == ["overtaken"] * 3
    assert office.log() == ()


def test_nothing_is_sent_while_the_brake_holds(office: Office) -> None:
    reminded(office)
    office.app(brake="on").engine.beat()
    office.wait(days=100)
    assert office.send(brake="on").planned == 0
    assert office.mailbox.messages == []


def test_server_that_never_says_a_word_is_left_alone_after_its_time(office: Office) -> None:
    reminded(office)
    with silent_server() as port:
        assert office.send(smtp_port=port, notices_timeout_s=0.2).failed == 1
    assert office.log()[0].error == "the mail server broke off, or was silent for too long"


def test_server_that_hangs_after_it_has_taken_a_message_has_taken_it(office: Office) -> None:
    """What is owed is an answer to QUIT alone: to send the message again would be a repeat for nothing."""
    reminded(office)

    sulking = Mailbox()
    sulking.sulks = True
    with mail_server(sulking) as port:
        assert office.send(smtp_port=port, notices_timeout_s=0.2).sent == 1
    assert len(sulking.messages) == 1


@pytest.mark.parametrize("said", [{"smtp_host": None}, {"mail_from": None}, {"smtp_user": "u"}])
def test_mail_server_that_is_half_set_is_wrong_usage(office: Office, said: dict[str, Any]) -> None:
    reminded(office)
    for name in said:
        office.said.pop(name, None)
    with pytest.raises(WrongUsage):
        office.send(**{name: value for name, value in said.items() if value})
    assert office.statuses == ["pending"]


def test_daemon_says_what_is_half_set_and_goes_on(office: Office, lines: Callable[[], list[LogRecord]]) -> None:
    reminded(office)
    office.said.pop("mail_from")
    assert deliver_pending(office.app()) == Delivered()
    (failed,) = (line for line in lines() if line.getMessage() == "notices.failed")
    assert "mail_from" in vars(failed)["reason"]
    assert deliver_pending(office.app(notices_email=False)) == Delivered()


def test_checkpoints_need_no_recipients_where_the_mail_server_is_there_for_notices(office: Office) -> None:
    assert anchor_pending(office.app()) == []
    with pytest.raises(WrongUsage, match="Aucun canal"):
        channels_of(office.app().settings, office.clock)


def test_date_that_the_deadline_has_no_more_is_told_without_steps_that_give_another(office: Office) -> None:
    """It lapsed on the 16th of March; a new candidate is shown before that can be told, and the clock runs anew."""
    office.shown()
    office.until("2021-03-16T23:00")
    office.send()
    office.ask("P-1", "show_candidate", "platform", candidate_ref="C-2", candidate_name=NAME)
    office.clock.at = instant("2021-03-17T09:00")
    office.send()
    (lapse,) = (message for message in office.mailbox.messages if "échu" in message["Subject"])
    body = lapse.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "Échéance : mercredi 17 mars 2021 à 00:00" in text
    assert "Comment cette date est calculée" not in text
    assert "Candidat présenté" in text


def test_what_meets_a_deadline_is_among_what_can_be_done(office: Office) -> None:
    """The equipment is awaited of the host within thirty days in post, and confirming it changes no state."""
    office.clock.at = instant("2021-01-04T09:00")
    office.shown()
    office.ask("P-1", "select_candidate", "host", selected_candidate_ref="C-P-1")
    office.ask("P-1", "contact_training_body", "host", training_body="Simplon", training_body_contacted_on="2021-01-04")
    office.ask(
        "P-1", "sign_contract", "host", contract_signed_on="2021-01-04", contract_type="CDI",
        contract_starts_on="2021-01-04", monthly_gross="2000",
    )  # fmt: skip
    office.app().engine.fire(
        Fire(reference="P-1", trigger="exempt_from_training", actor="Ada", roles=("anct",), reason="certificate_held")
    )
    office.until("2021-02-04T09:00")
    office.send()
    (message,) = office.mailbox.messages
    assert message["Subject"] == "Délai dépassé : Équipement du conseiller, dossier P-1"
    body = message.get_body(("plain",))
    assert body is not None
    assert "parcours fire P-1 confirm_equipment --role host" in body.get_content()
    assert "Sans cela" not in body.get_content(), "nothing fires by itself"


def test_digest_and_mail_taken_out_of_the_settings_are_not_sent_any_more(office: Office) -> None:
    reminded(office)
    office.mailbox.answer = "451 try later"
    office.send(digest_to=[f"*={SENDER}"])
    office.mailbox.answer = "250 OK"
    office.wait(minutes=5)
    assert office.send(digest_to=["*=autre@anct.example"], notices_email=False).sent == 1
    assert office.mailbox.recipients == ["autre@anct.example"]
    assert sorted(str(each.error) for each in office.log()) == [
        "None", "no e-mail is set any more", "nobody is set for this digest any more"]  # fmt: skip


def test_busy_database_only_puts_the_daemon_s_notices_off(
    office: Office, lines: Callable[[], list[LogRecord]], monkeypatch: pytest.MonkeyPatch
) -> None:
    reminded(office)

    def busy(self: Deliveries, *said: Any) -> None:
        raise StoreBusy("a sweep writes")

    with monkeypatch.context() as patch:
        patch.setattr(Deliveries, "plan", busy)
        assert deliver_pending(office.app()) == Delivered()
    assert [line.levelname for line in lines() if line.getMessage() == "notices.postponed"] == ["INFO"]
    assert deliver_pending(office.app()).sent == 1
