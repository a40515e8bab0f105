"""An OpenID Connect provider, as ProConnect has it: from an address to go to, to a person who was proven to come back.

Only what was signed with a key that the provider publishes counts, and only for this login (nonce), this client (aud)
and this moment. Knows no account and no page. Sources: OpenID Connect Core 1.0, RFC 7636 (PKCE), RFC 9207 (iss),
RP-Initiated Logout 1.0. ProConnect refuses parameters that it does not list, and signs its answer to userinfo.
"""

import json
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode, urlsplit

import httpx2
import msgspec
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry, Token, decode

from settings import Settings
from storage.accounts import Identity

ALGORITHMS: Final = ("RS256", "PS256", "ES256")
"""Signatures that are believed: by a key of the provider's alone, never by a shared secret, never none."""

LEEWAY_S: Final = 60
_REMEMBERED: Final = timedelta(hours=1)
_PAUSE: Final = timedelta(seconds=5)
_PATIENCE_S: Final = 10.0
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class Unproven(Exception):
    """Nobody was proven to have signed in; `code` says why, for the log."""

    def __init__(self, code: str, why: object = "") -> None:
        self.code = code
        super().__init__(f"{code}: {why}")


class Unreachable(Exception):
    """The provider does not answer, or not as one."""


class Asked(msgspec.Struct, frozen=True):
    """One login, from its beginning to its end, as the browser that began it remembers it.

    `address`: where to go then; `invitation`: the secret of the one-time link that it is to use, or nothing.
    """

    state: str
    nonce: str
    verifier: str
    address: str
    invitation: str = ""


class Proven(NamedTuple):
    """Who came back; `id_token` is what the provider wants to see again when they leave."""

    identity: Identity
    id_token: str


