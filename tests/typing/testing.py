"""The types that a user's tests see."""

from typing import assert_type

from starlette.applications import Starlette

from axioms_fastapi.forge.hostile import Hostile
from axioms_fastapi.testing import AxiomsAsyncClient, AxiomsClient, Clock, Forge, Trust


def clients(client: AxiomsClient, hostile: Hostile) -> None:
    """A client as somebody is a client; a token is a text."""
    assert_type(client.as_("alice", scopes=["read"], roles=["r"], permissions=["p"], email="a@x"), AxiomsClient)
    assert_type(client.sending(hostile), AxiomsClient)
    assert_type(client.token("alice"), str)
    with client.as_("alice") as alice:
        assert_type(alice, AxiomsClient)
        assert_type(client.refuses(hostile, "/me").status_code, int)


async def async_clients(client: AxiomsAsyncClient, hostile: Hostile) -> None:
    """The same for asynchronous tests."""
    async with client.as_("alice") as alice:
        assert_type(alice, AxiomsAsyncClient)
        assert_type((await client.refuses(hostile, "/me")).status_code, int)


def issuer(forge: Forge, app: Starlette) -> None:
    """The forge, its clock and its trust."""
    assert_type(forge.token(sub="alice"), str)
    assert_type(forge.clock, Clock)
    with forge.trusted_by(app) as trust:
        assert_type(trust, Trust)
