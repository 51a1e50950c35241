"""A4: `POST /mutation`, operation by operation, limit by limit."""

import base64
import json

import pytest

from reading_tokens import claims_of, is_signed_by, segments


def encode(value):
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


HEADER = encode('{ "alg": "RS256", "typ": "JWT" }')
PAYLOAD = encode('{"sub": "user123", "roles": ["user"], "exp": 0, "name": "Ren\u00e9"}')
TOKEN = f"{HEADER}.{PAYLOAD}.AQID"
GENERAL = {
    "payload": PAYLOAD,
    "signatures": [
        {"protected": HEADER, "header": {"kid": "unprotected"}, "signature": "AQID"},
        {"protected": HEADER, "signature": "BAUG"},
    ],
    "note": {"sub": "hint"},
}
REMOVE = {"type": "signature", "operation": "remove"}


def operation(type_, name, **members):
    return {"type": type_, "operation": name, **members}


def group(*operations, name="g"):
    return {"id": name, "operations": list(operations)}


def convert(wanted):
    return operation("format", "convert", format=wanted)


def post(client, *groups, **source):
    source = source or {"token": TOKEN}
    return client.post("/mutation", json={**source, "mutations": list(groups)})


def one(client, *operations, **source):
    response = post(client, group(*operations), **source)
    assert response.status_code == 200, response.text
    assert response.json()["count"] == 1
    return response.json()["results"][0]


def parts(result):
    header, payload, signature = result["token"].split(".")
    return header, payload, signature


class TestOperations:
    def test_header_set_and_remove(self, client):
        """A protected header parameter is set or removed; payload and signature keep their bytes."""
        result = one(
            client, operation("header", "set", field="x5u", value=["a"]), operation("header", "remove", field="typ")
        )
        assert segments(result["token"])[0] == {"alg": "RS256", "x5u": ["a"]}
        assert parts(result)[1:] == (PAYLOAD, "AQID")
        assert [change["field"] for change in result["changes"]] == ["x5u", "typ"]

    def test_body_set_and_remove(self, client):
        """A claim is set to any JSON value or removed, by its literal name; header and signature keep their bytes."""
        result = one(
            client,
            operation("body", "set", field="exp", value=None),
            operation("body", "set", field="a.b", value={"c": [1]}),
            operation("body", "remove", field="roles"),
        )
        claims = segments(result["token"])[1]
        assert claims == {"sub": "user123", "exp": None, "name": "Ren\u00e9", "a.b": {"c": [1]}}
        assert (parts(result)[0], parts(result)[2]) == (HEADER, "AQID")

    @pytest.mark.parametrize(
        ("wanted", "signature", "action"),
        [
            (REMOVE, "", "removed"),
            (operation("signature", "replace", value="literal!"), "literal!", "modified"),
            (operation("signature", "truncate", length=2), "AQI", "modified"),
            (operation("signature", "truncate", length=0), "", "removed"),
            (operation("signature", "truncate", length=3), "AQID", "preserved"),
            (operation("signature", "flip_bit", byte_index=0, bit_index=0), "AAID", "modified"),
            (operation("signature", "flip_bit", byte_index=2, bit_index=7), "AQKD", "modified"),
        ],
    )
    def test_signature(self, client, wanted, signature, action):
        """Each change of the signature leaves what is signed alone."""
        result = one(client, wanted)
        assert parts(result) == (HEADER, PAYLOAD, signature)
        assert result["signatures"] == [
            {"signature_index": 0, "signing_input_changed": False, "signature_action": action}
        ]
        assert result["changes"][0]["changed"] is (action != "preserved")

    @pytest.mark.parametrize("wanted", ["flattened", "general"])
    def test_convert_and_back(self, client, wanted):
        """A conversion keeps every byte, and back again."""
        result = one(client, convert(wanted))
        assert result["format"] == wanted
        entry = result["token"] if wanted == "flattened" else result["token"]["signatures"][0]
        assert (entry["protected"], result["token"]["payload"], entry["signature"]) == (HEADER, PAYLOAD, "AQID")
        assert one(client, convert("compact"), token=result["token"])["token"] == TOKEN

    def test_no_change_keeps_the_bytes(self, client):
        """Setting what is there already changes nothing, not even white space."""
        result = one(client, operation("header", "set", field="alg", value="RS256"))
        assert result["token"] == TOKEN
        assert result["changes"] == [
            {"type": "header", "operation": "set", "changed": False, "field": "alg", "signature_index": 0}
        ]

    def test_true_is_not_one(self, client):
        """A value of another type is another value, though Python calls them equal."""
        token = f"{HEADER}.{encode({'admin': 1})}.AQID"
        result = one(client, operation("body", "set", field="admin", value=True), token=token)
        assert segments(result["token"])[1] == {"admin": True}

    def test_groups_start_from_the_original(self, client):
        """Groups inherit nothing from each other; operations of one follow each other."""
        response = post(
            client,
            group(operation("header", "set", field="alg", value="None"), REMOVE, name="unsigned"),
            group(operation("body", "set", field="roles", value=["admin"]), name="admin"),
        )
        unsigned, admin = response.json()["results"]
        assert [unsigned["id"], admin["id"]] == ["unsigned", "admin"]
        assert parts(unsigned)[1:] == (PAYLOAD, "")
        assert (parts(admin)[0], parts(admin)[2]) == (HEADER, "AQID")
        assert unsigned["operations"][1] == REMOVE
        assert unsigned["signatures"][0]["signing_input_changed"] is True

    def test_general(self, client):
        """In a general JWS an operation is on the signature of its index; members that no standard knows stay."""
        result = one(
            client,
            {**REMOVE, "signature_index": 1},
            operation("header", "set", field="kid", value="x", signature_index=1),
            token=GENERAL,
        )
        assert result["token"]["signatures"][0] == GENERAL["signatures"][0]
        assert result["token"]["note"] == GENERAL["note"]
        assert result["token"]["signatures"][1]["signature"] == ""
        assert [each["signing_input_changed"] for each in result["signatures"]] == [False, True]

    def test_body_of_general(self, client):
        """The payload is shared by all signatures."""
        result = one(client, operation("body", "set", field="sub", value="x"), token=GENERAL)
        assert [each["signing_input_changed"] for each in result["signatures"]] == [True, True]

    def test_without_a_protected_header(self, client):
        """A JSON token without one is taken, and gains one when a parameter is set."""
        token = {"payload": PAYLOAD, "signature": "AQID", "header": {"alg": "HS256"}, "extension": True}
        assert one(client, convert("general"), convert("flattened"), token=token)["token"] == token
        result = one(client, operation("header", "set", field="typ", value="JWT"), token=token)
        assert result["token"]["protected"] == encode({"typ": "JWT"})