class Described(msgspec.Struct, frozen=True):
    """What a provider publishes of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str
    jwks_uri: str
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    code_challenge_methods_supported: tuple[str, ...] = ()


class Provider:
    """The provider that the settings name. Its description is remembered for an hour; threads may share it."""

    def __init__(self, settings: Settings, secret: str, now: Callable[[], datetime]) -> None:
        self._settings, self._secret, self._now = settings, secret, now
        self._described: tuple[datetime, Described] | None = None
        self._failed_at: datetime | None = None
        self._keys: KeySet | None = None

    def begin(self, asked: Asked, back: str) -> str:
        """The address at which somebody signs in; they come back to `back`. Raises Unreachable."""
        described = self._describe()
        more = {"idp_hint": self._settings.oidc_idp_hint, "claims": self._claims()}
        with self._client(described, back) as client:
            address, _ = client.create_authorization_url(
                described.authorization_endpoint, state=asked.state, nonce=asked.nonce,
                code_verifier=self._verifier(described, asked),
                **{name: value for name, value in more.items() if value},
            )  # fmt: skip
        return str(address)

    def finish(self, asked: Asked, back: str, said: Mapping[str, str]) -> Proven:
        """Who came back with this query. Raises Unproven, Unreachable."""
        described = self._describe()
        if not asked.state or said.get("state") != asked.state:
            raise Unproven("state")
        if said.get("iss", described.issuer) != described.issuer:
            raise Unproven("iss")
        if "code" not in said:
            raise Unproven("refused", said.get("error", "")[:100])
        with self._client(described, back) as client:
            told = self._exchanged(client, described, asked, said["code"])
            id_token = str(told.get("id_token", ""))
            proven = self._verified(id_token, nonce=asked.nonce, **self._levels())
        person = self._person(described, str(told.get("access_token", "")))
        if person.get("sub") != proven["sub"]:
            raise Unproven("sub")
        return Proven(Identity(described.issuer, proven["sub"], str(person.get("idp_id", ""))), id_token)

    def farewell(self, id_token: str, state: str, back: str) -> str | None:
        """The address at which somebody signs out of the provider too; None where it has none. Raises Unreachable."""
        described = self._describe()
        if described.end_session_endpoint is None:
            return None
        asked = {"id_token_hint": id_token, "state": state, "post_logout_redirect_uri": back}
        return f"{described.end_session_endpoint}?{urlencode(asked)}"

    def _claims(self) -> str | None:
        """The levels of assurance that are wanted, asked for as a claim: ProConnect does not know `acr_values`."""
        levels = self._settings.oidc_acr
        return json.dumps({"id_token": {"acr": {"essential": True, "values": levels}}}) if levels else None

    def _levels(self) -> dict[str, Any]:
        return {"acr": {"essential": True, "values": list(self._settings.oidc_acr)}} if self._settings.oidc_acr else {}

    def _verifier(self, described: Described, asked: Asked) -> str | None:
        """PKCE where the provider says that it has it: another one may refuse its parameters."""
        wanted = self._settings.oidc_pkce
        known = "S256" in described.code_challenge_methods_supported
        return asked.verifier if wanted == "on" or (wanted == "auto" and known) else None

    def _client(self, described: Described, back: str) -> OAuth2Client:
        methods = described.token_endpoint_auth_methods_supported
        method = "client_secret_post" if "client_secret_post" in methods else "client_secret_basic"
        return OAuth2Client(
            self._settings.oidc_client_id, self._secret, token_endpoint_auth_method=method, redirect_uri=back,
            scope=" ".join(self._settings.oidc_scopes), code_challenge_method="S256", timeout=_PATIENCE_S,
            verify=_tls(),
        )  # fmt: skip

    def _exchanged(self, client: OAuth2Client, described: Described, asked: Asked, code: str) -> Mapping[str, Any]:
        verifier = self._verifier(described, asked)
        more = {} if verifier is None else {"code_verifier": verifier}
        try:
            told: Mapping[str, Any] = client.fetch_token(
                described.token_endpoint, grant_type="authorization_code", code=code, **more
            )
        except AuthlibBaseError as error:
            raise Unproven("code", error.error) from error
        except (httpx2.HTTPError, ValueError) as error:
            raise Unreachable(str(error)) from error
        return told

    def _person(self, described: Described, access_token: str) -> Mapping[str, Any]:
        """What userinfo says; where it is signed, it has to be for this client."""
        # Not by authlib's client: it takes a token that lasts a minute, as ProConnect's does, for one that has expired.
        answer = _asked(described.userinfo_endpoint, {"Authorization": f"Bearer {access_token}"})
        if answer.headers.get("content-type", "").partition(";")[0].strip() == "application/jwt":
            return self._verified(answer.text)
        return _object(answer)

    def _verified(self, text: str, nonce: str | None = None, **wanted: Any) -> Mapping[str, Any]:
        """The claims of a token that the provider signed, for this client. Raises Unproven, Unreachable."""
        described, client = self._describe(), self._settings.oidc_client_id
        if nonce is not None:
            wanted |= {"nonce": {"essential": True, "value": nonce}, "exp": {"essential": True}}
        registry = JWTClaimsRegistry(
            int(self._now().timestamp()), LEEWAY_S, sub={"essential": True},
            iss={"essential": True, "value": described.issuer},
            aud={"essential": True, "value": client}, **wanted,
        )  # fmt: skip
        try:
            claims = self._decoded(text).claims
            registry.validate(claims)
        except (JoseError, ValueError) as error:
            raise Unproven("token", error) from error
        if claims["aud"] not in (client, [client]) and claims.get("azp") != client:
            raise Unproven("azp")
        return claims

    def _decoded(self, text: str) -> Token:
        """By the keys that are remembered; by new ones where these do not fit: the provider changes them at times."""
        if self._keys is not None:
            try:
                return decode(text, self._keys, ALGORITHMS)
            except JoseError:
                self._keys = None
        self._keys = self._published()
        return decode(text, self._keys, ALGORITHMS)

    def _published(self) -> KeySet:
        found = _object(_asked(self._describe().jwks_uri))
        try:
            return KeySet.import_key_set({"keys": [each for each in found["keys"] if each.get("kty") in ("RSA", "EC")]})
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise Unreachable(f"its keys cannot be read: {error}") from error

    def _describe(self) -> Described:
        now = self._now()
        if self._described is not None and now - self._described[0] <= _REMEMBERED:
            return self._described[1]
        # Whoever waits for a provider that is silent keeps a thread of the console's: few at a time do.
        if self._failed_at is not None and now - self._failed_at < _PAUSE:
            raise Unreachable("it did not answer a moment ago")
        try:
            found = self._discovered()
        except Unreachable:
            self._failed_at = now
            raise
        self._described = (now, found)
        return found

    def _discovered(self) -> Described:
        issuer = self._settings.oidc_issuer or ""
        answer = _asked(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        try:
            found = msgspec.json.decode(answer.content, type=Described)
        except msgspec.MsgspecError as error:
            raise Unreachable(f"its description cannot be read: {error}") from error
        places = (found.authorization_endpoint, found.token_endpoint, found.userinfo_endpoint, found.jwks_uri)
        if found.issuer != issuer or not all(map(is_private, places)):
            raise Unreachable("its description is another one's, or names addresses without TLS")
        return found


def is_private(url: str) -> bool:
    """Whether what is sent to an address is encrypted, or stays on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


@cache
def _tls() -> ssl.SSLContext:
    """The authorities that this machine trusts; read once, since that takes longer than a request."""
    return ssl.create_default_context()


def _asked(url: str, headers: Mapping[str, str] | None = None) -> httpx2.Response:
    try:
        return httpx2.get(url, headers=headers, timeout=_PATIENCE_S, verify=_tls()).raise_for_status()
    except httpx2.HTTPError as error:
        raise Unreachable(str(error)) from error


def _object(answer: httpx2.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError as error:
        raise Unreachable("it answered what is no JSON") from error
    if not isinstance(found, dict):
        raise Unreachable("it answered what is no object")
    return found
