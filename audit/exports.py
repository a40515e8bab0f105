"""The entrance to all exports: a file in some form, beside it what its columns mean and what exactly it holds.

The three appear under their names only when they are complete. Knows no settings and no terminal.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Protocol, cast, get_args

from audit.export_schema import VERSION, Column, description
from audit.export_stream import Stream
from audit.flushing import sync_folder
from audit.records import instant
from workflow.errors import IntegrityBroken

FormName = Literal["csv", "csv-fr", "xlsx", "jsonl", "parquet", "xes", "ocel"]
FORMS: tuple[FormName, ...] = get_args(FormName)
RESUMABLE = frozenset({"csv", "jsonl"})
"""The forms that can be asked for after a cursor: their rows are in the order of the sealed log."""

LIBRARIES: Mapping[str, str] = {"parquet": "pyarrow"}
"""The library that a form needs and only the extra of the form's name installs."""


class Form(Protocol):
    """What the module of a form has. NAMES: the columns that the form writes under another name than their id."""

    NAMES: Mapping[str, str]

    def columns(self, stream: Stream) -> Sequence[Column]:
        """What it writes about each entry."""

    def write(self, stream: Stream, path: Path) -> None:
        """Write the whole stream to a new file."""


@dataclass(frozen=True, slots=True)
class Export:
    """What was written: the number of entries, how many of them no seal covers yet, the SHA-256 of the file, and the
    cursor for those to come."""

    entries: int
    unsealed: int
    sha256: str
    next: str | None


def missing_library(form: FormName) -> str | None:
    """The library that this form needs and that is not installed."""
    library = LIBRARIES.get(form)
    return library if library is not None and find_spec(library) is None else None


def loaded(form: FormName, target: Path) -> Form:
    """What writes this form to such a file, once its library is loaded. Raises ImportError where that is missing."""
    name = "ocel_json" if form == "ocel" and target.suffix == ".json" else form.replace("-", "_")
    return cast(Form, import_module(f"audit.export_{name}"))


def export(stream: Stream, form: FormName, target: Path, *, made_at: datetime, checkpoint: str | None = None) -> Export:
    """Write the stream to `target` in some form, with `target.schema.json` and `target.manifest.json` beside it.

    `checkpoint` is the log's signed checkpoint, which stands in the manifest, never in a row. OCEL is JSON where the
    name ends in `.json`, else SQLite. Raises OSError, IntegrityBroken for an entry that cannot be read, ImportError
    where `missing_library` names one; then all files are as they were, unless it was the folder that could not be
    synced.
    """
    how = loaded(form, target)
    with ExitStack() as cleaning:
        parts = [_partial(path, cleaning) for path in (target, beside(target, "schema"), beside(target, "manifest"))]
        with _reading_entries():
            how.write(stream, parts[0])
        following = stream.next if form in RESUMABLE else None
        made = Export(stream.entries, stream.unsealed, _digest(parts[0]), following)
        _write_json(parts[1], description(form, how.columns(stream), how.NAMES))
        about = {"file": target.name, "format": form, "made_at": instant(made_at), "bytes": parts[0].stat().st_size}
        _write_json(parts[2], _manifest(stream, made, about, checkpoint))
        for part in parts:
            _sync(part)
        for part in parts:
            part.replace(part.with_name(part.name.removesuffix(_PARTIAL)))
        sync_folder(target.parent)
    return made


@contextmanager
def _reading_entries() -> Iterator[None]:
    """Whatever a form cannot read of an entry is damage: nobody writes such bytes."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise IntegrityBroken(f"a stored entry cannot be read ({error}): run `parcours audit verify`") from error


def beside(target: Path, what: Literal["schema", "manifest"]) -> Path:
    """The file of an export's schema or manifest."""
    return target.with_name(f"{target.name}.{what}.json")


_PARTIAL = ".partial"


def _partial(path: Path, cleaning: ExitStack) -> Path:
    """Where a file is written before it is whole; what an interrupted export left there is thrown away."""
    partial = path.with_name(f"{path.name}{_PARTIAL}")
    partial.unlink(missing_ok=True)
    cleaning.callback(partial.unlink, missing_ok=True)
    return partial


def _manifest(stream: Stream, made: Export, about: Mapping[str, Any], checkpoint: str | None) -> Mapping[str, Any]:
    which = stream.selection
    return {
        "manifest": "parcours.export",
        "version": VERSION,
        **about,
        "sha256": made.sha256,
        "entries": made.entries,
        "unsealed": made.unsealed,
        "filters": {
            "since": instant(which.since),
            "until": instant(which.until),
            "by": which.by,
            "territory": which.territory,
            "after": which.after,
            "sealed": which.is_sealed,
        },
        "definitions": [{"name": d.name, "version": d.version, "digest": d.digest} for d in stream.definitions],
        "next": made.next,
        "checkpoint": checkpoint,
    }


def _write_json(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
