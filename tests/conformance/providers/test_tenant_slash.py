"""What the log says of an iss that differs from a trusted one by the slash at its end alone, tenants included."""

import logging
from typing import Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import Issuer, init_axioms, require_auth
from axioms_fastapi.forge import ForgeKeys, Mint

HINT = "differs from the configured issuer by a slash at its end alone"


def refusal(caplog: pytest.LogCaptureFixture, iss: str, *issuers: Issuer) -> str:
    """What is logged of a token with that iss."""
    app = FastAPI()
    init_axioms(app, issuers=issuers)
    app.get("/", dependencies=[Depends(require_auth)])(lambda: "in")
    caplog.set_level(logging.INFO, "axioms_fastapi")
    token = Mint(ForgeKeys.generate("ES256"), iss, "api").mint()
    client = TestClient(app)
    # Twice: the answer of a resolver is remembered, and the sentence must not depend on that.
    for _ in range(2):
        caplog.clear()
        assert client.get("/", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    return caplog.text


def tenants(url: str, **fields: Any) -> Issuer:
    return Issuer(url, "api", keys=ForgeKeys.generate("ES256").public_jwks(), tenants=["acme"], **fields)


@pytest.mark.parametrize(
    ("template", "iss"),
    [
        ("https://login.test/{tenantid}/v2.0", "https://login.test/acme/v2.0/"),
        ("https://sts.test/{tenantid}/", "https://sts.test/acme"),
        ("https://login.test/{tenantid}", "https://login.test/acme/"),
        ("https://login.test/{tenantid}/v2.0", "https://login.test/stranger/v2.0/"),
    ],
)
def test_template(caplog: pytest.LogCaptureFixture, template: str, iss: str) -> None:
    """A tenant's iss with the slash flipped is refused, and the log says that it is the slash; a tenant's name is not said."""
    text = refusal(caplog, iss, tenants(template))
    assert HINT in text
    assert "acme" not in text
    assert "stranger" not in text


@pytest.mark.parametrize(
    "iss",
    [
        "https://login.test/stranger/v2.0",
        "https://login.test/acme/v2.0//x",
        "https://login.test/acme/v1.0/",
        "https://login.test//v2.0/",
        "https://login.test/a/b/v2.0/",
        "https://evil.test/acme/v2.0/",
    ],
)
def test_other_differences(caplog: pytest.LogCaptureFixture, iss: str) -> None:
    """An iss that differs otherwise is not said to differ by the slash; the log names what is trusted."""
    text = refusal(caplog, iss, tenants("https://login.test/{tenantid}/v2.0"))
    assert HINT not in text
    assert "iss is none of the configured issuers: https://login.test/{tenantid}/v2.0" in text


def test_beside_plain_issuers(caplog: pytest.LogCaptureFixture) -> None:
    """A plain issuer beside templates has the same sentence."""
    plain = Issuer("https://plain.test/", "api", keys=ForgeKeys.generate("ES256").public_jwks())
    assert HINT in refusal(caplog, "https://plain.test", plain, tenants("https://login.test/{tenantid}"))


def test_nobody_is_asked(caplog: pytest.LogCaptureFixture) -> None:
    """The application's function is not asked for a tenant that no token has named."""
    asked: list[str] = []

    def knows(tenant: str) -> bool:
        asked.append(tenant)
        return True

    issuer = Issuer(
        "https://login.test/{tenantid}", "api", keys=ForgeKeys.generate("ES256").public_jwks(), tenants=knows
    )
    assert HINT in refusal(caplog, "https://login.test/acme/", issuer)
    assert asked == []
