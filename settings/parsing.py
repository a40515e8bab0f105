"""How the texts of single settings are read: lists, addresses, clocks. A ValueError says what was expected."""

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_TOLD = re.compile(r"(?:[a-z][a-z0-9_]*(?:\+[a-z][a-z0-9_]*)*|\*)(?:/[0-9AB+]+)?=(?P<address>.+)")
_HOOK = re.compile(r"[a-z][a-z0-9_-]*=https?://[^\s]+")
_CLOCK = re.compile(r"(?P<origin>[0-9T:.+Z-]+)(?:\*(?P<speed>[0-9]+(?:\.[0-9]+)?))?")


def split_list(value: object) -> object:
    """The words of a text with commas between them, or of several such texts; anything else as it is."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple):
        return value
    return tuple(word.strip() for text in texts for word in str(text).split(",") if word.strip())


def check_address(value: str) -> str:
    """One plain address of e-mail."""
    if not _ADDRESS.fullmatch(value):
        raise ValueError("expected plain addresses such as audit@example.fr")
    return value


def check_told(value: str) -> str:
    """Roles, perhaps territories, and the address that is told of them."""
    found = _TOLD.fullmatch(value)
    if found is None or not _ADDRESS.fullmatch(found["address"]):
        raise ValueError("expected ROLE=ADDRESS or ROLE/75+77=ADDRESS, such as anct=suivi@example.fr")
    return value


def check_digests(value: tuple[str, ...]) -> tuple[str, ...]:
    """No address twice: it would have two digests."""
    if len({said.rpartition("=")[2].lower() for said in value}) < len(value):
        raise ValueError("expected each address once: ROLE+ROLE=ADDRESS")
    return value


def check_hooks(value: tuple[str, ...]) -> tuple[str, ...]:
    """Names, each once, and addresses without a password."""
    if not all(_HOOK.fullmatch(said) and "@" not in urlsplit(said.partition("=")[2]).netloc for said in value):
        raise ValueError("expected NAME=https://…, the name in small letters, the address without a password")
    if len({said.partition("=")[0] for said in value}) < len(value):
        raise ValueError("expected another name for each webhook")
    return value


def check_page(value: str) -> str:
    """The address of a site."""
    if not value.startswith(("https://", "http://")):
        raise ValueError("expected an address such as https://parcours.example")
    return value


def check_issuer(value: str) -> str:
    """The address of an identity provider: encrypted, but for one of this machine."""
    parts = urlsplit(value)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if not parts.hostname or parts.scheme not in (("https", "http") if local else ("https",)):
        raise ValueError("expected an address with https://")
    return value


def check_listening(value: str) -> str:
    """An address and a port of this machine."""
    split_address(value)
    return value


def check_clock(value: str) -> str:
    """A clock as `parse_clock` reads it."""
    parse_clock(value)
    return value


def split_address(text: str) -> tuple[str, int]:
    """The host and port of an address such as `127.0.0.1:9402` or `[::1]:9402`. Raises ValueError."""
    try:
        parts = urlsplit(f"//{text}")
        if parts.hostname and parts.port is not None and parts.netloc == text and "@" not in text:
            return parts.hostname, parts.port
    except ValueError:
        pass
    raise ValueError("expected an address and a port, such as 127.0.0.1:9402 or [::1]:9402")


def parse_clock(text: str) -> tuple[datetime, float | None]:
    """A sandbox clock's origin in UTC, and its speed, None where it stands still. Raises ValueError."""
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise ValueError("expected an instant with its offset, and perhaps *speed: 2021-03-01T00:00:00Z*86400")
    origin = datetime.fromisoformat(found["origin"])
    if origin.tzinfo is None:
        raise ValueError("the instant needs an offset, such as Z or +01:00")
    speed = None if found["speed"] is None else float(found["speed"])
    if speed is not None and not 0 < speed <= 1e9:
        raise ValueError("the speed must lie above 0, and at most at 1000000000")
    return origin.astimezone(UTC), speed
