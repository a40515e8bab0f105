"""What every answer carries and every request must hold to, whatever its page: hosts, origins, headers.

Forms are protected by the browser's own word on where a request comes from (Sec-Fetch-Site, else Origin), and by
cookies that are not sent along from elsewhere.
"""

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
# Whoever watches the process asks by whatever address it has.
_HEALTH: Final = frozenset({"/livez", "/readyz"})

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""On every answer."""

HSTS: Final = "max-age=31536000"
"""On every answer over TLS."""


async def carried(answer: ASGIApp, headers: Mapping[str, str], scope: Scope, receive: Receive, send: Send) -> None:
    """Have a request answered, with these headers on the answer; over TLS, with the one that keeps browsers to it.

    What goes wrong once the answer has begun was logged and answered within; the server would only log it again.
    """
    begun = False

    async def send_on(message: Message) -> None:
        nonlocal begun
        begun = True
        if message["type"] == "http.response.start":
            added = MutableHeaders(scope=message)
            added.update(headers)
            if scope["scheme"] == "https":
                added["Strict-Transport-Security"] = HSTS
        await send(message)

    try:
        await answer(scope, receive, send_on)
    except Exception:
        if not begun:
            raise


class Shield:
    """Wraps the console; answers in its place what must not reach it."""

    def __init__(self, inner: FastAPI, hosts: Iterable[str]) -> None:
        self.inner, self._hosts = inner, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        await carried(self._refusal(scope) or self.inner, HEADERS, scope, receive, send)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        headers = Headers(scope=scope)
        if scope["path"] in _HEALTH:
            return None
        if hostname(headers.get("host", "")) not in self._hosts:
            return PlainTextResponse("This server is not known under that name (console_names).\n", 421)
        if scope["method"] in _SAFE:
            return None
        if is_foreign(scope["scheme"], headers):
            return PlainTextResponse("This form was sent from another site, or does not say from which.\n", 403)
        return None


def hostname(host: str) -> str | None:
    """The name in a Host header, without its port; None where it is none."""
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def is_foreign(scheme: str, headers: Headers) -> bool:
    """Whether a request that changes something was not sent by one of our own pages, as far as the browser tells."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site != "same-origin"
    origin = headers.get("origin")
    return origin is None or origin != f"{scheme}://{headers.get('host', '')}"
