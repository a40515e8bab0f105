#!/usr/bin/env python3
"""Verifies an evidence bundle of Parcours, apart from the software that made it.

    python3 -I verify.py [BUNDLE] [--key FILE] [--checkpoint FILE] [--tsa FILE] [--lang fr|en]

BUNDLE is a zip file or a folder; by default the folder in which this file lies. --key names a file of public
keys, one a line, received by another channel than the bundle; --checkpoint a checkpoint that you kept; --tsa
the root certificates (PEM) of a time-stamp authority, received from it: then its signatures are checked, by the
program `openssl`. Exit codes: 0 verified, 1 tampered with (the first bad line is named), 2 incomplete, 3 cannot
tell.

One file, standard library only, Python 3.9 or later; with `cryptography` used where it is installed. It
imports nothing of Parcours on purpose: the product does not vouch for itself. Bytes are hashed as they are,
then parsed. What it cannot see: whether the plain copy of a definition (`definitions/*.json`) says the same
as the YAML beside it, and whether a fact that somebody was entitled to enter is true.

What a bundle holds:
  manifest.json       {"format": 1, "log", "origin", "scope": "whole" | {"placements": [...]}, "counts",
                      "files": {name: SHA-256}}
  entries.jsonl       the exact bytes of each entry, one a line; of the whole log in the order of the leaves
  leaves.jsonl        for each line its leaf index, or [leaf index, leaf hash] to name a changed line
  checkpoint          a signed note (C2SP tlog-checkpoint); earlier_checkpoint: an older one, if there is one
  consistency.json    {older size: [hash, ...]}: proofs to the checkpoint, needed where the scope is a part
  inclusion.json      [[hash, ...], ...]: a proof for each line, where the scope is a part
  proofs/L.tlog-proof the same for the leaf with the index L (12 digits), each with the checkpoint, as a text
                      for other tools (C2SP tlog-proof); one of the two forms is enough
  heads.json          {"entry": leaf index, "present": [proof], "absent": [absence]}, where the scope is a
                      part; the entry, of kind `heads`, is among the lines; proof: {"placement", "seq",
                      "hash", "index", "path"}; absence: {"placement", "left": proof, "right": proof} or null
  definitions/D.yaml  exact bytes, SHA-256 D; D.json: {"initial", "final", "edges": [[trigger, from, to]]}
  disclosures.jsonl   [placement, seq, name, disclosure]
  seals.jsonl         [size, sealed_at]
  keys/*.vkey         public keys
  keys/L.entry        the entry, the leaf with the index L, that announced another key; beside it L.tlog-proof, the
                      proof of it under a checkpoint that both keys signed
  anchors/*           what others keep of checkpoints: `*.checkpoint`, each an older one that went out; time stamps
                      (RFC 3161) of them, a response or its token in DER; what an e-mail server said, as JSON
Hashes in these files are in base64, those inside entries and of files in hexadecimal. An entry whose
`definition` is null belongs to the one chain of acts that concern no placement. The entry of an erasure names
in its field `erased` the commitments, with spaces between them.
"""

from __future__ import annotations

import sys

if __name__ == "__main__" and not (sys.flags.isolated or getattr(sys.flags, "safe_path", False)):
    # Python would look for modules beside this file first: a bundle could bring its own `json`.
    del sys.path[0]

import argparse
import base64
import calendar
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import IO, Any, NamedTuple

VERIFIED, TAMPERED, INCOMPLETE, UNKNOWN, REMARK = range(5)
FORMAT = 1
GENESIS = "0" * 64
VOIDED = "voided"
MAX_FILE, MAX_LINE = 256 << 20, 4 << 20

# Ed25519 (RFC 8032, section 5.1), for where `cryptography` is not installed.

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


def add(one: Point, two: Point) -> Point:
    """The sum of two points in extended coordinates (section 5.1.4)."""
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def decoded_point(data: bytes) -> Point | None:
    """The point that 32 bytes encode, None where they encode none (section 5.1.3)."""
    if len(data) != 32:
        return None
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if v * x * x % P != u or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def encoded_point(point: Point) -> bytes:
    """The 32 bytes that encode a point (section 5.1.2)."""
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def pure_ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a key of 32 bytes made a signature of 64 bytes (section 5.1.7, cofactorless as OpenSSL)."""
    key = decoded_point(public)
    if key is None or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    minus_key: Point = (P - key[0], key[1], key[2], P - key[3])
    # R must be [s]B - [k]A: both products in one run over the bits.
    sums = {(1, 0): BASE, (0, 1): minus_key, (1, 1): add(BASE, minus_key), (0, 0): NEUTRAL}
    point = NEUTRAL
    for bit in range(255, -1, -1):
        point = add(add(point, point), sums[s >> bit & 1, k >> bit & 1])
    return encoded_point(point) == signature[:32]


def base_point() -> Point:
    """The generator: y is 4/5, x is even."""
    point = decoded_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    if point is None:
        raise AssertionError("the arithmetic of Ed25519 is broken")
    return point


BASE = base_point()


def ed25519(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a key made a signature, by `cryptography` where it is installed."""
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except Exception:
        return pure_ed25519(public, message, signature)
    if decoded_point(public) is None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


# Findings: each is a status and a sentence in two languages.

