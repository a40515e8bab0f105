"""Whether a stored entry is the next one of its chain: what the sealer asks before it signs, and `audit verify` of all.

Hashes bytes, then parses them. It refuses to know what an entry does to a placement.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal, Protocol

import msgspec

from workflow.history import entry_hash

COMMIT_BOUND = timedelta(seconds=60)
"""How long after its recording time an entry may be committed: one recorded longer before a seal came too late."""


class Link(msgspec.Struct, frozen=True, gc=False):
    """The keys of an entry that bind it to its chain and its log, in the order of the bytes: each is found at once."""

    kind: str
    log: str
    placement: str
    prev: str
    recorded_at: Annotated[datetime, msgspec.Meta(tz=True)]
    seq: int
    v: Literal[1]


class Stored(Protocol):
    """What is stored of an entry; None where it is gone."""

    @property
    def placement(self) -> str: ...

    @property
    def seq(self) -> int: ...

    @property
    def prev(self) -> str | None: ...

    @property
    def hash(self) -> str | None: ...

    @property
    def data(self) -> bytes | None: ...


class Last(Protocol):
    """The last entry of a chain so far."""

    @property
    def seq(self) -> int: ...

    @property
    def hash(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: a stable code, and where: a placement's reference and a seq, or a number of a seal."""

    code: str
    reference: str | None = None
    seq: int | None = None
    detail: str = ""

    def sentence(self, lang: str) -> str:
        """What is wrong, in `fr` or `en`."""
        where = "" if self.reference is None else self.reference + ("" if self.seq is None else f" {self.seq}") + ": "
        told = SENTENCES[self.code][lang == "en"]
        detail = f" ({self.detail})" if self.detail else ""
        return (where if lang == "en" else where.replace(": ", " : ")) + told + detail

    def record(self, lang: str) -> Mapping[str, object]:
        """The same as JSON."""
        return {"code": self.code, "reference": self.reference, "seq": self.seq, "message": self.sentence(lang)}


class _Recorded(msgspec.Struct, frozen=True, gc=False):
    recorded_at: datetime


_RECORDED = msgspec.json.Decoder(_Recorded)
linked: Final[Callable[[bytes], Link]] = msgspec.json.Decoder(Link).decode
"""What binds an entry. Raises ValueError where the bytes are no entry of this format."""


def read_link(data: bytes) -> Link | None:
    """What binds an entry; None where the bytes are no entry of this format."""
    try:
        return linked(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def is_recorded_before(data: bytes, bound: datetime) -> bool:
    """Whether these bytes say a moment of recording before this one; bytes that say none do not."""
    try:
        recorded_at = _RECORDED.decode(data).recorded_at
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return recorded_at.tzinfo is not None and recorded_at < bound


def link_of(stored: Stored, head: Last, log: str) -> Link | str:
    """What binds an entry that is the next one after `head`; else the code of what keeps it from being that."""
    if stored.data is None:
        return "entry_missing"
    # SQLite keeps whatever type it is given, whatever the column says.
    if not isinstance(stored.data, bytes):
        return "entry_unreadable"
    if entry_hash(stored.data) != stored.hash:
        return "bytes_changed"
    link = read_link(stored.data)
    if link is None:
        return "entry_unreadable"
    if link.placement != stored.placement or link.seq != stored.seq or link.prev != stored.prev:
        return "columns_changed"
    if link.log != log:
        return "other_log"
    if stored.seq != head.seq + 1:
        return "seq_twice" if stored.seq <= head.seq else "seq_missing"
    return link if stored.prev == head.hash else "link_broken"


SENTENCES: Mapping[str, tuple[str, str]] = {
    "entry_missing": ("l'entrée n'est plus là", "the entry is gone"),
    "bytes_changed": ("l'entrée n'a plus l'empreinte notée", "the entry does not have the hash that was kept"),
    "entry_unreadable": ("l'entrée est illisible", "the entry cannot be read"),
    "columns_changed": ("ses colonnes ne disent pas ce que dit l'entrée", "its columns differ from the entry"),
    "other_log": ("l'entrée est d'un autre journal", "the entry is of another log"),
    "seq_twice": ("ce numéro est pris deux fois, ou hors d'ordre", "this number is there twice, or out of order"),
    "seq_missing": ("une entrée manque avant celle-ci", "an entry is missing before this one"),
    "link_broken": ("l'entrée ne suit pas la précédente", "the entry does not follow the one before"),
    "row_differs": (
        "la ligne du dossier ne nomme pas sa dernière entrée",
        "the placement's row does not name its last entry",
    ),
    "chain_empty": ("le dossier n'a aucune entrée", "the placement has no entry"),
    "never_queued": (
        "l'entrée n'est ni scellée ni en attente de l'être",
        "the entry is neither sealed nor waiting to be",
    ),
    "sealed_twice": ("l'entrée est scellée et encore en attente", "the entry is sealed and still waits to be"),
    "after_unsealed": (
        "l'entrée est scellée, celle d'avant ne l'est pas",
        "the entry is sealed, the one before is not",
    ),
    "other_than_sealed": ("l'entrée n'est pas celle qui a été scellée", "the entry is not the one that was sealed"),
    "recorded_late": (
        "heure d'enregistrement antérieure de plus de 60 s au scellé d'avant",
        "recorded more than 60 s before the seal that precedes it",
    ),
    "rows_unreadable": ("des lignes stockées sont illisibles", "stored rows cannot be read"),
    "leaf_missing": ("une feuille manque dans l'arbre", "a leaf of the tree is missing"),
    "leaf_added": ("une feuille est là que nul scellé ne couvre", "a leaf is there that no seal covers"),
    "tree_changed": ("l'arbre stocké ne donne pas la racine signée", "the stored tree does not give the signed root"),
    "seal_wrong": (
        "scellé : les entrées ne donnent pas la racine signée",
        "seal: the entries do not give the signed root",
    ),
    "seal_signature": ("scellé : la signature ou sa ligne est fausse", "seal: its signature or its row is wrong"),
    "seal_order": ("scellé : numéro, taille ou date en arrière", "seal: number, size or time goes back"),
    "older_than_checkpoint": (
        "la base est plus ancienne que le point de contrôle retenu",
        "the database is older than the checkpoint that was remembered",
    ),
    "checkpoint_differs": (
        "l'historique scellé n'est pas celui du point de contrôle",
        "the sealed history is not that of the checkpoint",
    ),
    "checkpoint_unreadable": (
        "le point de contrôle est illisible ou étranger",
        "it is no checkpoint of this log",
    ),
}
