"""Writes the Postman collection: `python examples/articles/postman/build.py`. A test holds the file against this one.

Each request mints a fresh token first, as the tutorial's collection does with JWTForge, and checks its answer.
"""

import json
from pathlib import Path
from typing import Any

COLLECTION = Path(__file__).with_name("articles.postman_collection.json")
NO_TOKEN = None
USER: dict[str, Any] = {"sub": "user123"}
OTHER: dict[str, Any] = {"sub": "user456"}
PUBLISHER = USER | {"scope": "articles:publish", "roles": ["editor"], "permissions": ["articles:publish"]}
STRICT = USER | {"scope": "openid profile email", "roles": ["editor", "user"], "permissions": ["resource:write"]}
JOHN = USER | {"email": "john@example.com"}

SCOPE, PERMISSION = {"error": "insufficient_scope"}, {"error": "insufficient_permission"}
MISSING = {"error": "unauthorized_access", "error_description": "Missing Authorization header"}
INVALID = {"error": "invalid_token", "error_description": "The access token is invalid"}
EXPIRED = {"error": "invalid_token", "error_description": "Token has expired"}
STRANGER = PERMISSION | {"error_description": "You don't have permission to access this resource"}

Request = tuple[str, str, dict[str, Any] | None, int, dict[str, Any]]

