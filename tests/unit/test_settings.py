"""The settings: where they come from, what is refused, and the sentence that says so."""

import logging
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from axioms_fastapi import ConfigurationError, init_axioms
from axioms_fastapi.settings import AxiomsKeywords, Settings, load_settings
from axioms_fastapi.trust import KeyFetching, trusted_issuer

MINIMUM = {"AXIOMS_AUDIENCE": "https://api", "AXIOMS_ISS_URL": "https://issuer.example.com"}


def load(**keywords: Any) -> Settings:
    return load_settings(MINIMUM | keywords)


def issuer_of(settings: Settings) -> Any:
    return trusted_issuer(settings, settings.issuer_url, KeyFetching(settings.key_times))


class TestSources:
    def test_precedence(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A keyword wins over the environment, the environment over `.env`, and None is not given."""
        Path(".env").write_text(
            "AXIOMS_AUDIENCE=from-file\nAXIOMS_ISS_URL=https://file.example.com\nAXIOMS_LEEWAY=1\nOTHER=x\n"
        )
        monkeypatch.setenv("AXIOMS_ISS_URL", "https://environment.example.com")
        monkeypatch.setenv("AXIOMS_LEEWAY", "2")
        settings = load_settings({"AXIOMS_LEEWAY": 3, "AXIOMS_ISS_URL": None, "AXIOMS_AUDIENCE": None})
        assert (settings.audience, settings.iss_url, settings.leeway) == (
            ("from-file",),
            "https://environment.example.com",
            3,
        )

    def test_blank_variable_is_not_given(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An empty variable, as compose files leave them, is no setting."""
        monkeypatch.setenv("AXIOMS_JWKS_URL", "")
        monkeypatch.setenv("AXIOMS_REALM", "")
        assert (load().jwks_url, load().realm) == (None, None)
        assert load(AXIOMS_JWKS_URL="", AXIOMS_DOMAIN="", AXIOMS_REALM="").jwks_url is None

    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("scope,scp", ["scope", "scp"]),
            (" scope , scp ,", ["scope", "scp"]),
            ('["scope", "scp"]', ["scope", "scp"]),
            (["scope", "scp"], ["scope", "scp"]),
            (("scope",), ["scope"]),
            (
                "roles,cognito:groups,https://example.com/roles",
                ["roles", "cognito:groups", "https://example.com/roles"],
            ),
        ],
    )
    def test_lists(self, monkeypatch: pytest.MonkeyPatch, written: Any, read: list[str]) -> None:
        """Comma lists, JSON lists and Python lists are the same list."""
        assert [path.literal for path in load(AXIOMS_SCOPE_CLAIMS=written).scope_claims or ()] == read
        if isinstance(written, str):
            monkeypatch.setenv("AXIOMS_SCOPE_CLAIMS", written)
            assert [path.literal for path in load().scope_claims or ()] == read

    def test_nested_paths(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A list in the list is a path, in JSON as well."""
        path = ["resource_access", "my.api", "roles"]
        monkeypatch.setenv("AXIOMS_ROLES_CLAIMS", '["roles", ["resource_access", "my.api", "roles"]]')
        for settings in (load(AXIOMS_ROLES_CLAIMS=["roles", path]), load()):
            assert [found.steps for found in settings.roles_claims or ()] == [(), tuple(path)]

    def test_keywords_are_the_settings(self) -> None:
        """Every setting is a keyword, and every keyword a setting."""
        assert {f"AXIOMS_{name.upper()}" for name in Settings.model_fields} == set(AxiomsKeywords.__annotations__)


class TestRefusals:
    @pytest.mark.parametrize(
        ("keywords", "sentence"),
        [
            (
                {},
                "AXIOMS_AUDIENCE is not set or empty; write your API's identifier, the aud of its tokens, such as AXIOMS_AUDIENCE=https://api.example.com",
            ),
            ({"AXIOMS_AUDIENCE": ""}, "AXIOMS_AUDIENCE is not set or empty"),
            ({"AXIOMS_AUDIENCE": []}, "AXIOMS_AUDIENCE is not set or empty"),
            ({"AXIOMS_AUDIENCE": ["api", ""]}, "AXIOMS_AUDIENCE is"),
            ({"AXIOMS_AUDIENCE": " "}, "AXIOMS_AUDIENCE is"),
            (
                {"AXIOMS_AUDIENCE": "api"},
                "AXIOMS_ISS_URL is not set or empty; write the issuer's URL, exactly the iss of its tokens",
            ),
            ({"AXIOMS_AUDIENCE": "api", "AXIOMS_ISS_URL": ""}, "AXIOMS_ISS_URL is not set or empty"),
            ({"AXIOMS_AUDIENCE": "api", "AXIOMS_JWKS_URL": "https://i/keys"}, "AXIOMS_ISS_URL is not set or empty"),
        ],
    )
    def test_mandatory(self, keywords: dict[str, Any], sentence: str) -> None:
        """Audience and issuer are mandatory; the sentence names the setting and shows what to write."""
        with pytest.raises(ConfigurationError) as error:
            load_settings(keywords)
        assert str(error.value).startswith(sentence)
        assert "\n" not in str(error.value)

    @pytest.mark.parametrize(
        ("keywords", "sentence"),
        [
            ({"AXIOMS_AUDIENC": "x"}, "AXIOMS_AUDIENC is not a setting; did you mean AXIOMS_AUDIENCE?"),
            ({"AXIOMS_AUDIENC": None}, "AXIOMS_AUDIENC is not a setting; did you mean AXIOMS_AUDIENCE?"),
            ({"AXIOMS_JWKS_PROXY": "proxy:3128"}, "AXIOMS_JWKS_PROXY is 'proxy:3128'"),
            ({"AXIOMS_JWKS_PROXY": "http://user:pw@proxy:3128"}, "AXIOMS_JWKS_PROXY is not usable"),
            ({"AXIOMS_JWK_URL": "x"}, "AXIOMS_JWK_URL is not a setting; did you mean AXIOMS_JWKS_URL?"),
            ({"AXIOMS_SAFE_METHODS": ["GET"]}, "AXIOMS_SAFE_METHODS is not a setting"),
            ({"audience": "x"}, "audience is not a setting; did you mean AXIOMS_AUDIENCE?"),
            (
                {"AXIOMS_ISS_URL": "issuer.example.com"},
                "AXIOMS_ISS_URL is 'issuer.example.com'; write the issuer's URL",
            ),
            (
                {"AXIOMS_ISS_URL": "https://a.example.com,https://b.example.com"},
                "AXIOMS_ISS_URL is 'https://a.example.com,https:",
            ),
            (
                {"AXIOMS_ISS_URL": "https://login.microsoftonline.com/common/v2.0"},
                "AXIOMS_ISS_URL is 'https://login.microsoftonline.com/common/v2.0', which is in no token",
            ),
            ({"AXIOMS_AUDIENCE": '"api"'}, "AXIOMS_AUDIENCE is '\"api\"', quotes included; write it without them"),
            ({"AXIOMS_AUDIENCE": ["api", "'b'"]}, "AXIOMS_AUDIENCE is \"'b'\", quotes included"),
            (
                {"AXIOMS_DOCS_CLIENT_SECRET": "x"},
                "AXIOMS_DOCS_CLIENT_SECRET is not a setting; no secret is needed here",
            ),
            ({"AXIOMS_ISS_URL": "ftp://issuer"}, "AXIOMS_ISS_URL is 'ftp://issuer'"),
            ({"AXIOMS_ISS_URL": "https://"}, "AXIOMS_ISS_URL is 'https://'"),
            ({"AXIOMS_ISS_URL": "https://user:pass@issuer"}, "AXIOMS_ISS_URL is"),
            ({"AXIOMS_ISS_URL": "https://[issuer"}, "AXIOMS_ISS_URL is"),
            ({"AXIOMS_ISS_URL": "https://issuer?"}, "AXIOMS_ISS_URL is"),
            ({"AXIOMS_ISS_URL": "https://issuer#"}, "AXIOMS_ISS_URL is"),
            ({"AXIOMS_ISS_URL": "https://issuer\n"}, "AXIOMS_ISS_URL is"),
            (
                {"AXIOMS_ISS_URL": "https://issuer "},
                "AXIOMS_ISS_URL is 'https://issuer ', with white space in it; write it without",
            ),
            ({"AXIOMS_ISS_URL": "https://issuer:port"}, "AXIOMS_ISS_URL is"),
            ({"AXIOMS_ISS_URL": "https://:pw@issuer"}, "AXIOMS_ISS_URL is"),
            ({"AXIOMS_TOKEN_TYPS": [""]}, "AXIOMS_TOKEN_TYPS is"),
            ({"AXIOMS_REQUIRED_CLAIMS": [""]}, "AXIOMS_REQUIRED_CLAIMS is"),
            ({"AXIOMS_TOKEN_HEADER": "a b"}, "AXIOMS_TOKEN_HEADER is 'a b'"),
            (
                {"AXIOMS_ISS_URL": "http://issuer.example.com/x"},
                "AXIOMS_ISS_URL is 'http://issuer.example.com/x': over plain http anybody",
            ),
            ({"AXIOMS_JWKS_URL": "http://10.0.0.1/keys"}, "AXIOMS_JWKS_URL is 'http://10.0.0.1/keys': over plain http"),
            ({"AXIOMS_JWKS_URL": "file:///keys.json"}, "AXIOMS_JWKS_URL is 'file:///keys.json'"),
            ({"AXIOMS_JWKS_URL": "https://i/keys#x"}, "AXIOMS_JWKS_URL is"),
            ({"AXIOMS_JWKS_URL": "https://user:pw@i/keys"}, "AXIOMS_JWKS_URL is not usable"),
            ({"AXIOMS_JWKS_URL": "https://user:pw@i/keys "}, "AXIOMS_JWKS_URL is not usable"),
            ({"AXIOMS_ISS_URL": "https://user:pw@i\n"}, "AXIOMS_ISS_URL is not usable"),
            ({"AXIOMS_JWKS_URL": "https://i\\@j/keys"}, "AXIOMS_JWKS_URL is"),
            (
                {"AXIOMS_ALGORITHMS": ["RS256", "HS256"]},
                "AXIOMS_ALGORITHMS has 'HS256', with which whoever verifies could sign as well, or anybody; write algorithms of "
                "public keys, such as AXIOMS_ALGORITHMS=RS256",
            ),
            ({"AXIOMS_ALGORITHMS": "none"}, "AXIOMS_ALGORITHMS has 'none', with which"),
            ({"AXIOMS_ALGORITHMS": "RS265"}, "AXIOMS_ALGORITHMS is 'RS265'; write some of ES256, ES384"),
            ({"AXIOMS_LEEWAY": 301}, "AXIOMS_LEEWAY is 301; write seconds, from 0 to 300, such as AXIOMS_LEEWAY=30"),
            ({"AXIOMS_LEEWAY": "10m"}, "AXIOMS_LEEWAY is '10m'; write seconds"),
            ({"AXIOMS_LEEWAY": -1}, "AXIOMS_LEEWAY is -1"),
            ({"AXIOMS_REALM": 'a"b'}, "AXIOMS_REALM is 'a\"b'; write plain text"),
            ({"AXIOMS_REALM": "a\r\nX: y"}, "AXIOMS_REALM is"),
            (
                {"AXIOMS_PROVIDER": "cognit"},
                "AXIOMS_PROVIDER is 'cognit'; write one of auth0, authentik, clerk, cognito",
            ),
            ({"AXIOMS_ROLES_CLAIMS": "[oops"}, "AXIOMS_ROLES_CLAIMS is '[oops'; write names of claims"),
            ({"AXIOMS_ROLES_CLAIMS": [""]}, "AXIOMS_ROLES_CLAIMS is"),
            ({"AXIOMS_ROLES_CLAIMS": 7}, "AXIOMS_ROLES_CLAIMS is 7"),
            ({"AXIOMS_SCOPE_CLAIMS": {"scope": 1}}, "AXIOMS_SCOPE_CLAIMS is"),
            ({"AXIOMS_MAX_TOKEN_SIZE": 1}, "AXIOMS_MAX_TOKEN_SIZE is 1"),
            (
                {"AXIOMS_DOMAIN": "https://issuer", "AXIOMS_ISS_URL": None},
                "AXIOMS_DOMAIN is 'https://issuer'; write the issuer's host",
            ),
        ],
        ids=str,
    )
    @pytest.mark.filterwarnings("ignore::DeprecationWarning")
    def test_wrong(self, keywords: dict[str, Any], sentence: str) -> None:
        """What cannot be meant is refused with one sentence: the setting, what was read, what to write."""
        with pytest.raises(ConfigurationError) as error:
            load(**keywords)
        assert str(error.value).startswith(sentence)
        assert "\n" not in str(error.value)

    def test_configuration_error_is_a_value_error(self) -> None:
        """Who catches ValueError catches it."""
        with pytest.raises(ValueError, match="AXIOMS_AUDIENCE"):
            load_settings({})

    def test_small_letters(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A setting in small letters could win over the one in capitals: it is refused, in `.env` as well."""
        monkeypatch.setenv("axioms_leeway", "300")
        with pytest.raises(ConfigurationError, match="the environment holds axioms_leeway; write AXIOMS_LEEWAY"):
            load()
        monkeypatch.delenv("axioms_leeway")
        Path(".env").write_text("Axioms_Leeway=300\n")
        with pytest.raises(ConfigurationError, match=r"\.env holds Axioms_Leeway; write AXIOMS_LEEWAY"):
            load()

    def test_no_utf_8(self) -> None:
        """A `.env` that cannot be read is said so."""
        Path(".env").write_bytes(b"AXIOMS_AUDIENCE=\xff\n")
        with pytest.raises(ConfigurationError, match="not UTF-8"):
            load()

    def test_no_env_file(self) -> None:
        """Where nothing is set at all, the sentence says where `.env` was looked for."""
        with pytest.raises(ConfigurationError, match=r"no \.env was found in /"):
            load_settings({})

    def test_unknown_variable_warns(self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
        """An unknown variable of the environment or of `.env` may be another program's: it warns, and names the nearest."""
        monkeypatch.setenv("AXIOMS_AUDIENCES", "x")
        Path(".env").write_text("AXIOMS_LEWAY=5\n")
        load()
        assert "AXIOMS_AUDIENCES, which is not a setting; did you mean AXIOMS_AUDIENCE?" in caplog.text
        assert "AXIOMS_LEWAY, which is not a setting; did you mean AXIOMS_LEEWAY?" in caplog.text

    def test_variables_beside_issuers(self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
        """A variable of a single issuer does nothing beside issuers=[...], and the log says so: it must not seem to hold."""
        monkeypatch.setenv("AXIOMS_TOKEN_TYPS", "at+jwt")
        Path(".env").write_text("AXIOMS_LEEWAY=0\nAXIOMS_REALM=articles\n", encoding="utf-8")
        settings = load_settings({}, has_issuers=True)
        assert settings.realm == "articles"
        assert settings.leeway == 30
        assert "AXIOMS_TOKEN_TYPS is set and does nothing beside issuers=[...]" in caplog.text
        assert "AXIOMS_LEEWAY is set and does nothing beside issuers=[...]" in caplog.text
        assert "AXIOMS_REALM" not in caplog.text

    def test_variables_beside_a_resolver(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Beside a resolver they do nothing either, not even to where a token is looked for, and a wrong one breaks nothing."""
        for provider in ("iap", "nonsense"):
            monkeypatch.setenv("AXIOMS_PROVIDER", provider)
            axioms = init_axioms(FastAPI(), issuer_resolver=lambda url: None)
            assert axioms.token_header == b"authorization"


class TestJwksUrl:
    @pytest.mark.parametrize(
        "url",
        [
            "https://login.example.com/tenant/discovery/v2.0/keys?appid=6e74172b-be56-4843-9ff4-e66a39bb12e3",
            "https://www.example.com/service_accounts/v1/jwk/securetoken@system.example.com",
        ],
    )
    def test_providers_urls(self, url: str) -> None:
        """An address of keys may have a query, as Entra's has, or an @ in its path, as Firebase's has."""
        assert load(AXIOMS_JWKS_URL=url).jwks_url == url


class TestDomain:
    @pytest.mark.parametrize(
        ("domain", "url"),
        [
            ("auth.example.com", "https://auth.example.com"),
            ("auth.example.com:8443", "https://auth.example.com:8443"),
            ("127.0.0.1:8787", "http://127.0.0.1:8787"),
            ("localhost:8787", "http://localhost:8787"),
        ],
    )
    def test_domain(self, domain: str, url: str) -> None:
        """AXIOMS_DOMAIN still works, and warns as deprecated."""
        with pytest.warns(DeprecationWarning, match="write AXIOMS_ISS_URL"):
            assert load_settings({"AXIOMS_AUDIENCE": "api", "AXIOMS_DOMAIN": domain}).issuer_url == url

    def test_iss_url_wins(self) -> None:
        """AXIOMS_ISS_URL wins over AXIOMS_DOMAIN."""
        with pytest.warns(DeprecationWarning, match="AXIOMS_DOMAIN"):
            assert load(AXIOMS_DOMAIN="other.example.com").issuer_url == "https://issuer.example.com"


class TestIssuer:
    def test_defaults(self) -> None:
        """The defaults are those of the documentation."""
        issuer = issuer_of(load())
        assert issuer.algorithms.allowed == {
            *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
        }
        assert issuer.algorithms.rsa_without_alg == {"RS256"}
        assert issuer.rules.token_types == {"at+jwt", "jwt", ""}
        assert (issuer.rules.leeway, issuer.rules.required) == (30, ("sub",))

    def test_algorithms(self) -> None:
        """Named RSA algorithms are those of keys without alg; EdDSA is Ed25519 by its older name."""
        issuer = issuer_of(load(AXIOMS_ALGORITHMS="PS256,EdDSA"))
        assert issuer.algorithms.allowed == {"PS256", "EdDSA", "Ed25519"}
        assert issuer.algorithms.rsa_without_alg == {"PS256"}

    def test_token_types(self) -> None:
        """at+jwt alone is the strict profile; none stands for a token without typ."""
        assert issuer_of(load(AXIOMS_TOKEN_TYPS="at+jwt")).rules.token_types == {"at+jwt"}
        assert issuer_of(load(AXIOMS_TOKEN_TYPS="application/AT+JWT,none")).rules.token_types == {"at+jwt", ""}

    def test_tutorials_cognito(self, caplog: pytest.LogCaptureFixture) -> None:
        """The tutorial's Cognito settings, which name no provider, take client_id for the audience and refuse ID tokens."""
        caplog.set_level(logging.INFO, "axioms_fastapi")
        url = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_XXXXXXXXX"
        settings = load_settings(
            {"AXIOMS_AUDIENCE": "client", "AXIOMS_ISS_URL": url, "AXIOMS_ROLES_CLAIMS": ["cognito:groups"]}
        )
        issuer = issuer_of(settings)
        assert "selects the preset cognito" in caplog.text
        access = {
            "iss": url,
            "client_id": "client",
            "sub": "s",
            "exp": 2,
            "token_use": "access",
            "cognito:groups": ["admin"],
        }
        assert issuer.mapping.apply(issuer.rules.check("", access, 1.0)).roles == {"admin"}
        for wrong in (
            {"token_use": "id", "aud": "client"},
            {"client_id": "other"},
            {"client_id": "other", "aud": "client"},
        ):
            with pytest.raises(Exception, match="invalid"):
                issuer.rules.check("", access | wrong, 1.0)

    @pytest.mark.parametrize(
        ("url", "preset"),
        [
            ("https://cognito-idp.evil.example/pool", False),
            ("https://cognito-idp.us-east-1.amazonaws.com.evil.example/pool", False),
            ("https://evil.example/cognito-idp.us-east-1.amazonaws.com", False),
            ("https://cognito-idp.eu-west-2.amazonaws.com/pool", True),
        ],
    )
    def test_known_hosts(self, url: str, preset: bool) -> None:
        """Only a host that belongs to the provider alone selects its preset."""
        assert (issuer_of(load(AXIOMS_ISS_URL=url)).rules.audience_claim == "client_id") is preset

    def test_provider(self) -> None:
        """AXIOMS_PROVIDER chooses claim rules; a configured claim list replaces the preset's."""
        mapping = issuer_of(load(AXIOMS_PROVIDER="keycloak", AXIOMS_PERMISSIONS_CLAIMS="perms")).mapping
        assert mapping.roles[0].steps == ("realm_access", "roles")
        assert [path.literal for path in mapping.permissions] == ["perms"]
