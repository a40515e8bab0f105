"""Commitments to personal values: what an entry holds instead of them, and what opens it.

The format of SD-JWT (RFC 9901, section 4.2): a disclosure is base64url(JSON [salt, name, value]), the commitment
the base64url SHA-256 of the disclosure's ASCII text. Without the salt, a name could be guessed from its hash.
"""

import hashlib
import hmac
import secrets
from binascii import a2b_base64, b2a_base64

import msgspec

from workflow.definition import Value

SALT_BYTES = 32

# The alphabet of RFC 4648, section 5, and that of section 4.
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_STANDARD = bytes.maketrans(b"-_", b"+/")


def fresh_salt() -> bytes:
    """A random salt, of as many bits as the hash has."""
    return secrets.token_bytes(SALT_BYTES)


def disclosure_of(salt: bytes, name: str, value: Value) -> str:
    """The text that opens the commitment to a personal value; `salt` is random, 256 bits."""
    return _base64url(msgspec.json.encode([_base64url(salt), name, value]))


def commitment_to(disclosure: str) -> str:
    """What the entry holds: a hash that says nothing without the disclosure."""
    return _base64url(hashlib.sha256(disclosure.encode("ascii")).digest())


def opened(disclosure: str) -> tuple[str, Value]:
    """The field's name and value that a disclosure holds. Raises ValueError where it is none."""
    padded = disclosure + "=" * (-len(disclosure) % 4)
    _, name, value = msgspec.json.decode(a2b_base64(padded.encode("ascii").translate(_STANDARD)))
    return name, value


def token_of(secret: bytes, *parts: Value) -> str:
    """A keyed hash (HMAC-SHA-256) by which personal values are compared without being kept."""
    return hmac.digest(secret, msgspec.json.encode(parts), "sha256").hex()


def _base64url(data: bytes) -> str:
    return b2a_base64(data, newline=False).translate(_URL_SAFE, b"=").decode("ascii")