SENTENCES: dict[str, tuple[str, str]] = {
    "key_unchecked": (
        "La clé vient du dossier lui-même : elle n'a été vérifiée par aucun autre canal (--key FICHIER).",
        "The key comes from the bundle itself: it was not checked by another channel (--key FILE).",
    ),
    "key_checked": (
        "La clé est celle que vous avez donnée (--key).",
        "The key is the one that you gave (--key).",
    ),
    "signed": (
        "Point de contrôle de {origin}, {size} lignes, signé par {names}.",
        "Checkpoint of {origin}, {size} lines, signed by {names}.",
    ),
    "no_key": ("Aucune clé publique lisible dans {where}.", "There is no readable public key in {where}."),
    "not_signed": (
        "{where} n'est signé par aucune des clés connues ({known}) ; les signatures sont de : {names}.",
        "{where} is signed by none of the known keys ({known}); its signatures are of: {names}.",
    ),
    "bad_signature": (
        "La signature de {name} sur {where} est fausse.",
        "The signature of {name} on {where} is wrong.",
    ),
    "bad_note": ("{where} n'est pas une note signée lisible.", "{where} is not a readable signed note."),
    "bad_checkpoint": (
        "{where} n'est pas un point de contrôle lisible.",
        "{where} is not a readable checkpoint.",
    ),
    "other_origin": (
        "{where} est du journal {found}, non de {expected}.",
        "{where} is of the log {found}, not of {expected}.",
    ),
    "rotated": (
        "La clé {old} a fait place à {new} à la ligne {line} du journal, sous la signature de {by}.",
        "The key {old} gave way to {new} at line {line} of the log, signed by {by}.",
    ),
    "bad_rotation": (
        "{name} : cette annonce d'une nouvelle clé n'est pas dans un journal signé par une clé connue.",
        "{name}: this announcement of a new key is in no log that a known key signed.",
    ),
    "none_held": (
        "Vous n'avez pas donné de point de contrôle gardé (--checkpoint) : ce qui fut scellé avant "
        "n'est comparé à rien que vous déteniez.",
        "You gave no checkpoint that you kept (--checkpoint): what was sealed before "
        "is compared with nothing that you hold.",
    ),
    "extends": ("Le journal prolonge {where} ({size} lignes).", "The log extends {where} ({size} lines)."),
    "not_extended": (
        "Le journal ne prolonge pas {where} ({size} lignes) : ce qui était scellé a été réécrit.",
        "The log does not extend {where} ({size} lines): what was sealed has been rewritten.",
    ),
    "shorter": (
        "{where} compte {size} lignes, ce dossier {now} : il est plus ancien, ou amputé.",
        "{where} counts {size} lines, this bundle {now}: it is older, or lines were removed.",
    ),
    "no_consistency": (
        "Aucune preuve ne relie {where} ({size} lignes) à ce dossier : demandez un export qui la contient.",
        "No proof links {where} ({size} lines) with this bundle: ask for an export that holds it.",
    ),
    "tree_whole": (
        "{count} lignes sur {size} se condensent en la racine signée.",
        "{count} of {size} lines hash into the signed root.",
    ),
    "tree_part": (
        "{count} lignes sont dans le journal signé ({size} lignes) ; pour {placements} placements, aucune "
        "entrée ne manque jusqu'à la ligne {covered} du journal (après elle : {after}).",
        "{count} lines are in the signed log ({size} lines); for {placements} placements no entry is "
        "missing up to line {covered} of the log (after it: {after}).",
    ),
    "line_changed": (
        "entries.jsonl, ligne {line} : elle n'est pas celle qui a été scellée.",
        "entries.jsonl, line {line}: it is not the one that was sealed.",
    ),
    "line_misplaced": (
        "leaves.jsonl, ligne {line} : rang {found} au lieu de {expected}.",
        "leaves.jsonl, line {line}: leaf index {found} instead of {expected}.",
    ),
    "line_missing": (
        "entries.jsonl s'arrête à la ligne {count} : {size} ont été scellées.",
        "entries.jsonl ends at line {count}: {size} were sealed.",
    ),
    "line_added": (
        "entries.jsonl, ligne {line} : elle a été ajoutée, {size} ont été scellées.",
        "entries.jsonl, line {line}: it was added, {size} were sealed.",
    ),
    "other_root": (
        "Les {count} lignes ne donnent pas la racine signée : une ligne a été changée, ajoutée ou retirée.",
        "The {count} lines do not hash into the signed root: a line was changed, added or removed.",
    ),
    "not_included": (
        "entries.jsonl, ligne {line} : sa preuve ne mène pas à la racine signée.",
        "entries.jsonl, line {line}: its proof does not lead to the signed root.",
    ),
    "other_proof": (
        "{name} : cette preuve est d'un autre rang, ou d'un autre point de contrôle que celui du dossier.",
        "{name}: this proof is of another leaf, or of another checkpoint than the bundle's.",
    ),
    "no_heads": (
        "heads.json, rang {leaf} : cette entrée n'est pas une carte des têtes parmi les lignes.",
        "heads.json, leaf {leaf}: that entry is no heads map among the lines.",
    ),
    "bad_head": (
        "heads.json : la preuve pour le placement {placement} ne mène pas à la carte des têtes.",
        "heads.json: the proof for the placement {placement} does not lead to the heads map.",
    ),
    "left_out": (
        "Placement {placement} : ses entrées s'arrêtent au numéro {found}, le journal en compte {expected}.",
        "Placement {placement}: its entries end at seq {found}, the log has {expected}.",
    ),
    "unproved": (
        "heads.json ne dit rien du placement {placement}, que ce dossier annonce.",
        "heads.json says nothing of the placement {placement}, which this bundle announces.",
    ),
    "out_of_scope": (
        "entries.jsonl, ligne {line} : le placement {placement} n'est pas annoncé.",
        "entries.jsonl, line {line}: the placement {placement} is not announced.",
    ),
    "chains": ("Chaînes sans trou ni branche : {count}.", "Chains without gap or branch: {count}."),
    "bad_link": (
        "entries.jsonl, ligne {line} (placement {placement}, n° {seq}) : elle ne suit pas {before}.",
        "entries.jsonl, line {line} (placement {placement}, seq {seq}): it does not follow {before}.",
    ),
    "bad_concern": (
        "entries.jsonl, ligne {line} : elle concerne une entrée qui n'est pas dans sa chaîne.",
        "entries.jsonl, line {line}: it concerns an entry that is not in its chain.",
    ),
    "second_system": (
        "entries.jsonl, ligne {line} : une seconde chaîne d'actes sans définition.",
        "entries.jsonl, line {line}: a second chain of acts without a definition.",
    ),
    "other_log": (
        "entries.jsonl, ligne {line} : elle est d'un autre journal ({found}).",
        "entries.jsonl, line {line}: it is of another log ({found}).",
    ),
    "seals": ("Scellés, à des dates croissantes : {count}.", "Seals, their times in order: {count}."),
    "bad_seal": (
        "seals.jsonl, ligne {line} : taille ou date en arrière, ou au-delà du point de contrôle.",
        "seals.jsonl, line {line}: size or time goes back, or beyond the checkpoint.",
    ),
    "last_seal": (
        "seals.jsonl : le dernier scellé compte {found} lignes, le point de contrôle {size}.",
        "seals.jsonl: the last seal counts {found} lines, the checkpoint {size}.",
    ),
    "transitions": (
        "Entrées permises par leur définition : {count} (définitions, selon leur copie simple : {definitions}).",
        "Entries allowed by their definition: {count} (definitions, by their plain copy: {definitions}).",
    ),
    "not_allowed": (
        "entries.jsonl, ligne {line} : {kind} {trigger} de {source} à {target} n'est pas permis.",
        "entries.jsonl, line {line}: {kind} {trigger} from {source} to {target} is not allowed.",
    ),
    "unknown_kind": (
        "entries.jsonl, ligne {line} : le genre {kind} est inconnu de cette version de verify.py.",
        "entries.jsonl, line {line}: this version of verify.py does not know the kind {kind}.",
    ),
    "bad_definition": (
        "definitions/{digest}.yaml n'a pas l'empreinte que nomment les entrées.",
        "definitions/{digest}.yaml does not have the digest that the entries name.",
    ),
    "values": (
        "{opened} engagements ouverts, {erased} effacés, {closed} non communiqués.",
        "{opened} commitments opened, {erased} erased, {closed} not disclosed.",
    ),
    "bad_disclosure": (
        "disclosures.jsonl, ligne {line} : aucun engagement ouvert ({name}, placement {placement}, n° {seq}).",
        "disclosures.jsonl, line {line}: it opens no commitment ({name}, placement {placement}, seq {seq}).",
    ),
    "not_erased": (
        "disclosures.jsonl, ligne {line} : {name} est communiqué alors que le journal le dit effacé.",
        "disclosures.jsonl, line {line}: {name} is disclosed though the log says that it was erased.",
    ),
    "files": ("Fichiers conformes au manifeste : {count}.", "Files as the manifest names them: {count}."),
    "bad_file": (
        "{name} n'a pas l'empreinte que nomme le manifeste.",
        "{name} does not have the digest that the manifest names.",
    ),
    "unlisted": ("{name} n'est pas dans le manifeste.", "{name} is not in the manifest."),
    "bad_count": (
        "Le manifeste annonce {expected} ({what}), le dossier en contient {found}.",
        "The manifest announces {expected} ({what}), the bundle holds {found}.",
    ),
    "anchored": (
        "Le journal prolonge {count} points de contrôle parmi les ancres (de {first} à {last} lignes).",
        "The log extends {count} checkpoints among the anchors (from {first} to {last} lines).",
    ),
    "anchors": (
        "Autres ancres : {count}, portant l'empreinte d'un point de contrôle d'ici : {fitting} ; ce qu'elles disent "
        "reste à vérifier auprès de qui les détient.",
        "Other anchors: {count}, with the digest of a checkpoint that is here: {fitting}; what they say is "
        "to be verified with those who hold them.",
    ),
    "stamp": (
        "{name} : {where} ({size} lignes) existait le {at} ; {signature}.",
        "{name}: {where} ({size} lines) existed at {at}; {signature}.",
    ),
    "stamp_of_another": (
        "{name} : horodatage d'un autre point de contrôle, du {at}.",
        "{name}: a time stamp of another checkpoint, at {at}.",
    ),
    "stamp_not_signed": (
        "{name} : la signature de l'horodatage ne mène à aucun des certificats donnés (--tsa).",
        "{name}: the signature of the time stamp leads to none of the given certificates (--tsa).",
    ),
    "signature_checked": ("signature vérifiée par openssl", "signature checked by openssl"),
    "signature_unchecked": (
        "signature non vérifiée (--tsa FICHIER demande les certificats de l'autorité et openssl)",
        "signature not checked (--tsa FILE needs the authority's certificates and openssl)",
    ),
    "no_anchors": ("Aucune ancre dans ce dossier.", "No anchors in this bundle."),
    "missing": ("Il manque {name}.", "{name} is missing."),
    "malformed": ("{where} est illisible.", "{where} cannot be read."),
    "unreadable": ("{name} ne peut être lu ({why}).", "{name} cannot be read ({why})."),
    "too_large": ("{name} est trop grand pour être lu.", "{name} is too large to be read."),
    "no_bundle": (
        "{name} n'est ni un dossier ni un fichier zip.",
        "{name} is neither a folder nor a zip file.",
    ),
    "twice": ("{name} est deux fois dans le fichier zip.", "{name} is in the zip file twice."),
    "other_format": (
        "Le dossier est au format {found}, que cette version de verify.py ne connaît pas.",
        "The bundle has the format {found}, which this version of verify.py does not know.",
    ),
    "usage": ("Arguments : {why}.", "Arguments: {why}."),
    "failed": ("La vérification a échoué ({why}).", "The verification failed ({why})."),
    "verdict_0": ("VÉRIFIÉ", "VERIFIED"),
    "verdict_1": ("FALSIFIÉ", "TAMPERED"),
    "verdict_2": ("INCOMPLET", "INCOMPLETE"),
    "verdict_3": ("INDÉCIDABLE", "CANNOT TELL"),
    "this_checkpoint": ("le point de contrôle", "the checkpoint"),
    "that_earlier": ("le point de contrôle antérieur", "the earlier checkpoint"),
    "your_checkpoint": ("votre point de contrôle", "your checkpoint"),
    "that_anchored": ("un point de contrôle antérieur", "an older checkpoint"),
    "start": ("le début d'une chaîne", "the start of a chain"),
    "after_line": ("la ligne {line}", "line {line}"),
}
MARKS = {VERIFIED: "ok ", TAMPERED: "!! ", INCOMPLETE: "?? ", UNKNOWN: "?? ", REMARK: "-- "}


