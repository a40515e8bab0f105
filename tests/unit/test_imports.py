"""Who may import whom: `workflow/` decides, `storage/` remembers, `audit/` proves, `operators/` shows.

Reads the sources as text, imports nothing of them, and holds for packages that do not exist yet.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# For each part of the project, the parts and modules of ours that it may import, besides itself.
MAY_IMPORT = {
    "workflow": (),
    "storage": ("workflow",),
    "audit": ("workflow", "storage.entries", "storage.queries", "storage.seals", "storage.persons"),
    "rehearsal": ("workflow", "storage.memory"),
    "settings": ("workflow",),
    "app": ("workflow", "storage", "audit", "settings"),
    "runner": ("workflow", "storage", "audit", "settings", "app", "operators"),
    "operators": (
        "workflow",
        "storage.queries",
        "storage.accounts",
        "storage.batch_runs",
        "storage.batches",
        "storage.entries",
        "storage.marks",
        "storage.memory_claims",
        "storage.notice_choices",
        "storage.searching",
        "storage.thinning",
        "storage.tokens",
        "storage.turns",
        "storage.views",
        "audit",
        "rehearsal",
        "settings",
        "app",
        "runner",
    ),
}

# What only one place knows; an empty tuple is a library that the product never imports.
KNOWN_ONLY_TO = {
    "alembic": ("storage",),
    "argon2": ("operators",),
    "apscheduler": ("runner",),
    "authlib": ("operators.console.provider",),
    "cel_expr_python": ("workflow",),
    "fastapi": ("operators",),
    "httpx2": ("operators.api.client", "operators.console.provider"),
    "icalendar": ("operators.notices.feed",),
    "jinja2": ("operators",),
    "joserfc": ("operators.console.provider",),
    "pm4py": (),
    "prometheus_client": ("operators",),
    "psycopg": ("storage",),
    "pyarrow": ("audit.export_parquet",),
    "pysqlite3": ("storage",),
    "rich": ("operators", "runner"),
    "sqlalchemy": ("storage",),
    "sqlite3": ("storage", "audit"),
    "sqlmodel": ("storage",),
    "standardwebhooks": ("operators.notices.webhooks",),
    "starlette": ("operators",),
    "transitions": ("workflow.machine",),
    "typer": ("operators", "runner"),
    "uvicorn": ("operators",),
    "xlsxwriter": ("audit.export_xlsx",),
}

# `workflow/` is pure: third parties by name, and nothing of the standard library that reaches outside.
WORKFLOW_THIRD_PARTIES = {
    "annotated_types",
    "cel_expr_python",
    "jours_feries_france",
    "msgspec",
    "pydantic",
    "pydantic_core",
    "stdnum",
    "transitions",
    "typing_extensions",
    "tzdata",
    "yaml",
}
OUTSIDE_WORLD = {"asyncio", "http", "multiprocessing", "smtplib", "socket", "subprocess", "urllib"}
ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb", "os.putenv"}

# Reading the wall clock; durations (`time.monotonic`) are free.
WALL_CLOCK = {
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "date.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
}
CLOCK = "workflow.clock"


def sources() -> list[Path]:
    """Every Python file of the product, those of packages that exist."""
    patterns = [pattern for part in MAY_IMPORT for pattern in (f"{part}.py", f"{part}/**/*.py")]
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern))


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def within(name: str, place: str) -> bool:
    return name == place or name.startswith(f"{place}.")


def imported(tree: ast.AST, package: str) -> Iterator[tuple[int, str]]:
    """Line and full name of all that is imported, inside functions too; `from a import b` gives `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, package)
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def absolute(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return node.module or ""
    parents = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parents, *([node.module] if node.module else [])])


def used(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every attribute, `os.environ` for one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, ast.unparse(node)


def faults(source: str, name: str, *, is_package: bool = False) -> list[str]:
    """What breaks the direction in the module `name`, one sentence each."""
    tree = ast.parse(source)
    package = name if is_package else name.rpartition(".")[0]
    imports = set(imported(tree, package))
    found = {(line, fault_of_import(name, target)) for line, target in imports}
    found |= {(line, fault_of_use(name, target)) for line, target in imports | set(used(tree))}
    return sorted(f"{name}, line {line}: {fault}" for line, fault in found if fault)


def fault_of_import(name: str, target: str) -> str | None:
    part, top = name.partition(".")[0], target.partition(".")[0]
    if top in MAY_IMPORT:
        allowed = any(within(target, place) for place in (part, *MAY_IMPORT[part]))
        return None if allowed else f"{part} may not import {target}"
    if not any(within(name, place) for place in KNOWN_ONLY_TO.get(top, (name,))):
        return f"{top} is known only to {', '.join(KNOWN_ONLY_TO[top]) or 'the tests'}"
    if part == "workflow" and not pure(top):
        return f"workflow is pure and does not know {top}"
    return None


def pure(top: str) -> bool:
    return top in WORKFLOW_THIRD_PARTIES or (top in sys.stdlib_module_names and top not in OUTSIDE_WORLD)


def fault_of_use(name: str, target: str) -> str | None:
    if target in WALL_CLOCK and name != CLOCK:
        return f"{target} reads the wall clock: take a Clock instead"
    if target in ENVIRONMENT and within(name, "workflow"):
        return f"workflow is pure and does not know {target}"
    return None


@pytest.mark.parametrize("path", sources(), ids=module_name)
def test_imports_keep_their_direction(path: Path) -> None:
    found = faults(path.read_text("utf-8"), module_name(path), is_package=path.stem == "__init__")
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("workflow.engine", "import storage.sql"),
        ("workflow.engine", "from sqlmodel import Session"),
        ("workflow.engine", "from transitions import Machine"),
        ("workflow.engine", "import requests"),
        ("workflow.engine", "import subprocess"),
        ("workflow.engine", "from os import environ"),
        ("workflow.engine", "import os; os.getenv('TZ')"),
        ("workflow.engine", "from .. import app"),
        ("storage.sql", "from audit import seals"),
        ("storage.sql", "import settings"),
        ("audit.chain", "from storage import tables"),
        ("audit.chain", "import storage"),
        ("rehearsal.stage", "from storage.sql import SqlStore"),
        ("rehearsal.stage", "import operators.cli"),
        ("operators.cli.list", "from storage.sql import SqlStore"),
        ("operators.cli.list", "def run():\n    import sqlalchemy.orm"),
        ("runner", "from datetime import datetime\nstarted = datetime.now(tz=None)"),
        ("workflow.loader", "from time import time"),
        ("app", "import operators.cli"),
        ("app", "import pm4py"),
    ],
)
def test_wrong_direction_is_found(module: str, line: str) -> None:
    assert faults(line, module)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("workflow.machine", "from transitions import Machine"),
        ("workflow.clock", "import datetime; datetime.datetime.now(datetime.UTC)"),
        ("workflow.loader", "from yaml import CSafeLoader\nfrom .errors import DefinitionError"),
        ("storage.sql", "from sqlmodel import Session\nimport workflow\nfrom . import tables"),
        ("audit.chain", "from storage import queries\nfrom workflow import history"),
        ("operators.cli.list", "from app import open_app\nfrom storage.queries import Queries"),
        ("runner", "import apscheduler, time; time.monotonic()"),
    ],
)
def test_right_direction_passes(module: str, line: str) -> None:
    assert faults(line, module) == []
