"""A local token issuer for development and tests: any claims, real signatures, a key set to verify them.

It hands a token to whoever asks, so it belongs on loopback or inside a test process and nowhere else.
"""

from .app import create_app, serve_forge
from .faults import Fault
from .features import Feature
from .forge import Forge
from .keys import ForgeKeys
from .minting import Mint
from .signing import SigningKey

__all__ = ["Fault", "Feature", "Forge", "ForgeKeys", "Mint", "SigningKey", "create_app", "serve_forge"]