class Finding(Exception):
    """One thing that was found: a status, the key of a sentence and what it speaks of."""

    def __init__(self, status: int, key: str, **data: Any) -> None:
        super().__init__(key)
        self.status, self.key, self.data = status, key, data

    def sentence(self, lang: str) -> str:
        """What was found, in `fr` or `en`."""
        told = {
            name: value.sentence(lang) if isinstance(value, Finding) else shown(value)
            for name, value in self.data.items()
        }
        return SENTENCES[self.key][lang == "en"].format(**told)


def shown(value: Any) -> str:
    """A value of the bundle as it may be printed: short, and unable to steer a terminal."""
    text = str(value)
    text = text if len(text) <= 100 else text[:100] + "…"
    return "".join(sign if sign.isprintable() else "�" for sign in text)


@contextmanager
def shaped(where: str, status: int = TAMPERED) -> Iterator[None]:
    """Whatever goes wrong in reading a shape is one finding."""
    try:
        yield
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as error:
        raise Finding(status, "malformed", where=where) from error


def parsed(data: bytes) -> Any:
    """JSON without what would let two readers differ: no name twice, no floats. Raises ValueError."""
    return json.loads(
        data.decode("utf-8"),
        object_pairs_hook=_unique,
        parse_int=_integer,
        parse_float=_refused,
        parse_constant=_refused,
    )


def _integer(text: str) -> int:
    if len(text) > 17:
        raise ValueError("an integer too large for JSON")
    return int(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name twice")
    return dict(pairs)


def _refused(text: str) -> Any:
    raise ValueError(f"{text} is not allowed")


def typed(value: Any, *kinds: type) -> Any:
    """The value, where its type is one of those exactly (True is no integer). Raises TypeError."""
    if type(value) not in kinds:
        raise TypeError(f"{type(value).__name__} is not expected")
    return value


def from_base64(text: Any) -> bytes:
    """The bytes that a text in base64 stands for: one text for each. Raises ValueError, TypeError."""
    data = base64.b64decode(typed(text, str), validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("not canonical")
    return data


def hashed(text: Any) -> bytes:
    """The 32 bytes that a text in base64 stands for. Raises ValueError, TypeError."""
    data = from_base64(text)
    if len(data) != 32:
        raise ValueError("no hash")
    return data


# Signed notes (C2SP signed-note) and checkpoints (C2SP tlog-checkpoint).


class Key(NamedTuple):
    """A public key with its name and the id by which signatures speak of it."""

    name: str
    id: bytes
    public: bytes

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}"


class Checkpoint(NamedTuple):
    """What was signed: the log's origin, size and root; by which keys; the exact bytes."""

    origin: str
    size: int
    root: bytes
    keys: tuple[Key, ...]
    data: bytes


def parse_vkey(text: str) -> Key:
    """A key from name+id+base64. Raises ValueError where it is none, or the id does not fit."""
    name, given, encoded = text.split("+", 2)
    data = from_base64(encoded)
    key_id = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if not name or len(data) != 33 or data[0] != 1 or key_id.hex() != given:
        raise ValueError("no Ed25519 key")
    return Key(name, key_id, data[1:])


def parse_note(data: bytes) -> tuple[str, list[tuple[str, bytes]]]:
    """The text of a note and its signatures as (name, id and signature). Raises ValueError."""
    text, gap, tail = data.decode("utf-8").rpartition("\n\n")
    if not text or not gap or not tail.endswith("\n") or len(data) > 1_000_000:
        raise ValueError("no note")
    if any(sign < " " and sign != "\n" for sign in text):
        raise ValueError("control character")
    signatures = []
    for line in tail[:-1].split("\n"):
        dash, name, encoded = line.split(" ")
        signature = from_base64(encoded)
        if dash != "—" or not name or len(signature) < 5:
            raise ValueError("no signature line")
        signatures.append((name, signature))
    return text + "\n", signatures


def open_checkpoint(data: bytes, keys: Sequence[Key], where: Any, unsigned: int) -> Checkpoint:
    """The checkpoint that one of the keys signed; a note that none signed has the status `unsigned`."""
    try:
        text, signatures = parse_note(data)
    except ValueError:
        raise Finding(unsigned, "bad_note", where=where) from None
    known = {(key.name, key.id): key for key in keys}
    signed = [(known[name, value[:4]], value[4:]) for name, value in signatures if (name, value[:4]) in known]
    for key, signature in signed:
        if not ed25519(key.public, text.encode(), signature):
            raise Finding(unsigned, "bad_signature", name=key, where=where)
    if not signed:
        names = ", ".join(f"{name}+{value[:4].hex()}" for name, value in signatures)
        raise Finding(unsigned, "not_signed", where=where, known=", ".join(map(str, keys)), names=names)
    lines = text.split("\n")
    try:
        if not lines[0] or not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]):
            raise ValueError("no origin or size")
        root = hashed(lines[2])
    except (ValueError, IndexError):
        raise Finding(unsigned, "bad_checkpoint", where=where) from None
    return Checkpoint(lines[0], int(lines[1]), root, tuple(key for key, _ in signed), data)


# Proofs of inclusion that stand by themselves (C2SP tlog-proof).


class TlogProof(NamedTuple):
    """The hashes from the sibling of a leaf upwards, and the checkpoint, not verified, that they lead to."""

    leaf: int
    path: list[bytes]
    checkpoint: bytes


def parse_tlog_proof(data: bytes) -> TlogProof:
    """Read a proof; its extra data, which nothing vouches for, are passed over. Raises ValueError."""
    head, gap, checkpoint = data.partition(b"\n\n")
    first, *lines = head.decode("ascii").split("\n")
    if first != "c2sp.org/tlog-proof@v1" or not gap or not lines:
        raise ValueError("no tlog-proof")
    if lines[0].startswith("extra "):
        from_base64(lines.pop(0)[6:])
    found = re.fullmatch("index (0|[1-9][0-9]{0,18})", lines.pop(0)) if lines else None
    if found is None or len(lines) > 64:
        raise ValueError("no index, or too many hashes")
    return TlogProof(int(found[1]), [hashed(line) for line in lines], checkpoint)


# Time stamps (RFC 3161): as much of DER (X.690) as they need. What is not expected is refused.

INTEGER, OCTETS, OID, TIME, SEQUENCE, EXPLICIT = 0x02, 0x04, 0x06, 0x18, 0x30, 0xA0
SIGNED_DATA, TST_INFO, SHA_256 = (
    bytes.fromhex(text) for text in ("2a864886f70d010702", "2a864886f70d0109100104", "608648016503040201")
)


class Stamp(NamedTuple):
    """What a time stamp says: of which SHA-256, and when; and the token that says it. Its signature is not read."""

    digest: bytes
    at: str
    token: bytes


def der(data: bytes) -> list[tuple[int, bytes, bytes]]:
    """The values that lie one after another: tag, content, all bytes of each. Raises ValueError."""
    found, at = [], 0
    while at < len(data):
        start, tag, size = at, data[at], int.from_bytes(data[at + 1 : at + 2], "big")
        at += 2
        if tag & 0x1F == 0x1F or size == 0x80 or size > 0x84:
            raise ValueError("no DER")
        if size > 0x80:
            at, size = at + size - 0x80, int.from_bytes(data[at : at + size - 0x80], "big")
        at += size
        if at > len(data):
            raise ValueError("cut short")
        found.append((tag, data[at - size : at], data[start:at]))
    return found


def inside(value: tuple[int, bytes, bytes], *tags: int) -> list[tuple[int, bytes, bytes]]:
    """What a value holds, which must begin with these tags. Raises ValueError."""
    found = der(value[1])
    if tuple(tag for tag, _, _ in found[: len(tags)]) != tags:
        raise ValueError("another structure")
    return found


