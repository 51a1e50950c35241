"""A route that serves callers without a token too: a header of another scheme is none there, and all else is refused."""

from collections.abc import Callable, Iterator
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI, Request

from axioms_fastapi import Claims, Issuer, init_axioms, optional_auth, register_axioms_exception_handler
from axioms_fastapi.attack import Outcome, Report
from axioms_fastapi.forge import ForgeKeys
from serving import serving

NO_BEARER = {
    "header-without-scheme", "header-basic", "header-of-the-word-token", "header-jwt", "header-bearer-and-more",
    "header-of-a-form", "header-dpop-without-proof", "header-with-percent",
}  # fmt: skip


async def greeting(claims: Annotated[Claims | None, Depends(optional_auth)]) -> str:
    return "known" if claims else "unknown"


async def believes_any_scheme(request: Request) -> str:
    """It takes the last word of the header for a token, whatever stands before it; and anybody may have made it."""
    return "known" if request.headers.get("authorization", "").split(" ")[-1].count(".") == 2 else "unknown"


@pytest.fixture(scope="module")
def report(issuer: str, forge_keys: ForgeKeys, attacked: Callable[..., Report]) -> Iterator[Report]:
    app = FastAPI()
    init_axioms(app, issuers=[Issuer(issuer, "https://api.example.com", keys=forge_keys.public_jwks())])
    register_axioms_exception_handler(app)
    app.get("/right")(greeting)
    document = app.openapi()
    # In the document the others are like the first; what they are in truth the attack must find.
    app.get("/wrong")(lambda: "in")
    app.get("/any-scheme")(believes_any_scheme)
    for path in ("/wrong", "/any-scheme"):
        document["paths"][path] = document["paths"]["/right"]
    with serving(app) as url:
        yield attacked(url, document=document)


def outcomes(report: Report, path: str, outcome: Outcome) -> set[str]:
    one = next(one for one in report.operations if one.operation.path == path)
    return {result.name for result in one.results if result.outcome is outcome}


def test_right(report: Report) -> None:
    """The library's own optional guard has no fault, and nothing about it is unclear."""
    assert outcomes(report, "/right", Outcome.FAULT) == set()
    assert outcomes(report, "/right", Outcome.UNCLEAR) == set()
    assert outcomes(report, "/right", Outcome.HELD) > NO_BEARER


def test_wrong(report: Report) -> None:
    """One that asks nothing is found out by each bad token; headers of another scheme prove nothing against it."""
    faults = outcomes(report, "/wrong", Outcome.FAULT)
    assert {"alg-none", "exp-past", "two-headers-the-same", "header-bearer-twice", "header-bearer-and-a-colon"} < faults
    assert not NO_BEARER & faults


def test_any_scheme(report: Report) -> None:
    """One that serves the caller under any scheme is not said to hold: its answer is another than nobody's."""
    unclear = outcomes(report, "/any-scheme", Outcome.UNCLEAR)
    assert {"header-basic", "header-jwt", "header-without-scheme", "header-dpop-without-proof"} < unclear
    assert "header-of-a-form" not in outcomes(report, "/any-scheme", Outcome.FAULT)
