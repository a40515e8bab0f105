"""One proof of inclusion as a text that stands by itself (C2SP tlog-proof): for tools that are not ours.

It refuses to know what the entry says, and how a proof is computed or verified.
"""

import base64
from collections.abc import Iterable

HEADER = "c2sp.org/tlog-proof@v1"
ENDING = ".tlog-proof"


def format_proof(index: int, path: Iterable[bytes], checkpoint: bytes) -> bytes:
    """The proof that the leaf at `index` lies under a checkpoint, which is included as it is; no extra data.

    `path` goes from the leaf's sibling up to the root's child (RFC 6962, section 2.1.1).
    """
    hashes = "".join(f"{base64.b64encode(item).decode()}\n" for item in path)
    return f"{HEADER}\nindex {index}\n{hashes}\n".encode() + checkpoint
