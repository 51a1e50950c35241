"""Configuration: what is missing, empty or misspelt stops the start; nothing falls back to something weaker."""

from typing import Any

import pytest
from fastapi import Depends, FastAPI

from axioms_fastapi import ConfigurationError, Issuer, init_axioms, require_auth
from axioms_fastapi.forge import SigningKey
from conformance.door import Door, ask

GOOD: dict[str, Any] = {"AXIOMS_AUDIENCE": "https://api.example.com", "AXIOMS_ISS_URL": "https://auth.example.com"}


@pytest.mark.conformance("49", "A39", "A114")
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"AXIOMS_AUDIENCE": "https://api.example.com"},
        {"AXIOMS_ISS_URL": "https://auth.example.com"},
        {"AXIOMS_AUDIENCE": "https://api.example.com", "AXIOMS_JWKS_URL": "https://auth.example.com/keys"},
        GOOD | {"AXIOMS_AUDIENCE": ""},
        GOOD | {"AXIOMS_AUDIENCE": []},
        GOOD | {"AXIOMS_AUDIENCE": [""]},
        GOOD | {"AXIOMS_AUDIENCE": " "},
        GOOD | {"AXIOMS_AUDIENCE": ","},
        GOOD | {"AXIOMS_ISS_URL": ""},
        GOOD | {"AXIOMS_ISS_URL": "auth.example.com"},
        GOOD | {"AXIOMS_ISS_URL": "http://auth.example.com"},
        GOOD | {"AXIOMS_ISS_URL": "*"},
        GOOD | {"AXIOMS_JWKS_URL": "http://auth.example.com/keys"},
        GOOD | {"AXIOMS_JWKS_URL": "file:///keys.json"},
        GOOD | {"AXIOMS_ALGORITHMS": "none"},
        GOOD | {"AXIOMS_ALGORITHMS": "HS256"},
        GOOD | {"AXIOMS_ALGORITHMS": []},
        GOOD | {"AXIOMS_LEEWAY": 10**9},
        GOOD | {"AXIOMS_LEEWAY": -1},
        GOOD | {"AXIOMS_TOKEN_TYPS": []},
        GOOD | {"AXIOMS_REQUIRED_CLAIMS": [""]},
        GOOD | {"AXIOMS_SCOPE_CLAIMS": []},
        GOOD | {"AXIOMS_ROLES_CLAIMS": [""]},
        GOOD | {"AXIOMS_PROVIDER": "unknown"},
        GOOD | {"AXIOMS_REALM": 'a"b'},
        GOOD | {"AXIOMS_REALM": "a\r\nb"},
        GOOD | {"AXIOMS_MAX_TOKEN_SIZE": 0},
        GOOD | {"AXIOMS_AUDIENCES": "x"},
        GOOD | {"axioms_audience": "x"},
        GOOD | {"AXIOMS_VERIFY": "false"},
        GOOD | {"AXIOMS_DISABLE_AUTH": "true"},
    ],
    ids=str,
)
def test_a_start_that_must_fail(settings: dict[str, Any]) -> None:
    """A setting that is missing, empty, weaker than allowed or unknown is one sentence, and no application."""
    app = FastAPI()
    with pytest.raises(ConfigurationError) as error:
        init_axioms(app, **settings)
    assert len(str(error.value)) > 20
    assert "\n" not in str(error.value)
    app.add_api_route("/", lambda: "in", dependencies=[Depends(require_auth)])
    with pytest.raises(ConfigurationError):
        ask(app)


@pytest.mark.conformance("A114")
def test_a_failed_second_call_changes_nothing(door: Door) -> None:
    """A second init_axioms that fails leaves the first in force."""
    with pytest.raises(ConfigurationError):
        init_axioms(door.app, AXIOMS_AUDIENCE="")
    door.lets_in(door.token())
    door.turns_away(door.token({"aud": "other"}))


@pytest.mark.conformance("A114", "A113")
@pytest.mark.parametrize(
    "keys",
    [
        "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----",
        "secret",
        "",
        b"secret",
        {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]},
        {"kty": "oct", "k": "c2VjcmV0"},
        7,
    ],
    ids=repr,
)
def test_keys_that_are_no_public_keys(keys: Any) -> None:
    """A secret, a private key, or what is no key stops the start."""
    with pytest.raises(ConfigurationError) as error:
        init_axioms(FastAPI(), issuers=[Issuer("https://auth.example.com", "api", keys=keys)])
    assert "c2VjcmV0" not in str(error.value)


@pytest.mark.conformance("A114")
def test_a_private_key_is_not_shown(trusted_keys: dict[str, SigningKey]) -> None:
    """A private key that was given by mistake is refused, and the sentence does not show it."""
    private = trusted_keys["ec"].private_key
    for keys in (private.as_pem(private=True).decode(), {"keys": [private.as_dict(private=True)]}):
        with pytest.raises(ConfigurationError) as error:
            init_axioms(FastAPI(), issuers=[Issuer("https://auth.example.com", "api", keys=keys)])
        assert private.as_dict(private=True)["d"] not in str(error.value)
