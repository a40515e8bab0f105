"""Checkpoints by e-mail to named people: each of them then holds what no administrator can call back.

It refuses to know which checkpoints are due, and how a mail server is spoken to (mail_server.py).
"""

import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime

from audit.anchors import AnchorFailed, Receipt, digest_of
from audit.mail_server import MailRefused, MailServer, Security
from audit.notes import Checkpoint, parse_checkpoint, parse_note
from workflow.clock import Clock

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
            taken = self._server().send(message, self.sender, self.recipients)
        except MailRefused as error:
            raise AnchorFailed(str(error)) from None
        return Receipt(self.name, at, None, f"accepted for {taken} of {len(self.recipients)} recipients")

    def _server(self) -> MailServer:
        return MailServer(self.host, self.port, self.security, self.user, self.password, self.timeout_s, self.context)


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
