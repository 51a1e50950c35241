"""Keys: rotated, retired, chosen, and odd, over HTTP and in process."""

import pytest

from axioms_fastapi.forge import ForgeKeys
from axioms_fastapi.forge.keys import MAX_KEYS
from axioms_fastapi.forge.odd_keys import ODD, odd_key_set
from reading_tokens import decoded, is_signed_by, signing_jwk


def published(client):
    return client.get("/.well-known/jwks.json").json()["keys"]


def kids(client):
    return [jwk.get("kid") for jwk in published(client)]


def token(client, query=""):
    return client.post(f"/token{query}", json={}).json()


class TestRotation:
    def test_all(self, fresh):
        """New keys of all algorithms sign, and old ones stay in the key set."""
        old = token(fresh)
        response = fresh.post("/keys/rotate")
        assert [(key["kid"], key["signs"]) for key in response.json()["keys"]] == [
            ("rsa-key-2", True), ("rsa-key-1", False), ("ec-key-2", True), ("ec-key-1", False),
        ]  # fmt: skip
        assert token(fresh)["key_id"] == "rsa-key-2"
        assert kids(fresh) == ["rsa-key-2", "rsa-key-1", "ec-key-2", "ec-key-1"]
        assert is_signed_by(old["access_token"], signing_jwk({"keys": published(fresh)}, old["access_token"]), "RS256")

    def test_one_without_the_old(self, fresh):
        """One algorithm is rotated and its old key dropped; the first algorithm still signs first."""
        fresh.post("/keys/rotate", json={"alg": "RS256", "keep_old": False})
        assert kids(fresh) == ["rsa-key-2", "ec-key-1"]
        assert token(fresh)["algorithm"] == "RS256"

    def test_name(self, fresh):
        """A key may get any name, which its tokens and the key set have."""
        fresh.post("/keys/rotate", json={"alg": "ES384", "kid": "2024/\u00fc key"})
        assert kids(fresh) == ["rsa-key-1", "ec-key-1", "2024/\u00fc key"]
        assert token(fresh, "?algorithm=ES384")["key_id"] == "2024/\u00fc key"

    def test_numbers_are_not_used_again(self, fresh):
        """The number of a key that is gone is not given to another."""
        fresh.post("/keys/rotate", json={"keep_old": False})
        fresh.post("/keys/rotate", json={"keep_old": False})
        assert kids(fresh) == ["rsa-key-3", "ec-key-3"]

    @pytest.mark.parametrize(
        ("body", "said"),
        [
            ({"alg": "none"}, '"alg" must be one of'),
            ({"kid": "k"}, "A key id needs an algorithm"),
            ({"alg": "RS256", "kid": "rsa-key-1"}, "must not be that of another key"),
            ({"keep_old": 1}, '"keep_old" must be true or false'),
            ({"keep": True}, 'Did you mean "keep_old"?'),
        ],
    )
    def test_refusal(self, fresh, body, said):
        """A rotation that cannot be is refused, and nothing changes."""
        response = fresh.post("/keys/rotate", json=body)
        assert response.status_code == 400
        assert said in response.json()["error_description"]
        assert kids(fresh) == ["rsa-key-1", "ec-key-1"]

    def test_too_many(self):
        """The keys of an issuer are bounded."""
        keys = ForgeKeys.generate("EdDSA")
        for _ in range(MAX_KEYS - 1):
            keys.rotate()
        with pytest.raises(ValueError, match="64 keys at most"):
            keys.rotate()
        keys.rotate(keep_old=False)
        assert len(list(keys)) == 1


