"""What every request of the API must hold to before it is routed, and what every answer carries.

It takes the API's addresses for itself and passes all others on to the console, whose shield is made for browsers. No
cookie is read here and no other site's page is answered (no CORS), so that there is nothing for one to forge.
"""

from collections.abc import Iterable
from typing import Final

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from operators.api.caller import preferred
from operators.api.problems import Trouble, trouble_answer
from operators.console.shield import carried, hostname

_API: Final = "/api/"
LONGEST_BODY: Final = 256 * 1024
"""So many bytes a request may have."""

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Vary": "Accept-Language, Authorization",
}
"""On every answer."""


class Gate:
    """Stands before the API and the console, and sends each request to its own."""

    def __init__(self, api: FastAPI, console: ASGIApp, hosts: Iterable[str], lang: str) -> None:
        self.api, self.console = api, console
        self._hosts, self._lang = frozenset(hosts), lang

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(_API):
            await self.console(scope, receive, send)
            return
        await carried(self._answer, HEADERS, scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            self._check(scope)
            body = await _whole(receive)
        except Trouble as error:
            lang = preferred(Headers(scope=scope).get("accept-language", "")) or self._lang
            await trouble_answer(error, lang)(scope, receive, send)
            return
        # As it was sent: a slash in a reference is not one of the address, until its convertor decodes it.
        asked = {**scope, "path": scope["raw_path"].decode("ascii", "replace")}
        await self.api(asked, _replayed(body, receive), send)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if hostname(headers.get("host", "")) not in self._hosts:
            raise Trouble(421, "misdirected", "Ce serveur ne porte pas ce nom (console_names).",
                          "This server is not known under that name (console_names).")  # fmt: skip
        if b"%00" in scope.get("query_string", b""):
            raise Trouble(400, "unreadable", "Cette adresse contient un caractère nul.",
                          "This address holds a NUL character.")  # fmt: skip
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 18 or int(length) > LONGEST_BODY:
            raise _too_long()


async def _whole(receive: Receive) -> bytes:
    """The whole body, whatever was announced. Raises Trouble where it is too long, or breaks off."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Trouble(400, "unreadable", "La demande s'interrompt.", "The request breaks off.")
        body += message.get("body", b"")
        if len(body) > LONGEST_BODY:
            raise _too_long()
        if not message.get("more_body", False):
            return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """The body as one message, then whatever else there is to hear."""
    told = False

    async def receive_some() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_some


def _too_long() -> Trouble:
    return Trouble(413, "too_long", f"Une demande a au plus {LONGEST_BODY} octets.",
                   f"A request has {LONGEST_BODY} bytes at most.")  # fmt: skip
