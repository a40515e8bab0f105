"""What a mutant changes, in French and in English: where in the file, from what to what."""

from collections.abc import Mapping
from typing import Any, Final

from workflow.language.positions import Path
from workflow.language.wording import Said

KINDS: Final[Mapping[str, Said]] = {
    "state": Said("état", "state"),
    "transition": Said("transition", "transition"),
    "role": Said("rôle", "role"),
    "guard": Said("condition", "guard"),
    "deadline": Said("échéance", "deadline"),
    "need": Said("donnée demandée", "need"),
    "field": Said("champ", "field"),
    "table": Said("table", "table"),
    "quota": Said("quota", "quota"),
    "retention": Said("durée de conservation", "retention"),
}
"""What kinds of mutants are called."""

LEFT_OUT: Final = Said("supprimé", "left out")
UPWARDS: Final = Said("mis avant celui qui le précède", "before the one above")


def without(name: str) -> Said:
    """One name less."""
    return Said(f"sans {name}", f"without {name}")


def added(name: str) -> Said:
    """One name more."""
    return Said(f"avec {name} en plus", f"and {name}")


def behind(name: str) -> Said:
    """Put after another one."""
    return Said(f"mis après {name}", f"after {name}")


def becomes(before: Any, after: Any) -> Said:
    """One value instead of another."""
    old, new = written(before), written(after)
    return Said(f"« {old} » devient « {new} »", f"“{old}” becomes “{new}”")


def appears(value: Any) -> Said:
    """A value where there was none."""
    new = written(value)
    return Said(f"« {new} » ajouté", f"“{new}” added")


def at(path: Path, what: Said) -> Said:
    """A change with its place in the file; items of lists are counted from 1."""
    dotted = ".".join(str(step + 1 if isinstance(step, int) else step) for step in path)
    return Said(f"{dotted} : {what.fr}", f"{dotted}: {what.en}")


def written(value: Any) -> str:
    """A value on one line, as the file has it, cut where it is long."""
    text = " ".join(_yaml(value).split())
    return text if len(text) <= 160 else f"{text[:159]}…"


def _yaml(value: Any) -> str:
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{name}: {_yaml(each)}" for name, each in value.items())
        return f"{{{pairs}}}"
    if isinstance(value, list):
        items = ", ".join(map(_yaml, value))
        return f"[{items}]"
    return str(value).lower() if isinstance(value, bool) else str(value)
