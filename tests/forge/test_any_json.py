"""Properties: whatever is sent is answered, with a token or with a refusal, and never breaks the forge."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from axioms_fastapi.forge import ForgeKeys, create_app
from axioms_fastapi.forge.modes.naughty import NAUGHTY_STRINGS
from axioms_fastapi.forge.options import ALL, FORMATS, GRAMMAR, MALICIOUS, MODES, PRESETS, RESPONSE_TYPES, SWALLOWED
from axioms_fastapi.forge.providers import PROFILES
from axioms_fastapi.forge.signing import ALGORITHMS

# Not the 1 MB of "A", which takes its time.
WORDS = [*FORMATS, *GRAMMAR, *set(MALICIOUS) - {"buffer_overflow"}, *PRESETS, *RESPONSE_TYPES, *PROFILES, *ALGORITHMS]
HALF = "\ud800"
"""Half a surrogate pair: JSON can carry it, and UTF-8 cannot."""
NAMES = [
    *ALL,
    *SWALLOWED,
    "sub",
    "exp",
    "scope",
    "roles",
    "crit",
    "payload_hint",
    "unprotected",
    "operations",
    "id",
    "type",
]
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([*WORDS, *MODES[:2], *NAUGHTY_STRINGS]),
    st.just(HALF),
)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=12,
)
objects = st.dictionaries(st.sampled_from(NAMES), documents, max_size=6)


AS_JSON = {"Content-Type": "application/json"}
CONTROLLED = ForgeKeys.generate("EdDSA")


@pytest.fixture(scope="module")
def client():
    with TestClient(create_app(keys=ForgeKeys.generate("EdDSA", "RS256")), base_url="http://forge.test") as client:
        yield client


def quick(test):
    return settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))(test)


def answered(response):
    body = response.json()
    assert response.status_code == 200 or (response.status_code in {400, 413} and body["error_description"]), body


@quick
@given(objects)
def test_token(client, members):
    """POST /token answers any JSON object."""
    answered(client.post("/token", content=json.dumps(members)))


@quick
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("header", "body", *ALL), documents)))
def test_structured_token(client, members):
    """POST /token answers any object with its own members, whatever is in them."""
    answered(client.post("/token", content=json.dumps({"body": {}, **members})))


@quick
@given(
    objects, st.lists(st.fixed_dictionaries({"id": scalars, "operations": st.lists(objects, max_size=3)}), max_size=3)
)
def test_mutation(client, source, groups):
    """POST /mutation answers any source and any groups."""
    body = json.dumps({"source": source, "mutations": groups})
    answered(client.post("/mutation", content=body, headers=AS_JSON))


ANSWERED_WITH_HALF_A_CHARACTER = {
    "a structured token": ("POST", "/token", {"body": {HALF: HALF}, "header": {HALF: HALF}}),
    "a hint beside the payload": (
        "POST",
        "/token",
        {"body": {}, "format": "flattened", "confusion": {"payload_hint": {"x": HALF}}},
    ),
    "the name of a group": ("POST", "/mutation", {"source": {}, "mutations": [{"id": HALF, "operations": [{}]}]}),
    "a claim that is set": (
        "POST",
        "/mutation",
        {
            "source": {},
            "mutations": [
                {"id": "1", "operations": [{"type": "body", "operation": "set", "field": HALF, "value": [HALF]}]}
            ],
        },
    ),
    "a body instead of the keys": ("PUT", "/faults/jwks", {"body": HALF}),
    "the clock": ("PUT", "/clock", {"now": HALF}),
    "a key id": ("POST", "/keys/retire", {"kid": HALF}),
    "an odd key": ("PUT", "/keys/odd", {"odd": [HALF]}),
}


@pytest.mark.parametrize("name", ANSWERED_WITH_HALF_A_CHARACTER)
def test_half_a_character(name):
    """Text that UTF-8 cannot carry comes back as the escape that JSON has for it."""
    method, path, members = ANSWERED_WITH_HALF_A_CHARACTER[name]
    with TestClient(create_app(keys=CONTROLLED), base_url="http://forge.test") as client:
        answered(client.request(method, path, content=json.dumps(members), headers=AS_JSON))
        answered(client.get("/faults"))


@pytest.mark.parametrize("member", ["now", "advance"])
@pytest.mark.parametrize("seconds", [10**400, -(10**400), 2**70])
def test_number_beyond_any_clock(client, member, seconds):
    """An integer that no float can hold is no time."""
    assert client.put("/clock", content=json.dumps({member: seconds})).status_code == 400


@pytest.mark.parametrize("path", ["/introspect", "/revoke"])
@pytest.mark.parametrize("token", ["{}.é.AAAA", "é.{}.AAAA", "{}.{}.é", "é", "{}.\ud7ff.AA"])
def test_token_that_is_no_text_of_base64(client, path, token):
    """A token with characters of another script is one that nobody issued."""
    header = client.post("/token", json={}).json()["access_token"].partition(".")[0]
    response = client.post(path, data={"token": token.replace("{}", header)}, auth=("a", "a"))
    assert response.status_code == 200
    assert path == "/revoke" or response.json() == {"active": False}


@pytest.mark.parametrize("depth", [190, 199, 200, 950, 960, 970, 2000])
def test_depth(client, depth):
    """A body nested deeper than 200 levels is refused and any other is answered, wherever Python's own limits are."""
    deep = "[" * depth + "]" * depth
    operation = f'{{"type": "body", "operation": "set", "field": "x", "value": {deep}}}'
    batch = f'{{"source": {{}}, "mutations": [{{"id": "1", "operations": [{operation}]}}]}}'
    answered(client.post("/mutation", content=batch, headers=AS_JSON))
    response = client.post("/token", content=f'{{"x": {deep}}}')
    assert response.status_code == (200 if depth < 200 else 400)


@pytest.mark.parametrize("payload", ['{"x": NaN}', '{"x": 1e999}', '{"x": ' + "[" * 300 + "]" * 300 + "}"])
def test_payload_that_no_answer_can_repeat(client, payload):
    """A token whose payload is no JSON, which anybody may ask for, is not active, and has no variants."""
    token = client.post("/token", json={"body": {}, "raw_payload": payload}).json()["access_token"]
    assert client.post("/introspect", data={"token": token}, auth=("a", "a")).json() == {"active": False}
    response = client.post("/mutation", json={"token": token, "mutations": [{"id": "1", "operations": [{}]}]})
    assert response.status_code == 400


@quick
@given(
    st.dictionaries(
        st.sampled_from([*ALL, "x"]), st.sampled_from([*WORDS, *NAUGHTY_STRINGS[:60], "[[", "{}"]), max_size=4
    )
)
def test_query(client, query):
    """POST /token answers any query."""
    answered(client.post("/token", params={name: value.encode("utf-8", "replace") for name, value in query.items()}))


@quick
@given(st.binary(max_size=200))
def test_form(client, body):
    """POST /token answers any bytes that call themselves a form."""
    answered(client.post("/token", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}))


@quick
@given(st.sampled_from(["/keys/rotate", "/keys/retire", "/keys/odd", "/clock", "/faults/jwks"]), documents)
def test_control(path, document):
    """The endpoints that change the forge answer any JSON, and the forge goes on issuing tokens."""
    with TestClient(create_app(keys=CONTROLLED)) as client:
        method = "POST" if path in {"/keys/rotate", "/keys/retire"} else "PUT"
        members = document if isinstance(document, dict) else {"odd": document, "now": document, "kid": document}
        answered(client.request(method, path, content=json.dumps(members)))
        answered(client.post("/token", json={}))
