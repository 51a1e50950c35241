"""The mint and the keys that tests use in process."""

import base64

import pytest
from joserfc import jws
from joserfc.jwk import KeySet, OctKey

from axioms_fastapi.forge import ForgeKeys, Mint, SigningKey
from reading_tokens import ALGORITHMS, segments

NOW = 1_700_000_000.9


class TestMint:
    @pytest.mark.parametrize(
        "alg",
        [
            *(family + size for family in ("RS", "PS", "ES", "HS") for size in ("256", "384", "512")),
            "EdDSA",
            "Ed25519",
        ],
    )
    def test_every_algorithm_verifies(self, alg):
        """A token of each algorithm verifies with joserfc and the key's public half."""
        key = SigningKey.generate(alg, kid="k1")
        token = Mint([key], "https://issuer.test").mint()
        signing_input, _, signature = token.rpartition(".")
        public = key.private_key if key.kty == "oct" else KeySet.import_key_set({"keys": [key.public_jwk()]}).keys[0]
        assert ALGORITHMS[alg].verify(signing_input.encode(), base64.urlsafe_b64decode(signature + "=="), public)
        assert segments(token)[0] == {"alg": alg, "typ": "JWT", "kid": "k1"}

    def test_clock_audience_and_overrides(self):
        """Times follow the clock in whole seconds; given claims win with any value; omitted ones are absent."""
        key = SigningKey.generate("ES256", kid="k1")
        mint = Mint(issuer="https://issuer.test", audience=["a", "b"], keys=[key], clock=lambda: NOW)
        claims = segments(mint.mint({"iss": "", "roles": 7}, omit=["sub", "jti", "client_id", "absent"]))[1]
        assert claims == {
            "iss": "",
            "aud": ["a", "b"],
            "exp": 1_700_003_600,
            "nbf": 1_700_000_000,
            "iat": 1_700_000_000,
            "roles": 7,
        }

    def test_header_changes_the_text_and_not_the_signature(self):
        """Header parameters of any kind are written as given; the key's own algorithm still signs."""
        key = SigningKey.generate("ES256", kid="k1")
        token = Mint([key], "i").mint(header={"alg": "none", "crit": 5, "jku": None}, omit_header=["kid", "typ"])
        assert segments(token)[0] == {"alg": "none", "crit": 5, "jku": None}
        signing_input, _, signature = token.rpartition(".")
        raw = base64.urlsafe_b64decode(signature + "==")
        assert ALGORITHMS["ES256"].verify(signing_input.encode(), raw, key.private_key)

    def test_foreign_key(self, keys):
        """A token of a foreign key under a known kid does not verify with the published key."""
        foreign = SigningKey.generate("RS256", kid="rsa-key-1")
        jwks = KeySet.import_key_set(keys.public_jwks())
        with pytest.raises(jws.BadSignatureError):
            jws.deserialize_compact(Mint(keys, "i").mint(key=foreign), jwks, ["RS256"])

    def test_public_key_as_hmac_secret(self, keys):
        """The algorithm confusion of RFC 8725 section 2.1 can be minted: HS256 keyed with a public key."""
        pem = keys.select("RSA").private_key.as_pem(private=False)
        token = SigningKey.from_secret(pem).sign_claims({"sub": "x"})
        signing_input, _, signature = token.rpartition(".")
        raw = base64.urlsafe_b64decode(signature + "==")
        assert ALGORITHMS["HS256"].verify(signing_input.encode(), raw, OctKey(pem, pem))

    def test_raw_payload(self):
        """Sign takes bytes that are no JSON object at all."""
        token = SigningKey.generate("ES256").sign({"alg": "ES256"}, b'{"a":1,"a":2}')
        assert base64.urlsafe_b64decode(token.split(".")[1] + "==") == b'{"a":1,"a":2}'

    def test_keys(self):
        """Keys of one type are numbered, HMAC keys are never published, and no private key is printed."""
        keys = ForgeKeys.generate("RS256", "PS256", "HS256")
        assert [key.kid for key in keys] == ["rsa-key-1", "rsa-key-2", "oct-key-1"]
        assert [jwk["kid"] for jwk in keys.public_jwks()["keys"]] == ["rsa-key-1", "rsa-key-2"]
        assert repr(keys.select()) == "SigningKey(kid='rsa-key-1', alg='RS256')"

    @pytest.mark.parametrize("alg", ["none", "RS1", ""])
    def test_unknown_algorithm(self, alg):
        """A name that is no signature algorithm is refused."""
        with pytest.raises(ValueError, match="not a signature algorithm"):
            SigningKey.generate(alg)

    def test_key_must_suit_its_algorithm(self, keys):
        """A key of another type or curve than its algorithm needs is refused when it is made."""
        with pytest.raises(ValueError, match="P-384"):
            SigningKey("k", "ES384", keys.select("EC").private_key)
        with pytest.raises(ValueError, match="requires 'RSA' key"):
            SigningKey("k", "RS256", keys.select("EC").private_key)
