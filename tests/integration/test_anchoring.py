"""Checkpoints that really leave: by SMTP to a server on loopback, and to a time-stamp authority run by openssl."""

import json
import logging
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from app import open_app
from audit.anchor_mail import MailAnchor
from audit.anchor_record import opened_record
from audit.anchor_timestamps import TimeStampAnchor, load_roots, verified_time
from audit.anchors import AnchorFailed, digest_of, send_pending
from operators.anchoring import anchor_pending
from settings import read_settings
from tests.integration.conftest import Cli, place
from tests.unit.audit.evidence import lived
from tests.unit.audit.timestamping import Authority, authority
from workflow.clock import SystemClock, VirtualClock
from workflow.errors import IntegrityBroken

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LOG = lived()
ONE, TWO = LOG.checkpoint(3), LOG.checkpoint(5)
FROM, TO = "journal@parcours.example", ("auditeur@ville.example", "controle@anct.example")


class Mailbox:
    """What an SMTP server hands over: it keeps it, or answers as it is told to."""

    def __init__(self) -> None:
        self.received: list[Envelope] = []
        self.answer = "250 OK"
        self.refuses: tuple[str, ...] = ()

    async def handle_RCPT(self, server: object, session: object, envelope: Envelope, to: str, options: object) -> str:  # noqa: N802
        if to in self.refuses:
            return f"550 no such user {to}"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            self.received.append(envelope)
        return self.answer


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def port(mailbox: Mailbox) -> Iterator[int]:
    with served(mailbox) as number:
        yield number


class Server(Controller):
    """Takes a port that the system gives."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def served(mailbox: Mailbox, **options: object) -> Iterator[int]:
    """The port of an SMTP server on loopback."""
    controller = Server(mailbox, hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def by_mail(port: int) -> MailAnchor:
    return MailAnchor(VirtualClock(NOW), "127.0.0.1", port, FROM, TO, "none")


def test_mail_arrives_with_the_exact_checkpoint(mailbox: Mailbox, port: int) -> None:
    receipt = by_mail(port).send(ONE)
    (envelope,) = mailbox.received
    message = message_from_bytes(bytes(envelope.content or b""), policy=default)
    (attached,) = message.iter_attachments()
    assert (envelope.mail_from, tuple(envelope.rcpt_tos)) == (FROM, TO)
    assert message["Message-ID"] == f"<{digest_of(ONE)}@parcours.example>"
    assert attached.get_content() == ONE
    assert (receipt.at, receipt.token, receipt.detail) == (NOW, None, "accepted for 2 of 2 recipients")


def test_mail_is_sent_again_after_a_failure_with_the_same_id(mailbox: Mailbox, port: int, tmp_path: Path) -> None:
    mailbox.answer = "451 try later"
    at = NOW
    for answer in ("451 try later", "250 OK", "250 OK"):
        mailbox.answer = answer
        with opened_record(tmp_path / "anchors.jsonl") as record:
            record.add(ONE, ["email"], at)
            attempts = send_pending(record, [by_mail(port)], at)
        at += timedelta(minutes=2)
        assert [each.reason for each in attempts] in ([None], ["the mail server answered 451"], [])
    assert len(mailbox.received) == 1


def test_refused_recipients_are_counted_and_not_named(mailbox: Mailbox, port: int) -> None:
    mailbox.refuses = TO[:1]
    assert by_mail(port).send(ONE).detail == "accepted for 1 of 2 recipients"
    mailbox.refuses = TO
    with pytest.raises(AnchorFailed, match="refused all 2 recipients") as failed:
        by_mail(port).send(ONE)
    assert "@" not in str(failed.value)


def test_server_that_is_not_there_is_told(mailbox: Mailbox) -> None:
    with served(mailbox) as port:
        pass
    with pytest.raises(AnchorFailed, match="not reached"):
        by_mail(port).send(ONE)


def test_password_goes_out_after_starttls_only_to_a_trusted_server(mailbox: Mailbox, tmp_path: Path) -> None:
    certificate, key = tmp_path / "server.pem", tmp_path / "server.key"
    words = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate, "-days", "2")  # fmt: skip
    subprocess.run(["openssl", *words], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    seen: list[object] = []

    def authenticator(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
        seen.append(data)
        return AuthResult(success=isinstance(data, LoginPassword) and data.password == b"hunter2", handled=False)

    def anchor(port: int, password: str, trusted: ssl.SSLContext | None) -> MailAnchor:
        return MailAnchor(SystemClock(), "127.0.0.1", port, FROM, TO, "starttls", "u", password, context=trusted)

    trusting = ssl.create_default_context(cafile=str(certificate))
    with served(mailbox, tls_context=context, require_starttls=True, authenticator=authenticator) as port:
        with pytest.raises(AnchorFailed, match="certificate"):
            anchor(port, "hunter2", None).send(ONE)
        assert not seen
        anchor(port, "hunter2", trusting).send(ONE)
        with pytest.raises(AnchorFailed, match="answered 535") as failed:
            anchor(port, "secret-1", trusting).send(ONE)
        with pytest.raises(AnchorFailed, match="ASCII"):
            anchor(port, "sécret", trusting).send(ONE)
    assert len(mailbox.received) == 1
    assert "secret-1" not in str(failed.value)


Answering = Callable[[bytes], tuple[int, bytes]]


@contextmanager
def answering(answer: Answering) -> Iterator[str]:
    """The address of an HTTP server that answers what it is posted."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.headers["Content-Type"] == "application/timestamp-query"
            code, data = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(code)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsa"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tsa") / "ours")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("tsa") / "other")


