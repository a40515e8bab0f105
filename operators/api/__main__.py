"""Writes the OpenAPI document, without a database: `python -m operators.api > schema/openapi.json`."""

import json
import sys

from operators.api.app import routed
from operators.api.documents import document


def main() -> None:
    """Print the document of this program's API."""
    sys.stdout.write(json.dumps(document(routed()), ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    main()
