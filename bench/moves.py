"""What others give for one guarded move in memory, each set up as its documentation says, beside a lapse of ours."""

from importlib.util import find_spec
from pathlib import Path

from bench.dispatch import LAPSE
from bench.rounds import Case, Taken, timed

_MOVES = 1_000


def missing() -> list[str]:
    """The libraries that are not installed."""
    return [name for name in ("statemachine", "sismic") if find_spec(name) is None]


def cases() -> list[Case]:
    """Moves in memory, beside a lapse of ours."""
    found = {
        "statemachine": Case("python-statemachine, a guarded move in memory", statemachine, LAPSE),
        "sismic": Case("sismic, a guarded move in memory", sismic, LAPSE),
    }
    return [case for library, case in found.items() if library not in missing()]


def statemachine(_: Path) -> Taken:
    """A machine for each placement, and one move with a condition."""
    from statemachine import State, StateMachine

    class Post(StateMachine):
        applied, shown, vacant = State(initial=True), State(), State(final=True)
        show = applied.to(shown)
        lapse = shown.to(vacant, cond="is_due")

        def is_due(self) -> bool:
            return True

    machines = [Post() for _ in range(_MOVES)]
    for machine in machines:
        machine.send("show")
    with timed(_MOVES) as taken:
        for machine in machines:
            machine.send("lapse")
    return taken


_CHART = """
statechart:
  name: post
  root state:
    name: root
    initial: applied
    states:
      - {name: applied, transitions: [{event: show, target: shown}]}
      - {name: shown, transitions: [{event: lapse, target: vacant, guard: "True"}]}
      - {name: vacant}
"""


def sismic(_: Path) -> Taken:
    """An interpreter for each placement, and one move with a guard."""
    from sismic.interpreter import Interpreter
    from sismic.io import import_from_yaml

    chart = import_from_yaml(_CHART)
    posts = [Interpreter(chart) for _ in range(_MOVES)]
    for post in posts:
        post.queue("show").execute()
    with timed(_MOVES) as taken:
        for post in posts:
            post.queue("lapse").execute_once()
    return taken
