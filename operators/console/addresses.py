"""The addresses of the console: of a placement and its parts, of a list with its filters."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote, urlencode

from starlette.convertors import Convertor


class ReferenceConvertor(Convertor[str]):
    """A placement's reference in a path. It may hold any character, a slash too, and is therefore quoted twice."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        return unquote(value)

    def to_string(self, value: str) -> str:
        return quoted(value)


def quoted(reference: str) -> str:
    """A reference as it stands in a path, before the path as a whole is quoted."""
    # Browsers take a segment of dots for a way up.
    return quote(reference, safe="") if reference.strip(".") else reference.replace(".", "%2E")


def path_of(reference: str, *parts: object) -> str:
    """The address of a placement, or of something of it."""
    named = quote(quoted(reference), safe="")
    return "/".join(["/placements", named, *(quote(str(part), safe="") for part in parts)])


def query_of(given: Mapping[str, Any], **changed: Any) -> str:
    """A query with some of its values changed; what is empty is left out."""
    merged = {name: value for name, value in {**given, **changed}.items() if value not in (None, "", False)}
    return f"?{urlencode(merged)}" if merged else "?"
