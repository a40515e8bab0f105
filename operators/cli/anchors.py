"""`audit anchor`: send checkpoints out. Opens no database."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from operators.cli.command import SIGNING, command, new_commands
from operators.cli.session import Session

if TYPE_CHECKING:
    from audit.anchors import Attempt
    from operators.cli.output import Page

commands = new_commands()

MAIL: dict[str, Any] = {
    "mail_from": Annotated[str | None, typer.Option("--mail-from", metavar="ADDRESS", help="The sender's address.")],
    "smtp_host": Annotated[str | None, typer.Option("--smtp-host", metavar="HOST", help="The mail server.")],
    "smtp_port": Annotated[int | None, typer.Option("--smtp-port", metavar="PORT", help="Its port.")],
    "smtp_security": Annotated[
        Literal["starttls", "tls", "none"] | None,
        typer.Option("--smtp-security", help="How the connection is encrypted."),
    ],
    "smtp_user": Annotated[str | None, typer.Option("--smtp-user", metavar="NAME", help="The mail account's name.")],
    "smtp_password_file": Annotated[
        Path | None, typer.Option("--smtp-password-file", metavar="FILE", help="The file of its password.")
    ],
}
"""The mail server, which checkpoints and notices share."""

CHANNELS: dict[str, Any] = {
    "anchor_record": Annotated[
        Path | None, typer.Option("--anchor-record", metavar="FILE", help="The record of what is due and went out.")
    ],
    "anchor_interval_s": Annotated[
        float | None,
        typer.Option("--anchor-interval", metavar="S", help="The last checkpoint is sent at most so often."),
    ],
    "anchor_timeout_s": Annotated[
        float | None, typer.Option("--anchor-timeout", metavar="S", help="How long to wait for a silent server.")
    ],
    "mail_to": Annotated[
        list[str] | None, typer.Option("--mail-to", metavar="ADDRESS", help="Who receives it; repeatable.")
    ],
    **MAIL,
    "timestamp_url": Annotated[
        str | None, typer.Option("--timestamp-url", metavar="URL", help="The time-stamp authority (RFC 3161).")
    ],
    "timestamp_roots": Annotated[
        Path | None, typer.Option("--timestamp-roots", metavar="FILE", help="Its root certificates, in PEM.")
    ],
}


@command(commands, "audit anchor", {**SIGNING, **CHANNELS})
def anchor(
    session: Session,
    checkpoint: Annotated[
        Path | None,
        typer.Option("--checkpoint", metavar="FILE", help="A checkpoint to send; by default the last signed."),
    ] = None,
) -> int:
    """Send checkpoints to where nobody on this server can call them back."""
    from operators import logs
    from operators.anchoring import anchored
    from operators.cli.errors import DONE, FAILED

    settings = session.settings
    logs.configure(settings.log_format, "error" if settings.log_level == "auto" else settings.log_level)
    data = None if checkpoint is None else checkpoint.read_bytes()
    attempts = anchored(settings, data, patient=False)
    session.answer([_answer(each) for each in attempts], lambda page: _write(page, attempts))
    return DONE if all(each.receipt for each in attempts) else FAILED


def _answer(attempt: "Attempt") -> dict[str, Any]:
    from operators.cli.output import instant

    receipt = attempt.receipt
    return {
        "channel": attempt.channel,
        "checkpoint": attempt.digest,
        "sent": receipt is not None,
        "at": None if receipt is None else instant(receipt.at),
        "detail": None if receipt is None else receipt.detail,
        "reason": attempt.reason,
        "retry_at": instant(attempt.retry_at),
    }


def _write(page: "Page", attempts: list["Attempt"]) -> None:
    if not attempts:
        page.line(page.say("Rien n'est à envoyer.", "Nothing is due."))
    for each in attempts:
        short = each.digest[:12]
        page.line(
            page.say(f"{each.channel} : {short} envoyé ({each.receipt.detail}).",
                     f"{each.channel}: {short} sent ({each.receipt.detail}).")
            if each.receipt is not None
            else page.say(f"{each.channel} : {short} n'est pas parti ({each.reason}).",
                          f"{each.channel}: {short} was not sent ({each.reason}).")
        )  # fmt: skip
