"""`simulate` and `forecast`: what a definition leads to over months, and what is coming for today's placements."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from operators.cli.command import command, new_commands
from operators.cli.output import Page, width
from operators.cli.session import Session
from settings import WrongUsage

if TYPE_CHECKING:
    from app import App
    from operators.simulation.behaviours import Behaviours
    from operators.simulation.running import Plan, Run
    from operators.simulation.sections import Section, Told
    from operators.simulation.telling import Policy
    from workflow.definition import Definition
    from workflow.rules import Rules

commands = new_commands()
Json = dict[str, Any]
Kind = Literal["lognormal", "exponential", "empirical"]

Behaviour = Annotated[
    Path | None,
    typer.Option("--behaviour", metavar="FILE", help="Who does what after how long; by default as shipped."),
]
Fit = Annotated[bool, typer.Option("--fit", help="Take odds and delays from the history in the database.")]
FitAs = Annotated[Kind, typer.Option("--fit-as", help="The form of the delays that are fitted.")]
Write = Annotated[
    Path | None, typer.Option("--write", metavar="FILE", help="Write the behaviours used to a new file, to be edited.")
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same answer, to the byte.")]
Csv = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write every course over time, a value a row.")]
Report = Annotated[
    Path | None, typer.Option("--report", metavar="FILE", help="Write one HTML file with tables and charts.")
]


@command(commands, "simulate")
def simulate(
    session: Session,
    placements: Annotated[int, typer.Option("--placements", min=1, max=100_000, help="How many begin.")] = 200,
    months: Annotated[int, typer.Option("--months", min=1, max=120, help="How long it goes on.")] = 36,
    seed: Seed = 1,
    begin: Annotated[
        str, typer.Option("--from", metavar="DATE", help="The first day; dated tables must cover the period.")
    ] = "2022-01-03",
    behaviour: Behaviour = None,
    policy: Annotated[
        Path | None,
        typer.Option("--policy", metavar="FILE", help="Another definition to compare with, by the same people."),
    ] = None,
    replications: Annotated[
        int | None, typer.Option("--replications", min=1, max=1000, help="By default 1; 5 with --policy.")
    ] = None,
    fit: Fit = False,
    fit_as: FitAs = "lognormal",
    write: Write = None,
    csv: Csv = None,
    report: Report = None,
) -> None:
    """Show the consequences of a definition over months: the engine itself, simulated people, no real placement."""
    from operators.simulation.policies import other_policy, rules_at
    from operators.simulation.running import Plan, end_of
    from operators.simulation.telling import Policy

    start = _first_day(begin)
    repeated = replications or (5 if policy else 1)
    plan = Plan(placements, start, end_of(start, months), seed, repeated)
    into = None if fit else session.flags.get("database_url")
    if into is not None and (policy is not None or repeated > 1):
        raise WrongUsage("--database reçoit une seule histoire : ni --policy, ni --replications.",
                         "--database takes one history: neither --policy nor --replications.")  # fmt: skip
    rules = rules_at(session.definition_path)
    habits = _habits(session, rules, behaviour, fit=fit, fit_as=fit_as, write=write)
    runs = _run(session, rules, habits, plan, into=into)
    policies = [Policy(session.definition_path.stem, rules.definition, habits, runs)]
    if policy is not None:
        policies.append(other_policy(policy, habits, plan, policies[0].name))
    _answer(session, _told(plan, policies, session.lang), csv, report)


@command(commands, "forecast")
def forecast(
    session: Session,
    weeks: Annotated[int, typer.Option("--weeks", min=1, max=520, help="How far ahead.")] = 26,
    behaviour: Behaviour = None,
    fit: Fit = False,
    fit_as: FitAs = "lognormal",
    write: Write = None,
    replications: Annotated[int, typer.Option("--replications", min=2, max=1000, help="Of what is expected.")] = 20,
    seed: Seed = 1,
    csv: Csv = None,
    report: Report = None,
) -> None:
    """Tell week by week what falls due and what it costs; writes nothing."""
    from operators.simulation.forecasts import forecast_of
    from operators.simulation.foretelling import Foreteller

    with session.open() as app:
        rules = app.engine.current_rules()
        habits = _chosen(session, app, rules, behaviour, fit=fit, fit_as=fit_as, write=write)
        used = habits if behaviour is not None or fit else None
        found = forecast_of(app.engine, app.store, app.queries, habits, used, weeks, replications, seed, session.lang)
    _answer(session, Foreteller(found, session.lang).told(), csv, report)


def _first_day(text: str) -> datetime:
    from datetime import date

    from operators.simulation.behaviours import at_start_of

    try:
        return at_start_of(date.fromisoformat(text))
    except ValueError:
        raise WrongUsage(f"--from : {text} n'est pas une date AAAA-MM-JJ.",
                         f"--from: {text} is no date YYYY-MM-DD.") from None  # fmt: skip


def _habits(
    session: Session, rules: "Rules", behaviour: Path | None, *, fit: bool, fit_as: Kind, write: Path | None
) -> "Behaviours":
    from operators.simulation.policies import people_of

    if not fit:
        return _written(people_of(rules.definition, behaviour), write, behaviour, rules.definition)
    with session.open() as app:
        return _chosen(session, app, rules, behaviour, fit=True, fit_as=fit_as, write=write)


def _chosen(
    session: Session,
    app: "App",
    rules: "Rules",
    behaviour: Path | None,
    *,
    fit: bool,
    fit_as: Kind,
    write: Path | None,
) -> "Behaviours":
    from operators.simulation.policies import people_of

    template = people_of(rules.definition, behaviour)
    if not fit:
        return _written(template, write, behaviour, rules.definition)
    from operators.simulation.forecasts import fitted_from

    found = fitted_from(app.queries, rules, template, app.clock.now(), fit_as)
    if write is not None:
        from operators.simulation.writing import written

        head = session.say(
            "Comportements estimés d'après l'histoire, {}, {}.", "Behaviours fitted from the history, {}, {}."
        )
        _new_file(write, written(found.behaviours, found.remarks, head.format(app.clock.now().date(), fit_as)))
    return found.behaviours


def _written(
    behaviours: "Behaviours", write: Path | None, behaviour: Path | None, definition: "Definition"
) -> "Behaviours":
    from operators.simulation.reading import shipped_for
    from operators.simulation.writing import written

    if write is not None:
        path = behaviour or shipped_for(definition)
        _new_file(write, written(behaviours, {}, behaviours.title.fr) if path is None else path.read_text("utf-8"))
    return behaviours


def _new_file(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise WrongUsage(f"--write : {path} existe déjà.", f"--write: {path} exists already.") from None


def _run(session: Session, rules: "Rules", habits: "Behaviours", plan: "Plan", *, into: str | None) -> "Sequence[Run]":
    from operators.simulation.running import simulate as run

    if into is None:
        return run(rules, habits, plan)
    from app import new_sandbox
    from operators.simulation.running import simulate_into

    with new_sandbox(session.settings, plan.start) as app:
        return [simulate_into(app.store, app.engine.current_rules(), habits, plan)]


def _told(plan: "Plan", policies: "Sequence[Policy]", lang: str) -> "Told":
    from operators.simulation.telling import Teller

    return Teller(plan, policies, lang).told()


# Answers


def _answer(session: Session, told: "Told", csv: Path | None, report: Path | None) -> None:
    if csv is not None:
        _write_csv(csv, told)
    if report is not None:
        from operators.simulation.report import report_html

        report.write_text(report_html(told, session.lang), encoding="utf-8", newline="\n")
    session.answer(dict(told.data), lambda page: _page(page, told))


def _write_csv(path: Path, told: "Told") -> None:
    import csv

    from operators.simulation.sections import file_rows

    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(file_rows(told.sections))


def _page(page: Page, told: "Told") -> None:
    page.heading(told.title)
    room = max(width(name) for name, _ in told.facts)
    page.lines(f"{name}{' ' * (room - width(name))}  {value}" for name, value in told.facts)
    for section in told.sections:
        if section.rows:
            page.line()
            page.heading(section.title)
            page.table(section.columns, section.rows)
            _remark(page, section)


def _remark(page: Page, section: "Section") -> None:
    if section.remark:
        page.line(section.remark)
