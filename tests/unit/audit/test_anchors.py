"""What is due goes out once per channel; what fails is tried again after a growing pause; the record survives."""

import json
import logging
import resource
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from audit.anchor_mail import MailAnchor, compose
from audit.anchor_record import opened_record
from audit.anchors import LONGEST_RETRY, AnchorFailed, Failures, Receipt, digest_of, send_pending
from operators.anchoring import anchored, channels_of
from settings import Settings, WrongUsage, masked, names, read_settings, smtp_password
from tests.unit.audit.evidence import lived
from workflow.clock import VirtualClock
from workflow.errors import IntegrityBroken, StoreUnavailable

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LOG = lived()
ONE, TWO = LOG.checkpoint(3), LOG.checkpoint(5)


@dataclass
class Channel:
    """A channel that keeps what it took, and can be broken."""

    name: str = "pigeon"
    broken: bool = False
    taken: list[bytes] = field(default_factory=list)
    attempts: int = 0

    def send(self, checkpoint: bytes) -> Receipt:
        self.attempts += 1
        if self.broken:
            raise AnchorFailed("the pigeon is ill")
        self.taken.append(checkpoint)
        return Receipt(self.name, NOW, b"feather", "arrived")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "anchors.jsonl"


def sent(path: Path, *channels: Channel, add: bytes | None = None, at: datetime = NOW, patient: bool = True) -> int:
    """Add a checkpoint and send what is due; how many attempts that made."""
    with opened_record(path) as record:
        if add is not None:
            record.add(add, [each.name for each in channels], at)
        return len(send_pending(record, channels, at, patient=patient))


def test_each_checkpoint_goes_out_once_per_channel(path: Path) -> None:
    pigeon, runner = Channel("pigeon"), Channel("runner")
    assert sent(path, pigeon, runner, add=ONE) == 2
    assert sent(path, pigeon, runner, add=ONE) == 0
    assert sent(path, pigeon, runner, add=TWO) == 2
    assert pigeon.taken == runner.taken == [ONE, TWO]


def test_channel_that_fails_leaves_the_other_alone_and_is_tried_again(path: Path) -> None:
    pigeon, runner = Channel("pigeon", broken=True), Channel("runner")
    sent(path, pigeon, runner, add=ONE)
    sent(path, pigeon, runner, add=TWO)
    assert (runner.taken, pigeon.taken) == ([ONE, TWO], [])
    pigeon.broken = False
    assert sent(path, pigeon, runner, at=NOW + timedelta(minutes=1)) == 2
    assert pigeon.taken == [ONE, TWO]


def test_failed_channel_rests_for_a_pause_that_doubles(path: Path) -> None:
    pigeon, at, pauses = Channel(broken=True), NOW, list[timedelta]()
    sent(path, pigeon, add=ONE, at=at)
    for _ in range(14):
        with opened_record(path) as record:
            retry_at = record.failures("pigeon").retry_at
        assert retry_at is not None
        assert sent(path, pigeon, at=retry_at - timedelta(seconds=1)) == 0
        assert sent(path, pigeon, at=retry_at) == 1
        pauses.append(retry_at - at)
        at = retry_at
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert pauses[-1] == LONGEST_RETRY


def test_person_who_asks_does_not_wait_for_the_pause(path: Path) -> None:
    pigeon = Channel(broken=True)
    sent(path, pigeon, add=ONE)
    pigeon.broken = False
    assert sent(path, pigeon, patient=False) == 1
    with opened_record(path) as record:
        assert record.failures("pigeon") == Failures()


def test_one_failure_ends_the_round_of_a_channel(path: Path) -> None:
    pigeon = Channel(broken=True)
    with opened_record(path) as record:
        record.add(ONE, ["pigeon"], NOW)
        record.add(TWO, ["pigeon"], NOW)
        send_pending(record, [pigeon], NOW)
    assert pigeon.attempts == 1


def test_new_channel_is_not_given_what_went_out_before_it(path: Path) -> None:
    sent(path, Channel("pigeon"), add=ONE)
    runner = Channel("runner")
    sent(path, Channel("pigeon"), runner, add=TWO)
    assert runner.taken == [TWO]


def test_receipts_come_back_with_their_checkpoint(path: Path) -> None:
    sent(path, Channel(), add=ONE)
    with opened_record(path) as record:
        assert list(record.receipts()) == [(ONE, Receipt("pigeon", NOW, b"feather", "arrived"))]


