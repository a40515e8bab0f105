"""Incidents, tried again or set aside."""

from datetime import datetime

from pydantic import Field

from operators.api.models.common import Answer, Asked, SetAside, Text


class AsideBody(Asked):
    """Why an incident is set aside."""

    reason: Text = Field(description="In your own words; no personal data: others read it.")


class Incident(Answer):
    """Why a placement cannot be decided at present."""

    code: str
    message: str
    since: datetime
    attempts: int
    retry_at: datetime


class Retried(Answer):
    """What came of trying an incident: `code` and `message` say why it goes on, where it does."""

    reference: str
    resolved: bool
    entries: int
    code: str | None
    message: str | None


class IncidentItem(Incident):
    """The same with whose it is; `set_aside` where a person did: it alarms nobody while it stays as it is."""

    reference: str
    set_aside: SetAside | None


class AsideAnswer(Answer):
    """Whether the incident of a placement is set aside now."""

    reference: str
    set_aside: bool
