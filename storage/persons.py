"""Personal values: kept encrypted under a key of their placement, so that clear text is never stored.

ChaCha20-Poly1305 (RFC 8439) with a random nonce in front; placement, seq and name are authenticated with the
value, so that a ciphertext moved to another row does not open. Deleting the key is what erases.
"""

import secrets
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from storage.statements import Reads, Writes, in_chunks
from storage.tables import person_key
from workflow.changes import Change, PersonalValue
from workflow.errors import IntegrityBroken

KEY_BYTES = 32
_NONCE_BYTES = 12


def keep(connection: Connection, statements: Writes, changes: Sequence[Change]) -> None:
    """Encrypt and write the personal values of these changes; the first one of a placement makes its key."""
    values = [(change.after.id, value) for change in changes for value in change.personal]
    if not values:
        return
    keys = _keys(connection, statements, list(dict.fromkeys(placement for placement, _ in values)))
    rows = [(placement, value.seq, value.name, _sealed(keys, placement, value)) for placement, value in values]
    connection.exec_driver_sql(statements.new_personal, rows)


def _sealed(keys: Mapping[str, bytes], placement: str, value: PersonalValue) -> bytes:
    return seal(keys[placement], _bound(placement, value.seq, value.name), value.disclosure)


def disclosures(connection: Connection, statements: Reads, placement: str) -> dict[tuple[int, str], str]:
    """The disclosures of a placement that were not erased, by (seq, name).

    Raises IntegrityBroken for a ciphertext that was changed or moved.
    """
    rows = connection.exec_driver_sql(statements.personal, (placement,))
    return {(seq, name): unseal(key, _bound(placement, seq, name), sealed) for key, seq, name, sealed in rows}


def _keys(connection: Connection, statements: Writes, placements: Sequence[str]) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for some in in_chunks(placements):
        rows = select(person_key.c.placement, person_key.c.key).where(person_key.c.placement.in_(some))
        keys.update(connection.execute(rows).all())
    fresh = {placement: secrets.token_bytes(KEY_BYTES) for placement in placements if placement not in keys}
    if fresh:
        connection.exec_driver_sql(statements.new_person_key, list(fresh.items()))
    return keys | fresh


def _bound(placement: str, seq: int, name: str) -> bytes:
    return f"{placement}\n{seq}\n{name}".encode()


def seal(key: bytes, bound: bytes, text: str) -> bytes:
    """Encrypt a text under a key of 32 bytes, bound to what says where it stands."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, text.encode(), bound)


def unseal(key: bytes, bound: bytes, sealed: bytes) -> str:
    """The text that was sealed. Raises IntegrityBroken where the bytes are not those, or belong elsewhere."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound).decode()
    except InvalidTag:
        where = bound.decode().replace("\n", ", ")
        raise IntegrityBroken(f"a personal value does not open where it stands ({where})") from None
