"""Bytes into characters: UTF-8 or Windows-1252, never a guess between them within one file.

Knows nothing of rows: it decodes the whole file, and says how to recognise the characters that do not belong.
"""

import codecs
import re
from dataclasses import dataclass
from itertools import islice

# Lone surrogates stand for bytes that could not be decoded (PEP 383), so that the faulty cell can be named.
_UNDECODED = re.compile("[\udc80-\udcff]")

# What French text has in UTF-8. Other sequences prove nothing: « café » with its no-break space is, in
# Windows-1252, the valid UTF-8 of a Chinese character.
_EUROPEAN = re.compile("[\u0080-\u01bf\u0400-\u047f\u2000-\u213f]")

_CONTINUATION = re.escape(bytes(range(0x80, 0xC0)).decode("cp1252", "surrogateescape"))
_UTF8_SEEN_AS_CP1252 = re.compile(f"[ÂÃÄÅÆÐÑ][{_CONTINUATION}]|â[€\udc81‚ƒ„][{_CONTINUATION}]|[\udc80-\udcff]")

_ENOUGH = 100_000
"""How many characters are counted to tell which of two encodings is the more frequent."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text; `foreign` finds what is not in its encoding, `code` names that fault."""

    text: str
    encoding: str
    foreign: re.Pattern[str]
    code: str

    def seen(self, found: str) -> str:
        """How a sentence shows what `foreign` found: the bytes where they stand for no character."""
        return " ".join(_shown(character) for character in found) if _UNDECODED.search(found) else found


def decode(data: bytes) -> Decoded:
    """The text of a file: UTF-8 (with or without BOM) where all of it is, else Windows-1252.

    Where it mixes both, in the encoding that is the more frequent, with `foreign` finding the rest.
    """
    text = data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    undecoded = _count(_UNDECODED, text)
    if undecoded == 0 or data.startswith(codecs.BOM_UTF8):
        return Decoded(text, "UTF-8", _UNDECODED, "encoding_mixed")
    european = _count(_EUROPEAN, text)
    if european >= undecoded:
        return Decoded(text, "UTF-8", _UNDECODED, "encoding_mixed")
    text = data.decode("cp1252", "surrogateescape")
    if european:
        return Decoded(text, "Windows-1252", _UTF8_SEEN_AS_CP1252, "encoding_mixed")
    return Decoded(text, "Windows-1252", _UNDECODED, "encoding_undefined")


def _count(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in islice(pattern.finditer(text), _ENOUGH))


def _shown(character: str) -> str:
    return f"\\x{ord(character) & 0xFF:02X}" if _UNDECODED.match(character) else character
