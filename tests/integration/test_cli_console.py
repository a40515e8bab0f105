"""`parcours console` before it serves: what keeps it from doing so is one sentence."""

import socket
import sys

import pytest

from tests.integration.conftest import Cli


def test_port_that_is_taken_is_told(office: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = office("console", "--port", str(port))
    assert (refused.code, refused.out) == (2, "")
    assert f"127.0.0.1:{port}" in refused.err
    assert refused.err.count("\n") == 1


def test_database_that_was_never_made_is_told(cli: Cli) -> None:
    refused = cli("console", "--port", "0")
    assert (refused.code, "parcours init" in refused.err) == (1, True)


def test_missing_extra_is_told_with_how_to_get_it(office: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*sys.modules]:
        if name.startswith("operators.console"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    refused = office("console", "--port", "0")
    assert (refused.code, "pip install 'parcours[web]'" in refused.err) == (2, True)
    assert refused.err.count("\n") == 1
