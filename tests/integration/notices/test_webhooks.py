"""Notices by webhook, to a real web server: the form of a request, receivers that fail, and what is never reached."""

import ipaddress
import socket
import ssl
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from operators.notices.guarded import Guard, RequestFailed, is_public
from operators.notices.webhooks import signatures
from settings import WrongUsage
from tests.integration.notices.conftest import CANARY, NAME, SECRET, Office
from tests.receivers import Endpoint, silent_server, web_server
from tests.world import instant

OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def reminded(office: Office, at: str = "2021-03-10T23:00") -> None:
    office.shown()
    office.until(at)


def test_event_is_thin_signed_and_leaves_at_any_hour(hooked: Office) -> None:
    reminded(hooked)
    assert hooked.send().sent == 1
    (request,) = hooked.endpoint.requests
    (delivery,) = hooked.log()
    Webhook(SECRET).verify(request.body, request.headers)
    assert request.headers["content-type"] == "application/cloudevents+json; charset=UTF-8"
    assert request.key == delivery.key == request.json["id"]
    log = hooked.app().installation.log
    assert request.json == {
        "specversion": "1.0",
        "id": delivery.key,
        "source": f"urn:parcours:{log}",
        "type": "parcours.notice.reminder",
        "subject": "P-1",
        "time": "2021-03-10T23:00:00Z",
        "datacontenttype": "application/json",
        "data": {
            "reference": "P-1",
            "territory": "75",
            "seq": delivery.seq,
            "kind": "reminder",
            "state": "candidate_shown",
            "trigger": None,
            "deadline": "selection",
            "due_at": "2021-03-16T23:00:00Z",
        },
    }
    assert CANARY not in request.body
    assert NAME not in request.body


def test_signature_is_that_of_the_specification() -> None:
    """The example of Standard Webhooks, "Signature scheme"; and two while one secret takes the other's place."""
    key, at, body = "msg_p5jXN8AQM9LWM0D4loKWxJek", instant("2021-02-25T14:13:50"), '{"test": 2432232314}'
    signed = signatures([SECRET, OTHER], key, at.replace(second=30, minute=10), body)
    one, other = signed.split(" ")
    assert one == "v1," + _independent(SECRET, key, str(int(at.replace(second=30, minute=10).timestamp())), body)
    assert other != one
    known = instant("2021-02-25T00:00:00").fromtimestamp(1614265330, tz=at.tzinfo)
    assert signatures([SECRET], key, known, body) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def _independent(secret: str, key: str, stamp: str, body: str) -> str:
    import base64
    import hmac

    made = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), f"{key}.{stamp}.{body}".encode(), "sha256")
    return base64.b64encode(made).decode()


@pytest.mark.parametrize("failure", [500, 503, 404, "reset", "hang", (302, "location", "/elsewhere")])
def test_receiver_that_fails_and_comes_back_gets_the_same_event(hooked: Office, failure: object) -> None:
    reminded(hooked)
    hooked.said["notices_timeout_s"] = 0.3
    hooked.endpoint.answers[:] = [failure, failure]  # type: ignore[list-item] # what the parameters are
    for _ in range(3):
        hooked.send()
        hooked.wait(minutes=5)
    first, second, third = hooked.endpoint.requests
    assert first.key == second.key == third.key
    assert first.body == second.body == third.body
    assert {each.path for each in hooked.endpoint.requests} == {"/notices"}, "no redirect is followed"
    assert hooked.statuses == ["sent"]


def test_receiver_that_wants_nothing_any_more_is_believed(hooked: Office) -> None:
    reminded(hooked)
    hooked.endpoint.answers[:] = [410]
    assert hooked.send().dead == 1
    hooked.wait(days=1)
    hooked.send()
    assert len(hooked.endpoint.requests) == 1


