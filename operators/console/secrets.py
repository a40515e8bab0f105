"""Secrets of the console: passwords, and the random texts that a browser or a link carries.

What is kept is always a hash: Argon2id of passwords, which people choose, SHA-256 of what has 256 random bits.
"""

import hashlib
import secrets
import unicodedata
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from settings import WrongUsage

SHORTEST: Final = 12
LONGEST: Final = 256

_HASHER = PasswordHasher()
# Each hash takes 64 MiB: whoever sends many passwords at once must not exhaust the memory.
_AT_ONCE = BoundedSemaphore(2)
# What a password is compared with where there is no account: an answer takes as long as with one.
_NOBODY = _HASHER.hash(secrets.token_hex(16))


def new_token() -> str:
    """A random text that nobody can guess, fit for a cookie or an address."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What is kept of a random text."""
    return hashlib.sha256(token.encode()).hexdigest()


def hash_password(password: str, name: str) -> str:
    """The hash of a new password. Raises WrongUsage where it is too short, too long, or the name."""
    plain = _composed(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise WrongUsage(f"Un mot de passe a de {SHORTEST} à {LONGEST} caractères.",
                         f"A password has {SHORTEST} to {LONGEST} characters.")  # fmt: skip
    if name.casefold() in plain.casefold() and len(plain) < len(name) + SHORTEST // 2:
        raise WrongUsage("Ce mot de passe répète le nom du compte.", "This password repeats the account's name.")
    with _AT_ONCE:
        return _HASHER.hash(plain)


def is_password(password: str, kept: str | None) -> bool:
    """Whether this is the password of which the hash is kept; takes as long where none is."""
    plain = _composed(password)[: LONGEST + 1]
    with _AT_ONCE:
        try:
            return _HASHER.verify(kept or _NOBODY, plain) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def stronger(password: str, kept: str) -> str | None:
    """The hash of the same password, where the one that is kept was made with weaker parameters."""
    if not _HASHER.check_needs_rehash(kept):
        return None
    with _AT_ONCE:
        return _HASHER.hash(_composed(password))


def _composed(password: str) -> str:
    """The same characters from every keyboard."""
    return unicodedata.normalize("NFC", password)
