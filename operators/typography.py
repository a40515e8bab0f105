"""French typography: a sign that stands apart from its word never begins a line by itself.

After the rules of the Imprimerie nationale, with one width of space for all signs, which browsers show reliably.
"""

import re
from typing import Final

_BEFORE: Final = re.compile(r" (?=[:;?!»])")


def french(text: str) -> str:
    """The same sentence with spaces that do not break before `:`, `;`, `?`, `!`, `»`, and after `«`."""
    return _BEFORE.sub("\u00a0", text).replace("« ", "«\u00a0")
