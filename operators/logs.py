"""Log lines on stderr: for people on a terminal, JSON elsewhere. Knows no event (log_events.py does).

The product writes to the standard library's loggers, event name first and keys in `extra`; structlog renders
the lines, and is imported at the first one: most commands log nothing and need not pay for it.
"""

import logging
import sys
from typing import Any, Literal, TextIO

Format = Literal["auto", "console", "json"]


def configure(log_format: Format = "auto", level: str = "info", stream: TextIO | None = None) -> None:
    """Send every log line of this process to `stream` (stderr). Repeatable: the last call holds."""
    stream = stream or sys.stderr
    as_json = log_format == "json" or (log_format == "auto" and not stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_LazyFormatter(as_json, colors=stream.isatty()))
    # A line that cannot be written is lost: its traceback on the same stream would help nobody.
    logging.raiseExceptions = False
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for chatty in ("apscheduler", "alembic", "sqlalchemy", "transitions", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class _LazyFormatter(logging.Formatter):
    """Imports structlog when the first line is written."""

    def __init__(self, as_json: bool, *, colors: bool) -> None:
        super().__init__()
        self._as_json, self._colors = as_json, colors
        self._formatter: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        if self._formatter is None:
            self._formatter = _structlog_formatter(self._as_json, self._colors)
        return self._formatter.format(record)


def _structlog_formatter(as_json: bool, colors: bool) -> logging.Formatter:
    import structlog

    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper("iso", utc=True, key="logged_at"),
    ]
    render: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        *([structlog.processors.format_exc_info, structlog.processors.EventRenamer("event")] if as_json else []),
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=colors),
    ]
    return structlog.stdlib.ProcessorFormatter(processors=render, foreign_pre_chain=shared)
