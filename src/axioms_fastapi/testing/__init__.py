"""Tests of protected applications: an issuer in the process, clients that carry its tokens, and a clock. For pytest.

The plugin makes its fixtures of these: `forge`, `axioms_client`, `axioms_async_client`, `axioms_token`, `axioms_clock`.
"""

from .canary import Canary
from .clients import AxiomsAsyncClient, AxiomsClient
from .clock import Clock
from .forge import Forge
from .trust import Trust

__all__ = ["AxiomsAsyncClient", "AxiomsClient", "Canary", "Clock", "Forge", "Trust"]
