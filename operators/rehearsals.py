"""What a rehearsal of a definition's file comes to: the answer for programs, lines for people, and whether it is good.

Knows where the record and the scenarios of a definition lie: beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operators import rehearsal_lines as lines
from rehearsal.coverage import Coverage
from rehearsal.differing import differences, sentence
from rehearsal.mutating import Mutant
from rehearsal.playing import Shown, play
from rehearsal.record import Record, read_record, record_text
from rehearsal.recording import recorded
from rehearsal.rehearsing import Limits, Rehearsal, all_faults, mapped, prepared, rehearse
from rehearsal.scenarios.living import Otherwise, live
from rehearsal.scenarios.reading import Scenario, read_scenarios
from rehearsal.surviving import hunt
from settings import WrongUsage
from workflow.changes import Published
from workflow.definition import Definition
from workflow.errors import InputRefused
from workflow.language.wording import Said
from workflow.loader import load_definition

Told = tuple[dict[str, Any], list[Said], bool]
"""The answer for programs, the lines for people, and whether all is good."""


@dataclass(frozen=True)
class Subject:
    """A definition's file, published in memory."""

    path: Path
    published: Published
    definition: Definition

    @property
    def record_path(self) -> Path:
        """Where its expected outcomes are kept."""
        return self.path.with_suffix(".expected.json")

    @property
    def scenario_paths(self) -> list[Path]:
        """The scenario files beside it, sorted."""
        return sorted((self.path.parent / "scenarios").glob("*.yaml"))


def subject(path: Path) -> Subject:
    """The definition in a file, ready to be rehearsed. Raises DefinitionError."""
    return Subject(path, *prepared(load_definition(path).source, str(path)))


def limits(loops: int, paths: int, seconds: float) -> Limits:
    """How far a rehearsal goes."""
    return Limits(loops, paths, seconds)


def test(of: Subject, within: Limits, threshold: float, lang: str) -> Told:
    """Rehearse, compare with the record, live the scenarios. Raises InputRefused for files that cannot be read."""
    scenarios = [each for path in of.scenario_paths for each in read_scenarios(_bytes(path), str(path), of.definition)]
    expected = read_record(_bytes(of.record_path), str(of.record_path)) if of.record_path.exists() else None
    rehearsal = rehearse(of.published.source, str(of.path), within)
    differing = None if expected is None else differences(expected, of.published)
    otherwise = [(each, live(each, of.published, of.definition)) for each in scenarios]
    good = (
        rehearsal.coverage.percent >= threshold
        and not all_faults(rehearsal)
        and not differing
        and not any(wrong for _, wrong in otherwise)
    )
    answer = {
        **_head(of),
        "threshold": threshold,
        **_rehearsed(rehearsal, lang),
        "expected": None if expected is None else str(of.record_path),
        "differences": [_difference(each, of.definition, lang) for each in differing or ()],
        "scenarios": [_scenario(each, wrong, lang) for each, wrong in otherwise],
        "ok": good,
    }
    told = [
        *lines.seen(of.path, rehearsal, threshold),
        *lines.compared(of.record_path, differing, of.definition),
        *lines.lived(otherwise),
    ]
    return answer, told, good


def record(of: Subject) -> Told:
    """Write what the definition does now as what is expected of it."""
    coverage = Coverage(of.definition)
    found, player = mapped(of.published, of.definition, coverage)
    made = recorded(found, player)
    of.record_path.write_text(record_text(made), "utf-8")
    outcomes = sum(1 for _ in play(made, of.published))
    answer = {**_head(of), "expected": str(of.record_path), "situations": len(made.situations), "outcomes": outcomes}
    return answer, [lines.recorded(of.record_path, len(made.situations), outcomes)], True


def hunt_mutants(of: Subject, count: int, seed: int, threshold: float, lang: str) -> Told:
    """Try mutants against the record. Raises WrongUsage without one."""
    result = hunt(of.published.source, str(of.path), _kept_record(of), count, seed)
    good = result.percent >= threshold
    answer = {
        **_head(of),
        "threshold": threshold,
        "seed": seed,
        "mutants": len(result.fates),
        "killed": result.killed,
        "percent": round(result.percent, 1),
        "refused_by_check": result.refused,
        "kinds": {kind: {"killed": dead, "of": all_} for kind, (dead, all_) in result.by_kind().items()},
        "survivors": [_survivor(of, each, lang) for each in result.survivors],
        "ok": good,
    }
    return answer, list(lines.hunted(of.path, result, threshold)), good


def _kept_record(of: Subject) -> Record:
    """The record of a definition that keeps it."""
    if not of.record_path.exists():
        fr = f"{of.record_path} n'existe pas : enregistrez d'abord les résultats attendus (--record)"
        raise WrongUsage(fr, f"{of.record_path} does not exist: record the expected outcomes first (--record)")
    expected = read_record(_bytes(of.record_path), str(of.record_path))
    if differences(expected, of.published):
        fr = "la définition ne fait plus ce qui est attendu : lancez d'abord definition test, puis --record"
        raise WrongUsage(fr, "the definition does not do what is expected: run definition test first, then --record")
    return expected


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        from workflow.language.positions import START, Source
        from workflow.language.wording import unreadable

        raise InputRefused([Source(str(path)).finding(START, "file_unreadable", *unreadable(error))]) from None


def _head(of: Subject) -> dict[str, Any]:
    name = {"name": of.definition.name, "version": of.definition.version, "digest": of.definition.digest}
    return {"file": str(of.path), "definition": name}


def _in(said: Said, lang: str) -> str:
    return said.en if lang == "en" else said.fr


def _rehearsed(rehearsal: Rehearsal, lang: str) -> dict[str, Any]:
    coverage = rehearsal.coverage
    counts = coverage.counts().items()
    return {
        "percent": round(coverage.percent, 1),
        "coverage": {section: {"seen": seen, "of": of} for section, (seen, of) in counts},
        "missing": [
            {"section": goal.section, "name": goal.name, "outcome": goal.outcome, "why": _in(coverage.why[goal], lang)}
            for goal in coverage.missing
        ],
        "situations": len(rehearsal.found.situations),
        "paths": rehearsal.walked.paths,
        "paths_cut": rehearsal.walked.cut,
        "edges": rehearsal.edges.runs,
        "edges_cut": rehearsal.edges.cut,
        "unreached": [_in(each.said, lang) for each in rehearsal.edges.unreached],
        "faults": [_in(each, lang) for each in all_faults(rehearsal)],
    }


def _difference(shown: Shown, definition: Definition, lang: str) -> dict[str, Any]:
    where, message = _in(shown.where, lang), _in(sentence(shown, definition), lang)
    return {"where": where, "expected": shown.expected, "seen": shown.seen, "message": message}


def _scenario(scenario: Scenario, wrong: Sequence[Otherwise], lang: str) -> dict[str, Any]:
    told = [
        {"file": each.file, "line": each.place.line, "column": each.place.column, "message": each.message_in(lang)}
        for each in wrong
    ]
    return {"scenario": scenario.form.scenario, "file": scenario.source.file, "otherwise": told}


def _survivor(of: Subject, mutant: Mutant, lang: str) -> dict[str, Any]:
    place, change = mutant.place, _in(mutant.what, lang)
    return {"file": str(of.path), "line": place.line, "column": place.column, "kind": mutant.kind, "change": change}
