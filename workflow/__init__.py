"""The workflow engine: definitions, civil time, deciding, settling. What others import most is named here."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow.definition import Definition
    from workflow.engine import Engine
    from workflow.errors import DefinitionError, StalePlacement, TransitionRefused
    from workflow.loader import load_definition

__all__ = ["Definition", "DefinitionError", "Engine", "StalePlacement", "TransitionRefused", "load_definition"]
_WHERE = {
    "Definition": "workflow.definition",
    "DefinitionError": "workflow.errors",
    "Engine": "workflow.engine",
    "StalePlacement": "workflow.errors",
    "TransitionRefused": "workflow.errors",
    "load_definition": "workflow.loader",
}


def __getattr__(name: str) -> object:
    # Loaded when asked for: whoever computes a date should not pay for the loader.
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
