"""`python -m operators.simulation` prints the JSON Schema of behaviour files, which the repository keeps."""

import json

from operators.simulation.forms import behaviour_schema


def schema_text() -> str:
    """The schema as the file in the repository has it."""
    return json.dumps(behaviour_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(schema_text(), end="")
