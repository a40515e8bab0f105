"""Personal values: kept encrypted under a key of their placement and category, so that clear text is never stored.

ChaCha20-Poly1305 (RFC 8439) with a random nonce in front; placement, seq and name are authenticated with the
value, so that a ciphertext moved to another row does not open. Deleting the key is what erases: what is left in its
category is sealed again under a new one.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, delete, select, tuple_, update

from storage.executing import Executor
from storage.statements import Reads, Writes, in_chunks
from storage.tables.persons import person_key, personal
from storage.tables.placements import command_key, placement
from workflow.changes import Change, ErasedValue, PersonalValue
from workflow.errors import IntegrityBroken
from workflow.store import Disclosed

KEY_BYTES = 32
KeyOf = tuple[str, str]
"""Placement and category: whose values a key seals."""
Keys = Mapping[KeyOf, bytes]
Rows = Sequence[Sequence[Any]]
"""Category, key, seq, name and ciphertext of personal values."""

_NONCE_BYTES = 12
_BATCH = 500


def keep(executor: Executor, statements: Writes, changes: Sequence[Change], known: Keys) -> None:
    """Encrypt and write the personal values of these changes; the first one of a category makes its key.

    `known`: keys that this transaction has read, and that none of these changes erases.
    """
    _keep(executor, statements, [(change.after.id, value) for change in changes for value in change.personal], known)


def _keep(executor: Executor, statements: Writes, values: Sequence[tuple[str, PersonalValue]], known: Keys) -> None:
    if not values:
        return
    keys = _keys(executor, statements, list(dict.fromkeys((placement, v.category) for placement, v in values)), known)
    rows = [(placement, v.seq, v.name, v.category, _sealed(keys, placement, v)) for placement, v in values]
    statements.bulk.personal.run(executor, rows)


def _sealed(keys: Keys, placement: str, value: PersonalValue) -> bytes:
    bound = _bound(placement, value.seq, value.name)
    return seal(keys[placement, value.category], bound, value.disclosure)


def erase(executor: Executor, statements: Writes, changes: Sequence[Change]) -> bool:
    """Delete what these changes erase, and the keys that sealed it; tells whether there was anything to erase.

    Raises IntegrityBroken where a value that stays in such a category does not open.
    """
    found = [change for change in changes if change.erased]
    for change in found:
        _erase(executor, statements, change.after.id, change.erased)
    return bool(found)


def _erase(executor: Executor, statements: Writes, placement: str, erased: Sequence[ErasedValue]) -> None:
    connection = executor.connection
    gone = {(value.seq, value.name) for value in erased}
    own = personal.c.placement == placement
    stored = connection.execute(select(personal.c.seq, personal.c.name, personal.c.category).where(own)).all()
    touched = {category for seq, name, category in stored if (seq, name) in gone}
    opened = disclosures(placement, sealed_rows(executor, statements, placement))
    kept = [
        PersonalValue(seq, name, opened[seq, name], category)
        for seq, name, category in stored
        if category in touched and (seq, name) not in gone and (seq, name) in opened
    ]
    doomed = gone | {(value.seq, value.name) for value in kept}
    for some in in_chunks(sorted(doomed)):
        connection.execute(delete(personal).where(own, tuple_(personal.c.seq, personal.c.name).in_(some)))
    sealed = (person_key.c.placement == placement, person_key.c.category.in_(touched))
    connection.execute(delete(person_key).where(*sealed))
    _keep(executor, statements, [(placement, value) for value in kept], {})
    _forget_commands(connection, placement, {seq for seq, _ in gone})
    _forget_dismissals(connection, placement)


def _forget_dismissals(connection: Connection, placement: str) -> None:
    """What people wrote when they dismissed its notices goes with what is erased of it; that they did so stays."""
    from storage.tables.deliveries import delivery, dismissal

    key = (dismissal.c.key, dismissal.c.channel, dismissal.c.recipient)
    own = select(*key).join_from(dismissal, delivery).where(delivery.c.placement == placement)
    connection.execute(delete(dismissal).where(tuple_(*key).in_(own)))


def _forget_commands(connection: Connection, placement: str, seqs: set[int]) -> None:
    """The keyed hash of what was typed goes as well: short values could be guessed from it and the secret."""
    for seq in seqs:
        made = (command_key.c.first_seq <= seq, command_key.c.last_seq >= seq)
        own = update(command_key).where(command_key.c.placement == placement, *made)
        connection.execute(own.values(fingerprint=""))


def sealed_rows(executor: Executor, statements: Reads, placement: str) -> Rows:
    """What is kept of the personal values of a placement that were not erased, each with its key."""
    return executor.rows(statements.personal, (placement,))


def disclosures(placement: str, rows: Rows) -> dict[tuple[int, str], str]:
    """The disclosures in the rows of a placement, by (seq, name).

    Raises IntegrityBroken for a ciphertext that was changed or moved.
    """
    return {(seq, name): unseal(key, _bound(placement, seq, name), sealed) for _, key, seq, name, sealed in rows}


class OpenedWhenAsked(Mapping[tuple[int, str], str]):
    """The same, each opened whenever it is asked for: who decides looks at few. Raises then what `disclosures` does."""

    def __init__(self, placement: str, rows: Rows) -> None:
        self._placement = placement
        self._sealed = {(seq, name): (key, sealed) for _, key, seq, name, sealed in rows}

    def __getitem__(self, at: tuple[int, str]) -> str:
        key, sealed = self._sealed[at]
        return unseal(key, _bound(self._placement, *at), sealed)

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return iter(self._sealed)

    def __len__(self) -> int:
        return len(self._sealed)


def keys_in(placement: str, rows: Rows) -> Keys:
    """The keys in the rows of a placement."""
    return {(placement, category): key for category, key, *_ in rows}


def disclosed(connection: Connection) -> Iterator[Disclosed]:
    """Every disclosure that was not erased, by reference and seq, as a stream. Raises as `disclosures` does."""
    same = (personal.c.placement == person_key.c.placement) & (personal.c.category == person_key.c.category)
    rows = select(placement.c.id, placement.c.reference, personal.c.seq, personal.c.name, personal.c.ciphertext,
                  person_key.c.key)  # fmt: skip
    joined = rows.select_from(
        placement.join(personal, placement.c.id == personal.c.placement).outerjoin(person_key, same)
    )
    ordered = joined.order_by(placement.c.reference, personal.c.seq, personal.c.name)
    for id_, reference, seq, name, sealed, key in connection.execution_options(yield_per=_BATCH).execute(ordered):
        text = None if key is None else unseal(key, _bound(id_, seq, name), sealed)
        yield Disclosed(reference, seq, name, text)


def _keys(executor: Executor, statements: Writes, wanted: Sequence[KeyOf], known: Keys) -> Keys:
    placements = list(dict.fromkeys(key_of[0] for key_of in wanted if key_of not in known))
    if not placements:
        return known
    kept = _kept_keys(executor, statements, placements)
    keys = {**known, **{(placed, category): key for placed, category, key in kept}}
    fresh = {key_of: secrets.token_bytes(KEY_BYTES) for key_of in wanted if key_of not in keys}
    statements.bulk.person_keys.run(executor, ((*key_of, key) for key_of, key in fresh.items()))
    return {**keys, **fresh}


def _kept_keys(executor: Executor, statements: Reads, placements: Sequence[str]) -> Iterator[Sequence[Any]]:
    if len(placements) == 1:
        yield from executor.rows(statements.person_keys, (placements[0],))
        return
    for some in in_chunks(placements):
        yield from executor.connection.execute(select(person_key).where(person_key.c.placement.in_(some)))


def _bound(placement: str, seq: int, name: str) -> bytes:
    return f"{placement}\n{seq}\n{name}".encode()


@cache
def _cipher() -> Any:
    """The library's class. Loaded once it is needed: most commands open no value, and looking for it is not free."""
    return import_module("cryptography.hazmat.primitives.ciphers.aead").ChaCha20Poly1305


@cache
def _does_not_open() -> type[Exception]:
    refused: type[Exception] = import_module("cryptography.exceptions").InvalidTag
    return refused


def seal(key: bytes, bound: bytes, text: str) -> bytes:
    """Encrypt a text under a key of 32 bytes, bound to what says where it stands."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed: bytes = _cipher()(key).encrypt(nonce, text.encode(), bound)
    return nonce + sealed


def unseal(key: bytes, bound: bytes, sealed: bytes) -> str:
    """The text that was sealed. Raises IntegrityBroken where the bytes are not those, or belong elsewhere."""
    try:
        text: bytes = _cipher()(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
        return text.decode()
    except (_does_not_open(), TypeError, ValueError):
        where = bound.decode().replace("\n", ", ")
        raise IntegrityBroken(f"a personal value does not open where it stands ({where})") from None
