"""A definition by what somebody calls it: a file, or a published version such as `placement@1` (or `@1`)."""

import re
from pathlib import Path

from app import App
from settings import WrongUsage
from workflow.changes import Published
from workflow.definition import Definition

_VERSION = re.compile(r"(?P<name>[a-z][a-z0-9_]*)?@(?P<version>[0-9]{1,7})")


def is_version(text: str) -> bool:
    """Whether a published version is meant, and no file of that name."""
    return _VERSION.fullmatch(text) is not None and not Path(text).exists()


def version_of(app: App, text: str) -> Definition:
    """The published version that a text names. Raises WrongUsage where there is none."""
    said = _VERSION.fullmatch(text)
    with app.store.reading() as reading:
        known = list(reading.versions())
    found = [each for each in known if said is not None and _is_meant(each, said)]
    if len(found) == 1:
        return app.engine.rules(found[0].digest).definition
    names = ", ".join(f"{each.name}@{each.version}" for each in known) or "-"
    if found:
        raise WrongUsage(f"{text} désigne plusieurs versions : écrire l'une de {names}.",
                         f"{text} names several versions: write one of {names}.")  # fmt: skip
    raise WrongUsage(f"Aucune version {text} n'est publiée ici (publiées : {names}).",
                     f"No version {text} is published here (published: {names}).")  # fmt: skip


def _is_meant(published: Published, said: "re.Match[str]") -> bool:
    return said["name"] in (None, published.name) and int(said["version"]) == published.version
