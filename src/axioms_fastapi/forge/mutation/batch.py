"""A batch: groups of operations, each of which starts from the same source. It succeeds as a whole or not at all."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import RequestError
from ..options import json_object, known, shown
from ..signing import to_json
from .jws import Jws
from .limits import MAX_GROUPS, MAX_OPERATIONS, MAX_TOKEN
from .operations import check_operation, perform

TOO_LARGE = "payload_too_large"


def check_groups(groups: Any) -> Sequence[Mapping[str, Any]]:
    """The groups, whose shape is right. Raises RequestError, which says where it is not."""
    if not isinstance(groups, list) or not 1 <= len(groups) <= MAX_GROUPS:
        raise RequestError(f'"mutations" must be a list of 1 to {MAX_GROUPS} groups, not {shown(groups)}.')
    names: set[str] = set()
    for number, group in enumerate(groups):
        where: dict[str, Any] = {"group_index": number}
        try:
            known("a group", json_object("mutations", group), ("id", "operations"))
            where = {"group_id": _check_name(group.get("id"), names), **where}
            _check_count(group.get("operations"))
        except RequestError as error:
            raise _at(error, where) from None
        for place, operation in enumerate(group["operations"]):
            try:
                check_operation(operation)
            except RequestError as error:
                raise _at(error, {**where, "operation_index": place}) from None
    return groups


def mutate(source: Jws, groups: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The results of all groups. Raises RequestError, which says where it could not be done."""
    results = [_result(source, group, number) for number, group in enumerate(groups)]
    answer = {"count": len(results), "results": results}
    if len(to_json(answer)) > MAX_TOKEN:
        raise RequestError("The response exceeds 1 MiB: ask for fewer variants.", error=TOO_LARGE, status=413)
    return answer


def _result(source: Jws, group: Mapping[str, Any], number: int) -> dict[str, Any]:
    jws, changes = source, []
    for place, operation in enumerate(group["operations"]):
        try:
            jws, change = perform(jws, operation)
            check_size(jws, MAX_TOKEN, "Mutated token exceeds 1 MiB.")
        except RequestError as error:
            where = {"group_id": group["id"], "group_index": number, "operation_index": place}
            raise _at(error, where) from None
        changes.append(change)
    return {
        "id": group["id"],
        "format": jws.format,
        "token": jws.token(),
        "operations": group["operations"],
        "changes": changes,
        "signatures": [_compared(source, jws, place) for place in range(len(jws.entries))],
    }


def check_size(jws: Jws, most: int, sentence: str) -> None:
    """The token is not larger than that, as text. Raises RequestError, a 413."""
    token = jws.token()
    if len(token if isinstance(token, str) else to_json(token)) > most:
        raise RequestError(sentence, error=TOO_LARGE, status=413)


def _compared(source: Jws, jws: Jws, place: int) -> dict[str, Any]:
    # No operation adds or removes a signature, so the one at this place was there before.
    before, after = source.entries[place], jws.entries[place]
    action = "modified" if after.signature else "removed"
    return {
        "signature_index": place,
        "signing_input_changed": (before.protected, source.payload) != (after.protected, jws.payload),
        "signature_action": "preserved" if before.signature == after.signature else action,
    }


def _check_name(name: Any, names: set[str]) -> str:
    if not isinstance(name, str) or not name.strip() or name in names:
        raise RequestError(f'"id" must be a text that no other group has, not {shown(name)}.')
    names.add(name)
    return name


def _check_count(operations: Any) -> None:
    if not isinstance(operations, list) or not 1 <= len(operations) <= MAX_OPERATIONS:
        raise RequestError(f'"operations" must be a list of 1 to {MAX_OPERATIONS} operations, not {shown(operations)}.')


def _at(error: RequestError, where: Mapping[str, Any]) -> RequestError:
    return RequestError(error.description, error=error.error, status=error.status, members=where)
