"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint): how a log commits itself to a root.

It refuses to know what the log holds and where keys and checkpoints are kept. Every refusal is an
IntegrityBroken with one sentence: a note of which anything is wrong says nothing at all.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from workflow.errors import IntegrityBroken

_ED25519 = b"\x01"
_ID_BYTES, _KEY_BYTES, _HASH_BYTES = 4, 32, 32
_MAX_BYTES, _MAX_SIGNATURES = 1_000_000, 100
_SIGNATURE_LINE = re.compile(r"— (\S+) (\S+)")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")
_SECRET = "PRIVATE+KEY"  # noqa: S105 - the fixed beginning of the format, no secret


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the name and the id (4 bytes) of a key, and what it signed with."""

    name: str
    key_id: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note: its text with the final newline, and its signatures, of which none is verified yet."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True)
class Verifier:
    """A public key with the name under which it signs."""

    name: str
    public: bytes

    @cached_property
    def key_id(self) -> bytes:
        """The first 4 bytes of SHA-256(name, newline, 0x01, key): which key a signature line speaks of."""
        return hashlib.sha256(f"{self.name}\n".encode() + _ED25519 + self.public).digest()[:_ID_BYTES]

    @property
    def vkey(self) -> str:
        """The key as text to hand out: name+id+base64."""
        return f"{self.name}+{self.key_id.hex()}+{_base64(_ED25519 + self.public)}"

    def accepts(self, text: str, signature: bytes) -> bool:
        """Whether this key made a signature of a text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A private key (its 32-byte seed, which is not shown) with the name under which it signs."""

    name: str
    private: Ed25519PrivateKey

    @cached_property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self.private.public_key().public_bytes_raw())

    @property
    def skey(self) -> str:
        """The key as secret text, as the Go implementation of signed notes writes it."""
        secret = _base64(_ED25519 + self.private.private_bytes_raw())
        return f"{_SECRET}+{self.name}+{self.verifier.key_id.hex()}+{secret}"

    def sign(self, text: str) -> Signature:
        """The signature of a text."""
        return Signature(self.name, self.verifier.key_id, self.private.sign(text.encode()))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log commits itself to: its origin (a name that stays), its size in leaves, its root."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text to sign."""
        lines = (self.origin, str(self.size), _base64(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


def new_signer(name: str) -> Signer:
    """A fresh key under a name. Raises IntegrityBroken for a name that no key can have."""
    return Signer(_checked_name(name), Ed25519PrivateKey.generate())


def parse_vkey(text: str) -> Verifier:
    """Read a public key from its text. Raises IntegrityBroken, saying why."""
    name, given, key = _key_parts(text, "a public key (name+id+base64)")
    verifier = Verifier(name, key)
    _expect_id(verifier, given)
    return verifier


def parse_skey(text: str) -> Signer:
    """Read a private key from its text. Raises IntegrityBroken, saying why but never what it read."""
    if not text.startswith(f"{_SECRET}+"):
        raise IntegrityBroken(f"this is no private key: it does not begin with {_SECRET}")
    name, given, seed = _key_parts(text.removeprefix(f"{_SECRET}+"), "a private key")
    signer = Signer(name, Ed25519PrivateKey.from_private_bytes(seed))
    _expect_id(signer.verifier, given)
    return signer


def sign(text: str, *signers: Signer) -> bytes:
    """A note over a text, signed by each signer. Raises IntegrityBroken for a text that no note can hold."""
    _check_text(text)
    return format_note(Note(text, tuple(signer.sign(text) for signer in signers)))


def format_note(note: Note) -> bytes:
    """The bytes of a note, so that signatures of witnesses can be added to it."""
    lines = (f"— {item.name} {_base64(item.key_id + item.value)}\n" for item in note.signatures)
    return (note.text + "\n" + "".join(lines)).encode()


def parse_note(data: bytes) -> Note:
    """Read a note. Raises IntegrityBroken; nothing is verified yet."""
    if len(data) > _MAX_BYTES:
        raise IntegrityBroken(f"a signed note of {len(data)} bytes is too long: {_MAX_BYTES} are allowed")
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise IntegrityBroken("a signed note is not UTF-8") from None
    text, gap, tail = whole.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise IntegrityBroken("a signed note ends with an empty line and signature lines: there are none")
    _check_text(text + "\n")
    lines = tail.removesuffix("\n").split("\n")
    if len(lines) > _MAX_SIGNATURES:
        raise IntegrityBroken(f"a signed note has {len(lines)} signatures: {_MAX_SIGNATURES} are allowed")
    return Note(text + "\n", tuple(_signature(line) for line in lines))


def verified(data: bytes, verifiers: Iterable[Verifier]) -> tuple[Note, tuple[Verifier, ...]]:
    """The note, and which of the known keys signed it: at least one. Unknown keys are passed over.

    Raises IntegrityBroken where the note is malformed, or signed by no known key, or falsely by a known one.
    """
    note = parse_note(data)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signed: dict[Verifier, None] = {}
    for item in note.signatures:
        verifier = known.get((item.name, item.key_id))
        if verifier is None:
            continue
        if not verifier.accepts(note.text, item.value):
            raise IntegrityBroken(f"the signature of {item.name} ({item.key_id.hex()}) does not fit the note")
        signed[verifier] = None
    if not signed:
        names = ", ".join(f"{item.name} ({item.key_id.hex()})" for item in note.signatures)
        raise IntegrityBroken(f"no known key signed the note; it is signed by {names}")
    return note, tuple(signed)


def signed_by(data: bytes) -> str:
    """The ids of the keys that a note says to be signed by, unverified, to be named in a sentence."""
    try:
        return ", ".join(item.key_id.hex() for item in parse_note(data).signatures)
    except IntegrityBroken:
        return "that signed it"


def sign_checkpoint(checkpoint: Checkpoint, *signers: Signer) -> bytes:
    """A checkpoint as a signed note. Raises IntegrityBroken for one that could not be read back."""
    if parse_checkpoint(checkpoint.text) != checkpoint:
        raise IntegrityBroken("the checkpoint cannot be signed: it would be read back as another one")
    return sign(checkpoint.text, *signers)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint, as verified. Raises IntegrityBroken, saying which line is wrong."""
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() != "":
        raise IntegrityBroken("a checkpoint has three lines: origin, size, root")
    origin, size, root, *extensions = lines
    if not origin:
        raise IntegrityBroken("line 1 of the checkpoint, the origin, is empty")
    if not _DECIMAL.fullmatch(size):
        raise IntegrityBroken("line 2 of the checkpoint is no size in decimal digits")
    if "" in extensions:
        raise IntegrityBroken(f"line {extensions.index('') + 4} of the checkpoint is empty")
    digest = _decoded(root, _HASH_BYTES, "line 3 of the checkpoint")
    return Checkpoint(origin, int(size), digest, tuple(extensions))


def open_checkpoint(data: bytes, verifiers: Iterable[Verifier], origin: str) -> Checkpoint:
    """The checkpoint in a note that a known key signed, for the log that is meant. Raises IntegrityBroken."""
    note, _ = verified(data, verifiers)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != origin:
        raise IntegrityBroken(f"the checkpoint is of the log {checkpoint.origin}, not of {origin}")
    return checkpoint


def _signature(line: str) -> Signature:
    match = _SIGNATURE_LINE.fullmatch(line)
    if match is None:
        raise IntegrityBroken("a signature line is not “— name base64”")
    value = _decoded(match[2], None, "a signature")
    if len(value) <= _ID_BYTES:
        raise IntegrityBroken("a signature line holds no signature after the id of the key")
    return Signature(_checked_name(match[1]), value[:_ID_BYTES], value[_ID_BYTES:])


def _check_text(text: str) -> None:
    if not text.endswith("\n") or text == "\n":
        raise IntegrityBroken("the text of a note is empty or does not end with a newline")
    if any(sign < " " and sign != "\n" for sign in text):
        raise IntegrityBroken("the text of a note has a control character")


def _checked_name(name: str) -> str:
    if not name or "+" in name or any(sign.isspace() or sign < " " for sign in name):
        raise IntegrityBroken("the name of a key is empty, or has a space, a control character or a plus")
    return name


def _key_parts(text: str, what: str) -> tuple[str, str, bytes]:
    name, _, rest = text.partition("+")
    given, _, encoded = rest.partition("+")
    data = _decoded(encoded, _KEY_BYTES + 1, what)
    if not data.startswith(_ED25519):
        raise IntegrityBroken(f"{what} of algorithm {data[0]} is not understood: only 1, Ed25519, is")
    return _checked_name(name), given, data[1:]


def _expect_id(verifier: Verifier, given: str) -> None:
    if given != verifier.key_id.hex():
        raise IntegrityBroken(f"the id of the key {verifier.name} does not fit: name or key were changed")


def _decoded(text: str, length: int | None, what: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise IntegrityBroken(f"{what} is not in base64") from None
    # Two texts for the same bytes would let a note be changed without breaking its signature.
    if _base64(data) != text:
        raise IntegrityBroken(f"{what} is not in canonical base64")
    if length is not None and len(data) != length:
        raise IntegrityBroken(f"{what} has {len(data)} bytes, not {length}")
    return data


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
