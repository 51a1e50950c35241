"""Introspection (RFC 7662), revocation (RFC 7009) and opaque tokens."""

import base64

import pytest

from axioms_fastapi.forge import Mint, SigningKey
from reading_tokens import claims_of

BASIC = {"Authorization": "Basic " + base64.b64encode(b"api-1:whatever").decode()}


def introspect(client, token, headers=BASIC, **form):
    return client.post("/introspect", data={"token": token, **form}, headers=headers)


def is_active(client, token):
    response = introspect(client, token)
    assert response.status_code == 200, response.text
    return response.json()["active"]


def token(client, query="", **request):
    return client.post(f"/token{query}", json=request).json()["access_token"]


class TestActive:
    def test_claims(self, client):
        """An active token's claims are told, after active."""
        response = introspect(client, token(client, sub="alice", scope="a"), token_type_hint="access_token")
        assert response.json()["active"] is True
        assert (response.json()["sub"], response.json()["scope"]) == ("alice", "a")
        assert response.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("algorithm", ["RS512", "PS256", "ES384", "EdDSA"])
    def test_every_algorithm(self, fresh, algorithm):
        """A token is checked with its own key's algorithm; JWTForge checks all as SHA-256."""
        assert is_active(fresh, token(fresh, f"?algorithm={algorithm}"))

    def test_old_keys(self, fresh):
        """After a rotation that keeps the old keys their tokens are active; after one that does not, no more."""
        old = token(fresh)
        fresh.post("/keys/rotate")
        assert is_active(fresh, old)
        fresh.post("/keys/rotate", json={"keep_old": False})
        assert not is_active(fresh, old)

    def test_times_follow_the_clock(self, fresh, forge):
        """A token is active from nbf until just before exp, by the forge's clock."""
        given = token(fresh, nbf=1_700_000_010, exp=1_700_000_020)
        active = []
        for second in (1_700_000_009, 1_700_000_010, 1_700_000_019, 1_700_000_020):
            forge.clock.freeze(second)
            active.append(is_active(fresh, given))
        assert active == [False, True, True, False]


class TestInactive:
    @pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", "", None])
    def test_alg_none(self, client, alg):
        """A token that nobody signed is not active, however it spells none; in JWTForge it is."""
        for signature in (False, True, "AAAA"):
            assert not is_active(client, token(client, header={"alg": alg}, signature=signature))

    def test_claim_named_active(self, client):
        """A claim named active is not the verdict."""
        assert introspect(client, token(client, active=False)).json()["active"] is True
        assert introspect(client, token(client, active=True, exp=1)).json() == {"active": False}

    @pytest.mark.parametrize(
        "vulnerability", ["rs_hs_confusion", "jku_injection", "embedded_jwk", "alg_none", "format_confusion"]
    )
    def test_attacks(self, client, vulnerability):
        """No attack is active."""
        attack = token(client, vulnerability=vulnerability)
        assert not is_active(client, attack if isinstance(attack, str) else str(attack))

    @pytest.mark.parametrize(
        "claims",
        [{"exp": 1_700_000_000}, {"nbf": 1_700_000_060}, {"exp": "never"}, {"exp": None}, {"exp": True}, {"nbf": []}],
    )
    def test_times(self, client, claims):
        """An expired or early token is not active, nor one whose times are no numbers."""
        assert not is_active(client, token(client, **claims))

    def test_hmac(self, client):
        """A token that only an unpublished key can verify is not active."""
        assert not is_active(client, token(client, "?algorithm=HS256"))

    def test_foreign_key(self, client):
        """Another key under a known kid is nobody's."""
        assert not is_active(client, Mint([SigningKey.generate("RS256", kid="rsa-key-1")], "i").mint())

    @pytest.mark.parametrize("text", ["x", "a.b.c", "..", "a.b", "\u00e9.b.c", "forge_unknown", "x" * 5000])
    def test_no_token(self, client, text):
        """Any other text is not active."""
        assert introspect(client, text).json() == {"active": False}

    def test_tampered(self, client):
        """Another payload under the same signature is not active."""
        header, _, signature = token(client).split(".")
        _, payload, _ = token(client, sub="mallory").split(".")
        assert not is_active(client, f"{header}.{payload}.{signature}")


