"""Definitions to be simulated: the rules in a file, the people who live by them, and a second definition beside."""

from pathlib import Path

from operators.simulation.behaviours import Behaviours
from operators.simulation.reading import check_against, load_behaviours, shipped_for
from operators.simulation.running import Plan, rules_of, simulate
from operators.simulation.telling import Policy
from operators.simulation.writing import drafted
from workflow.definition import Definition
from workflow.loader import load_definition
from workflow.rules import Rules


def rules_at(path: Path) -> Rules:
    """The rules of the definition in a file. Raises DefinitionError."""
    return rules_of(load_definition(path), str(path))


def people_of(definition: Definition, behaviour: Path | None = None) -> Behaviours:
    """The behaviours in a file, else those shipped for this definition, else those that its shape suggests."""
    path = behaviour or shipped_for(definition)
    return drafted(definition) if path is None else load_behaviours(path, definition)


def other_policy(path: Path, habits: Behaviours, plan: Plan, first: str) -> Policy:
    """The same people under another definition: the names that they use are looked for there too."""
    rules = rules_at(path)
    check_against(habits, rules.definition, str(path))
    name = path.stem if path.stem != first else f"{path.stem} ({path.parent.name or '2'})"
    return Policy(name, rules.definition, habits, simulate(rules, habits, plan))