class TestSource:
    def test_generated(self, client, keys):
        """A source is made as by POST /token, once for all groups."""
        response = post(
            client, group(convert("flattened"), name="a"), group(REMOVE, name="b"),
            source={"body": {"scope": "email", "exp": 0, "email": "x"}},
        )  # fmt: skip
        flat, unsigned = (result["token"] for result in response.json()["results"])
        assert flat["payload"] == unsigned.split(".")[1]
        compact = f"{flat['protected']}.{flat['payload']}.{flat['signature']}"
        assert is_signed_by(compact, keys.select().public_jwk(), "RS256")
        claims = segments(compact)[1]
        assert (claims["email"], claims["exp"], claims["sub"]) == ("x", 0, "user123")

    @pytest.mark.parametrize("mode", ["fake", "fuzz", "malicious", "grammar"])
    def test_modes(self, client, mode):
        """Every mode can make a source."""
        result = one(client, REMOVE, source={"mode": mode, "body": {"sub": "alice"}, "exclude": ["sub"]})
        assert segments(result["token"])[1]["sub"] == "alice"

    def test_options(self, client):
        """Presets, formats, signatures and the forge's own options are for sources too."""
        result = one(
            client,
            {**REMOVE, "signature_index": 1},
            source={"format": "general", "signatures": [{}, {"signature": "AQID"}], "omit": ["aud"], "kty": "EC"},
        )
        assert [bool(each["signature"]) for each in result["token"]["signatures"]] == [True, False]
        assert one(client, REMOVE, source={"vulnerability": "alg_none"})["changes"][0]["changed"] is False

    def test_imported_tokens_are_not_verified(self, client):
        """An imported token gets no default and needs no signature."""
        result = one(client, operation("body", "remove", field="exp"), token=f"{HEADER}.{PAYLOAD}.")
        assert set(segments(result["token"])[1]) == {"sub", "roles", "name"}

    @pytest.mark.parametrize(
        "token",
        [
            None,
            [],
            4,
            "a.b.c.d.e",
            f".{PAYLOAD}.",
            f"{HEADER}..",
            f"*.{PAYLOAD}.",
            f"{encode([])}.{PAYLOAD}.",
            f"{encode({'b64': False})}.{PAYLOAD}.",
            f"{encode({'enc': 'A256GCM'})}.{PAYLOAD}.",
            f"{HEADER}.{encode('1')}.",
            f"ew.{PAYLOAD}.",
            f"_w.{PAYLOAD}.",
            f"{HEADER}=.{PAYLOAD}.",
            {"signature": "AQID"},
            {"payload": PAYLOAD},
            {"payload": PAYLOAD, "signature": False},
            {"payload": PAYLOAD, "signature": "", "protected": False},
            {"payload": PAYLOAD, "signature": "", "header": []},
            {"payload": PAYLOAD, "signatures": []},
            {"payload": PAYLOAD, "signatures": [1]},
            {"payload": PAYLOAD, "signature": "", "signatures": [{"signature": ""}]},
            {"payload": PAYLOAD, "signatures": [{"signature": ""}] * 9},
            {"payload": PAYLOAD, "signature": "", "header": {"b64": False}},
            {"payload": PAYLOAD, "signature": "", "header": {"enc": "A256GCM"}},
        ],
        ids=repr,
    )
    def test_unsupported_token(self, client, token):
        """What is no signed token with an object in it is refused."""
        response = post(client, group(REMOVE), token=token)
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
        assert '"token' in response.json()["error_description"]


