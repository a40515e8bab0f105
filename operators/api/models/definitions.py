"""Definitions, and their versions."""

from datetime import datetime
from typing import Any

from operators.api.models.common import Answer


class DefinitionName(Answer):
    """Which definition."""

    name: str
    version: int
    digest: str


class Version(DefinitionName):
    """A published version, and how many placements follow it."""

    published_at: datetime
    placements: int


class Definition(DefinitionName):
    """A published definition; labels in French and English."""

    title: dict[str, str]
    initial: str
    timezone: str
    calendar: str
    roles: list[str]
    states: list[dict[str, Any]]
    fields: list[dict[str, Any]]
    transitions: list[dict[str, Any]]
    deadlines: list[dict[str, Any]]
    reasons: dict[str, dict[str, str]]
