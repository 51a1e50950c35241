"""An OpenAPI document, read for what an attacker needs: where operations are, what they demand, and how to call them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx2
from pydantic import ValidationError

from .demands import Clause, Demand, Kind, Ownership, clauses, scopes_of_alternatives
from .overlay import OperationOverlay, Overlay, Rights
from .samples import Samples
from .target import AttackError

METHODS: Final = ("get", "head", "post", "put", "patch", "delete", "options", "trace")
WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})

_EXTENSIONS: Final = ("x-axioms", "x-axioms-policy")
_REQUIRES: Final = "x-axioms-requires"
_LARGEST: Final = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation, and a call of it. `demand` is None where it demands no token. `skip` says why it is not to be attacked."""

    method: str
    path: str
    demand: Demand | None
    operation_id: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    claims: Mapping[str, Any] = field(default_factory=dict)
    ignore: frozenset[str] = frozenset()
    skip: str | None = None

    @property
    def name(self) -> str:
        """Method and path, as people write them."""
        return f"{self.method} {self.path}"

    @property
    def writes(self) -> bool:
        """Whether a call may change something."""
        return self.method in WRITES

    def url(self, objects: Mapping[str, Any]) -> str:
        """The path with its parameters filled in, those of `objects` first."""
        path = self.path
        for name, value in {**self.parameters, **objects}.items():
            path = path.replace(f"{{{name}}}", quote(str(value), safe=""))
        return path


def read_document(source: str) -> Mapping[str, Any]:
    """The document behind a URL or in a file. Raises AttackError."""
    if "://" in source:
        text = _fetched(source)
    else:
        try:
            text = Path(source).read_bytes()
        except OSError as error:
            raise AttackError(f"{source} cannot be read: {error.strerror}") from None
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        raise AttackError(f"{source} holds no JSON; an OpenAPI document in YAML has to be converted first") from None
    if not isinstance(document, Mapping) or not isinstance(document.get("paths"), Mapping):
        raise AttackError(f"{source} is no OpenAPI document: it has no paths")
    return document


def operations_of(document: Mapping[str, Any], overlay: Overlay) -> list[Operation]:
    """Every operation of the document, with what the overlay says of it. Raises AttackError for an overlay of another API."""
    reader = _Reader(document, overlay)
    found = list(reader.operations())
    names = {operation.name for operation in found} | reader.ids
    for named in [*overlay.operations, *(made.create for made in overlay.objects.values()), *(overlay.public or [])]:
        if named not in names:
            raise AttackError(f"the document has no operation {named}; it has {', '.join(sorted(names - reader.ids))}")
    return found


