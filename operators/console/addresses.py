"""How the console reads a placement's address, and writes that of a list with its filters."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlencode

from starlette.convertors import Convertor

from operators.addresses import quoted


class ReferenceConvertor(Convertor[str]):
    """A placement's reference in a path. It may hold any character, a slash too, and is therefore quoted twice."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        return unquote(value)

    def to_string(self, value: str) -> str:
        return quoted(value)


def query_of(given: Mapping[str, Any], **changed: Any) -> str:
    """A query with some of its values changed; what is empty is left out."""
    merged = {name: value for name, value in {**given, **changed}.items() if value not in (None, "", False)}
    return f"?{urlencode(merged)}" if merged else "?"