def stamped(url: str, roots: Authority) -> TimeStampAnchor:
    return TimeStampAnchor(SystemClock(), url, load_roots(roots.root.read_bytes()), timeout_s=10)


def test_stamp_is_verified_and_kept(tsa: Authority, tmp_path: Path) -> None:
    path = tmp_path / "anchors.jsonl"
    with answering(lambda query: (200, tsa.answer(query))) as url:
        with opened_record(path) as record:
            record.add(ONE, ["rfc3161"], NOW)
            (attempt,) = send_pending(record, [stamped(url, tsa)], NOW)
        with opened_record(path) as record:
            assert not send_pending(record, [stamped(url, tsa)], NOW)
    assert attempt.receipt is not None
    assert attempt.receipt.detail.startswith("stamped at 20")
    with opened_record(path) as record:
        ((checkpoint, receipt),) = record.receipts()
    assert (checkpoint, receipt) == (ONE, attempt.receipt)
    assert receipt.token is not None
    (tmp_path / "kept.tsr").write_bytes(receipt.token)
    (tmp_path / "checkpoint").write_bytes(ONE)
    words = ("ts", "-verify", "-in", "kept.tsr", "-data", "checkpoint", "-CAfile", tsa.root)
    assert subprocess.run(["openssl", *words], cwd=tmp_path, capture_output=True).returncode == 0


def test_stamp_of_another_digest_is_refused(tsa: Authority) -> None:
    with answering(lambda query: (200, tsa.stamp(TWO))) as url, pytest.raises(AnchorFailed, match="another digest"):
        stamped(url, tsa).send(ONE)


def test_stamp_for_another_request_is_refused(tsa: Authority) -> None:
    with answering(lambda query: (200, tsa.stamp(ONE))) as url, pytest.raises(AnchorFailed, match="nonce is not ours"):
        stamped(url, tsa).send(ONE)


def test_stamp_of_an_untrusted_authority_is_refused(tsa: Authority, other: Authority) -> None:
    with (
        answering(lambda query: (200, other.answer(query))) as url,
        pytest.raises(AnchorFailed, match="none of the given roots"),
    ):
        stamped(url, tsa).send(ONE)


def test_stamp_with_a_changed_time_is_refused(tsa: Authority) -> None:
    request = TimestampRequestBuilder().data(ONE).hash_algorithm(HashAlgorithm.SHA256).build()
    answer = tsa.answer(request.as_bytes())
    roots = load_roots(tsa.root.read_bytes())
    at = verified_time(answer, request, ONE, roots)
    text = at.strftime("%Y%m%d%H%M").encode()
    with pytest.raises(AnchorFailed, match="none of the given roots"):
        verified_time(answer.replace(text, b"201001010000", 1), request, ONE, roots)


