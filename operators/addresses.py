"""The address of a placement in the console: for its own pages, and for what leads there from outside, as mails do."""

from urllib.parse import quote


def quoted(reference: str) -> str:
    """A reference as it stands in a path, before the path as a whole is quoted."""
    # Browsers take a segment of dots for a way up.
    return quote(reference, safe="") if reference.strip(".") else reference.replace(".", "%2E")


def path_of(reference: str, *parts: object) -> str:
    """The path of a placement, or of something of it. A reference may hold a slash, and is therefore quoted twice."""
    named = quote(quoted(reference), safe="")
    return "/".join(["/placements", named, *(quote(str(part), safe="") for part in parts)])


def page_of(url: str | None, reference: str, *parts: object) -> str | None:
    """The whole address of a placement's page, or of one of something of it; `url` is the console's."""
    return None if url is None else url.rstrip("/") + path_of(reference, *parts)
