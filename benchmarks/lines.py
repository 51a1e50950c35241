"""The absolute numbers beside the rows: what was measured, in microseconds, and what stands beside it."""

from dataclasses import dataclass

from benchmarks.rounds import Figure, above, level


@dataclass(frozen=True)
class Line:
    """A case with what it takes; and what it takes more than its base, where it has one."""

    what: str
    worker: str
    case: str
    base: str | None = "bare"

    @property
    def takes(self) -> Figure:
        """Seconds of one call."""
        return level(self.worker, self.case)

    @property
    def adds(self) -> Figure | None:
        """Seconds above the base."""
        return None if self.base is None else above(self.worker, self.case, self.base)


def _verification(algorithm: str) -> tuple[Line, Line]:
    raw = f"raw {algorithm}"
    return (
        Line(f"raw signature check, {algorithm}", "verification", raw, None),
        Line(f"Verifier.verify, cold, {algorithm}", "verification", f"verify {algorithm}", raw),
    )


VERIFICATION = (
    *(line for algorithm in ("RS256", "PS256", "ES256", "EdDSA") for line in _verification(algorithm)),
    Line("Verifier.verify, repeated", "verification", "verify RS256, repeated", None),
    Line("PyJWT decode, a ready key, RS256", "verification", "PyJWT", "raw RS256"),
    Line("joserfc decode and claims, a ready key, RS256", "verification", "joserfc", "raw RS256"),
    Line("Authlib decode and claims, a ready key, RS256", "verification", "Authlib", "raw RS256"),
)

FLOOR = (
    Line("bare request", "guards", "bare", None),
    Line("a dependency that does nothing", "guards", "nothing"),
    Line("the same, with a guard's two parameters", "guards", "nothing of a connection"),
    Line("four of them", "guards", "four of nothing"),
    Line("the bare signature check alone in a dependency, RS256", "guards", "signature alone"),
    Line("all steps of a cold verification in one function, no structure", "guards", "one function"),
    Line("a plain function that does nothing (a thread)", "guards", "nothing in a thread"),
)

OURS = (
    Line("require_auth, cold", "guards", "require_auth, cold"),
    Line("require_auth, repeated", "guards", "require_auth, repeated"),
    Line("require(all_of(scopes, roles, permissions)), cold", "guards", "chain, cold"),
    Line("require(all_of(scopes, roles, permissions)), repeated", "guards", "chain, repeated"),
    Line("four stacked require_*, cold", "guards", "stack, cold"),
    Line("four stacked require_*, repeated", "guards", "stack, repeated"),
    Line("GuardMiddleware, cold", "guards", "GuardMiddleware, cold"),
    Line("GuardMiddleware, repeated", "guards", "GuardMiddleware, repeated"),
    Line("AccessTokenMiddleware, cold", "guards", "AccessTokenMiddleware, cold"),
    Line("AccessTokenMiddleware, repeated", "guards", "AccessTokenMiddleware, repeated"),
    Line("require_scopes, repeated", "guards", "require_scopes, repeated"),
    Line("current_principal, repeated", "guards", "current_principal, repeated"),
    Line("check_object_ownership, repeated", "guards", "check_object_ownership, repeated"),
    Line("optional_auth, no token", "guards", "optional_auth, no token"),
)

OTHERS = (
    Line("PyJWT by hand, PyJWKClient in a plain function", "by_hand", "PyJWT"),
    Line("PyJWT by hand, a coroutine, one key for ever", "by_hand", "PyJWT, a key for ever"),
    Line("joserfc by hand, a coroutine, one key for ever", "by_hand", "joserfc, a key for ever"),
    Line("Authlib by hand, a coroutine, one key for ever", "by_hand", "Authlib, a key for ever"),
    Line("fastapi-azure-auth 5.3.0, cold", "azure_auth", "cold"),
    Line("fastapi-azure-auth 5.3.0, repeated", "azure_auth", "repeated"),
    Line("axioms-fastapi 0.0.13, require_auth, cold", "axioms_0_0_13", "require_auth, cold"),
    Line("axioms-fastapi 0.0.13, require_auth, repeated", "axioms_0_0_13", "require_auth, repeated"),
    Line("axioms-fastapi 0.0.13, chain of four, cold", "axioms_0_0_13", "chain, cold"),
    Line("axioms-fastapi 0.0.13, chain of four, repeated", "axioms_0_0_13", "chain, repeated"),
)

UVICORN = (
    Line("bare route", "uvicorn", "bare", None),
    Line("require_auth, cold", "uvicorn", "cold"),
    Line("require_auth, repeated", "uvicorn", "repeated"),
    Line("GuardMiddleware, repeated", "uvicorn", "middleware"),
)

SECTIONS = {
    "Verification alone": VERIFICATION,
    "A request in process: what FastAPI itself takes": FLOOR,
    "A request in process: the guards of this library": OURS,
    "A request in process: others, each above a bare route in its own environment": OTHERS,
    "uvicorn, one worker, a request over loopback": UVICORN,
}
LINES = tuple(line for section in SECTIONS.values() for line in section)
