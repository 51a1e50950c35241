"""The settings that the forge prints: an application that has them accepts its tokens, in the shape of every provider."""

from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from axioms_fastapi import Principal, current_principal, init_axioms
from axioms_fastapi.forge import create_app
from axioms_fastapi.forge.dotenv import claims_to_ask_for, dotenv
from axioms_fastapi.forge.providers import PROFILES
from axioms_fastapi.presets import PRESETS

URL = "http://127.0.0.1:8787"


def application(settings: dict[str, str], forge: Any) -> TestClient:
    app = FastAPI()
    app.state.axioms = init_axioms(app, **settings).with_keys(lambda _: forge.keys.public_jwks())

    @app.get("/")
    async def root(principal: Annotated[Principal, Depends(current_principal)]) -> list[list[str]]:
        return [sorted(principal.scopes), sorted(principal.roles)]

    return TestClient(app)


@pytest.mark.parametrize("profile", [None, *PROFILES])
def test_printed_settings(profile: str | None) -> None:
    """They are enough for a 200, with the scope and the role that the token was asked for."""
    forge = create_app(profile=profile).state.forge
    here = forge.at(URL)
    settings = dotenv(here)
    assert profile is None or settings["AXIOMS_PROVIDER"] in PRESETS
    alike = {"scope", "roles"} if profile is None else PROFILES[profile].alike.keys()
    wanted = {"scope": "read:data", "roles": ["editor"]}
    claims = {**claims_to_ask_for(here), **{name: value for name, value in wanted.items() if name in alike}}
    token = forge.issue(here, claims)["access_token"]
    header = {"iap": ("x-goog-iap-jwt-assertion", token)}.get(profile or "", ("authorization", f"Bearer {token}"))
    response = application(settings, forge).get("/", headers=[header])
    assert response.status_code == 200, response.text
    scopes, roles = response.json()
    assert ("scope" not in alike) or "read:data" in scopes
    assert ("roles" not in alike) or "editor" in roles


def test_start_page_says_the_same() -> None:
    """The page for people names the audience that the first screen names."""
    app = create_app(profile="keycloak")
    page = TestClient(app, base_url=URL).get("/", headers={"accept": "text/html"}).text
    for name, value in dotenv(app.state.forge.at(URL)).items():
        assert f"{name}={value}" in page