def parse_stamp(data: bytes) -> Stamp:
    """What a response, or the token in it, says. Raises ValueError where it is neither, or is not of SHA-256."""
    (whole,) = der(data)
    parts = inside(whole) if inside(whole)[0][0] == SEQUENCE else [whole, whole]
    if len(parts) != 2:
        raise ValueError("no token")
    token = parts[1]
    kind, content = inside(token, OID, EXPLICIT)
    (signed,) = inside(content, SEQUENCE)
    inner_kind, inner = inside(inside(signed, INTEGER, 0x31, SEQUENCE)[2], OID, EXPLICIT)
    (octets,) = inside(inner, OCTETS)
    (info,) = inside(octets, SEQUENCE)
    _, _, imprint, _, at = inside(info, INTEGER, OID, SEQUENCE, INTEGER, TIME)[:5]
    algorithm, digest = inside(imprint, SEQUENCE, OCTETS)
    kinds = kind[1], inner_kind[1], inside(algorithm, OID)[0][1]
    if kinds != (SIGNED_DATA, TST_INFO, SHA_256) or len(digest[1]) != 32:
        raise ValueError("no time stamp of SHA-256")
    return Stamp(digest[1], _instant(at[1]), token[2])


def _instant(data: bytes) -> str:
    found = re.fullmatch(rb"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,9})?Z", data)
    if found is None:
        raise ValueError("no time in UTC")
    year, month, day, hour, minute, second, fraction = (part.decode() for part in found.groups(b""))
    time.strptime(f"{year}{month}{day}{hour}{minute}{second}", "%Y%m%d%H%M%S")
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}{fraction}Z"


def stamp_signed(stamp: Stamp, roots: bytes) -> bool | None:
    """Whether the signature of a stamp leads to one of these certificates; None where `openssl` is not at hand."""
    program = shutil.which("openssl") if os.name == "posix" else None
    if program is None or not Path(program).is_absolute():
        return None
    # Certificates must have held when the stamp was made, not for ever after.
    made_at = calendar.timegm(time.strptime(stamp.at[:19], "%Y-%m-%dT%H:%M:%S"))
    with tempfile.TemporaryDirectory() as folder:
        token, trusted = Path(folder, "token"), Path(folder, "roots")
        token.write_bytes(stamp.token)
        trusted.write_bytes(roots)
        words = ["ts", "-verify", "-token_in", "-in", str(token), "-digest", stamp.digest.hex()]
        words += ["-CAfile", str(trusted), "-attime", str(made_at)]
        try:
            done = subprocess.run([program, *words], capture_output=True, timeout=60)  # noqa: S603 - no shell
        except (OSError, subprocess.SubprocessError):
            return None
    return done.returncode == 0


