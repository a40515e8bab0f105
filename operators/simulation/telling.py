"""From the runs of a simulation to sections, in the language of the reader."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean

from operators.simulation.behaviours import Behaviours
from operators.simulation.comparing import Difference, compared
from operators.simulation.outcomes import Outcome, Series, months, stones, weeks
from operators.simulation.running import Plan, Run, summed
from operators.simulation.sections import Cell, Line, Panel, Section, Told, sampled, told_number
from operators.simulation.wording import Wording
from workflow.definition import Definition

_HALF_YEAR = 6


@dataclass(frozen=True, slots=True)
class Policy:
    """One definition, by what its lines are called, and what came of it."""

    name: str
    definition: Definition
    behaviours: Behaviours
    runs: Sequence[Run]


class Teller:
    """Tells of one policy, or of two."""

    def __init__(self, plan: Plan, policies: Sequence[Policy], lang: str) -> None:
        self._plan, self._policies, self._lang = plan, policies, lang
        self._first = policies[0].definition
        self._months = months(plan.start.date(), plan.end.date())
        self._weeks = weeks(plan.start.date(), plan.end.date())

    def say(self, fr: str, en: str) -> str:
        """The text in the reader's language."""
        return en if self._lang == "en" else fr

    def told(self) -> Told:
        """Everything."""
        sections = [*self._differences(), self._states(), self._deadlines(), *self._payments(), self._load()]
        title = self.say("Simulation : {}", "Simulation: {}").format(self._first.title[self._lang])
        return Told(title, self._facts(),
                    [*sections, *self._refused()], self._data())  # fmt: skip

    def _facts(self) -> list[tuple[str, str]]:
        plan, first = self._plan, self._policies[0]
        found = [
            (self.say("Dossiers", "Placements"), self._number(plan.placements)),
            (self.say("Période", "Period"), f"{plan.start.date()} – {plan.end.date()}"),
            (self.say("Graine", "Seed"), str(plan.seed)),
            (self.say("Répétitions", "Replications"), str(plan.replications)),
            (self.say("Comportements", "Behaviours"), first.behaviours.title[self._lang]),
        ]
        for policy in self._policies:
            name = policy.definition.name
            about = f"{name} {policy.definition.version}, {policy.definition.digest[:12]}"
            found.append((self.say("Règle", "Rule"), f"{policy.name} ({about})"))
        return found

    # Sections

    def _differences(self) -> Iterator[Section]:
        if len(self._policies) == 1:
            return
        first, other = self._policies
        rows = [self._difference(each) for each in self._compared() if each.first or each.other]
        yield Section(
            "differences",
            self.say("Ce que changerait la règle", "What the rule would change"),
            (self.say("mesure", "figure"), first.name, other.name, self.say("écart", "difference"),
             self.say("intervalle à 95 %", "95% interval"), self.say("net", "clear")),
            rows,
            remark=self.say(
                "Moyennes des répétitions. Les mêmes personnes tirent les mêmes délais sous les deux règles ; l'écart "
                "est pris paire par paire. ● : l'intervalle ne contient pas zéro.",
                "Means over replications. The same people draw the same delays under both rules; differences are "
                "taken pair by pair. ●: the interval does not contain zero.",
            ),
        )  # fmt: skip

    def _compared(self) -> list[Difference]:
        first, other = ([run.outcome.figures() for run in policy.runs] for policy in self._policies)
        return compared(first, other)

    def _difference(self, each: Difference) -> list[Cell]:
        digits = 0 if each.name.startswith("amount.") else 1
        shown = [self._number(value, digits) for value in (each.first, each.other)]
        change, low, high = each.change.mean, each.change.low, each.change.high
        if low is None or high is None:
            return [self.figure(each.name), *shown, self._signed(change, digits), "–", ""]
        sure = "●" if (low > 0 or high < 0) else ""
        interval = f"[{self._signed(low, digits)} ; {self._signed(high, digits)}]"
        return [self.figure(each.name), *shown, self._signed(change, digits), interval, sure]

    def figure(self, name: str) -> str:
        """What a figure is called."""
        kind, _, about = name.partition(".")
        definition = self._first
        labels = {
            "state": self.say("à la fin, {}", "at the end, {}"),
            "reached": self.say("passés par {}", "ever in {}"),
            "timeout": self.say("échéances tombées, {}", "lapses, {}"),
            "missed": self.say("avis sans suite, {}", "missed, {}"),
            "milestone": self.say("jalons échus, {}", "milestones fallen due, {}"),
            "acts": self.say("actes, {}", "acts, {}"),
            "days": self.say("jours jusqu'à {} (médiane)", "days to {} (median)"),
        }
        if kind == "amount":
            return {"due": self.say("montants échus (€)", "amounts fallen due (€)")}.get(
                about, self.say("montants versés (€)", "amounts paid (€)")
            )
        labelled = definition.states.get(about) or definition.deadlines.get(about)
        label = self._role(about) if labelled is None else labelled.label[self._lang]
        return labels[kind].format(label)

    def _states(self) -> Section:
        by_policy = [_mean_states(policy.runs, self._months) for policy in self._policies]
        states = self._first.states
        panels = [
            Panel(name, spec.label[self._lang], self._months,
                  [Line(p.name, found.get(name, [0.0] * len(self._months)))
                   for p, found in zip(self._policies, by_policy, strict=True)])
            for name, spec in states.items()
        ]  # fmt: skip
        return self._sampled(
            "states", self.say("Dossiers par état, en fin de mois", "Placements by state, at the end of each month"),
            self.say("état", "state"), [panel for panel in panels if panel.top],
        )  # fmt: skip

    def _deadlines(self) -> Section:
        firing = [name for name, spec in self._first.deadlines.items() if spec.then]
        panels = [
            self._by_month(name, self._first.deadlines[name].label[self._lang], lambda o: o.timeouts)
            for name in firing
        ]  # fmt: skip
        rows = [self._deadline(name) for name in self._first.deadlines]
        columns = [self.say("échéance", "deadline"), self.say("puis", "then")]
        for policy in self._policies:
            names = (self.say("tombées", "lapsed"), self.say("sans suite", "missed"))
            columns += [f"{name} ({policy.name})" if len(self._policies) > 1 else name for name in names]
        return Section(
            "lapses",
            self.say("Échéances tombées, par mois", "Lapses, by month"),
            columns,
            [row for row in rows if any(cell not in ("0", None, "") for cell in row[2:])],
            [panel for panel in panels if panel.top],
            self.say(
                "Tombée : le délai a expiré et la transition a été prise. Sans suite : rien d'autre qu'un avis.",
                "Lapsed: time ran out and the transition was taken. Missed: nothing but a notice.",
            ),
        )

    def _deadline(self, name: str) -> list[Cell]:
        spec = self._first.deadlines[name]
        row: list[Cell] = [spec.label[self._lang], self._then(name)]
        for policy in self._policies:
            for series in (lambda o: o.timeouts, lambda o: o.due_count if spec.milestone else o.missed):
                row.append(self._number(_total(policy.runs, series, name)))
        return row

    def _then(self, name: str) -> str:
        """What each policy does when a deadline falls due, once where they do the same."""
        known = [policy.definition for policy in self._policies if name in policy.definition.deadlines]
        texts = [Wording(each, self._lang).then(each.deadlines[name]) for each in known]
        return " / ".join(dict.fromkeys(texts))

    def _payments(self) -> Iterator[Section]:
        if self._policies[0].behaviours.payments is None:
            return
        names = [spec.name for spec in stones(self._first)]
        due = [self._by_month(n, self._first.deadlines[n].label[self._lang], lambda o: o.due, 100) for n in names]
        paid_field = self._policies[0].behaviours.payments.paid
        if paid_field:
            label = self.say("Versé", "Paid")
            due.append(self._by_month(paid_field, label, lambda o: o.paid, 100))
        panels = [panel for panel in due if panel.top]
        columns = [self.say("versement", "payment"), *(policy.name for policy in self._policies)]
        rows = [[panel.title, *(self._number(sum(line.values)) for line in panel.lines)] for panel in panels]
        yield Section(
            "payments",
            self.say("Versements, par mois (€)", "Payments, by month (€)"), columns, rows, panels,
            self.say("Un versement échu est celui d'un jalon qui n'était pas payé à son jour.",
                     "What falls due is a milestone that was not paid by its day."),
        )  # fmt: skip

    def _load(self) -> Section:
        panels = []
        for role in self._first.roles:
            lines = [Line(p.name, _mean_series(p.runs, lambda o: o.acts, role, self._weeks)) for p in self._policies]
            panels.append(Panel(role, self._role(role), self._weeks, lines))
        shown = [panel for panel in panels if panel.top]
        columns = [self.say("rôle", "role")]
        for policy in self._policies:
            names = (self.say("actes", "acts"), self.say("par semaine", "a week"), self.say("au plus", "at most"))
            columns += [f"{name} ({policy.name})" if len(self._policies) > 1 else name for name in names]
        rows: list[list[Cell]] = []
        for panel in shown:
            row: list[Cell] = [panel.title]
            for line in panel.lines:
                row += [self._number(sum(line.values)), self._number(fmean(line.values), 1),
                        self._number(max(line.values), 1)]  # fmt: skip
            rows.append(row)
        return Section("load", self.say("Charge des opérateurs, actes par semaine", "Operators' load, acts a week"),
                       columns, rows, shown)  # fmt: skip

    def _refused(self) -> Iterator[Section]:
        words, found = Wording(self._first, self._lang), Counter[tuple[str, str]]()
        for run in self._policies[0].runs:
            stuck = {("incident", code): count for code, count in run.refusals.stuck.items()}
            for (trigger, code), count in {**run.refusals.counts, **stuck}.items():
                found[words.trigger(trigger), words.refusal(trigger, code)] += count
        if found:
            rows = [[trigger, why, self._number(count / self._plan.replications, 1)]
                    for (trigger, why), count in sorted(found.items())]  # fmt: skip
            yield Section(
                "refused", self.say("Demandes refusées par le moteur", "Requests that the engine refused"),
                (self.say("demande", "request"), self.say("pourquoi", "why"), self.say("nombre", "count")), rows,
            )  # fmt: skip

    # Pieces

    def _sampled(self, key: str, title: str, column: str, panels: Sequence[Panel]) -> Section:
        places = sampled(self._months, _HALF_YEAR)
        columns = [column, *(f"{self._months[place]:%Y-%m}" for place in places)]
        rows: list[list[Cell]] = []
        for panel in panels:
            for line in panel.lines:
                name = panel.title if len(panel.lines) == 1 else f"{panel.title} – {line.name}"
                rows.append([name, *(self._number(line.values[place]) for place in places)])
        return Section(key, title, columns, rows, panels)

    def _by_month(self, key: str, title: str, series: Callable[[Outcome], Series], over: int = 1) -> Panel:
        lines = [
            Line(p.name, [v / over for v in _mean_series(p.runs, series, key, self._months)]) for p in self._policies
        ]
        return Panel(key, title, self._months, lines)

    def _role(self, role: str) -> str:
        actor = self._policies[0].behaviours.actors.get(role)
        return actor.label[self._lang] if actor else role

    def _number(self, value: float | None, digits: int = 0) -> str:
        return told_number(value, self._lang, digits)

    def _signed(self, value: float, digits: int) -> str:
        shown = self._number(abs(value), digits)
        if round(value, digits) == 0:
            return shown
        return f"{'+' if value > 0 else '−'}{shown}"

    def _data(self) -> dict[str, object]:
        plan = self._plan
        data: dict[str, object] = {
            "placements": plan.placements,
            "from": plan.start.date().isoformat(),
            "until": plan.end.date().isoformat(),
            "seed": plan.seed,
            "replications": plan.replications,
            "policies": [self._policy(policy) for policy in self._policies],
        }
        if len(self._policies) > 1:
            data["differences"] = [
                {"figure": d.name, "first": d.first, "other": d.other, "difference": d.change.mean,
                 "low": d.change.low, "high": d.change.high}
                for d in self._compared()
            ]  # fmt: skip
        return data

    def _policy(self, policy: Policy) -> dict[str, object]:
        refused: Counter[tuple[str, str]] = Counter()
        for run in policy.runs:
            refused.update(run.refusals.counts)
        return {
            "name": policy.name,
            "definition": {"name": policy.definition.name, "version": policy.definition.version,
                           "digest": policy.definition.digest},
            "entries": sum(run.outcome.entries for run in policy.runs),
            "figures": dict(summed(policy.runs)),
            "refused": [{"trigger": t, "code": c, "count": n} for (t, c), n in sorted(refused.items())],
        }  # fmt: skip


def _mean_states(runs: Sequence[Run], span: Sequence[date]) -> Mapping[str, list[float]]:
    counts = [run.outcome.state_counts(list(span)) for run in runs]
    return {name: [fmean(each[name][n] for each in counts) for n in range(len(span))] for name in counts[0]}


def _mean_series(
    runs: Sequence[Run], series: Callable[[Outcome], Series], name: str, span: Sequence[date]
) -> list[float]:
    found = [series(run.outcome).get(name, Counter()) for run in runs]
    return [fmean(each[day] for each in found) for day in span]


def _total(runs: Sequence[Run], series: Callable[[Outcome], Series], name: str) -> float:
    return fmean(sum(series(run.outcome).get(name, Counter()).values()) for run in runs)