def test_receiver_that_is_away_holds_up_no_other(hooked: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARCOURS_WEBHOOK_SECRETS", f"si={SECRET},other={OTHER}")
    for number in range(4):
        hooked.shown(f"P-{number}")
    hooked.until("2021-03-10T23:00")
    with silent_server() as port:
        away = f"other=http://127.0.0.1:{port}/"
        done = hooked.send(webhooks=[*hooked.said["webhooks"], away], notices_timeout_s=0.2)
    assert (done.planned, done.sent, done.failed) == (4, 4, 1)
    assert sorted(item.attempts for item in hooked.log() if item.recipient == "other") == [0, 0, 0, 1]


def test_server_that_drips_is_cut_off(hooked: Office) -> None:
    """Each byte comes in time; the whole never would."""
    from threading import Thread

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def drip() -> None:
            taken, _ = listening.accept()
            with taken:
                taken.settimeout(30)
                taken.sendall(b"HTTP/1.1 200 OK\r\n")
                try:
                    while True:
                        taken.sendall(b"X")
                        if _is_closed(taken):
                            return
                except OSError:
                    return

        thread = Thread(target=drip, daemon=True)
        thread.start()
        with pytest.raises(RequestFailed, match="no answer"):
            Guard(0.2, loopback=True).post(f"http://127.0.0.1:{port}/", b"{}", {})
        thread.join(30)
        assert not thread.is_alive()


def _is_closed(taken: socket.socket) -> bool:
    import select

    readable, _, _ = select.select([taken], [], [], 0.05)
    return bool(readable) and taken.recv(65536) == b""


def test_certificate_must_be_trusted_and_of_that_name(
    hooked: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = tmp_path / "server.pem", tmp_path / "server.key"
    words = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=elsewhere",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate, "-days", "2")  # fmt: skip
    subprocess.run(["openssl", *words], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    reminded(hooked)
    with web_server(Endpoint(), context) as endpoint:
        said = {"webhooks": [f"si={endpoint.url}"]}
        assert hooked.send(**said).failed == 1
        assert "certificate is not trusted" in str(hooked.log()[0].error)
        assert endpoint.requests == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        hooked.wait(minutes=2)
        assert hooked.send(**said).sent == 1
        hooked_url = endpoint.url.replace("127.0.0.1", "localhost")
        with pytest.raises(RequestFailed, match="not trusted"):
            Guard(2.0, loopback=True).post(hooked_url, b"{}", {})


PRIVATE = [
    "127.0.0.1", "127.1.2.3", str(ipaddress.IPv4Address(0)), "10.0.0.1", "172.16.3.4", "192.168.1.1", "100.64.0.1",
    "169.254.169.254", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1",
    "::1", "::", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", 
    "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "fec0::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_address_within_walls_is_none_of_the_public_ones(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_address_on_the_public_net_is_one(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "127.1"])
def test_no_request_reaches_this_machine_unless_trials_are_allowed(host: str) -> None:
    with web_server(Endpoint()) as endpoint:
        port = endpoint.url.rpartition(":")[2].partition("/")[0]
        with pytest.raises(RequestFailed, match="not a public one"):
            Guard(1.0).post(f"https://{host}:{port}/", b"{}", {})
        assert endpoint.requests == []


def test_trials_reach_this_machine_and_nothing_else_within_the_walls() -> None:
    with pytest.raises(RequestFailed, match="not a public one"):
        Guard(0.2, loopback=True).post("http://10.0.0.1/", b"{}", {})


def test_nothing_but_https_is_spoken() -> None:
    for url in ("http://127.0.0.1/", "ftp://127.0.0.1/", "file:///etc/passwd"):
        with pytest.raises(RequestFailed, match="https"):
            Guard(0.2).post(url, b"{}", {})


@pytest.mark.parametrize(
    ("secrets", "said", "why"),
    [
        ("", {}, "has no secret"),
        ("other=whsec_AAAA", {}, "has no secret"),
        ("si=hunter2", {}, "NAME=whsec_"),
        (f"si={SECRET}", {"webhook_loopback": False}, "https://"),
        ("si=whsec_===", {}, "cannot be read"),
    ],
)
def test_webhook_that_is_half_set_is_wrong_usage(
    hooked: Office, secrets: str, said: dict[str, object], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARCOURS_WEBHOOK_SECRETS", secrets)
    reminded(hooked)
    with pytest.raises(WrongUsage) as refused:
        hooked.send(**said)
    assert why in refused.value.message_en
    assert "hunter2" not in refused.value.message_en
    assert hooked.statuses == ["pending"], "nothing was taken in hand"


def test_secrets_are_read_from_a_private_file_only(hooked: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PARCOURS_WEBHOOK_SECRETS")
    path = Path("secrets")
    path.write_text(f"si={SECRET}\nsi={OTHER}\n")
    path.chmod(0o644)
    reminded(hooked)
    with pytest.raises(WrongUsage, match="chmod 600"):
        hooked.send(webhook_secrets_file=path)
    path.chmod(0o600)
    assert hooked.send(webhook_secrets_file=path).sent == 1
    (request,) = hooked.endpoint.requests
    for secret in (SECRET, OTHER):
        Webhook(secret).verify(request.body, request.headers)


def test_webhook_taken_out_of_the_settings_receives_nothing_any_more(hooked: Office) -> None:
    reminded(hooked)
    hooked.endpoint.answers[:] = [500]
    hooked.send()
    hooked.clock.advance(timedelta(minutes=5))
    assert hooked.send(webhooks=[], notices_email=True).overtaken == 1
    assert len(hooked.endpoint.requests) == 1
