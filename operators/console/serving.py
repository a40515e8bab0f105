"""Serves the console until it is told to stop, and says where it is; the first time, how the first account is made."""

import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn

from app import App
from operators.api.app import with_api
from operators.console.app import make_console
from operators.console.secrets import new_token
from operators.console.timing import timed
from operators.tally import Tally
from settings import WrongUsage

_GRACE_S = 10
_WAITING = 128


_LOG = logging.getLogger("parcours.console")


def serve(app: App, tell: Callable[[str, str | None], None], tally: Tally | None = None) -> None:
    """Listen, tell the address and the link that makes the first account, if there is none, and answer until SIGTERM
    or SIGINT. `tally` counts what is entered meanwhile, for its metrics.

    Requests under way are finished, for ten seconds at most. Raises WrongUsage where the address cannot be had.
    """
    first = None if app.store.accounts.listed() else new_token()
    with (
        _listening(app.settings.console_host, app.settings.console_port) as listener,
        timed(app, tally or Tally()) as watch,
    ):
        host, port = listener.getsockname()[:2]
        base = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        console = make_console(app, first=first)
        config = uvicorn.Config(
            watch.around(with_api(console)),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
            proxy_headers=True,
            forwarded_allow_ips=list(app.settings.console_proxies),
            callback_notify=watch.beat,
            timeout_notify=1,
        )

        def listens() -> None:
            tell(f"{base}/", None if first is None else f"{base}/welcome?token={first}")
            _LOG.info("console.started", extra={"address": base})

        _Server(config, listens, console.inner.state.console.watching.end).run([listener])
    _LOG.info("console.stopped")


class _Server(uvicorn.Server):
    """Says when it answers, and can be told to end; ends in order, where uvicorn's own would die of the signal."""

    def __init__(self, config: uvicorn.Config, listens: Callable[[], None], leaves: Callable[[], None]) -> None:
        super().__init__(config)
        self._listens, self._leaves = listens, leaves

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listens()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Streams have no end of their own: requests under way are waited for.
        self._leaves()
        await super().shutdown(sockets)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_WAITING)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise WrongUsage(f"La console ne peut écouter sur {host}:{port} ({why}).",
                         f"The console cannot listen on {host}:{port} ({why}).") from error  # fmt: skip
