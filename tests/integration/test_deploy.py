"""What is shipped for an installation holds together: units, settings, scripts, proxies, the lock."""

import re
import shutil
import subprocess
import tomllib
from configparser import RawConfigParser
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from operators.cli.catalogue import COMMANDS
from settings import Settings, read_settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
CONFINED = {
    "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
    "PrivateDevices": "yes", "CapabilityBoundingSet": "", "MemoryDenyWriteExecute": "yes", "User": "parcours",
    "UMask": "0077", "RestrictNamespaces": "yes", "SystemCallArchitectures": "native", "StateDirectory": "parcours",
}  # fmt: skip


class Unit(RawConfigParser):
    """A unit's file: names keep their case, and the last of several values holds."""

    def __init__(self, path: Path) -> None:
        super().__init__(strict=False, interpolation=None)
        self.read_string(path.read_text("utf-8"))

    def optionxform(self, optionstr: str) -> str:
        return optionstr


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_services_are_confined(path: Path) -> None:
    service = Unit(path)["Service"]
    assert {name: service.get(name) for name in CONFINED} == CONFINED


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_services_start_what_the_installation_lays(path: Path) -> None:
    program, *words = Unit(path)["Service"]["ExecStart"].split()
    laid = {"/opt/parcours/venv/bin/parcours", "/opt/parcours/bin/parcours-backup"}
    assert program in laid
    assert all(word in COMMANDS for word in words)
    assert words or (DEPLOY / "bin" / Path(program).name).stat().st_mode & 0o111


@pytest.mark.parametrize("name", ["parcours-daemon", "parcours-console"])
def test_services_wait_for_ready_and_are_watched(name: str) -> None:
    service = Unit(DEPLOY / f"systemd/{name}.service")["Service"]
    assert (service["Type"], service["Restart"]) == ("notify", "always")
    assert service["WatchdogSec"].endswith("min")


def test_daemon_that_gave_up_is_not_started_again() -> None:
    service = Unit(DEPLOY / "systemd/parcours-daemon.service")["Service"]
    assert "7" in service["RestartPreventExitStatus"].split()


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is missing; on Debian: apt-get install systemd")
    for unit in UNITS:
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text("utf-8"), flags=re.M)
        (tmp_path / unit.name).write_text(text)
    laid = [str(tmp_path / unit.name) for unit in UNITS]
    said = subprocess.run(["systemd-analyze", "verify", *laid], capture_output=True, text=True)
    assert [line for line in said.stderr.splitlines() if "parcours-" in line] == []
    for unit in SERVICES:
        rated = ["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", str(unit)]
        assert subprocess.run(rated, capture_output=True).returncode == 0, unit.name


@pytest.mark.parametrize("path", [DEPLOY / "install.sh", *(DEPLOY / "bin").iterdir()], ids=lambda path: path.name)
def test_scripts_can_be_read_by_a_shell(path: Path) -> None:
    assert path.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", path], capture_output=True, text=True).stderr == ""


def test_installation_says_what_it_cannot_read() -> None:
    said = subprocess.run([DEPLOY / "install.sh", "--rooot", "x"], capture_output=True, text=True)
    assert (said.returncode, said.stderr) == (1, "unknown: --rooot (see --help)\n")


def test_settings_of_an_installation_are_settings(tmp_path: Path) -> None:
    path = tmp_path / "parcours.toml"
    path.write_text((DEPLOY / "parcours.toml").read_text("utf-8").replace("@DATA@", "/var/lib/parcours"))
    settings = read_settings(environ={}, config=path)
    assert settings.database_url == "sqlite:////var/lib/parcours/parcours.db"
    assert settings.health_address != settings.console_health_address
    uncommented = re.sub(r"^# (\w+ =)", r"\1", path.read_text("utf-8"), flags=re.M)
    assert set(tomllib.loads(uncommented)) <= set(Settings.model_fields)


def test_proxies_lead_to_where_the_console_listens() -> None:
    where = f"127.0.0.1:{Settings().console_port}"
    nginx, caddy = (DEPLOY / "proxy" / name for name in ("nginx.conf", "Caddyfile"))
    assert f"proxy_pass http://{where};" in nginx.read_text("utf-8")
    assert f"reverse_proxy {where}" in caddy.read_text("utf-8")
    for header in ("Host $http_host", "X-Forwarded-Proto $scheme", "X-Forwarded-For $remote_addr"):
        assert f"proxy_set_header {header};" in nginx.read_text("utf-8")


def test_lock_has_what_an_installation_serves_with() -> None:
    lock = (ROOT / "requirements/deploy.txt").read_text("utf-8")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    wanted = [re.split(r"[\[>=]", each)[0] for name in ("web", "metrics", "postgres") for each in extras[name]]
    assert [name for name in wanted if f"\n{name}==" not in lock] == []


@pytest.mark.parametrize(("peer", "scheme"), [("127.0.0.1", "https"), ("10.9.9.9", "http")])
def test_only_a_known_proxy_is_believed_about_the_protocol(peer: str, scheme: str) -> None:
    told = Starlette(routes=[Route("/", lambda request: PlainTextResponse(request.url.scheme))])
    believing = ProxyHeadersMiddleware(told, list(Settings().console_proxies))
    with TestClient(believing, client=(peer, 5)) as browser:
        assert browser.get("/", headers={"X-Forwarded-Proto": "https"}).text == scheme
