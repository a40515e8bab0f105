"""A small HTTP server in a thread, for whoever watches a process: `/livez`, `/readyz`, `/metrics`, without login.

It has an address of its own, so that no proxy that shows the console to the world shows these. Answers GET alone, reads
no body, and says nothing of persons or placements.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6
from threading import Thread
from typing import Final

from operators.pulse import Pulse
from settings import WrongUsage, split_address

PLAIN: Final = "text/plain; charset=utf-8"
_SILENCE_S: Final = 10
_LOG = logging.getLogger("parcours.health")

Answer = tuple[int, str, bytes]
"""The status, the type of content and the content."""

Answers = Mapping[str, Callable[[], Answer]]
"""By path, how it is answered; in a thread of the request's own."""


def basic_answers(pulse: Pulse, ready: Callable[[], bool]) -> dict[str, Callable[[], Answer]]:
    """`/livez`: the loop beat lately, whatever it depends on. `/readyz`: the database has the right schema."""
    return {
        "/livez": lambda: _yes_or_no(pulse.is_alive, "live\n", "the loop is silent\n"),
        "/readyz": lambda: _yes_or_no(ready(), "ready\n", "not ready\n"),
    }


def _yes_or_no(good: bool, yes: str, no: str) -> Answer:
    return (200, PLAIN, yes.encode()) if good else (503, PLAIN, no.encode())


@contextmanager
def answering(address: str | None, answers: Answers) -> Iterator[None]:
    """Answer at an address such as `127.0.0.1:9402` for as long as this lasts; without one, nowhere.

    Raises WrongUsage where the address cannot be had.
    """
    if address is None:
        yield
        return
    server = _server(address, answers)
    host, port = server.server_address[:2]
    thread = Thread(target=server.serve_forever, name="health", daemon=True)
    thread.start()
    _LOG.info("health.started", extra={"address": f"http://{f'[{host!s}]' if ':' in str(host) else host!s}:{port}"})
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _server(address: str, answers: Answers) -> ThreadingHTTPServer:
    host, port = split_address(address)

    class Server(ThreadingHTTPServer):
        address_family = AF_INET6 if ":" in host else AF_INET
        daemon_threads = True

    try:
        return Server((host, port), _handler(answers))
    except OSError as error:
        raise WrongUsage(f"L'adresse de surveillance {address} n'est pas libre ({error.strerror}).",
                         f"The health address {address} cannot be had ({error.strerror}).") from error  # fmt: skip


def _handler(answers: Answers) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _SILENCE_S

        def do_GET(self) -> None:
            found = answers.get(self.path.partition("?")[0])
            status, kind, body = (404, PLAIN, b"not found\n") if found is None else found()
            self.send_response_only(status)
            headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Cache-Control": "no-store"}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *values: object) -> None:
            """Whoever watches asks every few seconds: that is no news."""

    return Handler
