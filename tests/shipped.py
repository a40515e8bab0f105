"""The definitions that the repository ships, in one place: the process itself, its variant, and the examples.

A new one is added here, and is then checked, published, lived and drawn by every test that goes through them.
"""

from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
STANDARD = ROOT / "states.yaml"
VARIANTS: Mapping[str, Path] = {"best_effort_selection": ROOT / "variants" / "best_effort_selection.yaml"}
EXAMPLES: Mapping[str, Path] = {
    name: ROOT / "examples" / name / "states.yaml"
    for name in ("information_request", "building_permit", "security_incident")
}
DEFINITIONS: Mapping[str, Path] = {"standard": STANDARD, **VARIANTS, **EXAMPLES}
