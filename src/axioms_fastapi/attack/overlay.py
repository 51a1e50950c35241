"""What an OpenAPI document does not say, from a file: rights, sample values, owners, and what to leave alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from .target import AttackError

Names = list[str] | list[list[str]]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OwnedBy(_Part):
    """Who owns the object of an operation: claims of the owner's token, where they are not the attack's own choice."""

    claims: dict[str, Any] = Field(default_factory=dict)


class Rights(_Part):
    """What an operation demands. A list is any-of, a list of lists a clause for each; of `scopes_all` every name is needed."""

    scopes_any: Names = Field(default_factory=list)
    scopes_all: list[str] = Field(default_factory=list)
    roles: Names = Field(default_factory=list)
    permissions: Names = Field(default_factory=list)
    ownership: OwnedBy | bool = False


class OperationOverlay(Rights):
    """What is known of one operation besides: sample values for it, further claims, and which shots to leave out."""

    parameters: dict[str, Any] = Field(default_factory=dict)
    body: Any = Field(default=None, validation_alias=AliasChoices("body", "requestBody"))
    claims: dict[str, Any] = Field(default_factory=dict)
    ignore: list[str] = Field(default_factory=list)
    skip: str | None = None


class MadeObject(_Part):
    """How to make an object that a path parameter names: which operation makes it, and where its answer has the id."""

    create: str
    id: str = "id"


class Overlay(_Part):
    """The file. The names that JWTForge's pen test has for the same things are understood too (`scopeClaim`, `requestBody`)."""

    audience: str | None = None
    issuer: str | None = None
    scope_claim: str = Field(default="scope", validation_alias=AliasChoices("scope_claim", "scopeClaim"))
    roles_claim: str = Field(default="roles", validation_alias=AliasChoices("roles_claim", "roleClaim"))
    permissions_claim: str = "permissions"
    claims: dict[str, Any] = Field(default_factory=dict)
    public: list[str] | None = None
    ignore: list[str] = Field(default_factory=list)
    objects: dict[str, MadeObject] = Field(default_factory=dict)
    operations: dict[str, OperationOverlay] = Field(default_factory=dict)
    options: dict[str, Any] = Field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The overlay in a JSON file. Raises AttackError with the place of the first mistake."""
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise AttackError(f"{path} cannot be read: {error.strerror}") from None
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(map(str, first["loc"])) or "the file"
            raise AttackError(f"{path}: {place} is wrong: {first['msg']}") from None

    def of(self, name: str, operation_id: str | None) -> OperationOverlay:
        """What is said of one operation, by its method and path or by its id."""
        known: Mapping[str, OperationOverlay] = self.operations
        return known.get(name) or known.get(operation_id or "") or OperationOverlay()
