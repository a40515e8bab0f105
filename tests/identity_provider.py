"""An identity provider on a loopback port, as strict as ProConnect: it refuses parameters that it does not list, short
states, a second use of a code and any other address to come back to; its userinfo is a signed token; its keys change.
"""

import base64
import hashlib
import json
import secrets
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "parcours-console", "un-secret-de-client-assez-long-pour-hs256"
_LISTED = {"response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "claims", "prompt", "idp_hint"}
_PKCE = {"code_challenge", "code_challenge_method"}
Claims = dict[str, Any]


def same(claims: Claims) -> Claims:
    """Claims that nobody spoilt."""
    return claims


@dataclass
class Login:
    """A code that was given, and what it was given for."""

    asked: Mapping[str, str]
    claims: Claims


@dataclass
class IdentityProvider:
    """Who signs in is `person`; `spoil` and `sign` make its id token another one, `spoil_person` its userinfo."""

    issuer: str
    now: Callable[[], datetime]
    back: str
    left: str
    person: Claims = field(default_factory=lambda: {"sub": "sub-1", "idp_id": "idp-a", "acr": "eidas1"})
    pkce: bool = True
    spoil: Callable[[Claims], Claims] = same
    spoil_person: Callable[[Claims], Claims] = same
    sign: Callable[[Claims], str] | None = None
    sign_person: Callable[[Claims], str] | None = None
    asked: list[Mapping[str, str]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    announced: str | None = None
    plain_person: bool = False

    def __post_init__(self) -> None:
        self._codes: dict[str, Login] = {}
        self._tokens: dict[str, Claims] = {}
        self.rotate()

    def rotate(self) -> None:
        """Sign with another key from now on, and publish that one alone."""
        self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4), "use": "sig"}, private=True)

    def signed(self, claims: Claims) -> str:
        return signed_with(self.key, claims)

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/api/v2/.well-known/openid-configuration", self._describe),
            Route("/api/v2/jwks", self._publish),
            Route("/api/v2/authorize", self._authorize),
            Route("/api/v2/token", self._token, methods=["POST"]),
            Route("/api/v2/userinfo", self._userinfo),
            Route("/api/v2/session/end", self._end),
        ]

    async def _describe(self, request: Request) -> Response:
        described = {
            "issuer": self.announced or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/session/end",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }
        return JSONResponse(described | ({"code_challenge_methods_supported": ["S256"]} if self.pkce else {}))

    async def _publish(self, request: Request) -> Response:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.asked.append(asked)
        listed = _LISTED | (_PKCE if self.pkce else set())
        strict = len(request.query_params.multi_items()) == len(asked) and set(asked) <= listed
        long = all(len(asked.get(name, "")) >= 32 for name in ("state", "nonce"))
        ours = asked.get("client_id") == CLIENT and asked.get("redirect_uri") == self.back
        if not (strict and long and ours and asked.get("response_type") == "code"):
            return JSONResponse({"error": "Y000400"}, 400)
        code = secrets.token_urlsafe(16)
        second = int(self.now().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": second, "exp": second + 60, "nonce": asked["nonce"]}
        self._codes[code] = Login(asked, claims | {"sub": self.person["sub"], "acr": self.person["acr"]})
        said = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return RedirectResponse(f"{self.back}?{said}", 303)

    async def _token(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        login = self._codes.pop(form.get("code", ""), None)
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return JSONResponse({"error": "invalid_client"}, 401)
        if login is None or form.get("redirect_uri") != self.back or not _verified(login.asked, form):
            return JSONResponse({"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe(16)
        self._tokens[access] = login.claims
        id_token = (self.sign or self.signed)(self.spoil(dict(login.claims)))
        told = {"access_token": access, "token_type": "Bearer", "expires_in": 60, "id_token": id_token}
        return JSONResponse(told)

    async def _userinfo(self, request: Request) -> Response:
        claims = self._tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        if claims is None:
            return JSONResponse({"error": "invalid_token"}, 401)
        base = {name: claims[name] for name in ("iss", "aud", "iat", "exp")}
        person = {name: value for name, value in self.person.items() if name != "acr"}
        if self.plain_person:
            return JSONResponse(self.spoil_person(person))
        signed = (self.sign_person or self.signed)(self.spoil_person(base | person))
        return Response(signed, media_type="application/jwt")

    async def _end(self, request: Request) -> Response:
        asked = dict(request.query_params)
        if set(asked) != {"id_token_hint", "state", "post_logout_redirect_uri"} or len(asked["state"]) < 32:
            return JSONResponse({"error": "Y000400"}, 400)
        if asked["post_logout_redirect_uri"] != self.left:
            return JSONResponse({"error": "Y000400"}, 400)
        self.ended.append(jwt.decode(asked["id_token_hint"], self.key).claims["sub"])
        return RedirectResponse(f"{self.left}?state={asked['state']}", 303)


def _verified(asked: Mapping[str, str], form: Mapping[str, str]) -> bool:
    """RFC 7636, where a challenge was sent."""
    challenge = asked.get("code_challenge")
    if challenge is None:
        return "code_verifier" not in form
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenge


def signed_with(key: RSAKey, claims: Claims) -> str:
    """A token signed with one key."""
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


def unsigned(claims: Claims) -> str:
    """A token of the algorithm `none`."""
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts) + "."


def signed_by_secret(claims: Claims) -> str:
    """A token signed with the client's secret."""
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET), ["HS256"])


def signed_by_another(claims: Claims) -> str:
    """A token signed with a key that nobody published."""
    return jwt.encode({"alg": "RS256", "kid": "other"}, claims, RSAKey.generate_key(2048, private=True))


@contextmanager
def provider_on_loopback(now: Callable[[], datetime], back: str, left: str) -> Iterator[IdentityProvider]:
    """A provider that answers for as long as this lasts."""
    listener = socket.create_server(("127.0.0.1", 0))
    made = IdentityProvider(f"http://127.0.0.1:{listener.getsockname()[1]}/api/v2", now, back, left)
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=list(made.routes)), log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield made
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
