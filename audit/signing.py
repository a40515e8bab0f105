"""The key of this log: made when the database is, found again when something is to be signed. Its name is the log's."""

from datetime import datetime
from pathlib import Path

from audit.keys import load_key, make_key
from audit.notes import Signer, Verifier, parse_vkey
from audit.sealing import origin_of
from storage.seals import Seals
from workflow.errors import IntegrityBroken, StoreUnavailable


def ensure_key(seals: Seals, path: Path, now: datetime) -> Verifier | None:
    """Make the key where this log has none yet, and keep its public half in the database. Repeatable.

    None where the log has a key and its file is not here. Raises IntegrityBroken where the file is another log's.
    """
    with seals.reading() as reading:
        log, known = reading.log(), reading.keys()
    if not path.exists():
        if known:
            return None
        make_key(path, origin_of(log))
    signer = load_signer(path, log)
    if signer.verifier.vkey not in known:
        with seals.writing() as work:
            work.add_key(signer.verifier.vkey, now)
    return signer.verifier


def load_signer(path: Path, log: str) -> Signer:
    """The key that signs this log. Raises StoreUnavailable where the file is missing, IntegrityBroken for another's."""
    if not path.exists():
        raise MissingKey(path)
    signer = load_key(path)
    if signer.name != origin_of(log):
        raise IntegrityBroken(f"the key file {path} is of the log {signer.name}, not of {origin_of(log)}")
    return signer


def successor_of(path: Path, log: str) -> Signer:
    """The key that is to follow the one in a file: found beside it where a change was begun, else made."""
    successor = successor_path(path)
    return load_signer(successor, log) if successor.exists() else make_key(successor, origin_of(log))


def successor_path(path: Path) -> Path:
    """The file of the key that is to follow, until it is announced and takes the place of the other."""
    return path.with_name(f"{path.name}.next")


class MissingKey(StoreUnavailable):
    """Nothing can be signed: the file of the key is not there."""

    code = "key_missing"

    def __init__(self, path: Path) -> None:
        self.message_en = (
            f"There is no signing key {path}: run `parcours init` where the log has none yet, "
            f"else put its file back or name it (--signing-key)."
        )
        super().__init__(
            f"Il n'y a pas de clé de signature {path} : lancez `parcours init` si le journal n'en a pas encore, "
            f"sinon remettez son fichier ou nommez-le (--signing-key)."
        )


def trusted(seals: Seals, path: Path) -> tuple[list[Verifier], bool]:
    """The public keys to verify seals with, and whether the key's own file vouches for them.

    Whoever can write the database could put another key there: the file, where it is, counts alone.
    """
    with seals.reading() as reading:
        log, known = reading.log(), reading.keys()
    if path.exists():
        return [load_signer(path, log).verifier], True
    return [parse_vkey(vkey) for vkey in known], False
