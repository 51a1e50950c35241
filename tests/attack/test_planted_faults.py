"""Each fault of the broken API is found, by the shot that is there for it, and nothing is found where nothing was planted."""

from collections.abc import Callable, Iterator

import pytest

from attack.broken_api import BrokenApi, Fault, document_of
from axioms_fastapi.attack import Outcome, Report
from axioms_fastapi.forge import ForgeKeys
from axioms_fastapi.forge.hostile import BY_NAME, Category
from serving import serving

PATHS = (
    "/no-exp", "/no-nbf", "/no-aud", "/no-iss", "/id-token", "/no-signature", "/any-type", "/bound", "/crit",
    "/alg-none", "/hs-confusion", "/jwk", "/jku",
    "/403-for-401", "/no-challenge", "/error-for-nobody", "/no-error", "/malformed", "/bare", "/other-scheme", "/404-first",
    "/echo", "/query", "/failing", "/no-guard",
    "/substring", "/text-only", "/401-for-403", "/no-scope", "/500-on-odd", "/any-for-all", "/all-for-any", "/letters",
    "/notes/{note}",
)  # fmt: skip


@pytest.fixture(scope="module")
def broken(issuer: str, forge_keys: ForgeKeys) -> BrokenApi:
    return BrokenApi(issuer, forge_keys)


@pytest.fixture(scope="module")
def report(broken: BrokenApi, attacked: Callable[..., Report]) -> Iterator[Report]:
    # The whole set at every route would take long: where nothing else may be found it is fired, else the categories in question.
    overlay = {f"GET {fault.path}": {"ignore": beside(fault)} for fault in broken.faults}
    with serving(broken.app) as url:
        yield attacked(url, {"operations": overlay}, document=document_of(broken.app))


def beside(fault: Fault) -> list[Category]:
    """The categories that say nothing of this fault."""
    if fault.is_about_tokens and fault.all is not None:
        return []
    found_by = BY_NAME.get(fault.found_by)
    return [category for category in Category if category not in {Category.TIME, found_by and found_by.category}]


def faults_at(report: Report, path: str) -> dict[str, str]:
    one = next(one for one in report.operations if one.operation.path == path)
    return {result.name: result.text for result in one.results if result.outcome is Outcome.FAULT}


def test_every_route_is_asked_for(broken: BrokenApi) -> None:
    """No planted fault is forgotten below."""
    assert [fault.path for fault in broken.faults] == list(PATHS)


@pytest.mark.parametrize("path", PATHS)
def test_found(broken: BrokenApi, report: Report, path: str) -> None:
    """The fault is found by its shot, and told in words; where one thing alone is wrong, nothing else is found."""
    fault: Fault = next(fault for fault in broken.faults if fault.path == path)
    found = faults_at(report, path)
    assert fault.found_by in found, sorted(found)
    assert fault.words in found[fault.found_by]
    if fault.all is not None:
        assert found.keys() <= fault.all


def test_nothing_else(report: Report) -> None:
    """The route that is right has no fault, and every shot at it held."""
    right = next(one for one in report.operations if one.operation.path == "/right")
    assert faults_at(report, "/right") == {}
    assert set(right.counts) <= {Outcome.HELD, Outcome.NOT_FIRED}
    assert right.counts[Outcome.HELD] > 300
    assert not report.is_passed()
