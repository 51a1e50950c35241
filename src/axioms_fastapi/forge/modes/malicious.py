"""Mode malicious: attacks on what an application does with a claim, in one to three of the given claims."""

from collections.abc import Mapping
from random import Random
from typing import Any

from ..plan import Plan, Workshop
from .selection import few_claims, free_header

PAYLOADS: Mapping[str, tuple[str, ...]] = {
    "sql_injection": (
        "' OR 'a'='a",
        "'; DELETE FROM articles; --",
        "root'--",
        "' UNION ALL SELECT NULL, NULL--",
        "1 AND SLEEP(2)",
    ),
    "xss": (
        "<script>document.title='forged'</script>",
        "<img src=/none onerror=document.title='forged'>",
        "javascript:void(document.title='forged')",
        "<svg/onload=document.title='forged'>",
        "\"'><script>document.title=String.fromCharCode(102)</script>",
    ),
    "path_traversal": ("../../../../etc/hostname", "..\\..\\..\\windows\\win.ini", "....//....//etc/hostname"),
    "command_injection": ("; id", "| id", "`id`", "$(id)"),
    "ldap_injection": ("*)(objectClass=*", "admin)(&(uid=*"),
    "nosql_injection": ('{"$gt": ""}', '{"$ne": null}'),
    "xml_injection": ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>',),
    "template_injection": ("{{7*191}}", "${7*191}", "{{ self.__init__.__globals__ }}"),
    "header_injection": ("value\r\nX-Forged: yes",),
    "buffer_overflow": ("A" * 1_000_000,),
}
"""The attacks of each category. They are harmless where they succeed: they name, list or title something."""


def malicious(plan: Plan, shop: Workshop) -> None:
    """The chosen claims and the given header parameters are attacks, of one category where the request names one."""
    category = shop.asked.malicious_category
    payloads = PAYLOADS[category] if category else tuple(text for texts in PAYLOADS.values() for text in texts)
    for name in few_claims(plan, shop):
        plan.claims[name] = shop.rng.choice(payloads)
    for name in free_header(plan, shop):
        plan.header[name] = _parameter(name, payloads, shop.rng)


def _parameter(name: str, payloads: tuple[str, ...], rng: Random) -> Any:
    if name == "alg" and rng.random() < 0.5:
        return "none"
    if name == "jwk":
        return {"kty": "RSA", "kid": rng.choice(payloads), "use": "sig"}
    return rng.choice(payloads)
