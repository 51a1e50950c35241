"""What an OpenAPI document demands, in all the ways in which documents say it, and what the file besides it adds."""

import json
from pathlib import Path
from typing import Any

import pytest

from axioms_fastapi.attack import AttackError, Operation, Overlay, checked_target, operations_of, read_document
from axioms_fastapi.attack.samples import Samples
from processes import free_port

SCHEMES = {
    "bearer": {"type": "http", "scheme": "Bearer"},
    "oauth": {"type": "oauth2", "flows": {}},
    "oidc": {"type": "openIdConnect"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "basic": {"type": "http", "scheme": "basic"},
}


def only(operation: dict[str, Any], overlay: dict[str, Any] | None = None, **document: Any) -> Operation:
    """The single operation of a document."""
    written = {"components": {"securitySchemes": SCHEMES}, "paths": {"/x": {"get": operation}}, **document}
    (found,) = operations_of(written, Overlay.model_validate(overlay or {}))
    return found


class TestSecurity:
    @pytest.mark.parametrize(
        ("security", "words"),
        [
            ([{"bearer": []}], "a token"),
            ([{"oauth": ["a"]}], "scope a"),
            ([{"oauth": ["a", "b"]}], "scope a; scope b"),
            ([{"oauth": ["a"]}, {"oauth": ["b"]}], "scope a or b"),
            ([{"oauth": ["a", "b"]}, {"oauth": ["c"]}], "scope a or c; scope b or c"),
            ([{"oauth": ["a"]}, {"oidc": ["a"]}], "scope a"),
            ([{"oauth": ["a"]}, {"oauth": ["a", "b"]}], "scope a"),
            ([{"bearer": []}, {"oauth": ["a"]}], "scope a"),
            ([{"oauth": []}, {"oauth": ["a"]}], "a token"),
            ([{"oauth": ["a"], "oidc": ["b"]}], "scope a; scope b"),
            ([{"oauth": ["a"], "key": []}], "scope a"),
            ([{}, {"oauth": ["a"]}], "scope a"),
            ([{}, {"bearer": []}], "a token, or none"),
        ],
    )
    def test_requirements(self, security: list[dict[str, list[str]]], words: str) -> None:
        """Alternatives are any-of, the scopes of one are all-of; a bearer scheme beside OAuth says nothing of scopes."""
        assert str(only({"security": security}).demand) == words

    def test_global_and_overridden(self) -> None:
        """The document's own requirement holds where an operation has none, and an empty list takes it back."""
        assert str(only({}, security=[{"oauth": ["a"]}]).demand) == "scope a"
        assert only({"security": []}, security=[{"oauth": ["a"]}]).demand is None
        assert only({}).demand is None

    @pytest.mark.parametrize("scheme", ["key", "basic"])
    def test_other_schemes(self, scheme: str) -> None:
        """What wants something else than a bearer token is left alone, with the reason."""
        found = only({"security": [{scheme: []}]})
        assert (found.demand, found.skip) == (None, "it demands something else than a bearer token")

    @pytest.mark.parametrize(
        ("extension", "words"),
        [
            ({"scopes_any": ["a", "b"]}, "scope a or b"),
            ({"scopes_any": [["a", "b"], ["c"]]}, "scope a or b; scope c"),
            ({"scopes_all": ["a", "b"]}, "scope a; scope b"),
            ({"roles": ["r"], "permissions": [["p", "q"], ["s"]]}, "role r; permission p or q; permission s"),
            ({"ownership": True}, "owner"),
            ({"ownership": {"claims": {"email": "a@x"}}, "roles": ["r"]}, "role r; owner"),
        ],
    )
    def test_extension(self, extension: dict[str, Any], words: str) -> None:
        """`x-axioms` says what OpenAPI cannot; the file of --config says the same in the same words."""
        security = [{"bearer": []}]
        assert str(only({"security": security, "x-axioms": extension}).demand) == words
        assert str(only({"security": security, "x-axioms-policy": extension}).demand) == words
        assert str(only({"security": security}, {"operations": {"GET /x": extension}}).demand) == words
        assert str(only({"operationId": "getX"}, {"operations": {"getX": extension}}).demand) == words

    def test_added_up(self) -> None:
        """Scopes of the document and what the extension says are demanded together, each once."""
        extension = {"scopes_all": ["a"], "roles": ["r"]}
        assert str(only({"security": [{"oauth": ["a"]}], "x-axioms": extension}).demand) == "scope a; role r"

    def test_required_extensions(self) -> None:
        """The extensions of JWTForge's pen test are understood."""
        operation = {"x-required-scopes": ["a", "b"], "x-required-roles": ["r"], "security": [{"bearer": []}]}
        assert str(only(operation).demand) == "scope a; scope b; role r"

    def test_policy_in_words(self) -> None:
        """A policy in words is for people."""
        assert str(only({"security": [{"bearer": []}], "x-axioms-policy": "role r"}).demand) == "a token"

    def test_extension_that_is_wrong(self) -> None:
        """An extension that cannot be read is named with its operation."""
        with pytest.raises(AttackError, match=r"^x-axioms of GET /x cannot be read: scope: Extra inputs"):
            only({"security": [{"bearer": []}], "x-axioms": {"scope": ["a"]}})


class TestCall:
    def test_parameters_and_body(self) -> None:
        """Required parameters and bodies are sampled, in the path, the query and headers; others are left away."""
        document = {
            "components": {
                "securitySchemes": SCHEMES,
                "schemas": {
                    "Item": {
                        "type": "object",
                        "required": ["name", "when", "tags", "kind", "size", "owner"],
                        "properties": {
                            "name": {"type": "string", "minLength": 6},
                            "when": {"type": "string", "format": "date-time"},
                            "tags": {"type": "array", "items": {"type": "integer"}, "minItems": 2},
                            "kind": {"enum": ["small", "large"]},
                            "size": {"anyOf": [{"type": "null"}, {"type": "number", "minimum": 3}]},
                            "owner": {"$ref": "#/components/schemas/Owner"},
                            "note": {"type": "string"},
                        },
                    },
                    "Owner": {"allOf": [{"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}]},
                },
                "parameters": {"Page": {"name": "page", "in": "query", "required": True, "schema": {"type": "integer"}}},
            },
            "paths": {
                "/items/{item id}/{b}": {
                    "parameters": [{"name": "item id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                    "post": {
                        "security": [{"bearer": []}],
                        "parameters": [
                            {"name": "b", "in": "path", "required": True, "example": "a/b"},
                            {"$ref": "#/components/parameters/Page"},
                            {"name": "X-Tenant", "in": "header", "required": True, "schema": {"default": "acme"}},
                            {"name": "q", "in": "query", "schema": {"type": "string"}},
                        ],
                        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}},
                    },
                }
            },
        }  # fmt: skip
        (found,) = operations_of(document, Overlay())
        assert found.url({}) == "/items/1/a%2Fb"
        assert found.url({"item id": "../x"}) == "/items/..%2Fx/a%2Fb"
        assert (found.query, found.headers) == ({"page": 1}, {"X-Tenant": "acme"})
        assert found.body == {
            "name": "testxx", "when": "2030-01-01T12:00:00Z", "tags": [1, 1], "kind": "small", "size": 3, "owner": {"id": 1},
        }  # fmt: skip
        overlay = {
            "operations": {"POST /items/{item id}/{b}": {"parameters": {"b": 7, "q": "z"}, "requestBody": {"a": 1}}}
        }
        (told,) = operations_of(document, Overlay.model_validate(overlay))
        assert (told.url({}), told.query, told.body) == ("/items/1/7", {"page": 1, "q": "z"}, {"a": 1})

    @pytest.mark.parametrize(
        ("schema", "value"),
        [
            ({"type": "string", "format": "uuid"}, "00000000-0000-4000-8000-000000000000"),
            ({"type": "string", "maxLength": 2}, "te"),
            ({"type": "integer", "exclusiveMinimum": 4}, 5),
            ({"type": "integer", "maximum": 0}, 0),
            ({"type": ["null", "boolean"]}, True),
            ({"type": "null"}, None),
            ({"const": "c"}, "c"),
            ({"examples": ["e"]}, "e"),
            ({"examples": {"one": {"value": 9}}}, 9),
            ({}, "test"),
            ({"$ref": "#/nowhere"}, "test"),
            ({"$ref": "https://elsewhere.example.com/schema"}, "test"),
            ({"$ref": "#/loop"}, "test"),
            ({"type": "array"}, []),
        ],
    )
    def test_samples(self, schema: dict[str, Any], value: Any) -> None:
        """Each kind of schema has its plainest value, and no reference leads out of the document or round in circles."""
        assert Samples({"loop": {"$ref": "#/loop"}}).value(schema) == value

    def test_endless_schema(self) -> None:
        """A schema that contains itself ends."""
        tree = {"type": "object", "required": ["left"], "properties": {"left": {"$ref": "#/tree"}}}
        assert json.dumps(Samples({"tree": tree}).value(tree)).count("left") < 20


class TestMistakes:
    def test_overlay_of_another_api(self) -> None:
        """A file that names what the document does not have is refused, and told what there is."""
        for overlay in (
            {"operations": {"GET /y": {}}},
            {"public": ["GET /y"]},
            {"objects": {"id": {"create": "GET /y"}}},
        ):
            with pytest.raises(AttackError, match="the document has no operation GET /y; it has GET /x"):
                only({}, overlay)

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ('{"operation": {}}', "operation is wrong: Extra inputs are not permitted"),
            ('{"operations": {"GET /x": {"roles": "admin"}}}', "operations.GET /x.roles"),
            ("[", "the file is wrong: Invalid JSON"),
        ],
    )
    def test_overlay_that_is_wrong(self, tmp_path: Path, text: str, sentence: str) -> None:
        """A mistake in the file is named by its place."""
        (tmp_path / "attack.json").write_text(text)
        with pytest.raises(AttackError) as error:
            Overlay.read(tmp_path / "attack.json")
        assert sentence in str(error.value)

    def test_names_of_jwtforge(self) -> None:
        """A file that was written for JWTForge's pen test is read."""
        overlay = Overlay.model_validate(
            {"scopeClaim": "scp", "roleClaim": "realm_access.roles", "claims": {"tid": "t"}, "options": {}}
        )
        assert (overlay.scope_claim, overlay.roles_claim) == ("scp", "realm_access.roles")
        assert only({"security": [{"bearer": []}]}, {"claims": {"tid": "t"}}).claims == {"tid": "t"}

    @pytest.mark.parametrize("text", ["openapi: 3.1.0", "[]", "{}", '{"paths": []}'])
    def test_no_document(self, tmp_path: Path, text: str) -> None:
        """What is no OpenAPI document in JSON is one sentence."""
        (tmp_path / "openapi").write_text(text)
        with pytest.raises(AttackError, match=r"YAML has to be converted first|it has no paths"):
            read_document(str(tmp_path / "openapi"))

    def test_document_that_is_not_there(self, tmp_path: Path) -> None:
        """A file or a server that is not there is one sentence."""
        with pytest.raises(AttackError, match="cannot be read: No such file"):
            read_document(str(tmp_path / "missing.json"))
        with pytest.raises(AttackError, match="is the API running"):
            read_document(f"http://127.0.0.1:{free_port()}/openapi.json")

    @pytest.mark.parametrize(
        "change",
        [
            {"components": 7},
            {"components": {"securitySchemes": []}},
            {"security": "bearer"},
            {"security": [7, None, {"oauth": "a"}]},
            {"paths": {"/x": 7, "/y": {"get": 7, "post": {}}}},
            {"paths": {"/x": {"get": {"parameters": {"a": 1}}, "parameters": 7}}},
            {"paths": {"/x": {"get": {"parameters": [7, {"name": 7, "in": "path"}, {"name": "a", "in": []}]}}}},
            {"paths": {"/x": {"post": {"requestBody": 7}}}},
            {"paths": {"/x": {"post": {"requestBody": {"content": 7}}}}},
            {
                "paths": {
                    "/x": {"post": {"requestBody": {"content": {"application/json": {"schema": {"required": 7}}}}}}
                }
            },
            {"paths": {"/x": {"get": {"x-required-scopes": "a", "x-required-roles": [7]}}}},
            {"paths": {"/x": {"get": {"security": [{"oauth": [7, "a"]}]}}}},
        ],
        ids=str,
    )
    def test_malformed_document(self, change: dict[str, Any]) -> None:
        """What is malformed in a document is read past: somebody else's document ends nothing in a traceback."""
        document = {"components": {"securitySchemes": SCHEMES}, "paths": {}, **change}
        for operation in operations_of(document, Overlay()):
            assert operation.url({}).startswith("/")


class TestTarget:
    @pytest.mark.parametrize(
        "url", ["http://127.0.0.1:8000", "http://127.9.9.9", "https://localhost:8443/api/", "http://[::1]:8000"]
    )
    def test_this_machine(self, url: str) -> None:
        """Loopback addresses and localhost may be attacked."""
        assert checked_target(url, allow_remote=False) == url.rstrip("/")

    @pytest.mark.parametrize(
        "url",
        [
            "http://example.com", "http://192.168.0.1", "http://0.0.0.0:8000", "http://localhost.example.com",
            "http://127.0.0.1.example.com", "http://127.0.0.1@example.com", "http://[::]:8000", "http://2130706433",
        ],
    )  # fmt: skip
    def test_beyond(self, url: str) -> None:
        """Everything else needs a flag that names what it does; no name is looked up."""
        with pytest.raises(AttackError, match=r"is not this machine, .* --allow-remote-target$"):
            checked_target(url, allow_remote=False)
        assert checked_target(url, allow_remote=True) == url

    @pytest.mark.parametrize(
        "url",
        ["", "127.0.0.1:8000", "ftp://127.0.0.1", "http://", "http://127.0.0.1:x", "http://127.0.0.1/?a", "http://["],
    )
    def test_no_url(self, url: str) -> None:
        """What is no URL is no target, with or without the flag."""
        with pytest.raises(AttackError, match="is no URL of an API"):
            checked_target(url, allow_remote=True)
