"""Commands around the database and the installation: making it, copying it, its settings, the calendars."""

from pathlib import Path
from typing import Annotated

import typer

from operators.cli.command import ACTING, SIGNING, command, new_commands
from operators.cli.session import Session

commands = new_commands()


@command(commands, "init", SIGNING)
def init(
    session: Session,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="For trying out: it obeys PARCOURS_CLOCK.")] = False,
) -> None:
    """Create or upgrade the database and publish the definition; repeatable."""
    from app import initialise
    from operators.cli.output import instant
    from settings import masked_url

    done = initialise(session.settings, sandbox=sandbox)
    url = masked_url(session.settings.database_url)
    definition = {
        "name": done.published.name,
        "version": done.published.version,
        "digest": done.published.digest,
    }
    answer = {
        "database": url,
        "created": done.created,
        "sandbox": done.installation.sandbox,
        "created_at": instant(done.installation.created_at),
        "log": done.installation.log,
        "definition": definition,
        "published": done.newly_published,
        "signing_key": str(done.signing_key),
        "public_key": done.public_key,
    }
    made = session.say("créée" if done.created else "déjà là", "created" if done.created else "there already")
    published = session.say("publiée" if done.newly_published else "déjà publiée",
                            "published" if done.newly_published else "published already")  # fmt: skip
    key = done.public_key or session.say(f"fichier absent ({done.signing_key})", f"no file {done.signing_key}")
    session.answer(answer, lambda page: page.lines((page.say(
        f"Base {url} : {made}. Définition {done.published.name} {done.published.version} : {published}.",
        f"Database {url}: {made}. Definition {done.published.name} {done.published.version}: {published}.",
    ), page.say(f"Clé publique : {key}", f"Public key: {key}"))))  # fmt: skip


@command(commands, "backup")
def backup(
    session: Session,
    target: Annotated[Path, typer.Argument(metavar="FILE", help="The copy; it must not exist.")],
    with_keys: Annotated[
        bool,
        typer.Option("--with-keys", help="Keep the keys of personal values, which a copy otherwise leaves out."),
    ] = False,
) -> None:
    """Write a verified copy of the database."""
    from app import backup as copy

    copy(session.settings.database_url, target, with_keys=with_keys)
    answer = {"file": str(target), "with_keys": with_keys, "bytes": target.stat().st_size}
    session.answer(answer, lambda page: page.line(page.say(f"Copie vérifiée : {target}.", f"Verified copy: {target}.")))


@command(commands, "restore", SIGNING)
def restore(
    session: Session,
    copy: Annotated[Path, typer.Argument(metavar="FILE", help="A copy that `backup` made.")],
) -> int:
    """Put a copy in the place of a database that is lost, and verify it."""
    from operators.cli.errors import BROKEN, DONE, sentence
    from operators.restoring import restore as put_in_place
    from settings import masked_url

    done = put_in_place(session.settings, copy, session.lang)
    answer = {
        "database": masked_url(session.settings.database_url),
        "file": str(copy),
        "placements": done.placements,
        "entries": done.entries,
        "sealed": done.sealed,
        "faults": list(done.faults),
        "older": None if done.older is None else sentence(done.older, session.lang),
    }
    said = [*done.faults, *([] if done.older is None else [str(answer["older"])])]
    session.answer(answer, lambda page: page.lines((page.say(
        f"{answer['database']} : {done.placements} dossiers, {done.entries} écritures, dont {done.sealed} scellées.",
        f"{answer['database']}: {done.placements} placements, {done.entries} entries, {done.sealed} of them sealed.",
    ), *said)))  # fmt: skip
    return BROKEN if done.faults else DONE


@command(commands, "config show", ACTING)
def config_show(
    session: Session,
    origin: Annotated[bool, typer.Option("--origin", help="Also where each was said.")] = False,
) -> None:
    """Show every setting, and with --origin where it was said."""
    from settings import masked, read_with_origin

    settings, said = read_with_origin(session.flags, config=session.config)
    values = {name: masked(name, settings) for name in said}
    answer = {name: {"value": value, "origin": said[name]} for name, value in values.items()} if origin else values
    columns = ("setting", "value", "origin") if origin else ("setting", "value")
    rows = [(name, _text(value), said[name])[: len(columns)] for name, value in values.items()]
    session.answer(answer, lambda page: page.table(columns, rows))


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
