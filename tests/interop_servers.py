"""What the tests know of a running authorization server."""

from dataclasses import dataclass

import httpx2


@dataclass(frozen=True)
class AuthorizationServer:
    """A running authorization server with one client, `svc`."""

    issuer: str

    def token(self, *, scope: str = "read write", resource: str = "https://api.example.test") -> str:
        """A fresh access token from the client credentials grant (RFC 6749, section 4.4)."""
        response = httpx2.post(
            f"{self.issuer}/token",
            data={"grant_type": "client_credentials", "scope": scope, "resource": resource},
            auth=("svc", "svc-secret"),
        )
        response.raise_for_status()
        return str(response.json()["access_token"])

    def rotate(self, *, drop: bool = False) -> None:
        """New keys sign from now on; with `drop` the old ones are forgotten."""
        httpx2.get(f"{self.issuer}/__rotate", params={"drop": "1"} if drop else {}).raise_for_status()
