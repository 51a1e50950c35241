"""Who calls: the token of a request's header, verified once however many guards ask."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.types import Scope

from .core.bearer import bare_token, bearer_token, plain_bare, plain_bearer
from .core.errors import InvalidToken, Refusal
from .core.principal import Principal
from .core.verifier import Verifier

# Where a request keeps what was verified, by the Callers that verified it: two applications never share trust.
_SCOPE_KEY: Final = "axioms_fastapi"


@dataclass(slots=True)
class _Seen:
    """What a request sent in its header, and what came of it: nothing yet, where somebody has to be asked first."""

    sent: list[bytes]
    outcome: Principal | Refusal | None


class Callers:
    """Finds the caller of a request. `on_verified` hears of each principal whose token was verified, and not remembered."""

    def __init__(self, verifier: Verifier, token_header: bytes, on_verified: Callable[[Principal], None]) -> None:
        self._verifier = verifier
        self._token_header = token_header
        is_bearer = token_header == b"authorization"
        self._token_of = bearer_token if is_bearer else bare_token
        self._plain = plain_bearer if is_bearer else plain_bare
        self._on_verified = on_verified

    def at_hand(self, scope: Scope) -> Principal | None:
        """The caller of this request, where one is proven and nobody has to be asked for it; of None `find` says more."""
        outcome = self._seen(scope).outcome
        return outcome if type(outcome) is Principal else None

    async def find(self, scope: Scope) -> Principal:
        """The caller of this request. Raises a Refusal."""
        seen = self._seen(scope)
        if seen.outcome is None:
            try:
                seen.outcome = await self._verifier.verify(self._token_of(seen.sent))
                self._on_verified(seen.outcome)
            except Refusal as refusal:
                seen.outcome = refusal
        if isinstance(seen.outcome, Refusal):
            # A new traceback each time: one exception raised twice would collect both.
            raise seen.outcome.with_traceback(None)
        return seen.outcome

    def _seen(self, scope: Scope) -> _Seen:
        wanted = self._token_header
        sent = [value for name, value in scope["headers"] if name == wanted]
        known: dict[Callers, _Seen] = scope.setdefault(_SCOPE_KEY, {})
        seen = known.get(self)
        # What a middleware changes on the way is verified anew.
        if seen is None or seen.sent != sent:
            seen = known[self] = _Seen(sent, self._outcome_at_hand(sent))
        return seen

    def _outcome_at_hand(self, sent: Sequence[bytes]) -> Principal | Refusal | None:
        """What comes of these header values, where nobody has to be asked for it."""
        token = self._plain(sent)
        if not token:
            return None
        try:
            # The memory knows whole tokens, and a token is verified in its own alphabet, which is narrower than the header's.
            principal = self._verifier.recall(token)
            if principal is None:
                principal = self._verifier.verify_at_hand(token)
                if principal is not None:
                    self._on_verified(principal)
            return principal
        except InvalidToken as refusal:
            # Of a token that is refused the header has the first word: it may be malformed, or hold another than it seems to.
            return refusal if self._is_well_formed(sent, token) else None

    def _is_well_formed(self, sent: Sequence[bytes], token: str) -> bool:
        """Whether the header is one that holds this token."""
        try:
            return self._token_of(sent) == token
        except Refusal:
            return False