# The Merkle tree (RFC 9162, section 2.1).

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf's bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Root:
    """The root over leaves that come one after the other; holds one hash for each bit of their number."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash on the right."""
        self.size += 1
        bits = self.size
        while not bits & 1:
            leaf, bits = node_hash(self._subtrees.pop(), leaf), bits >> 1
        self._subtrees.append(leaf)

    def value(self) -> bytes:
        """The root so far."""
        if not self._subtrees:
            return EMPTY_ROOT
        *others, current = self._subtrees
        for subtree in reversed(others):
            current = node_hash(subtree, current)
        return current


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof leads from a leaf to a root (section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    fn, sn, current = index, size - 1, leaf
    for item in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            current = node_hash(item, current)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            current = node_hash(current, item)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and current == root


def extends(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows one tree to be the beginning of another (section 2.1.4.2)."""
    if old in (0, size):
        return not proof and old_root == (root if old == size else EMPTY_ROOT)
    if not 0 < old < size or not proof:
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for item in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(item, fr), node_hash(item, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, item)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_root and sr == root


# Entries, heads and commitments.


def entry_hash(data: bytes) -> str:
    """The chain hash of an entry's bytes."""
    return hashlib.sha256(b"parcours entry v1\n" + data).hexdigest()


def commitment_to(disclosure: str) -> str:
    """The commitment that a disclosure opens (RFC 9901, section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(disclosure.encode()).digest()).rstrip(b"=").decode()


def disclosed_name(disclosure: str) -> str:
    """The name of the field that a disclosure speaks of. Raises ValueError, TypeError."""
    data = base64.urlsafe_b64decode(disclosure + "=" * (-len(disclosure) % 4))
    _, name, _ = json.loads(data.decode("utf-8"))
    return str(typed(name, str))


def head_bytes(placement: str, seq: int, digest: str) -> bytes:
    """The leaf of a heads map."""
    head = json.dumps([placement, seq, digest], ensure_ascii=False, separators=(",", ":"))
    return b"parcours head v1\n" + head.encode("utf-8", "surrogatepass")


class Entry(NamedTuple):
    """What is checked of one line."""

    line: int
    leaf: int
    hash: str
    log: str
    placement: str
    seq: int
    prev: str
    kind: str
    trigger: str | None
    source: str | None
    target: str | None
    digest: str | None
    commitments: dict[str, str]
    concerns: int | None
    concerns_hash: str | None
    fields: dict[str, Any]


def read_entry(line: int, leaf: int, data: bytes) -> Entry:
    """One line, hashed and then parsed."""
    with shaped(f"entries.jsonl:{line}"):
        plain, nothing = parsed(data), type(None)
        if typed(plain["v"], int) != FORMAT:
            raise Finding(UNKNOWN, "other_format", found=plain["v"])
        definition = typed(plain["definition"], dict, nothing)
        commitments = typed(plain["commitments"], dict)
        return Entry(
            line,
            leaf,
            entry_hash(data),
            typed(plain["log"], str),
            typed(plain["placement"], str),
            typed(plain["seq"], int),
            typed(plain["prev"], str),
            typed(plain["kind"], str),
            typed(plain["trigger"], str, nothing),
            typed(plain["from"], str, nothing),
            typed(plain["to"], str, nothing),
            None if definition is None else typed(definition["digest"], str),
            {name: typed(value, str) for name, value in commitments.items()},
            typed(plain["concerns"], int, nothing),
            typed(plain["concerns_hash"], str, nothing),
            typed(plain["fields"], dict),
        )


# The bundle: a folder or a zip file.


class Bundle:
    """Reads the files of a bundle by name; whatever fails is a finding."""

    def __init__(self, path: Path, opened: ExitStack) -> None:
        self._folder, self._zip, self._opened = path, None, opened
        if path.is_dir():
            found = [item for item in path.rglob("*") if item.is_file()]
            self.names = {item.relative_to(path).as_posix() for item in found}
            return
        with reading(str(path)):
            if not zipfile.is_zipfile(path):
                raise Finding(UNKNOWN, "no_bundle", name=path)
            self._zip = opened.enter_context(zipfile.ZipFile(path))
            names = self._zip.namelist()
        self.names = set(names)
        if len(self.names) != len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise Finding(TAMPERED, "twice", name=twice)

    def read(self, name: str) -> bytes:
        """A whole file."""
        with reading(name), self._open(name) as stream:
            data = stream.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            raise Finding(UNKNOWN, "too_large", name=name)
        return data

    def plain(self, name: str) -> Any:
        """A whole JSON file."""
        data = self.read(name)
        with shaped(name):
            return parsed(data)

    def lines(self, name: str) -> Iterator[tuple[int, bytes]]:
        """The lines of a file, counted from 1, without what ends them."""
        with reading(name), self._open(name) as stream:
            for number, line in enumerate(iter(lambda: stream.readline(MAX_LINE), b""), 1):
                if len(line) == MAX_LINE:
                    raise Finding(UNKNOWN, "too_large", name=f"{name}:{number}")
                yield number, line[:-1] if line.endswith(b"\n") else line

    def digest(self, name: str) -> str:
        """The SHA-256 of a file, hexadecimal."""
        state = hashlib.sha256()
        with reading(name), self._open(name) as stream:
            for piece in iter(lambda: stream.read(1 << 20), b""):
                state.update(piece)
        return state.hexdigest()

    def _open(self, name: str) -> IO[bytes]:
        if name not in self.names:
            raise Finding(INCOMPLETE, "missing", name=name)
        if self._zip is None:
            return self._opened.enter_context((self._folder / name).open("rb"))
        return self._opened.enter_context(self._zip.open(name))


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Whatever goes wrong in reading a file is one finding."""
    try:
        yield
    except Finding:
        raise
    except (OSError, NotImplementedError, RuntimeError) as error:
        raise Finding(UNKNOWN, "unreadable", name=name, why=str(error)) from error
    except Exception as error:
        # A wrong check sum, a cut archive, broken compression: each library has an error of its own.
        raise Finding(TAMPERED, "unreadable", name=name, why=str(error)) from error


class Manifest(NamedTuple):
    """What the bundle says of itself. Nobody signs it: what it says is compared, not believed."""

    log: str
    origin: str
    scope: tuple[str, ...] | None
    counts: dict[str, int]
    files: dict[str, str]


def read_manifest(bundle: Bundle) -> Manifest:
    """The manifest; `scope` is None where the bundle holds the whole log."""
    plain = bundle.plain("manifest.json")
    with shaped("manifest.json"):
        if plain["format"] != FORMAT:
            raise Finding(UNKNOWN, "other_format", found=plain["format"])
        scope = typed(plain["scope"], str, dict)
        if isinstance(scope, str) and scope != "whole":
            raise ValueError("no scope")
        placements = None if scope == "whole" else tuple(typed(item, str) for item in scope["placements"])
        counts = {name: typed(count, int) for name, count in plain["counts"].items()}
        files = {name: typed(digest, str) for name, digest in plain["files"].items()}
        return Manifest(typed(plain["log"], str), typed(plain["origin"], str), placements, counts, files)


# Definitions, as far as a verifier without a YAML reader can follow them.

MOVES = {"transition", "recorded", "timeout", "automatic"}
KEEPS = {
    "missed", "milestone", "reminder", "amendment", "pause", "resume", "extension", "move", "note",
    "approval", "erasure",
}  # fmt: skip


class Rules(NamedTuple):
    """Which moves a definition allows: (trigger, from) to the states that they lead to."""

    initial: str
    edges: dict[tuple[str, str], set[str]]

    @property
    def states(self) -> set[str]:
        """Every state that the moves speak of."""
        return {self.initial} | {source for _, source in self.edges} | set().union(*self.edges.values())


def read_rules(bundle: Bundle, digest: str) -> Rules:
    """The plain copy of a definition, beside exact bytes that have the digest."""
    if not re.fullmatch("[0-9a-f]{64}", digest) or bundle.digest(f"definitions/{digest}.yaml") != digest:
        raise Finding(TAMPERED, "bad_definition", digest=digest)
    name = f"definitions/{digest}.json"
    plain = bundle.plain(name)
    edges: dict[tuple[str, str], set[str]] = {}
    with shaped(name):
        for trigger, source, target in plain["edges"]:
            to = source if target is None else target
            edges.setdefault((typed(trigger, str), typed(source, str)), set()).add(typed(to, str))
        return Rules(typed(plain["initial"], str), edges)


class Chain:
    """Where the entries of one placement have led to."""

    def __init__(self) -> None:
        self.line = 0
        self.hashes: list[str] = []
        self.state: str | None = None
        self.states: set[str] = set()
        self.of_placement = True

    def follows(self, entry: Entry) -> bool:
        """Whether an entry is the next one."""
        prev = self.hashes[-1] if self.hashes else GENESIS
        same_nature = not self.hashes or self.of_placement == (entry.digest is not None)
        return (entry.seq, entry.prev, entry.source) == (
            len(self.hashes) + 1,
            prev,
            self.state,
        ) and same_nature

    def knows_concern(self, entry: Entry) -> bool:
        """Whether the entry that this one corrects or reverses stands before it, with that hash."""
        if entry.concerns is None:
            return True
        if not 1 <= entry.concerns < entry.seq or entry.concerns > len(self.hashes):
            return False
        return entry.concerns_hash in (None, self.hashes[entry.concerns - 1])

    def add(self, entry: Entry) -> None:
        """Move on."""
        self.line, self.state, self.of_placement = entry.line, entry.target, entry.digest is not None
        self.hashes.append(entry.hash)
        if entry.target is not None:
            self.states.add(entry.target)


def allowed(rules: Rules, chain: Chain, entry: Entry) -> bool | None:
    """Whether a definition allows an entry after those before it; None for a kind that is not known here."""
    source, target = entry.source, entry.target
    if entry.kind == "placed":
        return source is None and target == rules.initial and entry.seq == 1
    if entry.kind in MOVES:
        return target in rules.edges.get((entry.trigger or "", source or ""), ())
    if entry.kind in KEEPS:
        return source == target
    if entry.kind == "reversal":
        return entry.concerns is not None and target in chain.states
    if entry.kind == "migration":
        return target in rules.states
    return target == VOIDED if entry.kind == "void" else None


class Walk:
    """One pass over all lines: what each check will say of them. Keeps the first bad line of each kind."""

    def __init__(self, bundle: Bundle, manifest: Manifest, sizes: set[int]) -> None:
        self.bundle, self.manifest = bundle, manifest
        self.root, self.roots = Root(), {size: EMPTY_ROOT for size in sizes if size == 0}
        self._sizes = sizes
        self.bad: dict[str, Finding] = {}
        self.count = self.ruled = 0
        self.chains: dict[str, Chain] = {}
        self.rules: dict[str, Rules | Finding] = {}
        self.heads_leaf = None if manifest.scope is None else read_heads_leaf(bundle)
        self.heads: Entry | None = None
        self.system: str | None = None
        self.leaves: list[tuple[int, bytes]] = []
        self.by_leaf: dict[str, list[tuple[int, int, str]]] = {}
        self.disclosures = read_disclosures(bundle)
        self.opened = 0
        self.closed: set[str] = set()
        self.opened_at: dict[str, tuple[int, str]] = {}
        self.erased: set[str] = set()
        self._run()

    def _run(self) -> None:
        lines, leaves = self.bundle.lines("entries.jsonl"), self.bundle.lines("leaves.jsonl")
        for line, leaf in zip_longest(lines, leaves):
            if line is None:
                size = leaf[0] + sum(1 for _ in leaves)
                self._note("tree", Finding(TAMPERED, "line_missing", count=self.count, size=size))
                return
            self.count = line[0]
            if leaf is None:
                self._note("tree", Finding(TAMPERED, "line_added", line=line[0], size=line[0] - 1))
            try:
                index = self._leaf(line[0], line[1], leaf[1] if leaf else None)
                self._entry(read_entry(line[0], index, line[1]))
            except Finding as finding:
                self._note("tree", finding)

    def _note(self, topic: str, finding: Finding) -> None:
        self.bad.setdefault(topic, finding)

    def _leaf(self, number: int, data: bytes, told: bytes | None) -> int:
        """Where a line stands in the tree; compares its hash with the one that leaves.jsonl names."""
        found = leaf_hash(data)
        index, named = number - 1, None
        if told is not None:
            with shaped(f"leaves.jsonl:{number}"):
                plain = parsed(told)
                index = typed(plain[0] if isinstance(plain, list) else plain, int)
                named = hashed(plain[1]) if isinstance(plain, list) else None
        self.root.append(found)
        if self.root.size in self._sizes:
            self.roots[self.root.size] = self.root.value()
        if self.manifest.scope is not None:
            self.leaves.append((index, found))
        if named is not None and named != found:
            self._note("tree", Finding(TAMPERED, "line_changed", line=number))
        elif self.manifest.scope is None and index != number - 1:
            finding = Finding(TAMPERED, "line_misplaced", line=number, found=index, expected=number - 1)
            self._note("tree", finding)
        return index

    def _entry(self, entry: Entry) -> None:
        if entry.log != self.manifest.log:
            self._note("chain", Finding(TAMPERED, "other_log", line=entry.line, found=entry.log))
        if entry.leaf == self.heads_leaf and entry.kind == "heads":
            # In a part of the log this line stands alone: its own chain is not there.
            self.heads = entry
            return
        scope = self.manifest.scope
        if scope is not None and entry.placement not in scope:
            finding = Finding(TAMPERED, "out_of_scope", line=entry.line, placement=entry.placement)
            self._note("chain", finding)
        self._chain(entry)
        self._values(entry)
        if scope is not None:
            self.by_leaf.setdefault(entry.placement, []).append((entry.leaf, entry.seq, entry.hash))

    def _chain(self, entry: Entry) -> None:
        chain = self.chains.setdefault(entry.placement, Chain())
        if not chain.follows(entry):
            before = Finding(REMARK, "after_line", line=chain.line) if chain.line else Finding(REMARK, "start")
            where = {"line": entry.line, "placement": entry.placement, "seq": entry.seq}
            self._note("chain", Finding(TAMPERED, "bad_link", before=before, **where))
        elif not chain.knows_concern(entry):
            self._note("chain", Finding(TAMPERED, "bad_concern", line=entry.line))
        if entry.digest is not None:
            self._rule(entry, entry.digest, chain)
        elif self.system not in (None, entry.placement):
            self._note("chain", Finding(TAMPERED, "second_system", line=entry.line))
        else:
            self.system = entry.placement
        chain.add(entry)

    def _rule(self, entry: Entry, digest: str, chain: Chain) -> None:
        if digest not in self.rules:
            try:
                self.rules[digest] = read_rules(self.bundle, digest)
            except Finding as finding:
                self.rules[digest] = finding
        rules = self.rules[digest]
        if isinstance(rules, Finding):
            self._note("rules", rules)
            return
        verdict = allowed(rules, chain, entry)
        self.ruled += 1
        if verdict is None:
            self._note("rules", Finding(UNKNOWN, "unknown_kind", line=entry.line, kind=entry.kind))
        elif not verdict:
            told = {
                "kind": entry.kind,
                "trigger": entry.trigger,
                "source": entry.source,
                "target": entry.target,
            }
            self._note("rules", Finding(TAMPERED, "not_allowed", line=entry.line, **told))

    def _values(self, entry: Entry) -> None:
        if entry.kind == "erasure":
            self.erased.update(str(entry.fields.get("erased", "")).split())
        for name, commitment in entry.commitments.items():
            line, disclosure = self.disclosures.pop((entry.placement, entry.seq, name), (0, ""))
            if not line:
                self.closed.add(commitment)
                continue
            with shaped(f"disclosures.jsonl:{line}"):
                fits = commitment_to(disclosure) == commitment and disclosed_name(disclosure) == name
            self.opened += 1
            self.opened_at[commitment] = line, name
            if not fits:
                where = {"line": line, "name": name, "placement": entry.placement, "seq": entry.seq}
                self._note("values", Finding(TAMPERED, "bad_disclosure", **where))


def read_heads_leaf(bundle: Bundle) -> int:
    """Which leaf holds the heads map that a part of the log is proved by."""
    plain = bundle.plain("heads.json")
    with shaped("heads.json"):
        return int(typed(plain["entry"], int))


def read_disclosures(bundle: Bundle) -> dict[tuple[str, int, str], tuple[int, str]]:
    """(placement, seq, name) to the line and the disclosure; none where the file is not there."""
    found = {}
    for number, line in bundle.lines("disclosures.jsonl") if "disclosures.jsonl" in bundle.names else ():
        with shaped(f"disclosures.jsonl:{number}"):
            placement, seq, name, disclosure = parsed(line)
            key = typed(placement, str), typed(seq, int), typed(name, str)
            found[key] = number, str(typed(disclosure, str))
    return found


# The checks, in the order in which they are told.


class Rotation(NamedTuple):
    """An announced change of key: where, under which checkpoint, which of the two was believed before."""

    name: str
    leaf: int
    old: Key
    new: Key
    checkpoint: Checkpoint
    by: Key


def read_rotation(case: Case, name: str, believed: Sequence[Key]) -> Rotation | None:
    """The change of key in a file of the bundle; None where neither key is believed."""
    data, proof_of = case.bundle.read(name), name[: -len("entry")] + "tlog-proof"
    with shaped(name):
        plain = parsed(data)
        if (plain["log"], plain["kind"], plain["definition"]) != (case.manifest.log, "key_rotated", None):
            raise ValueError("no announcement of this log")
        old, new = (parse_vkey(typed(plain["fields"][which], str)) for which in ("old", "new"))
    by = next((key for key in (old, new) if key in believed), None)
    if by is None:
        return None
    with shaped(proof_of):
        proof = parse_tlog_proof(case.bundle.read(proof_of))
    checkpoint = open_checkpoint(proof.checkpoint, [by], proof_of, TAMPERED)
    included = includes(leaf_hash(data), proof.leaf, checkpoint.size, proof.path, checkpoint.root)
    if checkpoint.origin != case.manifest.origin or not included or proof.leaf + 1 != checkpoint.size:
        raise Finding(TAMPERED, "bad_rotation", name=name)
    return Rotation(name, proof.leaf, old, new, checkpoint, by)


class Case:
    """A bundle, and what the auditor holds."""

    def __init__(self, bundle: Bundle, key: bytes | None, held: bytes | None, tsa: bytes | None) -> None:
        self.bundle, self._key, self._held, self.tsa = bundle, key, held, tsa
        self.key_given = key is not None
        self.manifest = read_manifest(bundle)

    @cached_property
    def rotations(self) -> list[Rotation]:
        """The announced changes of key that a key already believed vouches for, in the order of the log."""
        names = sorted(name for name in self.bundle.names if re.fullmatch(r"keys/[0-9]{12}\.entry", name))
        waiting, found, believed = names, list[Rotation](), list(self.received)
        while waiting:
            read = {name: read_rotation(self, name, believed) for name in waiting}
            known = [each for each in read.values() if each is not None]
            if not known:
                break
            found += known
            believed += [key for each in known for key in (each.old, each.new) if key not in believed]
            waiting = [name for name, each in read.items() if each is None]
        return sorted(found, key=lambda each: each.leaf)

    @cached_property
    def keys(self) -> list[Key]:
        """The keys to believe: those received, and those that they lead to by announced changes."""
        led_to = (key for each in self.rotations for key in (each.old, each.new))
        return list(dict.fromkeys([*self.received, *led_to]))

    @cached_property
    def received(self) -> list[Key]:
        """The keys that were given, else those in the bundle."""
        if self._key is not None:
            where, texts = "--key", self._key.splitlines()
        else:
            where = "keys/"
            names = sorted(name for name in self.bundle.names if re.fullmatch(r"keys/[^/]+\.vkey", name))
            texts = [line for name in names for line in self.bundle.read(name).splitlines()]
        keys = []
        for text in texts:
            try:
                keys.append(parse_vkey(text.decode("utf-8").strip()))
            except ValueError:
                continue
        if not keys:
            raise Finding(UNKNOWN if self.key_given or texts else INCOMPLETE, "no_key", where=where)
        return keys

    @cached_property
    def checkpoint(self) -> Checkpoint:
        """The checkpoint that this bundle is measured by."""
        # A key that gave way to another signs nothing any more.
        keys = [self.rotations[-1].new] if self.rotations else self.keys
        checkpoint = open_checkpoint(self.bundle.read("checkpoint"), keys, "checkpoint", TAMPERED)
        self._expect_origin(checkpoint, "checkpoint", TAMPERED)
        return checkpoint

    @cached_property
    def held(self) -> Checkpoint | None:
        """The checkpoint that the auditor kept."""
        if self._held is None:
            return None
        where = Finding(REMARK, "your_checkpoint")
        checkpoint = open_checkpoint(self._held, self.keys, where, UNKNOWN)
        self._expect_origin(checkpoint, where, UNKNOWN)
        return checkpoint

    @cached_property
    def earlier(self) -> Checkpoint | None:
        """The earlier checkpoint that the bundle brings, where there is one."""
        name = "earlier_checkpoint"
        if name not in self.bundle.names and name not in self.manifest.files:
            return None
        unsigned = UNKNOWN if self.key_given else TAMPERED
        checkpoint = open_checkpoint(self.bundle.read(name), self.keys, name, unsigned)
        self._expect_origin(checkpoint, name, TAMPERED)
        return checkpoint

    @cached_property
    def anchored(self) -> dict[str, Checkpoint]:
        """The older checkpoints among the anchors, by the name of their file."""
        unsigned, found = UNKNOWN if self.key_given else TAMPERED, {}
        for name in sorted(name for name in self.bundle.names if ANCHORED.fullmatch(name)):
            found[name] = open_checkpoint(self.bundle.read(name), self.keys, name, unsigned)
            self._expect_origin(found[name], name, TAMPERED)
        return found

    def _expect_origin(self, checkpoint: Checkpoint, where: Any, status: int) -> None:
        if checkpoint.origin != self.manifest.origin:
            told = {"found": checkpoint.origin, "expected": self.manifest.origin}
            raise Finding(status, "other_origin", where=where, **told)

    @property
    def walk(self) -> Walk:
        """The pass over all lines: one, whether it comes to its end or not."""
        if isinstance(self._walked, Finding):
            raise self._walked
        return self._walked

    @cached_property
    def _walked(self) -> Walk | Finding:
        try:
            return Walk(self.bundle, self.manifest, set(self._older_sizes()))
        except Finding as finding:
            return finding

    @property
    def is_whole(self) -> bool:
        """Whether all lines of the log are there and hash into the signed root: then they say what came before."""
        walk, checkpoint = self._walked, self.checkpoint
        complete = self.manifest.scope is None and isinstance(walk, Walk) and "tree" not in walk.bad
        return complete and (self.walk.count, self.walk.root.value()) == (checkpoint.size, checkpoint.root)

    def _older_sizes(self) -> Iterator[int]:
        yield from (checkpoint.size for _, checkpoint in self.readable("anchored", "held", "earlier"))
        yield from (each.checkpoint.size for each in self.rotations)

    def readable(self, *names: str) -> Iterator[tuple[str, Checkpoint]]:
        """Those of `checkpoint`, `held`, `earlier`, `anchored` that are there and signed."""
        for name in names:
            try:
                found = getattr(self, name)
            except Finding:
                continue
            if isinstance(found, dict):
                yield from ((name, checkpoint) for checkpoint in found.values())
            elif found is not None:
                yield name, found


def check_signatures(case: Case) -> Iterator[Finding]:
    """Signed, by which key, and where that key is from."""
    keys = case.keys
    yield Finding(REMARK, "key_checked" if case.key_given else "key_unchecked")
    checkpoint = case.checkpoint
    names = ", ".join(str(key) for key in checkpoint.keys if key in keys)
    yield Finding(VERIFIED, "signed", origin=checkpoint.origin, size=checkpoint.size, names=names)


def check_rotations(case: Case) -> Iterator[Finding]:
    """Which key gave way to which, and that the log extends what both of them signed."""
    for each in case.rotations:
        finding = extension(case, each.checkpoint, each.name)
        if finding.status != VERIFIED:
            yield finding
        else:
            told = {"old": each.old, "new": each.new, "by": each.by}
            yield Finding(VERIFIED, "rotated", line=each.leaf + 1, **told)


def check_held(case: Case) -> Iterator[Finding]:
    """Extends the checkpoint that the auditor kept."""
    if case.held is None:
        yield Finding(REMARK, "none_held")
    else:
        yield extension(case, case.held, Finding(REMARK, "your_checkpoint"))


def check_earlier(case: Case) -> Iterator[Finding]:
    """Extends the earlier checkpoint in the bundle."""
    if case.earlier is not None:
        yield extension(case, case.earlier, "earlier_checkpoint")


def extension(case: Case, older: Checkpoint, where: Any) -> Finding:
    """Whether the checkpoint extends an older one: by hashing anew what is there, else by the proof."""
    now = case.checkpoint
    told = {"where": where, "size": older.size}
    if older.size > now.size:
        return Finding(TAMPERED, "shorter", now=now.size, **told)
    if older.size not in (0, now.size) and case.is_whole:
        fits = case.walk.roots[older.size] == older.root
    else:
        proof = consistency(case.bundle, older.size, now.size)
        if proof is None:
            return Finding(UNKNOWN, "no_consistency", **told)
        fits = extends(older.size, older.root, now.size, now.root, proof)
    return Finding(VERIFIED, "extends", **told) if fits else Finding(TAMPERED, "not_extended", **told)


def consistency(bundle: Bundle, old: int, size: int) -> list[bytes] | None:
    """The proof that the bundle brings for an older size; None where it brings none."""
    if old in (0, size):
        return []
    proofs = bundle.plain("consistency.json")
    with shaped("consistency.json"):
        found = typed(proofs, dict).get(str(old))
        return None if found is None else [hashed(item) for item in found]


def check_tree(case: Case) -> Iterator[Finding]:
    """All lines hash into the root, or each is included and the heads show that none was left out."""
    walk, size = case.walk, case.checkpoint.size
    if "tree" in walk.bad:
        yield walk.bad["tree"]
    elif case.manifest.scope is not None:
        yield from part(case, case.manifest.scope)
    elif walk.count < size:
        yield Finding(TAMPERED, "line_missing", count=walk.count, size=size)
    elif walk.count > size:
        yield Finding(TAMPERED, "line_added", line=size + 1, size=size)
    elif walk.root.value() != case.checkpoint.root:
        yield Finding(TAMPERED, "other_root", count=walk.count)
    else:
        yield Finding(VERIFIED, "tree_whole", count=walk.count, size=size)


def part(case: Case, scope: Sequence[str]) -> Iterator[Finding]:
    """Inclusion of each line, and a head for each placement announced."""
    walk, size, root = case.walk, case.checkpoint.size, case.checkpoint.root
    listed = listed_proofs(case)
    for number, (index, leaf) in enumerate(walk.leaves, 1):
        proofs = proofs_of(case, listed, number, index)
        if not proofs or not all(includes(leaf, index, size, proof, root) for proof in proofs):
            yield Finding(TAMPERED, "not_included", line=number)
            return
    covered = check_heads(case, scope)
    told = {"count": walk.count, "size": size, "placements": len(scope)}
    yield Finding(VERIFIED, "tree_part", covered=covered, after=size - covered, **told)


def listed_proofs(case: Case) -> list[Any] | None:
    """The proofs in inclusion.json; None where it is not there and not needed."""
    names = {proof_name(index) for index, _ in case.walk.leaves}
    needed = "inclusion.json" in case.bundle.names or not names <= case.bundle.names
    if not needed:
        return None
    with shaped("inclusion.json"):
        return list(typed(case.bundle.plain("inclusion.json"), list))


def proofs_of(case: Case, listed: list[Any] | None, number: int, index: int) -> list[list[bytes]]:
    """The proofs that the bundle brings for a line: in one form, in the other, or in both."""
    name = proof_name(index)
    found = [tlog_proof(case, name, index)] if name in case.bundle.names else []
    if listed is not None:
        with shaped(f"inclusion.json[{number}]"):
            found.append([hashed(item) for item in listed[number - 1]])
    return found


def proof_name(index: int) -> str:
    """The file of a leaf's proof."""
    return f"proofs/{index:012}.tlog-proof"


def tlog_proof(case: Case, name: str, index: int) -> list[bytes]:
    """The hashes in one file of `proofs/`, which must be of this leaf and of the checkpoint that was verified."""
    with shaped(name):
        proof = parse_tlog_proof(case.bundle.read(name))
    if (proof.leaf, proof.checkpoint) != (index, case.checkpoint.data):
        raise Finding(TAMPERED, "other_proof", name=name)
    return proof.path


def check_heads(case: Case, scope: Sequence[str]) -> int:
    """Compare the last entry of each placement with the heads map; gives the size that the map covers."""
    walk, plain = case.walk, case.bundle.plain("heads.json")
    if walk.heads is None or walk.heads.digest is not None:
        raise Finding(TAMPERED, "no_heads", leaf=walk.heads_leaf)
    with shaped("heads.json"):
        fields = walk.heads.fields
        root, count = bytes.fromhex(fields["heads_root"]), typed(fields["heads_count"], int)
        covered = typed(fields["heads_size"], int)
        if not 0 <= covered <= walk.heads.leaf:
            raise ValueError("a map of what came after it")
        present = {item["placement"]: item for item in plain["present"]}
        absent = {item["placement"]: item for item in plain["absent"]}
        for placement in scope:
            if placement in present:
                _check_present(walk, placement, present[placement], covered, (root, count))
            elif placement in absent:
                _check_absent(walk, placement, absent[placement], covered, (root, count))
            else:
                raise Finding(TAMPERED, "unproved", placement=placement)
    return int(covered)


def _check_present(walk: Walk, placement: str, proof: dict[str, Any], covered: int, top: tuple[bytes, int]) -> None:
    if not shows_head(proof, *top):
        raise Finding(TAMPERED, "bad_head", placement=placement)
    ours = [item for item in walk.by_leaf.get(placement, ()) if item[0] < covered]
    found = ours[-1][1] if ours else 0
    if not ours or (ours[-1][1], ours[-1][2]) != (proof["seq"], proof["hash"]):
        raise Finding(TAMPERED, "left_out", placement=placement, found=found, expected=proof["seq"])


def _check_absent(walk: Walk, placement: str, proof: dict[str, Any], covered: int, top: tuple[bytes, int]) -> None:
    left, right = proof["left"], proof["right"]
    sides = [side for side in (left, right) if side is not None]
    before = -1 if left is None else left["index"]
    after = top[1] if right is None else right["index"]
    between = (left is None or left["placement"] < placement) and (right is None or placement < right["placement"])
    empty = bool(sides) or top == (EMPTY_ROOT, 0)
    if not all(shows_head(side, *top) for side in sides) or not between or not empty or before + 1 != after:
        raise Finding(TAMPERED, "bad_head", placement=placement)
    if any(item[0] < covered for item in walk.by_leaf.get(placement, ())):
        raise Finding(TAMPERED, "left_out", placement=placement, found=1, expected=0)


def shows_head(proof: dict[str, Any], root: bytes, count: int) -> bool:
    """Whether a proof shows a head to be in the map. Raises what `shaped` turns into a finding."""
    data = head_bytes(typed(proof["placement"], str), typed(proof["seq"], int), typed(proof["hash"], str))
    path = [hashed(item) for item in proof["path"]]
    return includes(leaf_hash(data), typed(proof["index"], int), count, path, root)


def check_chains(case: Case) -> Iterator[Finding]:
    """Every chain dense, every entry of this log."""
    yield case.walk.bad.get("chain") or Finding(VERIFIED, "chains", count=len(case.walk.chains))


def check_seals(case: Case) -> Iterator[Finding]:
    """Sizes grow, times do not go back, and the last seal is the checkpoint's."""
    size, at, count, instant = 0, "", 0, r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
    for number, line in case.bundle.lines("seals.jsonl"):
        with shaped(f"seals.jsonl:{number}"):
            new_size, new_at = parsed(line)
            well_formed = re.fullmatch(instant, typed(new_at, str), re.ASCII)
            in_order = size < typed(new_size, int) <= case.checkpoint.size and at <= new_at
        if not well_formed or not in_order:
            yield Finding(TAMPERED, "bad_seal", line=number)
            return
        size, at, count = new_size, new_at, number
    if size != case.checkpoint.size:
        yield Finding(TAMPERED, "last_seal", found=size, size=case.checkpoint.size)
    else:
        yield Finding(VERIFIED, "seals", count=count)


def check_transitions(case: Case) -> Iterator[Finding]:
    """Every transition allowed by its definition."""
    walk = case.walk
    yield walk.bad.get("rules") or Finding(VERIFIED, "transitions", count=walk.ruled, definitions=len(walk.rules))


def check_values(case: Case) -> Iterator[Finding]:
    """Which commitments are opened, erased, kept closed."""
    walk = case.walk
    if "values" in walk.bad:
        yield walk.bad["values"]
        return
    for (placement, seq, name), (line, _) in walk.disclosures.items():
        yield Finding(TAMPERED, "bad_disclosure", line=line, name=name, placement=placement, seq=seq)
        return
    for commitment, (line, name) in walk.opened_at.items():
        if commitment in walk.erased:
            yield Finding(TAMPERED, "not_erased", line=line, name=name)
            return
    erased = len(walk.closed & walk.erased)
    yield Finding(VERIFIED, "values", opened=walk.opened, erased=erased, closed=len(walk.closed) - erased)


def check_files(case: Case) -> Iterator[Finding]:
    """Every file as the manifest names it. This finds accidents; the checks above find intentions."""
    bundle, manifest = case.bundle, case.manifest
    for name, digest in sorted(manifest.files.items()):
        if bundle.digest(name) != digest:
            raise Finding(TAMPERED, "bad_file", name=name)
    for name in sorted(bundle.names - set(manifest.files)):
        if name in READ_FILES or name.startswith(("definitions/", "keys/", "anchors/", "proofs/")):
            raise Finding(TAMPERED, "unlisted", name=name)
    found = {"entries": case.walk.count, "placements": len(case.walk.chains)}
    for what in manifest.counts.keys() & found.keys():
        if manifest.counts[what] != found[what]:
            told = {"expected": manifest.counts[what], "found": found[what]}
            raise Finding(TAMPERED, "bad_count", what=what, **told)
    yield Finding(VERIFIED, "files", count=len(manifest.files))


READ_FILES = {
    "entries.jsonl", "leaves.jsonl", "checkpoint", "earlier_checkpoint", "consistency.json", "inclusion.json",
    "heads.json", "disclosures.jsonl", "seals.jsonl",
}  # fmt: skip


def check_anchored(case: Case) -> Iterator[Finding]:
    """Extends each of the older checkpoints that went out: then a stamp of one is a stamp of these lines."""
    for name, older in case.anchored.items():
        finding = extension(case, older, name)
        if finding.status != VERIFIED:
            yield finding
            return
    sizes = sorted(older.size for older in case.anchored.values())
    if sizes:
        yield Finding(VERIFIED, "anchored", count=len(sizes), first=sizes[0], last=sizes[-1])


def check_anchors(case: Case) -> Iterator[Finding]:
    """What others keep of the checkpoints, as far as it can be seen here."""
    names = sorted(name for name in case.bundle.names if name.startswith("anchors/"))
    if not names:
        yield Finding(REMARK, "no_anchors")
        return
    others = []
    for name in names:
        if ANCHORED.fullmatch(name):
            continue
        data = case.bundle.read(name)
        try:
            stamp = parse_stamp(data)
        except (ValueError, IndexError):
            others.append(data)
            continue
        yield check_stamp(case, name, stamp)
    if others:
        here = [checkpoint.data for _, checkpoint in case.readable("anchored", "earlier", "held", "checkpoint")]
        signs = {sign for data in here for sign in (data, sha256(data), sha256(data).hex().encode())}
        fitting = sum(any(sign in item for sign in signs) for item in others)
        yield Finding(REMARK, "anchors", count=len(others), fitting=fitting)


def sha256(data: bytes) -> bytes:
    """The digest by which anchors name a checkpoint."""
    return hashlib.sha256(data).digest()


def check_stamp(case: Case, name: str, stamp: Stamp) -> Finding:
    """Of which checkpoint a time stamp is, and of what time, by whose signature."""
    told = {"name": name, "at": stamp.at}
    checkpoints = case.readable("anchored", "earlier", "held", "checkpoint")
    digests = {sha256(checkpoint.data): (which, checkpoint.size) for which, checkpoint in checkpoints}
    if stamp.digest not in digests:
        return Finding(REMARK, "stamp_of_another", **told)
    signed = None if case.tsa is None else stamp_signed(stamp, case.tsa)
    if signed is False:
        return Finding(UNKNOWN, "stamp_not_signed", **told)
    which, size = digests[stamp.digest]
    where = Finding(REMARK, STAMPED[which])
    signature = Finding(REMARK, "signature_checked" if signed else "signature_unchecked")
    return Finding(VERIFIED if signed else REMARK, "stamp", where=where, size=size, signature=signature, **told)


ANCHORED = re.compile(r"anchors/[^/]+\.checkpoint")
STAMPED = {
    "checkpoint": "this_checkpoint", "held": "your_checkpoint", "earlier": "that_earlier", "anchored": "that_anchored",
}  # fmt: skip

CHECKS: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    check_signatures, check_rotations, check_held, check_earlier, check_tree, check_chains, check_seals,
    check_transitions, check_values, check_files, check_anchored, check_anchors,
)  # fmt: skip


def verify(path: Path, key: bytes | None = None, held: bytes | None = None, tsa: bytes | None = None) -> list[Finding]:
    """Everything that is found in a bundle, in the order in which it is told; the same finding only once."""
    try:
        with ExitStack() as opened:
            return checked(Case(Bundle(path, opened), key, held, tsa))
    except Finding as finding:
        return [finding]


def checked(case: Case) -> list[Finding]:
    """What all checks say."""
    findings: list[Finding] = []
    for check in CHECKS:
        try:
            findings += check(case)
        except Finding as finding:
            if all((finding.key, finding.data) != (item.key, item.data) for item in findings):
                findings.append(finding)
    return findings


def verdict(findings: Sequence[Finding]) -> int:
    """The exit code: what was tampered with outweighs what is missing, and that what cannot be told."""
    bad = [finding.status for finding in findings if finding.status in (TAMPERED, INCOMPLETE, UNKNOWN)]
    return min(bad, default=VERIFIED)


class Arguments(argparse.ArgumentParser):
    """Says wrong usage as "cannot tell": 2 means that a bundle is incomplete."""

    def error(self, message: str) -> Any:
        """Raise instead of ending."""
        raise Finding(UNKNOWN, "usage", why=message)


def default_lang() -> str:
    """French unless the locale is English."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "en" if next((name for name in names if name), "").startswith("en") else "fr"


def run(arguments: Sequence[str]) -> tuple[list[Finding], str]:
    """What is found, and the language to say it in."""
    parser = Arguments(description="Verifies an evidence bundle of Parcours.")
    parser.add_argument("bundle", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--key", type=Path, help="public keys received by another channel")
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint that you kept")
    parser.add_argument("--tsa", type=Path, help="root certificates of a time-stamp authority, received from it")
    parser.add_argument("--lang", choices=("fr", "en"), default=default_lang())
    lang = default_lang()
    try:
        given = parser.parse_args(arguments)
        lang = given.lang
        key, held, tsa = (path and read_given(path) for path in (given.key, given.checkpoint, given.tsa))
        return verify(given.bundle, key, held, tsa), lang
    except Finding as finding:
        return [finding], lang
    except Exception as error:
        # Whatever the bytes: an auditor gets an answer, and this one claims nothing.
        return [Finding(UNKNOWN, "failed", why=f"{type(error).__name__}: {error}")], lang


def read_given(path: Path) -> bytes:
    """A file of the auditor's own."""
    with reading(str(path)), path.open("rb") as stream:
        return stream.read(MAX_FILE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was found and give the exit code."""
    findings, lang = run(sys.argv[1:] if arguments is None else arguments)
    code = verdict(findings)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")
    for finding in findings:
        print(MARKS[finding.status] + finding.sentence(lang))
    print(SENTENCES[f"verdict_{code}"][lang == "en"])
    return code


if __name__ == "__main__":
    sys.exit(main())
