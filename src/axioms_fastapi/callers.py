"""Who calls: the token of a request's header, verified once however many guards ask."""

from collections.abc import Sequence
from typing import Final

from starlette.types import Scope

from .core.bearer import bare_token, bearer_token
from .core.errors import InvalidToken, Refusal
from .core.principal import Principal
from .core.verifier import PendingToken, Verifier

# Where a request keeps what was verified, by the Callers that verified it: two applications never share trust.
_SCOPE_KEY: Final = "axioms_fastapi"

# What a request sent in its header, and what came of it so far: nothing, where the header has to be read strictly first.
_Seen = tuple[list[bytes], Principal | Refusal | PendingToken | None]


class Callers:
    """Finds the caller of a request by the token in this header."""

    def __init__(self, verifier: Verifier, token_header: bytes) -> None:
        self._verifier = verifier
        self._token_header = token_header
        is_bearer = token_header == b"authorization"
        self._token_of = bearer_token if is_bearer else bare_token
        self._usual_start = b"Bearer " if is_bearer else b""

    def at_hand(self, scope: Scope) -> Principal | None:
        """The caller of this request, where one is proven and nobody has to be asked for it; of None `find` says more."""
        header, start = self._token_header, self._usual_start
        sent: list[bytes] = []
        for name, value in scope["headers"]:  # before Python 3.12 a comprehension is one more call
            if name == header:
                sent.append(bytes(value))  # whatever kind of octets a server hands over
        seen: dict[Callers, _Seen] = scope.setdefault(_SCOPE_KEY, {})
        known = seen.get(self)
        outcome: Principal | Refusal | PendingToken | None = None
        # What a middleware changes on the way is verified anew.
        if known is not None and known[0] == sent:
            outcome = known[1]
        else:
            if len(sent) == 1 and sent[0].startswith(start):
                token = sent[0][len(start) :]
                try:
                    # A token is verified in its own alphabet, which is narrower than the header's.
                    outcome = self._verifier.verify_at_hand(token)
                except InvalidToken as refusal:
                    # Of one that is refused the header has the first word: it may be malformed, or hold another than it seems to.
                    outcome = refusal if self._is_well_formed(sent, token) else None
            seen[self] = (sent, outcome)
        return outcome if type(outcome) is Principal else None

    async def find(self, scope: Scope) -> Principal:
        """The caller of this request. Raises a Refusal."""
        caller = self.at_hand(scope)
        if caller is not None:
            return caller
        seen: dict[Callers, _Seen] = scope[_SCOPE_KEY]
        sent, outcome = seen[self]
        if not isinstance(outcome, Refusal):
            try:
                if isinstance(outcome, PendingToken):
                    outcome = await self._verifier.finish(outcome)
                else:
                    outcome = await self._verifier.verify(self._token_of(sent))
            except Refusal as refusal:
                outcome = refusal
            seen[self] = (sent, outcome)
        if isinstance(outcome, Refusal):
            # A new traceback each time: one exception raised twice would collect both.
            raise outcome.with_traceback(None)
        return outcome

    def _is_well_formed(self, sent: Sequence[bytes], token: bytes) -> bool:
        """Whether the header is one that holds this token."""
        try:
            return self._token_of(sent) == token
        except Refusal:
            return False
