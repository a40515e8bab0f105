"""Reads what people type for fields and filters: `--set f=v`, `--where "state=… territory=…"`."""

import shlex
from collections.abc import Iterable, Mapping

from settings import WrongUsage


def parse_sets(texts: Iterable[str] | None) -> dict[str, str]:
    """The values of repeated `--set f=v`; `f=` empties. Raises WrongUsage where one cannot be read."""
    found: dict[str, str] = {}
    for text in texts or ():
        name, separator, value = text.partition("=")
        if not separator or not name.strip():
            raise WrongUsage(f"--set {text!r} : écrire champ=valeur.", f"--set {text!r}: write field=value.")
        if name.strip() in found:
            raise WrongUsage(f"--set : {name} est donné deux fois.", f"--set: {name} is given twice.")
        found[name.strip()] = value
    return found


def parse_where(text: str, known: Iterable[str]) -> Mapping[str, str | bool]:
    """The filters in `state=candidate_shown territory=75 overdue`; a name alone is yes. Raises WrongUsage."""
    names = {name.replace("_", "-"): name for name in known}
    try:
        words = shlex.split(text)
    except ValueError:
        raise WrongUsage(f"--where {text!r} : guillemet non fermé.", f"--where {text!r}: unclosed quote.") from None
    found: dict[str, str | bool] = {}
    for word in words:
        name, separator, value = word.partition("=")
        if name.replace("_", "-") not in names:
            raise WrongUsage(f"--where : filtre inconnu {name} ; connus : {', '.join(names)}.",
                             f"--where: unknown filter {name}; known: {', '.join(names)}.")  # fmt: skip
        found[names[name.replace("_", "-")]] = value if separator else True
    if not found:
        raise WrongUsage("--where demande au moins un filtre.", "--where needs at least one filter.")
    return found
