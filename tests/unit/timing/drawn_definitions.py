"""Small definitions drawn from a seed, with all that moves clocks: spans, anchors of every kind, countings, limits."""

import re
from random import Random

HEAD = """\
definition: drawn
version: 1
initial: s0
roles: [clerk]
fields:
  territory: {type: territory, required: true}
  signed_on: {type: date}
  begun_on: {type: date}
"""


def drawn(seed: int) -> str:
    """A definition as YAML."""
    return _Draw(Random(seed)).text()


def richer(seed: int) -> str:
    """One in which clocks stand still in states, guards ask for a date, and a state empties it."""
    return _Richer(Random(seed)).text()


class _Draw:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.states = random.randint(2, 4)
        self.names = [f"s{n}" for n in range(self.states)]
        self.open = self.names[:-1]

    def text(self) -> str:
        lines = [HEAD, "states:"]
        lines += [f"  {name}: {{{self._state(name)}}}" for name in self.names]
        clocks = [self._clock(number) for number in range(self.random.randint(1, 3))]
        lines += ["transitions:", *self._moves(), *(line for _, lapses in clocks for line in lapses)]
        if self.random.random() < 0.25:
            a, b = self.random.sample(self.names, 2)
            lines += ["automatic:", f"  slide: {{from: {a}, to: {b}}}"] if a in self.open else []
        lines += ["deadlines:", *(line for line, _ in clocks)]
        lines += ["invariants:", *self._limits()]
        if self.random.random() < 0.3:
            lines += [f"longest: {self.random.randint(1, 6)} days"]
        return "\n".join(lines) + "\n"

    def _state(self, name: str) -> str:
        if name == self.names[-1]:
            return "final: true"
        return "open_ended: true" if self.random.random() < 0.3 else ""

    def _moves(self) -> list[str]:
        pairs = {(self.names[n], self.names[n + 1]) for n in range(self.states - 1)}
        for _ in range(self.random.randint(0, 3)):
            a, b = self.random.choice(self.open), self.random.choice(self.names)
            pairs |= {(a, b)} if a != b else set()
        moves = [f"  go_{a}_{b}: {{from: {a}, to: {b}, by: [clerk]{self._said()}}}" for a, b in sorted(pairs)]
        return [*moves, "  note: {from: all_states, by: [clerk]}"]

    def _said(self) -> str:
        kind = self.random.random()
        if kind < 0.15:
            return ", dated_by: signed_on, needs: [signed_on]"
        if kind < 0.25:
            return f", since: {self.random.choice(self.names)}"
        return ", once: true" if kind < 0.32 else ""

    def _clock(self, number: int) -> tuple[str, list[str]]:
        name, span = f"d{number}", sorted(self._some(self.open))
        keys = [f"after: {self._anchor()}", f"while: [{', '.join(span)}]", "if_unset: waits", *self._length()]
        keys += [f"since: {self.random.choice(self.names)}"] if self.random.random() < 0.15 else []
        keys += ["until: note"] if self.random.random() < 0.15 else []
        outside = [other for other in self.names if other not in span]
        if not outside or self.random.random() < 0.25:
            return f"  {name}: {{{', '.join(keys)}}}", []
        to = self.random.choice(outside)
        lapse = f"  lapse_{name}: {{from: [{', '.join(span)}], to: {to}, by: [scheduler]}}"
        return f"  {name}: {{{', '.join(keys)}, then: lapse_{name}}}", [lapse]

    def _anchor(self) -> str:
        state, kind = self.random.choice(self.open), self.random.random()
        if kind < 0.2:
            return f"{{state: {state}, first: true}}"
        if kind < 0.3:
            return "{field: signed_on}"
        if kind < 0.4:
            return f"[{{field: signed_on}}, {state}]"
        return state

    def _length(self) -> list[str]:
        kind = self.random.random()
        if kind < 0.15:
            return [f"within: {12 * self.random.randint(0, 4)} hours"]
        counting = self.random.choice(("calendar", "calendar", "inclusive", "clear"))
        return [f"within: {self.random.randint(0, 4)} days", f"counting: {counting}"]

    def _limits(self) -> list[str]:
        a, b = self.random.choice(self.open), self.random.choice(self.names)
        ends, days = ", ".join(sorted(self._some(self.names) - {a}) or [self.names[-1]]), self.random.randint(0, 5)
        first = self.random.choice(("true", "false"))
        return [
            f"  - never: {{state: {b}, without: {self.random.choice(self.names)}}}",
            f"  - never: {{state: {b}, after: {self.random.choice(self.open)}}}",
            f"  - leads_to: {{from: {a}, to: [{ends}], within: {days} days}}",
            f"  - {{at_most: {days + 1} days, from: {{state: {a}, first: {first}}}, to: [{ends}]}}",
        ]

    def _some(self, names: list[str]) -> set[str]:
        return set(self.random.sample(names, self.random.randint(1, len(names))))


class _Richer(_Draw):
    def text(self) -> str:
        emptied = f"{{type: date, unset_by: [{self.random.choice(self.names[1:])}]}}"
        text = super().text()
        return text.replace("signed_on: {type: date}", f"signed_on: {emptied}") if self.random.random() < 0.6 else text

    def _said(self) -> str:
        kind = self.random.random()
        if kind < 0.25:
            return ", takes: [signed_on]" if kind < 0.1 else ", dated_by: signed_on, needs: [signed_on]"
        if kind < 0.5:
            no = "!" if kind < 0.35 else ""
            return f", guards: [{{code: no, require: '{no}has(signed_on)', message: No}}]"
        return super()._said()

    def _clock(self, number: int) -> tuple[str, list[str]]:
        line, lapses = super()._clock(number)
        span = re.findall(r"s\d", re.findall(r"while: \[(.*?)\]", line)[0])
        if self.random.random() < 0.6:
            stops = sorted(self._some(span))
            line = line.replace("if_unset: waits", f"if_unset: waits, paused_in: [{', '.join(stops)}]")
        return line, lapses
