"""`definition plan` and `definition migrate`: running placements under another version of their definition."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import uuid4

import typer

from operators.cli.command import ACTING, command, new_commands
from operators.cli.errors import DONE, REFUSED
from operators.cli.options import Reason
from operators.cli.session import Session
from settings import WrongUsage

if TYPE_CHECKING:
    from app import App
    from workflow.commands import Migrate
    from workflow.definition import Definition
    from workflow.migrating import Planned
    from workflow.rules import Rules

BATCH = 500
"""So many placements are migrated in one transaction."""

commands = new_commands()

Version = Annotated[
    int | None, typer.Option("--version", metavar="N", help="The published version; by default the last one.")
]
TERMS: dict[str, Any] = {
    "keep": Annotated[
        list[str] | None, typer.Option("--keep", metavar="NAME", help="This deadline keeps its date; or `all`.")
    ],
    "drop": Annotated[list[str] | None, typer.Option("--drop", metavar="NAME", help="This deadline ends.")],
    "state": Annotated[
        list[str] | None, typer.Option("--state", metavar="OLD=NEW", help="What a state is called in that version.")
    ],
    "accept_earlier": Annotated[
        bool | None, typer.Option("--accept-earlier", help="Let a deadline come forward; else it keeps its date.")
    ],
    "where": Annotated[
        str | None,
        typer.Option("--where", metavar="FILTER", help="Filters of list; by default all that have not ended."),
    ],
    "limit": Annotated[int | None, typer.Option("--limit", metavar="N", help="Show so many placements (50).")],
}
"""What a plan says, and of which placements."""


@command(commands, "definition plan", ACTING, TERMS)
def plan(
    session: Session,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="A definition, published or not; by default the setting `definition`."),
    ] = None,
    version: Version = None,
    **chosen: Any,
) -> int:
    """Show what another version would do to running placements; write nothing."""
    if file is not None and version is not None:
        raise WrongUsage("Un fichier ou --version, non les deux.", "A file or --version, not both.")
    with session.open() as app:
        rules = _published(app, version) if version is not None else _of_file(session, app, file)
        request = _request(session, rules.definition, chosen, reason="plan", supervisor=True)
        planned = list(_planned(app, request, rules, _running(app, rules, chosen["where"])))
    return _answer(session, rules, planned, chosen, done=False)


@command(commands, "definition migrate", ACTING, TERMS)
def migrate(
    session: Session,
    version: Version = None,
    reason: Reason = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; write nothing.")] = False,
    **chosen: Any,
) -> int:
    """Bring running placements under another published version."""
    from operators.cli.bulk import confirm

    with session.open() as app:
        rules = _published(app, version)
        request = _request(session, rules.definition, chosen, reason=reason, supervisor=False)
        planned = list(_planned(app, request, rules, _running(app, rules, chosen["where"])))
        if not dry_run and planned:
            if not yes:
                shown = _object(rules, planned, done=False, lang=session.lang)
                confirm(session, len(planned), lambda: _answer(session, rules, planned, chosen, done=False), shown)
            seen = {each.reference: each.revision for each in planned}
            planned = list(_migrated(app, request, seen))
    return _answer(session, rules, planned, chosen, done=not dry_run)


def _published(app: "App", version: int | None) -> "Rules":
    """The rules of a published version of the definition published last. Raises NotFound."""
    from workflow.errors import NotFound

    current = app.engine.current_rules()
    if version is None:
        return current
    with app.store.reading() as reading:
        published = reading.versions(current.definition.name)
    found = next((each for each in published if each.version == version), None)
    if found is None:
        raise NotFound(f"no version {version} of {current.definition.name} is published here")
    return app.engine.rules(found.digest)


def _of_file(session: Session, app: "App", file: Path | None) -> "Rules":
    """The rules that a file would give. Raises DefinitionError, also where its version has other bytes."""
    from app import read_source

    path = file or session.definition_path
    return app.engine.unpublished(read_source(path), str(path))


def _request(
    session: Session, target: "Definition", chosen: Mapping[str, Any], *, reason: str | None, supervisor: bool
) -> "Migrate":
    from workflow.commands import Migrate

    keep = list(target.deadlines) if "all" in (chosen["keep"] or ()) else chosen["keep"] or ()
    return Migrate(
        to=target.digest,
        reason=reason,
        actor=session.settings.actor,
        # A plan changes nothing, so that anybody may ask for one.
        roles=("supervisor",) if supervisor else session.settings.role,
        states=_pairs(chosen["state"] or ()),
        keep=keep,
        drop=chosen["drop"] or (),
        accept_earlier=bool(chosen["accept_earlier"]),
        correlation=f"migration:{uuid4().hex}",
    )


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    for text, (old, _, new) in zip(texts, pairs, strict=True):
        if not old or not new:
            raise WrongUsage(f"--state {text!r} : écrire ancien=nouveau.", f"--state {text!r}: write old=new.")
    return {old: new for old, _, new in pairs}


def _running(app: "App", rules: "Rules", where: str | None) -> list[str]:
    """The placements of this definition under another version that have not ended, or those that a filter selects."""
    from operators.cli.filters import filter_from_where
    from operators.filters import all_placements, placement_filter

    found = all_placements(app, placement_filter(app, {}) if where is None else filter_from_where(app, where))
    return [row.reference for row in found if row.definition != rules.definition.digest
            and (where is not None or not _has_ended(app, row.definition, row.state))]  # fmt: skip


def _has_ended(app: "App", digest: str, state: str) -> bool:
    from workflow.errors import NotFound

    try:
        return app.engine.rules(digest).definition.is_final(state)
    except NotFound:
        # Its rules are lost: a migration is what lets it go on.
        return False


def _planned(app: "App", request: "Migrate", rules: "Rules", references: Sequence[str]) -> "Iterator[Planned]":
    # Names that the version does not know are refused even where there is nothing to migrate.
    for start in range(0, max(1, len(references)), BATCH):
        yield from app.engine.plan(request, references[start : start + BATCH], rules)


def _migrated(app: "App", request: "Migrate", seen: Mapping[str, int]) -> "Iterator[Planned]":
    names = list(seen)
    for start in range(0, len(names), BATCH):
        yield from app.engine.migrate(request, {name: seen[name] for name in names[start : start + BATCH]})


def _object(rules: "Rules", planned: "Sequence[Planned]", *, done: bool, lang: str) -> dict[str, Any]:
    from operators.cli.migration_shapes import plan_object

    return plan_object(rules, planned, done=done, lang=lang)


def _answer(
    session: Session, rules: "Rules", planned: "Sequence[Planned]", chosen: Mapping[str, Any], *, done: bool
) -> int:
    from operators.cli.migration_shapes import write_plan

    answer = _object(rules, planned, done=done, lang=session.lang)
    limit = chosen["limit"] or 50
    session.answer(answer, lambda page: write_plan(page, rules, planned, limit, done=done))
    return REFUSED if any(each.blockers for each in planned) else DONE
