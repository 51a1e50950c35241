"""Parameters that only the application may give."""

from typing import Any, NoReturn

from .core.errors import ConfigurationError


class ServerSide:
    """Marks a parameter of a function that builds guards.

    `Depends(require_scopes)`, not called, would make FastAPI read the parameter from the request, build a guard of it, and
    ask that guard nothing: whoever calls the API would be in. FastAPI asks pydantic for a schema first, and gets the error.
    """

    def __init__(self, example: str) -> None:
        self._example = example

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> NoReturn:
        """Refuse, where the route is declared."""
        raise ConfigurationError(f"a function that builds guards is no guard itself; call it, such as {self._example}")
