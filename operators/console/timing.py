"""How long the console takes to answer, by route, method and status; and its pulse, from the loop that answers.

A route is its template, such as `/placements/{reference}`: an address would name a placement.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import App
from operators.pulse import Pulse
from operators.tally import Tally
from operators.watched import watched

BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
NOWHERE: Final = "none"
"""The route of what led to no page."""

STREAM: Final = b"text/event-stream"
"""What streams of events are, as their content type begins."""

_METHODS: Final = frozenset({"GET", "HEAD", "POST"})


class Watch:
    """What is measured of one console. `beat` is called by the loop that answers."""

    def __init__(self) -> None:
        self.pulse = Pulse()
        self.durations = Histogram(
            "parcours_request_duration_seconds", "How long requests took to be answered.",
            ["route", "method", "status"], buckets=BOUNDS, registry=None,
        )  # fmt: skip

    async def beat(self) -> None:
        """The loop runs."""
        self.pulse()

    def around(self, inner: ASGIApp) -> ASGIApp:
        """The same application, its answers timed."""

        async def timed_app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await inner(scope, receive, send)
                return
            started_s, status, took_s = time.perf_counter(), 500, None

            async def send_on(message: Message) -> None:
                nonlocal status, took_s
                if message["type"] == "http.response.start":
                    status = message["status"]
                    # A stream is answered once it begins: when it ends is up to whoever listens.
                    took_s = time.perf_counter() - started_s if _is_stream(message) else None
                await send(message)

            try:
                await inner(scope, receive, send_on)
            finally:
                self._measured(scope, status, time.perf_counter() - started_s if took_s is None else took_s)

        return timed_app

    def _measured(self, scope: Scope, status: int, took_s: float) -> None:
        route = getattr(scope.get("route"), "path", NOWHERE)
        # Whoever asks may invent methods without end.
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self.durations.labels(route, method, str(status)).observe(took_s)


def _is_stream(start: Message) -> bool:
    return any(name == b"content-type" and kind.startswith(STREAM) for name, kind in start["headers"])


@contextmanager
def timed(app: App, tally: Tally) -> Iterator[Watch]:
    """Watch a console for as long as this lasts. Raises WrongUsage where its health address cannot be had."""
    watch = Watch()
    with watched(app, watch.pulse, tally, app.settings.console_health_address, [watch.durations]):
        yield watch