class TestRetirement:
    def test_retired(self, fresh):
        """A retired key is gone from the set and signs no more."""
        fresh.post("/keys/rotate", json={"alg": "RS256"})
        fresh.post("/keys/retire", json={"kid": "rsa-key-2"})
        assert kids(fresh) == ["rsa-key-1", "ec-key-1"]
        assert token(fresh)["key_id"] == "rsa-key-1"

    @pytest.mark.parametrize(
        ("kid", "said"), [("nobody", "only rsa-key-1, ec-key-1"), (None, "must be a string"), ("", "must be a string")]
    )
    def test_refusal(self, fresh, kid, said):
        """A key that is not there cannot be retired."""
        response = fresh.post("/keys/retire", json={"kid": kid})
        assert response.status_code == 400
        assert said in response.json()["error_description"]

    def test_last(self, fresh):
        """The last key cannot be retired."""
        fresh.post("/keys/retire", json={"kid": "ec-key-1"})
        response = fresh.post("/keys/retire", json={"kid": "rsa-key-1"})
        assert "last key" in response.json()["error_description"]


class TestChoice:
    def test_key(self, fresh):
        """A request chooses the key that signs, also one that has been replaced."""
        fresh.post("/keys/rotate")
        assert token(fresh, "?key=rsa-key-1")["key_id"] == "rsa-key-1"

    @pytest.mark.parametrize("kid", ["odd-rsa-1024", "odd-oct", "odd-enc", "odd-private"])
    def test_odd_key(self, fresh, kid):
        """An odd key signs on demand, for verifiers that must refuse it."""
        assert token(fresh, f"?key={kid}")["key_id"] == kid

    def test_own_kid_in_the_header(self, fresh):
        """An unknown kid is a header parameter: the key that signs stays the same."""
        body = fresh.post("/token", json={"header": {"kid": "unknown"}}).json()
        assert body["key_id"] == "rsa-key-1"


class TestOddKeys:
    def test_published(self, fresh):
        """The key set is odd as it is told, on discovery's path, until it is told otherwise."""
        response = fresh.put("/keys/odd", json={"odd": ["enc", "alg-less", "not-an-object"]})
        assert response.json()["odd"] == ["enc", "alg-less", "not-an-object"]
        odd = published(fresh)
        assert "not a key" in odd
        assert [jwk.get("alg") for jwk in odd if isinstance(jwk, dict)] == [None, None, None]
        fresh.delete("/keys/odd")
        assert kids(fresh) == ["rsa-key-1", "ec-key-1"]

    def test_in_process(self, fresh, forge):
        """The same in process."""
        forge.issuers.main.odd_keys.set("empty")
        assert published(fresh) == []

    @pytest.mark.parametrize("name", ODD)
    def test_on_demand(self, client, name):
        """Each oddity can be fetched by name, without changing the issuer's own set."""
        odd = client.get(f"/odd/{name}/jwks.json").json()["keys"]
        assert odd != published(client)
        assert kids(client)[0] == "rsa-key-1"

    def test_together(self, client):
        """Several oddities are done one after the other."""
        odd = client.get("/odd/rsa-1024,no-kid/jwks.json").json()["keys"]
        assert len(odd) == 3
        assert not any("kid" in jwk for jwk in odd)

    def test_names(self, client):
        """The names are listed, and an unknown one is a 404 or a 400 that lists them."""
        assert client.get("/odd").json()["odd"] == list(ODD)
        assert client.get("/odd/strange/jwks.json").status_code == 404
        response = client.put("/keys/odd", json={"odd": ["no-kit"]})
        assert 'Did you mean "no-kid"?' in response.json()["error_description"]

    def test_what_is_odd(self, keys):
        """The oddities are what they say: 1024 bits, a secret, a private member, one kid for two keys."""

        def first(name):
            return odd_key_set([name], keys)["keys"][0]

        assert int.from_bytes(decoded(first("rsa-1024")["n"])).bit_length() == 1024
        assert (first("oct")["kty"], len(first("oct")["k"])) == ("oct", 43)
        assert {"d", "p", "q"} <= first("private-member").keys()
        assert first("duplicate-kid")["kid"] == "rsa-key-1"
        assert first("duplicate-kid")["n"] != keys.select().public_jwk()["n"]
        assert first("enc")["use"] == "enc"
