"""The pages of docs/providers: their settings and code start an application with the page's preset, and mean the same."""

import ast
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import FastAPI

from axioms_fastapi import Issuer, init_axioms
from axioms_fastapi.core.remote_keys import KeyTimes
from axioms_fastapi.issuer import IssuerFields
from axioms_fastapi.presets import PRESETS
from axioms_fastapi.settings import load_settings
from axioms_fastapi.trust import KeyFetching, preset_of, trusted_issuer
from provider_id_tokens import ID_TOKENS, IdToken
from provider_profiles import PROFILES

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted((DOCS / "providers").glob("*.md"))
ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


@dataclass(frozen=True)
class Way:
    """What a section of a page prints for `.env`, where it prints that, and for Python."""

    page: str
    title: str
    ini: str | None
    python: str


def ways() -> list[Way]:
    found = []
    for page in PAGES:
        for section in re.split(r"^## ", page.read_text(), flags=re.M):
            blocks = {
                language: re.findall(rf"^```{language}\n(.*?)^```$", section, re.M | re.S)
                for language in ("ini", "python")
            }
            if any(blocks.values()):
                [python] = blocks["python"]
                [ini] = blocks["ini"] or [None]
                found.append(Way(page.stem, section.split("\n")[0].strip("# "), ini, python))
    return found


WAYS = ways()
each_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.page}: {way.title}")


def issuers_of(code: str) -> list[Issuer]:
    """Run the code, and give what stands in its issuers=[...]."""
    program: dict[str, Any] = {"app": FastAPI()}
    exec(compile(code, "page", "exec", dont_inherit=True), program)
    assert list(program["app"].state.axioms.key_status())
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    [given] = [word.value for call in calls for word in call.keywords if word.arg == "issuers"]
    issuers: list[Issuer] = eval(compile(ast.Expression(given), "page", "eval", dont_inherit=True), program)
    return issuers


def settings_of(ini: str) -> Any:
    """Start an application with this `.env`, and give its settings."""
    Path(".env").write_text(ini)
    init_axioms(FastAPI())
    return load_settings({})


def meaning(fields: IssuerFields, url: str) -> tuple[object, ...]:
    """All that decides whether a token is accepted and what it grants, but the keys."""
    issuer = trusted_issuer(fields, url, KeyFetching(KeyTimes()))
    header = preset_of(fields, url).token_header
    return issuer.url, issuer.algorithms, issuer.rules, issuer.mapping, issuer.jwks_url, issuer.key_issuers, header


@pytest.fixture
def pod(tmp_path: Path) -> Path:
    """The folder that a pod has: the cluster's certificate authority, and a token."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "cluster")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    (tmp_path / "ca.crt").write_bytes(builder.sign(key, SHA256()).public_bytes(Encoding.PEM))
    (tmp_path / "token").write_text("first\n")
    return tmp_path


def test_every_preset_has_its_page() -> None:
    """No preset is without its page, and the index lists them all; each page says what to write in both ways."""
    assert {page.stem for page in PAGES} == PRESETS.keys()
    assert set(re.findall(r"\(providers/(\w+)\.md\)", (DOCS / "providers.md").read_text())) == PRESETS.keys()
    assert {way.page for way in WAYS if way.ini} == PRESETS.keys()


@each_way
def test_preset(way: Way, pod: Path) -> None:
    """Settings and code select the preset of their page."""
    if way.ini:
        settings = settings_of(way.ini)
        assert preset_of(settings, settings.issuer_url).name == way.page
    for issuer in issuers_of(way.python.replace(ACCOUNT, str(pod))):
        assert preset_of(issuer, issuer.url).name == way.page


@each_way
def test_settings_and_code_mean_the_same(way: Way) -> None:
    """What is printed for `.env` accepts the very tokens that the Python beside it accepts, and grants the same."""
    if way.ini is None:
        pytest.skip("what the section shows has no place in settings")
    settings = settings_of(way.ini)
    [issuer] = issuers_of(way.python)
    assert meaning(settings, settings.issuer_url) == meaning(issuer, issuer.url)


def test_kubernetes_token_is_read_for_each_fetch(pod: Path) -> None:
    """The page's function gives the token that the file holds now: the cluster replaces it about every hour."""
    [way] = [way for way in WAYS if ACCOUNT in way.python]
    [issuer] = issuers_of(way.python.replace(ACCOUNT, str(pod)))
    assert issuer.headers() == {"Authorization": "Bearer first"}
    (pod / "token").write_text("second")
    assert issuer.headers() == {"Authorization": "Bearer second"}
    assert issuer.jwks_ca_file == pod / "ca.crt"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_documentation(page: Path) -> None:
    """Every page links to the provider's own documentation."""
    assert f"]({PRESETS[page.stem].documentation})" in page.read_text()


def told(id_token: IdToken | str) -> str:
    if isinstance(id_token, str):
        return {"the ID token is the credential": "the credential", "there is none": "there are none"}[id_token]
    return "told by their audience alone" if id_token.alike else "refused: "


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_id_tokens(page: Path) -> None:
    """Every page says what happens to ID tokens, as the matrix has it: refused and by what, the credential, or none."""
    [row] = re.findall(r"^\| ID tokens \| (.*) \|$", page.read_text(), re.M)
    named = [profile.name for profile in PROFILES if profile.issuer.provider == page.stem]
    assert named
    assert all(row.startswith(told(ID_TOKENS[name])) for name in named), row
    for claim in PRESETS[page.stem].one_of:
        assert f"`{claim}`" in row


OWNERS = {
    "auth0": "https://auth0.com/",
    "authentik": "https://github.com/goauthentik/authentik/",
    "clerk": "https://clerk.com/",
    "cognito": "https://docs.aws.amazon.com/",
    "entra": "https://learn.microsoft.com/",
    "firebase": "https://firebase.google.com/",
    "github": "https://docs.github.com/",
    "google": "https://developers.google.com/",
    "hydra": "https://github.com/ory/",
    "iap": "https://docs.cloud.google.com/",
    "keycloak": "https://github.com/keycloak/keycloak/",
    "kubernetes": "https://kubernetes.io/",
    "okta": "https://developer.okta.com/",
    "pingfederate": "https://docs.pingidentity.com/",
    "supabase": "https://supabase.com/",
    "workos": "https://workos.com/",
    "zitadel": "https://zitadel.com/",
}


def test_documentation_is_the_providers_own() -> None:
    """What a preset calls documentation is on the provider's own site, or in its own repository."""
    assert OWNERS.keys() == PRESETS.keys()
    assert [name for name, preset in PRESETS.items() if not preset.documentation.startswith(OWNERS[name])] == []