@pytest.mark.parametrize(
    ("code", "data", "why"),
    [
        (500, b"", "HTTP 500"),
        (200, b"<html>", "no time-stamp response"),
        (200, b"", "no time-stamp response"),
        (200, bytes.fromhex("30053003020102"), "refused"),
    ],
)
def test_answer_that_is_no_stamp_is_told(tsa: Authority, code: int, data: bytes, why: str) -> None:
    with answering(lambda query: (code, data)) as url, pytest.raises(AnchorFailed, match=why):
        stamped(url, tsa).send(ONE)


def test_authority_that_cannot_be_asked_is_told(tsa: Authority) -> None:
    with answering(lambda query: (200, b"")) as url:
        pass
    with pytest.raises(AnchorFailed, match="not reached"):
        stamped(url, tsa).send(ONE)
    with pytest.raises(AnchorFailed, match="neither"):
        stamped("file:///etc/passwd", tsa).send(ONE)


def test_file_without_roots_is_refused() -> None:
    with pytest.raises(IntegrityBroken, match="no certificate"):
        load_roots(b"")


def configured(**settings: object) -> None:
    lines = (f"{name} = {json.dumps(said)}\n" for name, said in settings.items())
    Path("parcours.toml").write_text("".join(lines))


def test_command_sends_by_both_channels_once(cli: Cli, mailbox: Mailbox, port: int, tsa: Authority) -> None:
    Path("checkpoint").write_bytes(ONE)
    with answering(lambda query: (200, tsa.answer(query))) as url:
        configured(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", mail_from=FROM, mail_to=list(TO),
                   timestamp_url=url, timestamp_roots=str(tsa.root))  # fmt: skip
        answer = cli("audit", "anchor", "--checkpoint", "checkpoint", "--json")
        again = cli("audit", "anchor", "--checkpoint", "checkpoint", "--lang", "en")
    assert [(each["channel"], each["sent"]) for each in answer.json] == [("email", True), ("rfc3161", True)]
    assert (again.code, again.out) == (0, "Nothing is due.\n")
    assert len(mailbox.received) == 1


def test_last_checkpoint_that_was_signed_goes_out_once_a_day(office: Cli, mailbox: Mailbox, port: int) -> None:
    configured(smtp_host="127.0.0.1", smtp_port=port, smtp_security="none", mail_from=FROM, mail_to=TO[0])
    assert office("audit", "anchor").out == "Rien n'est à envoyer.\n"
    for reference in ("A-1", "B-1"):
        place(office, reference)
        assert office("audit", "seal").code == 0
        assert office("audit", "anchor").code == 0
    assert len(mailbox.received) == 1
    assert office("audit", "anchor", "--anchor-interval", "0").code == 0
    first, second = (message_from_bytes(bytes(each.content or b""), policy=default) for each in mailbox.received)
    assert first["Message-ID"] != second["Message-ID"]
    assert office("audit", "verify").code == 0


def test_daemon_sends_what_is_due_and_never_stops_for_it(
    office: Cli, mailbox: Mailbox, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    place(office, "A-1")
    office("audit", "seal")
    logging.getLogger().addHandler(caplog.handler)
    with open_app() as app:
        assert anchor_pending(app) == []
    said = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_security": "none", "mail_from": FROM}
    with open_app(settings=read_settings({**said, "mail_to": list(TO)})) as app:
        assert [each.reason for each in anchor_pending(app)] == [None]
        assert anchor_pending(app) == []
    with open_app(settings=read_settings(said)) as app:
        assert anchor_pending(app) == []
    assert len(mailbox.received) == 1
    assert [each.getMessage() for each in caplog.records if each.levelname == "ERROR"] == ["anchor.failed"]


def test_command_tells_what_failed_and_sends_it_when_asked_again(cli: Cli, mailbox: Mailbox, port: int) -> None:
    Path("checkpoint").write_bytes(ONE)
    words = ("--smtp-host", "127.0.0.1", "--smtp-port", str(port), "--smtp-security", "none", "--mail-from", FROM,
             "--mail-to", TO[0])  # fmt: skip
    mailbox.answer = "451 try later"
    failed = cli("audit", "anchor", "--checkpoint", "checkpoint", *words)
    assert failed.code == 1
    assert "n'est pas parti (the mail server answered 451)" in failed.out
    mailbox.answer = "250 OK"
    assert "envoyé" in cli("audit", "anchor", *words).out
    assert len(mailbox.received) == 1
