"""Notices as webhooks: a thin CloudEvents 1.0 body, signed as Standard Webhooks 1.0 has it.

The body says what happened to which placement, and nothing of any person; who wants more asks. It refuses to know how
the address is reached (guarded.py).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from operators.notices.guarded import Guard
from settings import WrongUsage
from workflow.civil.steps import iso
from workflow.facts import Facts
from workflow.history import HistoryEntry

CONTENT_TYPE: Final = "application/cloudevents+json; charset=UTF-8"
GONE: Final = 410
_ANSWERS: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class Hook:
    """One endpoint: its name, its address, and the secrets that sign, several while one takes the other's place."""

    name: str
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)

    def send(self, guard: Guard, key: str, body: str, at: datetime) -> int:
        """Post an event under its key; gives the status of the answer. Raises RequestFailed, WrongUsage."""
        signed = signatures(self.secrets, key, at, body)
        headers = {
            "content-type": CONTENT_TYPE,
            "user-agent": "Parcours",
            "webhook-id": key,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signed,
        }
        return guard.post(self.url, body.encode(), headers)


def signatures(secrets: Sequence[str], key: str, at: datetime, body: str) -> str:
    """The header `webhook-signature`: one signature for each secret. Raises WrongUsage."""
    try:
        from standardwebhooks import Webhook
    except ImportError:
        raise WrongUsage(
            "Les webhooks demandent standardwebhooks : pip install 'parcours[notices]'.",
            "Webhooks need standardwebhooks: pip install 'parcours[notices]'.",
        ) from None
    moment = at.astimezone(UTC)
    try:
        return " ".join(Webhook(secret).sign(key, moment, body) for secret in secrets)
    except Exception:  # its own classes, and those of base64; their text would show the secret
        raise WrongUsage(
            "Un secret de webhook ne se lit pas : whsec_ puis du base64.",
            "A webhook's secret cannot be read: whsec_, then base64.",
        ) from None


def event(key: str, log: str, facts: Facts, entry: HistoryEntry) -> str:
    """The body, the same at every attempt: it says what the entry says, and not how the placement is by now."""
    data: Mapping[str, Any] = {
        "reference": facts.reference,
        "territory": facts.territory,
        "seq": entry.seq,
        "kind": entry.kind,
        "state": entry.to_state,
        "trigger": entry.trigger,
        "deadline": entry.deadline,
        "due_at": None if entry.due_at is None else iso(entry.due_at),
    }
    return json.dumps({
        "specversion": "1.0",
        "id": key,
        "source": f"urn:parcours:{log}",
        "type": f"parcours.notice.{entry.kind}",
        "subject": facts.reference,
        "time": iso(entry.occurred_at),
        "datacontenttype": "application/json",
        "data": data,
    }, ensure_ascii=False)  # fmt: skip


def was_taken(status: int) -> bool:
    """Whether an answer says that the event arrived; a redirect does not."""
    return status in _ANSWERS


def is_gone(status: int) -> bool:
    """Whether the endpoint wants nothing any more (Standard Webhooks, on 410)."""
    return status == GONE
