"""`GET /openapi.json` and `/swagger.json`: the forge described; `GET /swagger`: the same as a page without scripts."""

import html
import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from .features import Feature
from .forge import Forge
from .openapi_paths import EXAMPLES, OPERATIONS, OPTIONS, Operation
from .strict_json import JsonResponse


def feature(forge: Forge) -> Feature:
    """The description."""

    async def document(request: Request) -> Response:
        return JsonResponse(description(forge.here(request).url))

    async def page(request: Request) -> Response:
        return HTMLResponse(_page(description(forge.here(request).url)))

    return Feature(
        routes=[Route("/openapi.json", document), Route("/swagger.json", document), Route("/swagger", page)],
        discovery=lambda here: {"service_documentation": here.url + "/swagger"},
    )


def description(server: str) -> dict[str, Any]:
    """The OpenAPI 3.0.3 document of a forge that is reached at this URL."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "axioms forge",
            "description": "TEST ISSUER: it signs a token with any claims for whoever asks. Never for production.",
            "version": version("axioms-fastapi"),
        },
        "servers": [{"url": server}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "client": {"type": "http", "scheme": "basic", "description": "User and password are alike."}
            },
            "schemas": {"TokenRequest": _token_request(), "Error": _ERROR},
        },
    }


_ERROR = {
    "type": "object",
    "required": ["error", "error_description"],
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}, "message": {"type": "string"}},
}
_REFUSAL = {
    "description": "Refused; error_description says what to write.",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "responses": {operation.status: {"description": operation.answer}, "4XX": _REFUSAL},
    }
    if operation.is_for_clients:
        described["security"] = [{"client": []}]
    if operation.body:
        described["requestBody"] = {"content": {kind: _content(kind, operation) for kind in operation.body}}
    names = [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]
    if names:
        schema = {"type": "string"}
        described["parameters"] = [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]
    return described


def _content(kind: str, operation: Operation) -> dict[str, Any]:
    schema: Mapping[str, Any] = operation.body[kind]
    examples = EXAMPLES.get(operation.name, {}) if kind == "application/json" else {}
    if not examples:
        return {"schema": schema}
    return {"schema": schema, "examples": {name: {"value": value} for name, value in examples.items()}}


def _token_request() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "Claims at the top level, or claims in body with options beside it.",
        "properties": {**OPTIONS, "header": {"type": "object"}, "body": {"type": "object"}},
        "additionalProperties": True,
    }


_STYLE = (
    "body{font:16px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "pre{overflow:auto;padding:1rem;border:1px solid}"
)


def _page(document: Mapping[str, Any]) -> str:
    sections = [
        f"<h2>{method.upper()} {html.escape(path)}</h2><p>{html.escape(operation['summary'])}</p>{_examples(operation)}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    info = document["info"]
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{info["title"]}</title><style>{_STYLE}</style>'
        f"<main><h1>{info['title']}</h1><p><strong>{html.escape(info['description'])}</strong></p>"
        f'<p>For programs: <a href="openapi.json">openapi.json</a></p>{"".join(sections)}</main></html>'
    )


def _examples(operation: Mapping[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return "".join(
        f"<h3>{html.escape(name)}</h3><pre>{html.escape(json.dumps(example['value'], indent=2))}</pre>"
        for name, example in content.get("examples", {}).items()
    )
