"""One mail server, by every way to reach it: encrypted from the first byte, dripping, breaking off."""

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from threading import Thread

import pytest

from audit.mail_server import MailRefused, MailServer
from tests.receivers import Mailbox, mail_server

FROM, TO = "parcours@programme.example", ["a@ville.example", "b@ville.example"]


def message() -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = FROM, ", ".join(TO), "Avis"
    made.set_content("Bonjour")
    return made


@pytest.fixture
def identity(tmp_path: Path) -> tuple[Path, Path]:
    certificate, key = tmp_path / "server.pem", tmp_path / "server.key"
    words = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate, "-days", "2")  # fmt: skip
    subprocess.run(["openssl", *words], check=True, capture_output=True)
    return certificate, key


def test_message_goes_out_encrypted_from_the_first_byte_to_a_trusted_server_only(identity: tuple[Path, Path]) -> None:
    certificate, key = identity
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    mailbox = Mailbox()
    trusting = ssl.create_default_context(cafile=str(certificate))
    with mail_server(mailbox, ssl_context=context) as port:
        with pytest.raises(MailRefused, match="certificate") as refused:
            MailServer("127.0.0.1", port, "tls", timeout_s=5).send(message(), FROM, TO)
        assert refused.value.unreachable
        assert mailbox.messages == []
        server = MailServer("127.0.0.1", port, "tls", timeout_s=5, context=trusting)
        assert server.send(message(), FROM, TO) == 2
    assert mailbox.recipients == TO


def test_refusal_of_all_for_good_is_permanent_and_of_some_is_none() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port:
        server = MailServer("127.0.0.1", port, "none", timeout_s=5)
        mailbox.refuses = (TO[0],)
        assert server.send(message(), FROM, TO) == 1
        mailbox.refuses = tuple(TO)
        with pytest.raises(MailRefused, match="refused all 2") as refused:
            server.send(message(), FROM, TO)
    assert (refused.value.permanent, refused.value.unreachable) == (True, False)


def test_server_without_encryption_gets_nothing_where_encryption_is_wanted() -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as port, pytest.raises(MailRefused, match="SMTPNotSupportedError"):
        MailServer("127.0.0.1", port, "starttls", timeout_s=5).send(message(), FROM, TO)
    assert mailbox.messages == []


@contextmanager
def answering(*said: bytes, drips: bool = False) -> Iterator[int]:
    """A server that says this to whoever comes, then drips for ever or breaks off."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            taken, _ = listening.accept()
            with taken:
                taken.sendall(b"".join(said))
                while drips and not _is_closed(taken):
                    taken.sendall(b"x")

        def guarded() -> None:
            try:
                serve()
            except OSError:
                return

        thread = Thread(target=guarded, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(30)
        assert not thread.is_alive(), "the conversation goes on"


def _is_closed(taken: socket.socket) -> bool:
    import select

    readable, _, _ = select.select([taken], [], [], 0.05)
    return bool(readable) and taken.recv(65536) == b""


def test_server_that_drips_its_greeting_is_cut_off() -> None:
    """Each byte comes in time; the whole never would."""
    with answering(b"220 ", drips=True) as port, pytest.raises(MailRefused) as refused:
        MailServer("127.0.0.1", port, "none", timeout_s=0.2).send(message(), FROM, TO)
    assert refused.value.unreachable


@pytest.mark.parametrize("said", [b"", b"220 hello\r\n", b"554 not today\r\n"])
def test_server_that_breaks_off_or_wants_nobody_is_away(said: bytes) -> None:
    with answering(said) as port, pytest.raises(MailRefused) as refused:
        MailServer("127.0.0.1", port, "none", timeout_s=2).send(message(), FROM, TO)
    assert (refused.value.permanent, refused.value.unreachable) == (False, True)


def test_password_that_cannot_be_said_is_not_repeated() -> None:
    with mail_server(Mailbox()) as port:
        pass
    server = MailServer("127.0.0.1", port, "none", "ünï", "pässword")
    assert "pässword" not in repr(server)
    with pytest.raises(MailRefused) as refused:
        server.send(message(), FROM, TO)
    assert "pässword" not in str(refused.value)
