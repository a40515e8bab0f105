"""Deadlines, and how their dates are computed."""

from datetime import date, datetime
from typing import Any

from operators.api.models.common import Answer


class Reminder(Answer):
    """One reminder of a deadline."""

    at: datetime
    sent: bool


class Deadline(Answer):
    """A deadline of a placement; without dates while it has not started."""

    name: str
    anchored_at: datetime | None
    last_day: date | None
    due_at: datetime | None
    status: str
    then: str | None
    reminders: list[Reminder]


class DeadlineItem(Answer):
    """A deadline as it is listed."""

    reference: str
    territory: str
    state: str
    host_name: str | None
    name: str
    anchored_at: datetime
    last_day: date
    due_at: datetime
    status: str
    then: str | None
    overdue: bool


class Step(Answer):
    """One step of a computation."""

    code: str
    sentence: str
    fr: str
    en: str
    details: dict[str, Any]


class Explanation(Answer):
    """How the date of a deadline was computed."""

    deadline: str
    anchored_at: datetime
    last_day: date
    due_at: datetime
    status: str
    steps: list[Step]


class Computed(Answer):
    """A date from the calculator."""

    anchor: str
    territory: str
    length: str
    counting: str
    roll: str
    last_day: date
    instant: datetime
    due_at: datetime
    steps: list[Step]
