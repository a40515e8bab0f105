"""`make bench`: the engine beside what the database can do, and beside others; a table, a chart, results/latest.json.

Each case takes its turn in a process of its own. What is told is a median, and its ratio to the case that it is beside.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from bench import dispatch, moves, others, proving, queues, starting, sweeping, together
from bench.chart import drawn
from bench.rounds import Case, Rate, in_turns, machine, ratios

GROUPS = {
    "sweep": sweeping.cases,
    "memory": lambda: [*dispatch.cases(), *moves.cases()],
    "starts": starting.cases,
    "together": together.cases,
    "proving": proving.cases,
    "others": others.cases,
}
RESULTS = Path(__file__).with_name("results")


def main() -> int:
    """Prepare, measure in turns, write down after each round, and print."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--placements", type=int, default=40_000)
    parser.add_argument("--due", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS), help="the rest keeps its results")
    given = parser.parse_args()
    for name in (*moves.missing(), *queues.missing()):
        print(f"{name} is not installed, and left out: make bench-others", file=sys.stderr)
    cases = _cases(given.only)
    sizes = {"placements": given.placements, "due": given.due}
    with tempfile.TemporaryDirectory() as folder:
        sweeping.prepare(Path(folder), given.placements, given.due)
        for rates in in_turns(cases, Path(folder), given.rounds, lambda text: print(text, file=sys.stderr)):
            _write(cases, rates, sizes)
    _print(cases, rates)
    return 0


def _cases(groups: list[str]) -> list[Case]:
    """Each case once: what others are beside is told by the group that it comes from."""
    cases: dict[str, Case] = {}
    for group in groups:
        for case in GROUPS[group]():
            cases.setdefault(case.name, case)
    return list(cases.values())


def _write(cases: list[Case], rates: dict[str, Rate], sizes: dict[str, int]) -> None:
    told = ratios(cases, rates)
    latest = RESULTS / "latest.json"
    before = json.loads(latest.read_text("utf-8")) if latest.exists() else {}
    found = before.get("cases", {}) | {case.name: _told(case, rates[case.name], told[case.name]) for case in cases}
    result = {**before, **_sweep(rates, sizes["due"]), **sizes, **machine(), "cases": found}
    RESULTS.mkdir(exist_ok=True)
    latest.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    bars = [(name, case["beside"], case["ratio"]) for name, case in found.items()]
    latest.with_suffix(".svg").write_text(drawn(bars), "utf-8")


def _told(case: Case, rate: Rate, ratio: float) -> dict[str, object]:
    measured = {"per_s_cpu": round(rate.cpu, 2), "per_s_wall": round(rate.wall, 2), "runs": rate.runs}
    return {"ratio": round(ratio, 3), "beside": case.beside, "by": case.by, **measured}


def _sweep(rates: dict[str, Rate], due: int) -> dict[str, float]:
    """The names that others rely on."""
    if sweeping.LIMIT not in rates:
        return {}
    engine, limit = rates[sweeping.ENGINE], rates[sweeping.LIMIT]
    return {
        "sweep_sqlite_ratio": round(engine.cpu / limit.cpu, 2),
        "sweep_sqlite_ratio_wall": round(engine.wall / limit.wall, 2),
        "sweep_sqlite_s": round(due / engine.wall, 3),
        "raw_sqlite_s": round(due / limit.wall, 3),
        "run_once_s": round(due / rates[sweeping.ONCE].wall, 3),
    }


def _print(cases: list[Case], rates: dict[str, Rate]) -> None:
    told = ratios(cases, rates)
    print(f"{'':<52} {'a second, CPU':>14} {'on the wall':>12} {'ratio':>8}  beside")
    for case in cases:
        rate, ratio = rates[case.name], told[case.name]
        beside = "" if case.beside == case.name else case.beside
        print(f"{case.name:<52} {rate.cpu:>14,.1f} {rate.wall:>12,.1f} {ratio:>8.3f}  {beside}")
    print(f"on Python {machine()['python']}")


if __name__ == "__main__":
    sys.exit(main())
