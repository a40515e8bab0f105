"""Checkpoints by e-mail to named people: each of them then holds what no administrator can call back.

It refuses to know which checkpoints are due, and to say a password, or an address, to anybody but the server.
"""

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

from audit.anchors import AnchorFailed, Receipt, digest_of
from audit.notes import Checkpoint, parse_checkpoint, parse_note
from workflow.clock import Clock

Security = Literal["starttls", "tls", "none"]

_TEXT = """\
Bonjour,

Voici un point de contrôle du journal {origin} : {size} lignes.
Gardez ce message. Il prouvera un jour que rien de ce qui le précède n'a été réécrit :
enregistrez la pièce jointe et donnez-la à verify.py (--checkpoint).

This is a checkpoint of the log {origin}: {size} lines.
Keep this message. One day it will prove that nothing before it was rewritten:
save the attachment and give it to verify.py (--checkpoint).

SHA-256 : {digest}

{note}"""


@dataclass(frozen=True)
class MailAnchor:
    """Sends through one server. `security`: `starttls`, `tls` from the first byte, or `none`, without a password."""

    clock: Clock
    host: str
    port: int
    sender: str
    recipients: tuple[str, ...]
    security: Security = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_s: float = 20.0
    context: ssl.SSLContext | None = field(default=None, repr=False)
    name: str = "email"

    def send(self, checkpoint: bytes) -> Receipt:
        """Hand the checkpoint to the mail server, which takes it for one recipient at least. Raises AnchorFailed."""
        at = self.clock.now()
        message = compose(checkpoint, self.sender, self.recipients)
        message["Date"] = format_datetime(at)
        try:
            with self._connected() as server:
                refused = server.send_message(message, self.sender, self.recipients)
        except smtplib.SMTPRecipientsRefused as error:
            raise AnchorFailed(f"the mail server refused all {len(error.recipients)} recipients") from None
        except smtplib.SMTPResponseException as error:
            # Never its text: it may repeat an address.
            raise AnchorFailed(f"the mail server answered {error.smtp_code}") from None
        except smtplib.SMTPException as error:
            raise AnchorFailed(f"the mail server would not do ({type(error).__name__})") from None
        except UnicodeError:
            # Its text would hold the password.
            raise AnchorFailed("the mail account's name or password has characters other than ASCII") from None
        except OSError as error:
            raise AnchorFailed(f"the mail server was not reached ({error.strerror or type(error).__name__})") from None
        count = len(self.recipients)
        return Receipt(self.name, at, None, f"accepted for {count - len(refused)} of {count} recipients")

    def _connected(self) -> smtplib.SMTP:
        context = self.context or ssl.create_default_context()
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_s, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_s)
        try:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user is not None and self.password is not None and self.security != "none":
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def compose(checkpoint: bytes, sender: str, recipients: tuple[str, ...]) -> EmailMessage:
    """The message, but for its date: the same for the same checkpoint, so that one sent again is known as such.

    Raises IntegrityBroken for what is no checkpoint.
    """
    told, digest = _read(checkpoint), digest_of(checkpoint)
    message = EmailMessage()
    message["From"], message["To"] = sender, ", ".join(recipients)
    message["Subject"] = f"{told.origin} : point de contrôle, checkpoint {told.size}"
    message["Message-ID"] = f"<{digest}@{sender.rpartition('@')[2].rstrip('>')}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    note = checkpoint.decode()
    message.set_content(_TEXT.format(origin=told.origin, size=told.size, digest=digest, note=note))
    message.add_attachment(
        checkpoint, maintype="application", subtype="octet-stream", filename=f"checkpoint-{told.size}"
    )
    return message


def _read(checkpoint: bytes) -> Checkpoint:
    return parse_checkpoint(parse_note(checkpoint).text)
