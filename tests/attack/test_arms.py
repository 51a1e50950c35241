"""Tokens for an attack: with the issuer's keys at hand, and from a forge on the network that signs what it likes."""

import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from axioms_fastapi.attack import Arms, ForgeError, Overlay, RemoteForge
from axioms_fastapi.attack.arms import AskedForge
from axioms_fastapi.attack.demands import Kind
from axioms_fastapi.forge import ForgeKeys
from axioms_fastapi.forge.hostile import BY_NAME, NotPossible
from axioms_fastapi.forge.hostile.compact import to_json, unsegment
from serving import serving

AUDIENCE = "my-api"


def parts(token: str) -> list[dict[str, Any]]:
    return [json.loads(unsegment(part)) for part in token.split(".")[:2]]


@pytest.mark.parametrize(
    ("overlay", "claims"),
    [
        ({}, {"scope": "a b", "roles": ["r"], "permissions": ["p"]}),
        ({"scope_claim": "scp", "roles_claim": "realm_access.roles"}, {"scp": "a b", "realm_access": {"roles": ["r"]}}),
        ({"permissions_claim": "https://example.com/permissions"}, {"https://example.com/permissions": ["p"]}),
        ({"roles_claim": "cognito:groups"}, {"cognito:groups": ["r"]}),
    ],
)
def test_places(forge_keys: ForgeKeys, overlay: dict[str, str], claims: dict[str, Any]) -> None:
    """Rights stand where the API looks for them."""
    arms = Arms.of_keys(forge_keys, "https://i.test", AUDIENCE, Overlay.model_validate(overlay))
    made = arms.claims({Kind.SCOPE: ("a", "b"), Kind.ROLE: ("r",), Kind.PERMISSION: ("p",)}, {"x": 1})
    assert claims.items() <= made.items()
    assert (made["iss"], made["aud"], made["x"]) == ("https://i.test", AUDIENCE, 1)
    assert parts(arms.token(made))[1] == made


class TestRunningForge:
    def test_good_tokens(self, issuer: str) -> None:
        """A running forge gives exactly the claims that were asked for, of its own issuer."""
        with RemoteForge(issuer) as forge:
            arms = Arms.of_forge(forge, AUDIENCE, Overlay())
            claims = arms.claims({Kind.ROLE: ("admin",)}, {"sub": "alice"})
            assert arms.issuer == issuer
            assert parts(arms.token(claims)) == [dict(arms.header), claims]

    def test_hostile_tokens(self, issuer: str) -> None:
        """What needs no key of the issuer, or what its token endpoint gives, is made; the rest is not possible, and says why."""
        with RemoteForge(issuer) as forge:
            arms = Arms.of_forge(forge, AUDIENCE, Overlay())
            world = arms.world(arms.claims({}, {}), "http://127.0.0.1:1")
            for name in (
                "alg-none",
                "hs256-with-pem",
                "exp-past",
                "aud-of-another-api",
                "ecdsa-in-der",
                "id-token",
                "jku-elsewhere",
            ):
                assert BY_NAME[name].credentials(world).token, name
            for name in ("payload-with-sub-twice", "exp-nan", "padded-payload"):
                with pytest.raises(NotPossible, match="who has the issuer's keys does: --own-forge PORT"):
                    BY_NAME[name].credentials(world)

    def test_forge_that_adds(self, forge_keys: ForgeKeys) -> None:
        """A token in which a forge has changed something is not taken for the one that was asked for."""

        async def token(request: Request) -> JSONResponse:
            wanted = await request.json()
            claims = wanted.get("body", wanted)
            return JSONResponse({"access_token": forge_keys.sign({**claims, "added": True})})

        with serving(Starlette(routes=[Route("/token", token, methods=["POST"])])) as url, RemoteForge(url) as forge:
            header = forge_keys.select().header
            with pytest.raises(NotPossible):
                AskedForge(forge, header).sign(to_json(header), b'{"sub":"a"}', "RS256")

    def test_structured_request(self, forge_keys: ForgeKeys) -> None:
        """A forge that takes header and body apart, and leaves claims out, is asked for what a flat request cannot say."""

        async def token(request: Request) -> JSONResponse:
            wanted = await request.json()
            key = forge_keys.select()
            header, body = wanted.get("header", {}), wanted.get("body", wanted)
            claims = {"iss": "https://i.test", **body}
            kept = {name: value for name, value in claims.items() if name not in wanted.get("omit", [])}
            return JSONResponse({"access_token": key.sign_claims(kept, {**key.header, **header})})

        with serving(Starlette(routes=[Route("/token", token, methods=["POST"])])) as url, RemoteForge(url) as forge:
            header = {**forge_keys.select().header, "typ": "logout+jwt"}
            signed = AskedForge(forge, forge_keys.select().header).sign(to_json(header), b'{"sub":"a"}', "RS256")
        assert parts(signed) == [header, {"sub": "a"}]

    @pytest.mark.parametrize("answer", [{}, {"keys": []}, {"keys": [1]}, {"access_token": 7}])
    def test_no_forge(self, answer: dict[str, Any]) -> None:
        """What answers otherwise than a forge is none."""
        everything = Starlette(routes=[Route("/{path:path}", lambda _: JSONResponse(answer), methods=["GET", "POST"])])
        with serving(everything) as url, RemoteForge(url) as forge:
            for ask in (lambda: forge.token({}), forge.keys, lambda: Arms.of_forge(forge, AUDIENCE, Overlay())):
                with pytest.raises(ForgeError):
                    ask()
