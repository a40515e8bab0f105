"""From the outcomes of a forecast to sections, week by week, in the language of the reader."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from statistics import fmean

from operators.simulation.distributions import Empirical
from operators.simulation.outcomes import Outcome, Series, stones, weeks
from operators.simulation.sections import Cell, Line, Panel, Section, Told, told_number
from operators.simulation.wording import Wording
from workflow.definition import Definition

LOW, HIGH = 0.1, 0.9


@dataclass(frozen=True, slots=True)
class Forecast:
    """What was worked out: exactly, if nobody acts; and replications of what people may do, if asked for."""

    definition: Definition
    now: datetime
    until: datetime
    placements: int
    exact: Outcome
    stuck: Sequence[str]
    likely: Sequence[Outcome] = ()
    seed: int = 1
    title: str = ""


class Foreteller:
    """Tells of one forecast."""

    def __init__(self, forecast: Forecast, lang: str) -> None:
        self._forecast, self._lang = forecast, lang
        self._definition = forecast.definition
        self._words = Wording(forecast.definition, lang)
        self._weeks = weeks(forecast.now.date(), forecast.until.date())

    def say(self, fr: str, en: str) -> str:
        """The text in the reader's language."""
        return en if self._lang == "en" else fr

    def told(self) -> Told:
        """Everything."""
        title = self.say("Prévision : {}", "Forecast: {}").format(self._definition.title[self._lang])
        firing = [name for name, spec in self._definition.deadlines.items() if spec.then]
        lapses = self._panels(firing, lambda o: o.timeouts)
        notices = [n for n, spec in self._definition.deadlines.items() if not spec.then and not spec.milestone]
        missed = self._panels(notices, lambda o: o.missed)
        payments = self._panels([spec.name for spec in stones(self._definition)], lambda o: o.due, 100)
        sections = [
            self._summary(lapses, missed, payments),
            self._section("lapses", self.say("Échéances à venir, par semaine", "Lapses to come, by week"), lapses),
            self._section("payments", self.say("Versements à venir, par semaine (€)", "Payments to come, by week (€)"),
                          payments),
            self._section("missed", self.say("Avis à venir, par semaine", "Notices to come, by week"), missed),
            self._states(),
        ]  # fmt: skip
        return Told(title, self._facts(), [each for each in sections if each.rows], self._data(sections))

    def _facts(self) -> list[tuple[str, str]]:
        forecast = self._forecast
        found = [
            (self.say("Aujourd'hui", "Today"), forecast.now.date().isoformat()),
            (self.say("Jusqu'au", "Until"), forecast.until.date().isoformat()),
            (self.say("Dossiers en cours", "Placements under way"), self._number(forecast.placements)),
        ]
        if forecast.likely:
            found += [
                (self.say("Comportements", "Behaviours"), forecast.title),
                (self.say("Répétitions", "Replications"), str(len(forecast.likely))),
                (self.say("Graine", "Seed"), str(forecast.seed)),
            ]
        if forecast.stuck:
            found.append((self.say("Indécidables", "Undecidable"), ", ".join(forecast.stuck[:10])))
        return found

    def _panels(self, names: Sequence[str], series: Callable[[Outcome], Series], over: int = 1) -> list[Panel]:
        found = []
        for name in names:
            label = self._definition.deadlines[name].label[self._lang]
            panel = Panel(name, label, self._weeks, list(self._lines(name, series, over)))
            if panel.top:
                found.append(panel)
        return found

    def _lines(self, name: str, series: Callable[[Outcome], Series], over: int) -> list[Line]:
        exact = series(self._forecast.exact).get(name, Counter())
        nobody = Line(self.say("si personne n'agit", "if nobody acts"), [exact[day] / over for day in self._weeks])
        if not self._forecast.likely:
            return [nobody]
        each = [series(outcome).get(name, Counter()) for outcome in self._forecast.likely]
        by_week = [sorted(counts[day] / over for counts in each) for day in self._weeks]
        expected = Line(
            self.say("attendu", "expected"),
            [fmean(values) for values in by_week],
            [Empirical(tuple(values)).quantile(LOW) for values in by_week],
            [Empirical(tuple(values)).quantile(HIGH) for values in by_week],
        )
        return [expected, nobody]

    def _summary(self, *groups: Sequence[Panel]) -> Section:
        names = (
            self.say("échéances", "lapses"),
            self.say("avis", "notices"),
            self.say("montant échu (€)", "amount due (€)"),
        )
        columns = [self.say("semaine du", "week of")]
        for name in names:
            columns += self._heads(name)
        rows = [[day.isoformat(), *(cell for group in groups for cell in self._at(group, n))]
                for n, day in enumerate(self._weeks)]  # fmt: skip
        return Section(
            "weeks", self.say("Semaine par semaine", "Week by week"), columns, rows,
            remark=self.say(
                "« Si personne n'agit » : exact, d'après les échéances qui courent. « Attendu » : moyenne et "
                "intervalle à 80 % des répétitions, avec les comportements indiqués. Aucun nouveau dossier n'est "
                "supposé.",
                "“If nobody acts”: exact, from the deadlines that run. “Expected”: mean and 80% interval over the "
                "replications, with the behaviours named. No new placement is supposed.",
            ),
        )  # fmt: skip

    def _heads(self, name: str) -> list[str]:
        nobody = self.say("si personne n'agit", "if nobody acts")
        if not self._forecast.likely:
            return [f"{name}, {nobody}"]
        return [f"{name}, {nobody}", self.say(f"{name}, attendu", f"{name}, expected")]

    def _at(self, group: Sequence[Panel], place: int) -> list[Cell]:
        exact = sum(panel.lines[-1].values[place] for panel in group)
        if not self._forecast.likely:
            return [self._number(exact)]
        digits = 0 if any(self._definition.deadlines[panel.key].milestone for panel in group) else 1
        return [self._number(exact), self._number(sum(panel.lines[0].values[place] for panel in group), digits)]

    def _section(self, key: str, title: str, panels: Sequence[Panel]) -> Section:
        columns = [self.say("échéance", "deadline"), self.say("puis", "then"),
                   self.say("si personne n'agit", "if nobody acts")]  # fmt: skip
        if self._forecast.likely:
            columns += [self.say("attendu", "expected"), self.say("de – à (80 %)", "from – to (80%)")]
        return Section(key, title, columns, [self._row(panel) for panel in panels], panels)

    def _row(self, panel: Panel) -> list[Cell]:
        spec = self._definition.deadlines[panel.key]
        row: list[Cell] = [panel.title, self._words.then(spec), self._number(sum(panel.lines[-1].values))]
        if self._forecast.likely:
            total = sorted(self._total(panel.key, outcome) for outcome in self._forecast.likely)
            low, high = (Empirical(tuple(total)).quantile(share) for share in (LOW, HIGH))
            row += [
                self._number(fmean(total), 0 if spec.milestone else 1),
                f"{self._number(low)} – {self._number(high)}",
            ]
        return row

    def _total(self, name: str, outcome: Outcome) -> float:
        spec = self._definition.deadlines[name]
        if spec.milestone:
            return sum(outcome.due[name].values()) / 100
        return float(sum((outcome.timeouts if spec.then else outcome.missed)[name].values()))

    def _states(self) -> Section:
        rows: list[list[Cell]] = []
        for name, spec in self._definition.states.items():
            exact = self._forecast.exact.state_counts(self._weeks)[name]
            row: list[Cell] = [spec.label[self._lang], self._number(exact[0]), self._number(exact[-1])]
            if self._forecast.likely:
                row.append(self._number(fmean(o.state_counts(self._weeks)[name][-1] for o in self._forecast.likely), 1))
            if any(exact) or any(o.flows[name] for o in self._forecast.likely):
                rows.append(row)
        columns = [self.say("état", "state"), self.say("cette semaine", "this week"),
                   self.say("à la fin, si personne n'agit", "at the end, if nobody acts")]  # fmt: skip
        if self._forecast.likely:
            columns.append(self.say("à la fin, attendu", "at the end, expected"))
        return Section("states", self.say("Dossiers par état", "Placements by state"), columns, rows)

    def _number(self, value: float, digits: int = 0) -> str:
        return told_number(value, self._lang, digits)

    def _data(self, sections: Sequence[Section]) -> dict[str, object]:
        forecast = self._forecast
        return {
            "today": forecast.now.date().isoformat(),
            "until": forecast.until.date().isoformat(),
            "placements": forecast.placements,
            "replications": len(forecast.likely),
            "seed": forecast.seed,
            "undecidable": list(forecast.stuck),
            "weeks": [self._week(sections, n, day) for n, day in enumerate(self._weeks)],
        }

    def _week(self, sections: Sequence[Section], place: int, day: date) -> dict[str, object]:
        told: dict[str, object] = {"week": day.isoformat()}
        for section in sections:
            if section.panels:
                told[section.key] = {panel.key: _numbers(panel.lines, place) for panel in section.panels}
        return told


def _numbers(lines: Sequence[Line], place: int) -> dict[str, float]:
    found = {"if_nobody_acts": round(lines[-1].values[place], 2)}
    if len(lines) > 1:
        expected = lines[0]
        found["expected"] = round(expected.values[place], 4)
        found["low"], found["high"] = round(expected.low[place], 2), round(expected.high[place], 2)
    return found