def test_success_and_failure_are_logged(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    sent(path, Channel("pigeon", broken=True), Channel("runner"), add=ONE)
    failed, done = caplog.records
    assert (failed.getMessage(), failed.__dict__["reason"]) == ("anchor.failed", "the pigeon is ill")
    assert (done.getMessage(), done.__dict__["checkpoint"]) == ("anchor.sent", digest_of(ONE))


def test_line_that_a_crash_cut_short_is_taken_away(path: Path) -> None:
    sent(path, Channel(), add=ONE)
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"v": 1, "event": "du')
    pigeon = Channel()
    sent(path, pigeon, add=TWO)
    assert pigeon.taken == [TWO]
    assert path.read_bytes().startswith(whole)
    assert [json.loads(line)["v"] for line in path.read_bytes().splitlines()] == [1, 1, 1, 1]


def test_full_disk_is_told_and_the_record_stays_whole(path: Path) -> None:
    sent(path, Channel(), add=ONE)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for room in (10, 0):
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + room, before[1]))
        try:
            with pytest.raises(StoreUnavailable, match="cannot be written"):
                sent(path, Channel(), add=TWO)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    pigeon = Channel()
    sent(path, pigeon, add=TWO)
    assert pigeon.taken == [TWO]


@pytest.mark.parametrize("line", [b"{}\n", b"no json\n", b"[1]\n"])
def test_damaged_record_is_refused(path: Path, line: bytes) -> None:
    path.write_bytes(line)
    with pytest.raises(IntegrityBroken, match="line 1"), opened_record(path):
        pass


def test_one_sender_at_a_time(path: Path) -> None:
    with opened_record(path), pytest.raises(StoreUnavailable, match="another process"), opened_record(path):
        pass


def test_record_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable, match="cannot be opened"), opened_record(tmp_path / "no" / "file"):
        pass


def test_mail_is_the_same_for_the_same_checkpoint() -> None:
    message = compose(ONE, "journal@parcours.example", ("a@ville.fr", "b@anct.fr"))
    assert message["Message-ID"] == f"<{digest_of(ONE)}@parcours.example>"
    parsed = message_from_bytes(message.as_bytes(), policy=default)
    body, (attached,) = parsed.get_body(), list(parsed.iter_attachments())
    assert body is not None
    assert ONE.decode().strip() in body.get_content()
    assert "Gardez ce message" in body.get_content()
    assert "Keep this message" in body.get_content()
    assert attached.get_content() == ONE


def test_password_is_in_no_text_of_the_channel() -> None:
    anchor = MailAnchor(VirtualClock(NOW), "localhost", 25, "a@b.fr", ("c@d.fr",), user="u", password="hunter2")
    assert "hunter2" not in repr(anchor)


def test_only_checkpoints_are_accepted(path: Path) -> None:
    settings = Settings(smtp_host="localhost", mail_from="a@b.fr", mail_to=("c@d.fr",), anchor_record=path)
    with pytest.raises(IntegrityBroken):
        anchored(settings, b"no note")
    assert not path.exists()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "No channel"),
        ({"smtp_host": "h"}, "mail_from"),
        ({"smtp_host": "h", "mail_from": "a@b.fr"}, "mail_to"),
        ({"smtp_host": "h", "mail_from": "a@b.fr", "mail_to": ("c@d.fr",), "smtp_user": "u"}, "password"),
        ({"timestamp_url": "https://tsa.example"}, "timestamp_roots"),
    ],
)
def test_channel_that_is_half_set_is_wrong_usage(
    said: dict[str, object], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PARCOURS_SMTP_PASSWORD", raising=False)
    with pytest.raises(WrongUsage) as refused:
        channels_of(Settings.model_validate(said), VirtualClock(NOW))
    assert why in refused.value.message_en


def test_password_never_goes_out_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARCOURS_SMTP_PASSWORD", "hunter2")
    said = Settings(smtp_host="h", mail_from="a@b.fr", mail_to=("c@d.fr",), smtp_user="u", smtp_security="none")
    with pytest.raises(WrongUsage, match="en clair"):
        channels_of(said, VirtualClock(NOW))


def test_password_is_read_from_variable_or_private_file_only(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("hunter2\n")
    secret.chmod(0o644)
    settings = Settings(smtp_password_file=secret)
    with pytest.raises(WrongUsage, match="chmod 600"):
        smtp_password(settings, {})
    secret.chmod(0o600)
    assert smtp_password(settings, {}) == "hunter2"
    assert smtp_password(settings, {"PARCOURS_SMTP_PASSWORD": "other"}) == "other"
    assert smtp_password(Settings(), {}) is None
    with pytest.raises(WrongUsage, match="absent"):
        smtp_password(Settings(smtp_password_file=tmp_path / "absent"), {})


def test_password_is_no_setting_that_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read_settings(environ={"PARCOURS_SMTP_PASSWORD": "hunter2", "PARCOURS_TIMESTAMP_URL": "https://u:pw@t/"})
    shown = {name: masked(name, settings) for name in names()}
    assert "hunter2" not in str(shown)
    assert shown["timestamp_url"] == "https://u:***@t/"


@pytest.mark.parametrize("address", ["nobody", "a@b.fr\nBcc: x@y.fr", "A <a@b.fr>", "@b.fr"])
def test_address_that_is_none_is_wrong_usage(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongUsage, match="PARCOURS_MAIL_TO"):
        read_settings(environ={"PARCOURS_MAIL_TO": address})