class _Reader:
    def __init__(self, document: Mapping[str, Any], overlay: Overlay) -> None:
        self._document = document
        self._overlay = overlay
        self._samples = Samples(document)
        schemes = self._samples.resolved(self._samples.resolved(document.get("components")).get("securitySchemes"))
        self._schemes = {name: self._samples.resolved(scheme) for name, scheme in schemes.items()}
        self.ids: set[str] = set()

    def operations(self) -> Iterator[Operation]:
        for path, written in self._document["paths"].items():
            item = self._samples.resolved(written)
            for method in METHODS:
                if isinstance(item.get(method), Mapping):
                    yield self._operation(method.upper(), path, item, item[method])

    def _operation(self, method: str, path: str, item: Mapping[str, Any], operation: Mapping[str, Any]) -> Operation:
        name, operation_id = f"{method} {path}", operation.get("operationId")
        self.ids |= {operation_id} if isinstance(operation_id, str) else set()
        overlay = self._overlay.of(name, operation_id)
        demand, skip = self._demand(name, operation, overlay)
        values = self._parameters([*_objects(item.get("parameters")), *_objects(operation.get("parameters"))], overlay)
        return Operation(
            method=method,
            path=path,
            demand=demand,
            operation_id=operation_id if isinstance(operation_id, str) else "",
            parameters=values["path"],
            query=values["query"],
            headers={name: str(value) for name, value in values["header"].items()},
            body=self._body(operation, overlay),
            claims={**self._overlay.claims, **overlay.claims},
            ignore=frozenset(self._overlay.ignore) | frozenset(overlay.ignore),
            skip=overlay.skip or skip,
        )

    def _demand(
        self, name: str, operation: Mapping[str, Any], overlay: OperationOverlay
    ) -> tuple[Demand | None, str | None]:
        """What it demands, and why it cannot be attacked, if it cannot."""
        requirements = _objects(operation.get("security", self._document.get("security")))
        bearing = [one for one in requirements if any(self._is_token_scheme(scheme) for scheme in one)]
        rights = [one for one in (self._extension(name, operation), overlay) if one is not None]
        found = scopes_of_alternatives(self._scopes_of(bearing))
        found.extend(clause for one in rights for clause in _clauses(one))
        for kind in Kind:
            found.extend(Clause(kind, (required,)) for required in _texts(operation.get(f"x-required-{kind}s")))
        # What the library itself writes: a list of requirements, all of which hold. What is composed is left to the words.
        stated = _objects(operation.get(_REQUIRES))
        found.extend(
            Clause(kind, tuple(one[f"{kind}s"])) for one in stated for kind in Kind if _texts(one.get(f"{kind}s"))
        )
        owned = [Ownership() for one in stated if "owner" in one]
        owned += [_ownership(one) for one in rights if one.ownership]
        if not bearing and not found and not owned:
            others = bool(requirements) and {} not in requirements
            return None, "it demands something else than a bearer token" if others else None
        is_optional = {} in requirements and not found and not owned
        return Demand(tuple(dict.fromkeys(found)), owned[-1] if owned else None, is_optional), None

    def _is_token_scheme(self, name: str) -> bool:
        return self._schemes.get(name, {}).get("type") in {"oauth2", "openIdConnect"} or self._is_bearer(name)

    def _is_bearer(self, name: str) -> bool:
        scheme = self._schemes.get(name, {})
        return scheme.get("type") == "http" and str(scheme.get("scheme", "")).lower() == "bearer"

    def _scopes_of(self, requirements: list[Mapping[str, Any]]) -> list[list[str]]:
        """The scopes of each alternative. A bearer scheme can name none, so that beside one that does it says nothing of them."""
        silent: list[list[str]] = []
        speaking: list[list[str]] = []
        for requirement in requirements:
            scopes = [
                scope for name, listed in requirement.items() if self._is_token_scheme(name) for scope in _texts(listed)
            ]
            is_silent = not scopes and all(self._is_bearer(name) for name in requirement)
            (silent if is_silent else speaking).append(scopes)
        return speaking or silent

    def _extension(self, name: str, operation: Mapping[str, Any]) -> Rights | None:
        for extension in _EXTENSIONS:
            written = operation.get(extension)
            if not isinstance(written, Mapping):
                continue  # in words, which are for people
            try:
                return Rights.model_validate(written)
            except ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                place = ".".join(map(str, first["loc"]))
                raise AttackError(f"{extension} of {name} cannot be read: {place}: {first['msg']}") from None
        return None

    def _parameters(self, written: list[Any], overlay: OperationOverlay) -> dict[str, dict[str, Any]]:
        values: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
        for one in written:
            parameter = self._samples.resolved(one)
            name, place = parameter.get("name"), parameter.get("in")
            if not isinstance(name, str) or not isinstance(place, str) or place not in values:
                continue
            if name in overlay.parameters:
                values[place][name] = overlay.parameters[name]
            elif parameter.get("required"):
                values[place][name] = self._samples.parameter(parameter)
        return values

    def _body(self, operation: Mapping[str, Any], overlay: OperationOverlay) -> Any:
        if overlay.body is not None:
            return overlay.body
        content = self._samples.resolved(self._samples.resolved(operation.get("requestBody")).get("content"))
        return self._samples.body(content["application/json"]) if "application/json" in content else None


def _objects(written: object) -> list[Mapping[str, Any]]:
    """The objects of a list; what is no list has none."""
    return [one for one in written if isinstance(one, Mapping)] if isinstance(written, list) else []


def _texts(written: object) -> list[str]:
    """The texts of a list; what is no list has none."""
    return [one for one in written if isinstance(one, str)] if isinstance(written, list) else []


def _clauses(rights: Rights) -> list[Clause]:
    return [
        *clauses(Kind.SCOPE, rights.scopes_any),
        *(Clause(Kind.SCOPE, (name,)) for name in rights.scopes_all),
        *clauses(Kind.ROLE, rights.roles),
        *clauses(Kind.PERMISSION, rights.permissions),
    ]


def _ownership(rights: Rights) -> Ownership:
    return Ownership({} if isinstance(rights.ownership, bool) else rights.ownership.claims)


def _fetched(url: str) -> bytes:
    try:
        with httpx2.Client(trust_env=False, timeout=10) as client, client.stream("GET", url) as response:
            if response.status_code != 200:
                raise AttackError(
                    f"{url} answered {response.status_code}; say where the OpenAPI document is with --openapi URL or FILE"
                )
            body = b""
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > _LARGEST:
                    raise AttackError(f"{url} is larger than {_LARGEST // 1024 // 1024} MB")
            return body
    except (httpx2.TransportError, httpx2.InvalidURL) as error:
        raise AttackError(f"{url} cannot be had ({type(error).__name__}): is the API running?") from None
