"""One request of the API: a visit like a page's, of whoever holds the token that it carries. It reads no cookie."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from fastapi import Request

from operators.api.rate import Rate
from operators.api.tokens import holder_of
from operators.console.policy import Action
from operators.console.throttle import Throttle
from operators.console.visit import Console, Visit
from storage.accounts import Account
from storage.queries import PlacementItem
from storage.tokens import Token
from workflow.errors import NotFound

_BEARER: Final = re.compile(r"Bearer +([!-~]{1,200}) *", re.IGNORECASE)
_RANGE: Final = re.compile(r"\s*([A-Za-z]{1,8})[A-Za-z0-9-]*\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?)\s*)?")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What bounds the requests of one token, and the guesses of one address."""

    rate: Rate
    guesses: Throttle


class Caller(Visit):
    """A request as a resource sees it."""

    def __init__(self, request: Request, console: Console) -> None:
        super().__init__(request, console)
        self.bounds: Bounds = request.app.state.bounds

    @classmethod
    def of(cls, request: Request) -> "Caller":
        """The caller that a request comes from."""
        return cls(request, request.app.state.console)

    @cached_property
    def secret(self) -> str | None:
        """The token that the request carries; None where it carries none."""
        found = _BEARER.fullmatch(self.request.headers.get("authorization", ""))
        return found[1] if found else None

    @cached_property
    def held(self) -> tuple[Token, Account] | None:
        """The token that opens, and the account with what both may do."""
        return None if self.secret is None else holder_of(self.app, self.secret, self.console.real.now())

    @cached_property
    def account(self) -> Account | None:
        """Who asks."""
        return None if self.held is None else self.held[1]

    @property
    def token(self) -> Token:
        """The token, on a route that lets in nobody without one."""
        if self.held is None:
            raise LookupError("a route asks for the token, and lets in those who have none")
        return self.held[0]

    @cached_property
    def lang(self) -> str:
        """The language of the answer: that of Accept-Language, else the account's, else the setting."""
        wanted = preferred(self.request.headers.get("accept-language", ""))
        return wanted or super().lang

    @contextmanager
    def absent(self, fr: str, en: str) -> Iterator[None]:
        """Say in the language of the answer that what is asked for here is not there."""
        try:
            yield
        except NotFound:
            raise NotFound(self.say(fr, en)) from None

    def find(self, reference: str, action: Action = "placement.read") -> PlacementItem:
        """As on pages. No reference has a NUL, which some databases refuse to look for."""
        if "\0" in reference:
            raise NotFound(self.say("Aucun dossier ne porte ce nom.", "No placement has this name."))
        return super().find(reference, action)


def preferred(header: str) -> str | None:
    """`fr` or `en`, whichever an Accept-Language wants more; None where it wants neither (RFC 9110, 12.5.4)."""
    found = [_RANGE.fullmatch(part) for part in header[:500].split(",")]
    wanted = [(float(each[2] or 1), each[1].lower()) for each in found if each and each[1].lower() in ("fr", "en")]
    best = max(wanted, key=lambda each: each[0], default=(0.0, ""))
    return best[1] if best[0] > 0 else None
