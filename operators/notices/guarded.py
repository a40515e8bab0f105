"""One HTTPS request to an address that somebody configured, so that it reaches nothing within these walls.

The name is resolved once, every address that it has must be a public one, and the connection goes to the address that
was looked at: a name that changes its mind in between (DNS rebinding) gains nothing. No redirect is followed, no proxy
asked; time and size are bounded. OWASP, Server-Side Request Forgery Prevention.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from audit.cutting import cut_after
from workflow.errors import ParcoursError

MOST_BYTES: Final = 64 * 1024
"""So much of an answer is read, and thrown away."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# An IPv4 address in the clothes of an IPv6 one leads to the IPv4 one (RFC 6052).
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_NAT64_LOCAL: Final = ipaddress.IPv6Network("64:ff9b:1::/48")


class RequestFailed(ParcoursError):
    """There was no answer: one sentence, without the address, which may hold a secret."""

    code = "request_failed"


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be asked. `loopback`: for trials, this machine itself too, and plain HTTP there, and nothing else.

    `timeout_s` bounds every wait, and three times as long the whole request.
    """

    timeout_s: float
    loopback: bool = False

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Send a body, and give the status of the answer. Raises RequestFailed where there is none."""
        try:
            return self._post(url, body, headers)
        except ssl.SSLCertVerificationError as error:
            raise RequestFailed(f"the certificate is not trusted ({error.verify_message})") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise RequestFailed(f"there was no answer ({why})") from None

    def _post(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        parts = urlsplit(url)
        if parts.scheme != "https" and not (self.loopback and parts.scheme == "http"):
            raise RequestFailed("the address does not begin with https://")
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        connection = _Connection(host, port, self._connected(host, port), encrypted=parts.scheme == "https")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        with cut_after(3 * self.timeout_s, lambda: connection.sock) as cut:
            try:
                connection.request("POST", path, body, dict(headers))
                answer = connection.getresponse()
                answer.read(MOST_BYTES)
            finally:
                connection.close()
        if cut.is_set():
            # What was said by then may look like the whole of a short answer.
            raise RequestFailed("there was no answer in time")
        return answer.status

    def _connected(self, host: str, port: int) -> socket.socket:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [ipaddress.ip_address(str(each[4][0]).partition("%")[0]) for each in found]
        if not addresses or not all(map(self._may_reach, addresses)):
            raise RequestFailed("the address is not a public one")
        return socket.create_connection((str(addresses[0]), port), self.timeout_s)

    def _may_reach(self, address: Address) -> bool:
        return self.loopback if address.is_loopback else is_public(address)


def is_public(address: Address) -> bool:
    """Whether an address belongs to somebody else's machine on the public net (IANA's special-purpose registries)."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64 or address in _NAT64_LOCAL or address.sixtofour or address.teredo or address.is_site_local:
            return False
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
    return address.is_global and not address.is_multicast and not address.is_reserved and not address.is_unspecified


class _Connection(http.client.HTTPConnection):
    """Speaks over a connection that was made already, encrypted for the name that was asked for."""

    def __init__(self, host: str, port: int, made: socket.socket, *, encrypted: bool) -> None:
        super().__init__(host, port)
        self.sock = made
        if encrypted:
            try:
                self.sock = ssl.create_default_context().wrap_socket(made, server_hostname=host)
            except BaseException:
                made.close()
                raise
            self.default_port = http.client.HTTPS_PORT
