"""A route that serves callers without a token too: a header of another scheme is none there, and all else is refused."""

from collections.abc import Callable, Iterator

import pytest
from fastapi import Depends, FastAPI

from axioms_fastapi import Issuer, init_axioms, optional_auth, register_axioms_exception_handler
from axioms_fastapi.attack import Outcome, Report
from axioms_fastapi.forge import ForgeKeys
from serving import serving

NO_BEARER = {
    "header-without-scheme", "header-basic", "header-of-the-word-token", "header-jwt", "header-bearer-and-more",
    "header-of-a-form", "header-dpop-without-proof", "header-with-percent",
}  # fmt: skip


@pytest.fixture(scope="module")
def report(issuer: str, forge_keys: ForgeKeys, attacked: Callable[..., Report]) -> Iterator[Report]:
    app = FastAPI()
    init_axioms(app, issuers=[Issuer(issuer, "https://api.example.com", keys=forge_keys.public_jwks())])
    register_axioms_exception_handler(app)
    app.get("/right", dependencies=[Depends(optional_auth)])(lambda: "in")
    document = app.openapi()
    # In the document the second route is like the first; what it is in truth the attack must find.
    app.get("/wrong")(lambda: "in")
    document["paths"]["/wrong"] = document["paths"]["/right"]
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
    assert {"alg-none", "exp-past", "two-headers-the-same", "header-bearer-twice"} < faults
    assert not NO_BEARER & faults