# method and path, claims of the token, status, what the answer must hold; {{name}} is a variable of the collection
FOLDERS: dict[str, list[Request]] = {
    "Public": [
        ("GET", "/", NO_TOKEN, 200, {"documentation": "/docs"}),
        ("GET", "/health", NO_TOKEN, 200, {"status": "healthy"}),
    ],
    "Authentication": [
        ("GET", "/protected", USER, 200, {"message": "You are authenticated!", "user_id": "user123"}),
        ("GET", "/protected", NO_TOKEN, 401, MISSING),
        ("GET", "/protected", USER | {"exp": 1700000000}, 401, EXPIRED),
        ("GET", "/protected", USER | {"aud": "https://other.example.com"}, 401, INVALID),
        ("GET", "/protected", USER | {"iss": "https://issuer.evil"}, 401, INVALID),
        ("GET", "/protected", {"sub": None}, 401, INVALID),
        ("GET", "/protected", USER | {"exp": None}, 401, INVALID),
        (
            "GET",
            "/me",
            USER | {"email": "a@example.com", "name": "A"},
            200,
            {"sub": "user123", "email": "a@example.com", "name": "A"},
        ),
        ("GET", "/me", USER, 200, {"sub": "user123", "email": None, "roles": [], "permissions": []}),
        ("GET", "/me", NO_TOKEN, 401, MISSING),
    ],
    "Scopes": [
        ("GET", "/api/read", USER | {"scope": "read:data profile email"}, 200, {"data": ["item1", "item2", "item3"]}),
        ("GET", "/api/read", USER | {"scope": "admin"}, 200, {"user_scope": "admin"}),
        ("GET", "/api/read", USER | {"scope": "write:data"}, 403, SCOPE),
        ("GET", "/api/read", USER, 403, SCOPE),
        ("GET", "/api/read", USER | {"scope": {"read:data": True}}, 403, SCOPE),
        ("GET", "/api/write", USER | {"scope": "write:data openid profile"}, 200, {"data_id": "data-456"}),
        ("GET", "/api/write", USER | {"scope": "write:data"}, 403, SCOPE),
        ("GET", "/api/write", USER | {"scope": "openid"}, 403, SCOPE),
    ],
    "Roles": [
        ("GET", "/admin/users", USER | {"roles": ["admin"]}, 200, {"user_roles": ["admin"]}),
        ("GET", "/admin/users", USER | {"roles": ["superuser"]}, 200, {"message": "User list retrieved"}),
        ("GET", "/admin/users", USER | {"roles": ["editor", "admin"]}, 200, {}),
        ("GET", "/admin/users", USER | {"roles": ["editor"]}, 403, PERMISSION),
        ("GET", "/admin/users", USER | {"roles": 7}, 403, PERMISSION),
        (
            "DELETE",
            "/admin/users/7",
            USER | {"roles": ["admin", "superuser"]},
            200,
            {"message": "User 7 deleted successfully"},
        ),
        ("DELETE", "/admin/users/7", USER | {"roles": ["admin"]}, 403, PERMISSION),
        ("DELETE", "/admin/users/7", USER | {"roles": ["superuser"]}, 403, PERMISSION),
    ],
    "Permissions": [
        (
            "POST",
            "/api/resource",
            USER | {"permissions": ["resource:create", "resource:read"]},
            201,
            {"resource_id": "new-resource-123"},
        ),
        ("POST", "/api/resource", USER | {"permissions": ["resource:read"]}, 403, PERMISSION),
        ("POST", "/api/resource", USER, 403, PERMISSION),
        ("POST", "/api/posts", USER | {"permissions": ["posts:create"]}, 200, {"message": "Post created"}),
        ("POST", "/api/posts", USER | {"permissions": ["posts:read"]}, 403, PERMISSION),
        ("GET", "/api/posts/5", USER | {"permissions": ["posts:read"]}, 200, {"post_id": 5, "title": "Sample Post"}),
        ("GET", "/api/posts/5", USER | {"permissions": ["admin"]}, 200, {"post_id": 5}),
        ("GET", "/api/posts/5", USER, 403, PERMISSION),
        ("PATCH", "/api/posts/5", USER | {"permissions": ["posts:update"]}, 200, {"message": "Post updated"}),
        ("PATCH", "/api/posts/5", USER | {"permissions": ["posts:read"]}, 403, PERMISSION),
        (
            "DELETE",
            "/api/posts/5",
            USER | {"permissions": ["posts:delete"], "roles": ["admin"]},
            200,
            {"message": "Post deleted"},
        ),
        ("DELETE", "/api/posts/5", USER | {"permissions": ["posts:delete"]}, 403, PERMISSION),
        ("DELETE", "/api/posts/5", USER | {"roles": ["admin"]}, 403, PERMISSION),
    ],
    "All of them": [
        ("GET", "/api/strict", STRICT, 200, {"message": "Access granted to strict endpoint"}),
        ("GET", "/api/strict", STRICT | {"scope": "email"}, 403, SCOPE),
        ("GET", "/api/strict", STRICT | {"roles": ["viewer"]}, 403, PERMISSION),
        ("GET", "/api/strict", STRICT | {"permissions": []}, 403, PERMISSION),
    ],
    "Articles": [
        ("POST", "/articles?title=My Article&content=Text", NO_TOKEN, 401, MISSING),
        ("POST", "/articles?title=My Article&content=Text", USER, 201, {"message": "Article created successfully"}),
        ("POST", "/articles?title=No content", USER, 422, {}),
        ("GET", "/articles", USER, 200, {"count": 1}),
        ("GET", "/articles", OTHER, 200, {"count": 0, "articles": []}),
        ("GET", "/articles/{{article_id}}", USER, 200, {"title": "My Article", "user": "user123"}),
        ("GET", "/articles/{{article_id}}", OTHER, 403, STRANGER),
        ("GET", "/articles/{{article_id}}", NO_TOKEN, 401, MISSING),
        ("GET", "/articles/999999", USER, 404, {"detail": "Article not found"}),
        ("GET", "/articles/999999", NO_TOKEN, 401, MISSING),
        ("PATCH", "/articles/{{article_id}}?title=Newer", USER, 200, {"message": "Article updated successfully"}),
        ("PATCH", "/articles/{{article_id}}?title=Stolen", OTHER, 403, STRANGER),
        ("PATCH", "/api/articles/{{article_id}}/publish", PUBLISHER | OTHER, 403, STRANGER),
        ("PATCH", "/api/articles/{{article_id}}/publish", PUBLISHER | {"scope": ""}, 403, SCOPE),
        ("PATCH", "/api/articles/{{article_id}}/publish", PUBLISHER | {"roles": ["viewer"]}, 403, PERMISSION),
        ("PATCH", "/api/articles/{{article_id}}/publish", PUBLISHER | {"permissions": []}, 403, PERMISSION),
        (
            "PATCH",
            "/api/articles/{{article_id}}/publish",
            PUBLISHER,
            200,
            {"published_by": "user123", "owner": "user123"},
        ),
        ("PATCH", "/api/articles/{{article_id}}/publish", PUBLISHER, 400, {"detail": "Already published"}),
    ],
    "Comments": [
        (
            "POST",
            "/articles/{{article_id}}/comments?text=Nice",
            OTHER,
            201,
            {"message": "Comment created successfully"},
        ),
        ("POST", "/articles/999999/comments?text=Nice", OTHER, 404, {"detail": "Article not found"}),
        ("PATCH", "/comments/{{comment_id}}?text=Better", OTHER, 200, {"message": "Comment updated successfully"}),
        ("PATCH", "/comments/{{comment_id}}?text=Mine", USER, 403, STRANGER),
        ("DELETE", "/comments/{{comment_id}}", USER, 403, STRANGER),
        ("DELETE", "/comments/{{comment_id}}", OTHER, 204, {}),
        ("DELETE", "/comments/{{comment_id}}", OTHER, 404, {"detail": "Comment not found"}),
    ],
    "Projects": [
        ("GET", "/projects/1", JOHN, 200, {"id": 1, "owner_email": "john@example.com"}),
        ("GET", "/projects/1", JOHN | {"email_verified": False}, 403, STRANGER),
        ("GET", "/projects/1", USER, 403, STRANGER),
    ],
    "Tidy up": [
        ("DELETE", "/articles/{{article_id}}", OTHER, 403, STRANGER),
        ("DELETE", "/articles/{{article_id}}", USER, 204, {}),
        ("GET", "/articles/{{article_id}}", USER, 404, {"detail": "Article not found"}),
    ],
}


