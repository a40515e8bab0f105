"""Who receives what leaves: a mail server and a web server on loopback, which answer, refuse, hang or break off."""

import asyncio
import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope


class Mailbox:
    """What an SMTP server took: it keeps it, or answers as it is told to. `sulks`: it never answers a good-bye."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.answer = "250 OK"
        self.refuses: tuple[str, ...] = ()
        self.sulks = False

    @property
    def messages(self) -> list[EmailMessage]:
        """What was taken, read by the standard library."""
        return [
            cast(EmailMessage, message_from_bytes(bytes(each.content or b""), policy=default))
            for each in self.envelopes
        ]

    @property
    def recipients(self) -> list[str]:
        return [to for each in self.envelopes for to in each.rcpt_tos]


class _Handler:
    """What the library calls. Apart from the mailbox, since it looks at every attribute for each connection."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_RCPT(self, server: object, session: object, envelope: Envelope, to: str, options: object) -> str:  # noqa: N802
        if to in self._mailbox.refuses:
            return f"550 no such user {to}"
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802
        if self._mailbox.answer.startswith("250"):
            self._mailbox.envelopes.append(envelope)
        return self._mailbox.answer

    async def handle_QUIT(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: N802
        if self._mailbox.sulks:
            await asyncio.sleep(1)
        return "221 Bye"


class _Server(Controller):
    """Takes a port that the system gives."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def mail_server(mailbox: Mailbox, **options: Any) -> Iterator[int]:
    """The port of an SMTP server; `options` are the library's."""
    controller = _Server(_Handler(mailbox), hostname="127.0.0.1", port=0, **options)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@dataclass(frozen=True)
class Request:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def key(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Endpoint:
    """What a web server was sent, and how it answers: a status, `hang`, `reset`, or a status and a header.

    `answers` are given one after the other, then 204 for ever.
    """

    requests: list[Request] = field(default_factory=list)
    answers: list[int | str | tuple[int, str, str]] = field(default_factory=list)
    came: Event = field(default_factory=Event)
    released: Event = field(default_factory=Event)
    url: str = ""

    @property
    def keys(self) -> list[str]:
        return [each.key for each in self.requests]


def _handler(endpoint: Endpoint) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            endpoint.requests.append(Request(self.path, headers, body))
            answer = endpoint.answers.pop(0) if endpoint.answers else 204
            endpoint.came.set()
            self._answer(answer)

        def do_GET(self) -> None:
            self.do_POST()

        def _answer(self, answer: int | str | tuple[int, str, str]) -> None:
            if answer == "hang":
                endpoint.released.wait(60)
                self.close_connection = True
            elif answer == "reset":
                # Closed with an answer still owed, and without lingering: the other side sees a reset.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                self.connection.close()
            else:
                status, *header = answer if isinstance(answer, tuple) else (answer,)
                self.send_response(int(cast(int, status)))
                if header:
                    self.send_header(str(header[0]), str(header[1]))
                self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: tests read stderr."""

    return Handler


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""


@contextmanager
def web_server(endpoint: Endpoint, context: ssl.SSLContext | None = None, port: int = 0) -> Iterator[Endpoint]:
    """The endpoint behind an HTTP server, an HTTPS one with a context."""
    server = _Quiet(("127.0.0.1", port), _handler(endpoint))
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    scheme = "http" if context is None else "https"
    endpoint.url = f"{scheme}://127.0.0.1:{server.server_port}/notices"
    try:
        yield endpoint
    finally:
        endpoint.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]
