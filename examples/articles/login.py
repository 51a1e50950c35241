"""Logging in as a browser does: authorization code with PKCE (RFC 7636), through the forge's login page."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2

CLIENT_ID = "demo"


def log_in(client: httpx2.Client, forge: str, redirect_uri: str, audience: str, claims: Mapping[str, Any]) -> str:
    """The access token of somebody who typed these claims into the login page. Raises httpx2.HTTPStatusError."""
    verifier, state = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
    asked = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": redirect_uri,
        "audience": audience,
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    page = client.get(f"{forge}/authorize", params=asked).raise_for_status()
    answer = client.post(str(page.url), data=_typed(claims))
    sent_back = {
        name: values[0] for name, values in parse_qs(urlsplit(answer.headers.get("location", "")).query).items()
    }
    if sent_back.get("state") != state or "code" not in sent_back:
        raise SystemExit(f"The login page answered {answer.status_code}, and sent no code for this login back.")
    code = {
        "grant_type": "authorization_code",
        "client_id": CLIENT_ID,
        "redirect_uri": redirect_uri,
        "code": sent_back["code"],
        "code_verifier": verifier,
    }
    return str(client.post(f"{forge}/token", data=code).raise_for_status().json()["access_token"])


def _typed(claims: Mapping[str, Any]) -> dict[str, str]:
    """The fields of the login page's form of one's own claims."""
    rest = {name: value for name, value in claims.items() if name not in {"sub", "scope", "roles", "permissions"}}
    return {
        "pick": "",
        "sub": str(claims["sub"]),
        "scope": str(claims.get("scope", "")),
        "roles": ", ".join(claims.get("roles", ())),
        "permissions": ", ".join(claims.get("permissions", ())),
        "more": json.dumps(rest),
    }