class TestRefusal:
    @pytest.mark.parametrize(
        "request_body",
        [
            {},
            {"mutations": [group(REMOVE)]},
            {"token": TOKEN, "source": {}, "mutations": [group(REMOVE)]},
            {"token": TOKEN},
            {"token": TOKEN, "mutations": []},
            {"token": TOKEN, "mutations": [group(REMOVE, name=str(n)) for n in range(33)]},
            {"token": TOKEN, "mutations": [None]},
            {"token": TOKEN, "mutations": [group(REMOVE, name=" ")]},
            {"token": TOKEN, "mutations": [group(REMOVE), group(REMOVE)]},
            {"token": TOKEN, "mutations": [group()]},
            {"token": TOKEN, "mutations": [group(*[REMOVE] * 17)]},
            {"token": TOKEN, "mutations": [{**group(REMOVE), "more": 1}]},
            {"token": TOKEN, "mutations": [group(REMOVE)], "mode": "fake"},
            {"source": None, "mutations": [group(REMOVE)]},
            {"source": {"response_type": "id_token"}, "mutations": [group(REMOVE)]},
            {"source": {"grant_type": "client_credentials"}, "mutations": [group(REMOVE)]},
            {"source": {"mode": "mutation"}, "mutations": [group(REMOVE)]},
            {"source": {"body": {"mode": "fuzz"}}, "mutations": [group(REMOVE)]},
            {"source": {"signatures": []}, "mutations": [group(REMOVE)]},
            {"source": {"header": "x"}, "mutations": [group(REMOVE)]},
            {"source": {"opaque": True}, "mutations": [group(REMOVE)]},
            {"source": {"raw_payload": "x"}, "mutations": [group(REMOVE)]},
        ],
        ids=lambda body: json.dumps(body)[:60],
    )
    def test_request(self, client, request_body):
        """A batch whose shape is wrong is refused as a whole."""
        response = client.post("/mutation", json=request_body)
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
        assert response.json()["message"] == response.json()["error_description"]

    @pytest.mark.parametrize(
        "bad",
        [
            None,
            {"type": "unknown", "operation": "set"},
            {"type": ["body"], "operation": {}},
            operation("body", "increment", field="exp"),
            operation("body", "set", field="", value=1),
            operation("body", "set", field="exp"),
            operation("body", "remove", field="exp", value=0),
            operation("body", "set", field="exp", value=0, signature_index=0),
            operation("signature", "sign"),
            operation("signature", "replace", value=False),
            operation("signature", "truncate", length=-1),
            operation("signature", "truncate", length=1.5),
            operation("signature", "truncate", length=4),
            operation("signature", "flip_bit", byte_index=0, bit_index=8),
            operation("signature", "flip_bit", byte_index=3, bit_index=0),
            operation("body", "remove", field="absent"),
            {**REMOVE, "signature_index": -1},
            {**REMOVE, "signature_index": 1},
            operation("format", "set", format="compact"),
            convert("jwe"),
            {**convert("general"), "signature_index": 0},
        ],
        ids=lambda bad: json.dumps(bad)[:60],
    )
    def test_operation(self, client, bad):
        """A bad operation is refused with its group and place, and nothing of the batch is done."""
        response = post(client, group(REMOVE, name="good"), group(REMOVE, bad, name="bad"))
        assert response.status_code == 400
        body = response.json()
        assert (body["error"], body["group_id"], body["group_index"], body["operation_index"]) == (
            "invalid_request", "bad", 1, 1,
        )  # fmt: skip
        assert "results" not in body

    def test_index_in_a_general_jws(self, client):
        """Header and signature operations need an index as soon as the token is general, also on the way."""
        response = post(client, group(convert("general"), REMOVE))
        assert response.json()["operation_index"] == 1
        assert '"signature_index" is missing' in response.json()["message"]
        assert post(client, group(convert("general"), {**REMOVE, "signature_index": 0})).status_code == 200

    @pytest.mark.parametrize(
        ("token", "wanted"),
        [
            (GENERAL, "flattened"),
            ({"payload": PAYLOAD, "protected": HEADER, "signature": "", "header": {}}, "compact"),
            ({"payload": PAYLOAD, "protected": HEADER, "signature": "", "note": {}}, "compact"),
            ({"payload": PAYLOAD, "signature": ""}, "compact"),
            ({"payload": PAYLOAD, "signatures": [{"signature": "", "payload": "x"}]}, "flattened"),
            ({"payload": PAYLOAD, "note": 1, "signatures": [{"signature": "", "note": 2}]}, "flattened"),
        ],
    )
    def test_lossy_conversion(self, client, token, wanted):
        """A conversion that would lose something is refused."""
        assert post(client, group(convert(wanted)), token=token).status_code == 400

    def test_bytes_of_no_base64url(self, client):
        """A signature that is not base64url can be removed, and has no bytes to change."""
        replaced = operation("signature", "replace", value="!")
        assert parts(one(client, replaced, REMOVE))[2] == ""
        response = post(client, group(replaced, operation("signature", "truncate", length=0)))
        assert "unpadded base64url" in response.json()["message"]

    @pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", ""])
    def test_content_type(self, client, content_type):
        """The batch is JSON and says so."""
        response = client.post("/mutation", content="{}", headers={"Content-Type": content_type})
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")

    def test_method(self, client):
        """Another method is a 405 that names POST."""
        response = client.get("/mutation")
        assert (response.status_code, response.headers["allow"]) == (405, "POST")
        assert response.json().keys() >= {"error", "message"}


