"""The OpenAPI document, open to anyone: it says what may be asked, and shows nothing of the data."""

from functools import cache
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi

from operators.api.models.problems import Problem
from operators.api.routing import Json, Resource

resource = Resource("document")
VERSION: Final = "1.0.0"

_ABOUT: Final = """Placements of *conseillers numériques*: what may be asked of them, by programs.

Every answer is that of the command line's `--json`. Errors are problems (RFC 9457), in French or English by
`Accept-Language`. Under `Idempotency-Key` an act is done once; `If-Match` is the revision that was read."""


@resource.get("/openapi.json", "anyone", dict[str, Any])
def openapi(request: Request) -> Any:
    """This document."""
    return Json(document(request.app))


@cache
def document(web: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the API."""
    made = get_openapi(title="Parcours", version=VERSION, openapi_version="3.1.0", description=_ABOUT,
                       routes=web.routes)  # fmt: skip
    parts = made["components"]
    parts["schemas"] |= _problem()
    parts["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "Made by `parcours token add`: `pcs_…`."}
    }
    parts["responses"] = _shared(made)
    made["security"] = [{"token": []}]
    return made


def _shared(made: dict[str, Any]) -> dict[str, Any]:
    """The answers to errors, said once: each operation refers to them."""
    found: dict[str, Any] = {}
    for path in made["paths"].values():
        for operation in path.values():
            for status, said in operation["responses"].items():
                if int(status) >= 400:
                    found[f"Problem{status}"] = said
                    operation["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}
    return dict(sorted(found.items()))


def _problem() -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs", {}), "Problem": schema}
