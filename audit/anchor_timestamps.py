"""Time stamps of a third party (RFC 3161): it signs the digest of a checkpoint with the time, and learns no more.

It refuses to know which checkpoints are due, and to keep a stamp that it could not verify against given roots.
"""

import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.tsp import TimeStampRequest

from audit.anchors import AnchorFailed, Receipt
from workflow.clock import Clock
from workflow.errors import IntegrityBroken

_MAX_BYTES = 1 << 20
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


@dataclass(frozen=True)
class TimeStampAnchor:
    """Asks one authority, over HTTP (RFC 3161, section 3.4), whose answer must lead to one of the roots."""

    clock: Clock
    url: str
    roots: tuple[Certificate, ...]
    timeout_s: float = 20.0
    name: str = "rfc3161"

    def send(self, checkpoint: bytes) -> Receipt:
        """Have the SHA-256 of the checkpoint stamped, and verify the stamp. Raises AnchorFailed."""
        builder = TimestampRequestBuilder().data(checkpoint).hash_algorithm(HashAlgorithm.SHA256)
        request = builder.nonce(nonce=True).cert_request(cert_request=True).build()
        answer = _posted(self.url, request.as_bytes(), self.timeout_s)
        stamped_at = verified_time(answer, request, checkpoint, self.roots)
        return Receipt(self.name, self.clock.now(), answer, f"stamped at {stamped_at.isoformat()}")


def verified_time(
    answer: bytes, request: TimeStampRequest, checkpoint: bytes, roots: tuple[Certificate, ...]
) -> datetime:
    """The time in a response to a request for this checkpoint. Raises AnchorFailed, saying what is wrong with it."""
    try:
        response = decode_timestamp_response(answer)
        if PKIStatus(response.status) is not PKIStatus.GRANTED:
            raise AnchorFailed(f"the time-stamp authority refused (status {response.status})")
        info = response.tst_info
    except ValueError:
        raise AnchorFailed("the time-stamp authority's answer is no time-stamp response") from None
    imprint, asked = info.message_imprint, request.message_imprint
    if (imprint.hash_algorithm, imprint.message) != (asked.hash_algorithm, asked.message):
        raise AnchorFailed("the time stamp is of another digest than the checkpoint's")
    if info.nonce != request.nonce:
        raise AnchorFailed("the time stamp answers another request: its nonce is not ours")
    _verify_signature(response, request, checkpoint, roots)
    return info.gen_time


def _verify_signature(
    response: TimeStampResponse, request: TimeStampRequest, checkpoint: bytes, roots: tuple[Certificate, ...]
) -> None:
    builder = VerifierBuilder.from_request(request)
    for root in roots:
        builder = builder.add_root_certificate(root)
    try:
        builder.build().verify_message(response, checkpoint)
    except (VerificationError, ValueError) as error:
        raise AnchorFailed(f"the time stamp's signature leads to none of the given roots ({error})") from None


def load_roots(data: bytes) -> tuple[Certificate, ...]:
    """The certificates of a PEM file. Raises IntegrityBroken where there is none."""
    try:
        roots = dict.fromkeys(load_pem_x509_certificates(data))
    except ValueError:
        raise IntegrityBroken("the file of time-stamp roots holds no certificate in PEM") from None
    return tuple(roots)


def _posted(url: str, data: bytes, timeout_s: float) -> bytes:
    if not url.startswith(("https://", "http://")):
        raise AnchorFailed("the address of the time-stamp authority is neither https:// nor http://")
    headers = {"Content-Type": _QUERY, "Accept": _REPLY}
    request = urllib.request.Request(url, data, headers)  # noqa: S310 - the scheme was looked at
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as response:  # noqa: S310 - the scheme was looked at
            answer: bytes = response.read(_MAX_BYTES)
    except urllib.error.HTTPError as error:
        with error:
            raise AnchorFailed(f"the time-stamp authority answered HTTP {error.code}") from None
    except (OSError, HTTPException, ValueError) as error:
        why = getattr(error, "reason", None) or error
        raise AnchorFailed(f"the time-stamp authority was not reached ({type(why).__name__})") from None
    return answer