def collection() -> dict[str, Any]:
    """The whole collection, as Postman reads it."""
    variables = {
        "base_url": "http://127.0.0.1:8000",
        "forge_url": "http://127.0.0.1:8787",
        "issuer": "http://127.0.0.1:8787",
        "audience": "https://api.example.com",
        "access_token": "",
        "article_id": "",
        "comment_id": "",
    }
    return {
        "info": {
            "name": "Axioms FastAPI Example",
            "description": "Every route of the example application. Run `axioms forge` and the application first.",
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "variable": [{"key": key, "value": value} for key, value in variables.items()],
        "item": [
            {"name": name, "item": [item(*request) for request in requests]} for name, requests in FOLDERS.items()
        ],
    }


def item(method: str, path: str, claims: dict[str, Any] | None, status: int, body: dict[str, Any]) -> dict[str, Any]:
    """One request with its two scripts."""
    headers = [] if claims is None else [{"key": "Authorization", "value": "Bearer {{access_token}}"}]
    return {
        "name": f"{method} {path} -> {status}{'' if claims is None else ' ' + json.dumps(claims)}",
        "event": [script("prerequest", mint_script(claims)), script("test", check_script(path, method, status, body))],
        "request": {"method": method, "header": headers, "url": "{{base_url}}" + path.replace(" ", "%20")},
    }


def script(listen: str, lines: list[str]) -> dict[str, Any]:
    """A script of a request."""
    return {"listen": listen, "script": {"type": "text/javascript", "exec": lines}}


def mint_script(claims: dict[str, Any] | None) -> list[str]:
    """Ask the forge for a fresh token. The claims may name another issuer or audience than the variables do."""
    if claims is None:
        return []
    return [
        "const claims = Object.assign(",
        "  {iss: pm.variables.get('issuer'), aud: pm.variables.get('audience')},",
        f"  {json.dumps(claims)});",
        "pm.sendRequest({",
        "  url: pm.variables.get('forge_url') + '/token',",
        "  method: 'POST',",
        "  header: {'Content-Type': 'application/json'},",
        "  body: {mode: 'raw', raw: JSON.stringify(claims)}",
        "}, (error, response) => {",
        "  if (error) throw error;",
        "  pm.collectionVariables.set('access_token', response.json().access_token);",
        "});",
    ]


def check_script(path: str, method: str, status: int, body: dict[str, Any]) -> list[str]:
    """Compare status, body and challenge; remember what was made."""
    lines = [f"pm.test('status {status}', () => pm.response.to.have.status({status}));"]
    lines += [
        f"pm.test('{name}', () => pm.expect(pm.response.json()[{json.dumps(name)}]).to.eql({json.dumps(value)}));"
        for name, value in body.items()
    ]
    if status in {401, 403}:
        lines.append(
            "pm.test('challenge', () => pm.expect(pm.response.headers.get('WWW-Authenticate')).to.match(/^Bearer realm=/));"
        )
    for made in ("article", "comment"):
        if method == "POST" and status == 201 and path.partition("?")[0].endswith(f"/{made}s"):
            lines.append(f"pm.collectionVariables.set('{made}_id', pm.response.json().{made}.id);")
    return lines


if __name__ == "__main__":
    COLLECTION.write_text(json.dumps(collection(), indent=1) + "\n", encoding="utf-8")
