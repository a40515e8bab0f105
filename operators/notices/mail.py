"""Notices as e-mail: text and HTML that say the same, and headers by which a mailbox knows a repeat.

It refuses to know who is awaited and how a mail server is spoken to (recipients.py, audit/mail_server.py).
"""

from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

from settings import WrongUsage

_TEMPLATES = Path(__file__).with_name("templates")


def ready() -> None:
    """Whether e-mails can be written. Raises WrongUsage where what fills templates is not installed."""
    _environment()


def compose(
    key: str, template: str, lang: str, values: Mapping[str, Any], *, title: str, sender: str, to: str, at: datetime
) -> EmailMessage:
    """The message of a notice or digest: under one key always the same Message-ID, which receivers tell repeats by.

    Raises ValueError for what no header can hold, WrongUsage as `ready` does.
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, " ".join(title.split())
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id(key, sender)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message["Content-Language"] = lang
    message.set_content(_filled(f"{template}.{lang}.txt", values))
    message.add_alternative(_filled(f"{template}.{lang}.html", values), subtype="html")
    return message


def message_id(key: str, sender: str) -> str:
    """The notice's key as RFC 5322 wants it: without colons, and with the sender's domain."""
    return f"<{key.replace(':', '.')}@{sender.rpartition('@')[2]}>"


def _filled(name: str, values: Mapping[str, Any]) -> str:
    return str(_environment().get_template(name).render(values))


@cache
def _environment() -> Any:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
    except ImportError:
        raise WrongUsage(
            "Les avis par courriel demandent jinja2 : pip install 'parcours[notices]'.",
            "Notices by e-mail need jinja2: pip install 'parcours[notices]'.",
        ) from None
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
