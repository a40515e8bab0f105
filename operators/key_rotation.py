"""Going over to another signing key: announced under the old one, then its file put in place. Knows no terminal."""

from dataclasses import dataclass

from app import App, signing_key_path
from audit.key_chain import announcement, rotations
from audit.keys import replace_key
from audit.remembered import beside
from audit.sealing import seal
from audit.signing import load_signer, successor_of, successor_path


@dataclass(frozen=True, slots=True)
class KeyRotated:
    """The public keys before and after, and what opens the entry's commitment to the reason, which is kept nowhere."""

    old: str
    new: str
    disclosure: str | None


def rotate_key(app: App, reason: str) -> KeyRotated:
    """Go over to a new key: announce it in the log under both keys' signatures, then put its file in place.

    Where that was interrupted after the announcement, only the file is put in place. Raises StoreUnavailable where the
    old key is not there, IntegrityBroken for what cannot be continued.
    """
    path, log = signing_key_path(app.settings), app.installation.log
    old, new = load_signer(path, log), successor_of(path, log)
    with app.store.seals.reading() as reading:
        before = rotations(reading)
    disclosure = None
    if not before or before[-1].new != new.verifier:
        with app.store.writing() as unit:
            actor = unit.actor_id(app.settings.actor)
        announced = announcement(new, actor, reason)
        seal(app.store.seals, old, beside(path), app.clock, announced=announced)
        disclosure = announced.disclosure
    replace_key(successor_path(path), path, old)
    return KeyRotated(old.verifier.vkey, new.verifier.vkey, disclosure)
