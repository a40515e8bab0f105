"""From settings to channels, and what goes through them. Knows no terminal; audit/anchors.py does the rest."""

import logging
from datetime import datetime, timedelta

from app import App, anchor_record_path, signing_key_path
from audit.anchor_record import opened_record
from audit.anchors import Anchor, Attempt, send_pending
from audit.notes import parse_checkpoint, parse_note
from audit.remembered import beside
from settings import Settings, WrongUsage
from workflow.clock import Clock, SystemClock
from workflow.errors import ParcoursError

_LOG = logging.getLogger("parcours.anchors")


def anchor_pending(app: App) -> list[Attempt]:
    """What a daemon calls every so often: sends what is due and not in its pause; nothing where no channel is set.

    Opens no database, so that any thread may call it, and raises nothing that may be expected: failures are logged.
    """
    settings = app.settings
    if not _mails(settings) and settings.timestamp_url is None:
        return []
    try:
        return anchored(settings)
    except (ParcoursError, OSError) as error:
        _LOG.error("anchor.failed", extra={"reason": str(error)})
        return []


def anchored(settings: Settings, checkpoint: bytes | None = None, *, patient: bool = True) -> list[Attempt]:
    """Add a checkpoint, or else the last one that was signed, to what is due, and send what is due.

    The last one is added only where none was for the setting `anchor_interval_s`. Raises IntegrityBroken for what is
    no checkpoint, WrongUsage for channels that are not fully set, OSError for files that cannot be read, and
    StoreUnavailable where the record cannot be written.
    """
    # The world's own time, in a sandbox too: others stamp with theirs, and pauses are real.
    clock = SystemClock()
    channels = channels_of(settings, clock)
    last = beside(signing_key_path(settings)).read() if checkpoint is None else None
    for note in (checkpoint, last):
        if note is not None:
            parse_checkpoint(parse_note(note).text)
    with opened_record(anchor_record_path(settings)) as record:
        now = clock.now()
        if last is not None and _is_time(record.last_due_at, now, settings.anchor_interval_s):
            checkpoint = last
        if checkpoint is not None:
            record.add(checkpoint, [each.name for each in channels], now)
        return send_pending(record, channels, now, patient=patient)


def _is_time(last_due_at: datetime | None, now: datetime, interval_s: float) -> bool:
    return last_due_at is None or now - last_due_at >= timedelta(seconds=interval_s)


def channels_of(settings: Settings, clock: Clock) -> list[Anchor]:
    """The channels that the settings name. Raises WrongUsage where there is none, or one is not fully set."""
    found: list[Anchor] = []
    if _mails(settings):
        found.append(_mail(settings, clock))
    if settings.timestamp_url is not None:
        found.append(_time_stamp(settings, settings.timestamp_url, clock))
    if not found:
        raise WrongUsage(
            "Aucun canal n'est réglé : smtp_host pour le courriel, timestamp_url pour l'horodatage.",
            "No channel is set: smtp_host for e-mail, timestamp_url for time stamps.",
        )
    return found


def _mails(settings: Settings) -> bool:
    """Whether checkpoints go out by e-mail: a mail server may also be there for notices alone."""
    for_notices = settings.notices_email or settings.digest_to
    return settings.smtp_host is not None and bool(settings.mail_to or not for_notices)


def _mail(settings: Settings, clock: Clock) -> Anchor:
    from audit.anchor_mail import MailAnchor
    from operators.notices.post import mail_server

    if settings.mail_from is None or not settings.mail_to:
        raise WrongUsage("smtp_host demande mail_from et mail_to.", "smtp_host needs mail_from and mail_to.")
    server = mail_server(settings, settings.anchor_timeout_s)
    return MailAnchor(
        clock, server.host, server.port, settings.mail_from, settings.mail_to, server.security, server.user,
        server.password, server.timeout_s,
    )  # fmt: skip


def _time_stamp(settings: Settings, url: str, clock: Clock) -> Anchor:
    from audit.anchor_timestamps import TimeStampAnchor, load_roots

    if settings.timestamp_roots is None:
        raise WrongUsage("timestamp_url demande timestamp_roots.", "timestamp_url needs timestamp_roots.")
    roots = load_roots(settings.timestamp_roots.read_bytes())
    return TimeStampAnchor(clock, url, roots, settings.anchor_timeout_s)
