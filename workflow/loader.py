"""From the bytes of a `states.yaml` to a checked definition, or all that is wrong with it, with its place.

Four steps: the YAML (yaml_nodes.py), the shape (validation.py), the names and types (building.py), and
whether the process makes sense (checks.py). Knows nothing of databases and commands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from workflow.calendar import Calendar
from workflow.checks import Fault, check
from workflow.definition import Definition
from workflow.errors import DefinitionError, Finding
from workflow.language.building import build_definition
from workflow.language.names import Names
from workflow.language.positions import START, Source
from workflow.language.validation import validate
from workflow.language.wording import unreadable
from workflow.language.yaml_nodes import MAX_BYTES, read_yaml
from workflow.predicates import PREDICATE_NAMES

# Where these are found, a life under the definition is none, and its clocks mean nothing.
_HINDERING = frozenset({"automatic_cycle", "wrong_expression", "unknown_predicate", "leaves_final_state"})


def load_definition(path: str | Path) -> Definition:
    """The checked definition in a file; `DefinitionError` with every finding, also for an unreadable file."""
    return check_definition(_read(path), str(path))


def prove_definition(path: str | Path) -> Definition:
    """As `load_definition`, and nothing is found about what time brings either: invariants hold."""
    definition, findings = examine_definition(_read(path), str(path))
    if findings or definition is None:
        raise DefinitionError(findings)
    return definition


def _read(path: str | Path) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DefinitionError([Source(str(path)).finding(START, "file_unreadable", *unreadable(error))]) from None


def check_definition(data: bytes, file: str, *, predicates: frozenset[str] = PREDICATE_NAMES) -> Definition:
    """The definition in these bytes, checked throughout; `DefinitionError` with every finding otherwise."""
    return _definition(data, file, predicates, thoroughly=True)


def examine_definition(
    data: bytes, file: str, *, predicates: frozenset[str] = PREDICATE_NAMES, calendar: Calendar | None = None
) -> tuple[Definition | None, list[Finding]]:
    """The definition in these bytes, if it can be told, and every finding, about what time brings too.

    That takes about a second, so that only whoever asks for a check pays for it. `calendar`: by default, the one that
    the definition names.
    """
    from workflow.timing.standings import with_lives
    from workflow.timing.times import calendar_of, check_times

    examined = _examined(data, file, predicates, thoroughly=True)
    definition, findings = examined.definition, examined.findings
    if definition is not None and examined.sound and not {finding.code for finding in findings} & _HINDERING:
        days = calendar or calendar_of(definition, examined.source)
        mute = [finding.message for finding in findings if finding.code == "never_fires"]
        known = frozenset(name for name in definition.deadlines if any(repr(name) in message for message in mute))
        bare = {fault.finding for fault in examined.faults}
        findings = [each for each in findings if each not in bare]
        findings += with_lives(definition, days, examined.faults)
        findings += check_times(definition, examined.source, days, known)
    return definition, _in_order(findings)


def read_definition(data: bytes, file: str, *, predicates: frozenset[str] = PREDICATE_NAMES) -> Definition:
    """The definition in bytes that were checked when they were published; quicker than `check_definition`.

    Shape and names are looked at all the same, `DefinitionError` if they are wrong. Expressions are not
    compiled, and whether the process makes sense is not asked again.
    """
    return _definition(data, file, predicates, thoroughly=False)


@dataclass(frozen=True, slots=True)
class _Examined:
    definition: Definition | None
    source: Source
    findings: list[Finding]
    sound: bool
    faults: Sequence[Fault] = ()


def _definition(data: bytes, file: str, predicates: frozenset[str], *, thoroughly: bool) -> Definition:
    examined = _examined(data, file, predicates, thoroughly=thoroughly)
    if examined.findings or examined.definition is None:
        raise DefinitionError(_in_order(examined.findings))
    return examined.definition


def _examined(data: bytes, file: str, predicates: frozenset[str], *, thoroughly: bool) -> _Examined:
    source, findings = read_yaml(data, file)
    validated = validate(source)
    findings += validated.findings
    if validated.document is None:
        return _Examined(None, source, findings, sound=False)
    names = Names(source, predicates, sound=validated.whole)
    definition = build_definition(names, validated.document, data, thoroughly=thoroughly)
    findings += names.findings
    faults = check(definition, source) if thoroughly and names.sound else []
    findings += [fault.finding for fault in faults]
    return _Examined(definition, source, findings, names.sound, faults)


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(dict.fromkeys(findings), key=lambda finding: (finding.line, finding.column))