class TestRefusal:
    @pytest.mark.parametrize("path", ["/introspect", "/revoke"])
    @pytest.mark.parametrize("headers", [{}, {"Authorization": "Basic !"}, {"Authorization": "Bearer x"}])
    def test_client(self, client, path, headers):
        """Without HTTP Basic it is a 401 with a challenge; the password may be any."""
        response = client.post(path, data={"token": "x"}, headers=headers)
        assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
        assert response.headers["www-authenticate"].startswith("Basic realm=")

    @pytest.mark.parametrize("path", ["/introspect", "/revoke"])
    @pytest.mark.parametrize("form", [{}, {"token": ""}])
    def test_token_is_missing(self, client, path, form):
        """The token has to be there."""
        response = client.post(path, data=form or {"x": "y"}, headers=BASIC)
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
        assert '"token" is missing' in response.json()["error_description"]

    def test_hint(self, client):
        """Introspection knows one hint, as JWTForge's does."""
        response = introspect(client, "x", token_type_hint="refresh_token")
        assert (response.status_code, response.json()["error"]) == (400, "unsupported_token_type")

    def test_json(self, client):
        """The request is a form."""
        response = client.post("/introspect", json={"token": "x"}, headers=BASIC)
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")

    def test_method(self, client):
        """Another method is a 405 invalid_request."""
        response = client.get("/introspect")
        assert (response.status_code, response.json()["error"]) == (405, "invalid_request")


class TestOpaque:
    def test_opaque_token(self, client):
        """An opaque token says nothing by itself; introspection tells its claims until it expires."""
        response = client.post("/token?opaque=true&expires_in=60", json={"sub": "alice", "scope": "a"})
        body = response.json()
        assert (body["format"], body["expires_in"], body["scope"]) == ("opaque", 60, "a")
        assert "." not in body["access_token"]
        told = introspect(client, body["access_token"]).json()
        assert (told["active"], told["sub"], told["iss"]) == (True, "alice", "https://issuer.test")

    def test_expiry(self, fresh, forge):
        """An opaque token expires by the forge's clock."""
        opaque = token(fresh, "?opaque=true&expires_in=60")
        forge.clock.advance(59)
        assert is_active(fresh, opaque)
        forge.clock.advance(1)
        assert not is_active(fresh, opaque)

    def test_with_an_id_token(self, client):
        """An ID token may come beside an opaque access token."""
        response = client.post("/token?opaque=true", json={"response_type": "token id_token"})
        assert "at_hash" in claims_of(response, "id_token")

    def test_oldest_are_forgotten(self):
        """The store is bounded; the oldest token is the first that it forgets."""
        from axioms_fastapi.forge.opaque import OpaqueTokens

        tokens = OpaqueTokens(limit=2)
        first, second, third = (tokens.issue({"n": n}) for n in range(3))
        assert [tokens.claims(each) for each in (first, second, third)] == [None, {"n": 1}, {"n": 2}]


class TestRevocation:
    def revoke(self, client, text, **form):
        return client.post("/revoke", data={"token": text, **form}, headers=BASIC)

    @pytest.mark.parametrize("query", ["", "?opaque=true", "?omit=jti"])
    def test_revoked_token(self, fresh, query):
        """A revoked token is not active any more, signed or opaque, with or without jti; another one still is."""
        revoked, other = token(fresh, query), token(fresh, query, sub="other")
        response = self.revoke(fresh, revoked, token_type_hint="access_token")
        assert (response.status_code, response.content) == (200, b"")
        assert not is_active(fresh, revoked)
        assert is_active(fresh, other)

    def test_another_signature_of_the_same_token(self, fresh, forge):
        """Signing the same token anew does not bring it back: ECDSA signatures differ each time."""
        key = forge.keys.select("EC")
        claims = {"sub": "alice"}
        one, two = key.sign_claims(claims), key.sign_claims(claims)
        assert one != two
        self.revoke(fresh, one)
        assert not is_active(fresh, two)

    @pytest.mark.parametrize("text", ["x", "a.b.c", "forge_unknown"])
    def test_unknown_token(self, client, text):
        """A token that is none is as good as revoked (RFC 7009 section 2.2)."""
        assert self.revoke(client, text).status_code == 200

    def test_forged_token(self, fresh, forge):
        """Nobody revokes somebody else's token with one that they made up."""
        given = token(fresh, jti="j1")
        forged = Mint([SigningKey.generate("RS256", kid="rsa-key-1")], "http://testserver").mint({"jti": "j1"})
        self.revoke(fresh, forged)
        assert is_active(fresh, given)