class TestLimits:
    def test_request(self, client):
        """A body of more than 1 MiB is a 413."""
        response = client.post(
            "/mutation", content=b" " * (1024 * 1024 + 1), headers={"Content-Type": "application/json"}
        )
        assert (response.status_code, response.json()["error"]) == (413, "payload_too_large")

    @pytest.mark.parametrize("source", ["token", "source"])
    def test_source(self, client, source):
        """A source of more than 64 KiB is a 413, given or made."""
        large = {"text": "x" * 65536}
        given = {"token": f"{HEADER}.{encode(large)}."} if source == "token" else {"source": {"body": large}}
        response = post(client, group(REMOVE), **given)
        assert (response.status_code, response.json()["error"]) == (413, "payload_too_large")

    def test_variant(self, client):
        """A variant of more than 1 MiB is a 413 with its place."""
        response = post(client, group(operation("body", "set", field="large", value="x" * 800_000)))
        assert (response.status_code, response.json()["operation_index"]) == (413, 0)

    def test_response(self, client):
        """An answer of more than 1 MiB is a 413."""
        token = f"{HEADER}.{encode({'text': 'x' * 45_000})}.AQID"
        response = post(client, *(group(REMOVE, name=str(n)) for n in range(32)), token=token)
        assert (response.status_code, response.json()["error"]) == (413, "payload_too_large")

    def test_most(self, client):
        """32 groups and 16 operations are accepted."""
        assert post(client, *(group(REMOVE, name=str(n)) for n in range(32))).json()["count"] == 32
        assert len(one(client, *[REMOVE] * 16)["changes"]) == 16


def test_token_endpoint_points_here(client):
    """Mutation is no mode of POST /token."""
    assert client.post("/token", json={"mode": "mutation"}).status_code == 400
    assert claims_of(client.post("/token", json={}))
