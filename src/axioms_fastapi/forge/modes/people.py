"""Mode fake: people who do not exist, for the scopes that ask who somebody is (OpenID Connect Core section 5.4)."""

import datetime
import threading
from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

from ..plan import Plan, Workshop

if TYPE_CHECKING:
    from faker import Faker

_ONE_AT_A_TIME = threading.Lock()


@cache
def _faker() -> "Faker":
    # Imported when the first person is asked for: it takes a quarter of a second, and most tokens need nobody.
    from faker import Faker

    return Faker("en_US")


class Person:
    """Somebody, the same for the same state of `rng`; their claims by scope."""

    def __init__(self, rng: Random, now: int) -> None:
        self._rng = rng
        self._now = now

    def __call__(self, *scopes: str) -> dict[str, Any]:
        """What these scopes tell about them."""
        # One generator for all threads, seeded anew each time: to make one costs more than a person.
        with _ONE_AT_A_TIME:
            faker = _faker()
            faker.seed_instance(self._rng.getrandbits(64))
            claims: dict[str, Any] = {}
            for scope in scopes:
                claims |= SCOPES[scope](faker, self._now)
            return claims


def people(plan: Plan, shop: Workshop) -> None:
    """The claims of somebody stand beside the given ones, for each scope that asks for them; given values win."""
    scope = plan.claims.get("scope")
    asked = {word.lower() for word in scope.split()} if isinstance(scope, str) else set()
    wanted = [name for name in SCOPES if name in asked]
    if wanted:
        plan.claims = {**Person(shop.rng, shop.now)(*wanted), **plan.claims}


def _profile(faker: "Faker", now: int) -> dict[str, Any]:
    given, middle, family = faker.first_name(), faker.first_name(), faker.last_name()
    username = f"{given}.{family}".lower()
    return {
        "name": f"{given} {family}",
        "given_name": given,
        "family_name": family,
        "middle_name": middle,
        "nickname": given,
        "preferred_username": username,
        "profile": f"https://people.example.com/{username}",
        "picture": f"https://people.example.com/{username}.png",
        "website": f"https://{family.lower()}.example.com",
        "gender": faker.random_element(("female", "male", "non-binary")),
        # Between fixed days, so that a seed gives the same person next year.
        "birthdate": faker.date_between_dates(datetime.date(1945, 1, 1), datetime.date(2005, 1, 1)).isoformat(),
        "zoneinfo": faker.timezone(),
        "locale": faker.locale().replace("_", "-"),
        "updated_at": now,
    }


def _email(faker: "Faker", now: int) -> dict[str, Any]:
    return {"email": faker.safe_email(), "email_verified": faker.boolean()}


def _address(faker: "Faker", now: int) -> dict[str, Any]:
    return {
        "address": {
            "street_address": faker.street_address(),
            "locality": faker.city(),
            "region": faker.state(),
            "postal_code": faker.postcode(),
            "country": faker.country_code(),
        }
    }


def _phone(faker: "Faker", now: int) -> dict[str, Any]:
    # 555-01xx is kept free for people who do not exist; the form is E.164, which OpenID Connect recommends.
    return {"phone_number": faker.numerify("+1###55501##"), "phone_number_verified": faker.boolean()}


SCOPES: Mapping[str, Callable[["Faker", int], dict[str, Any]]] = {
    "profile": _profile,
    "email": _email,
    "address": _address,
    "phone": _phone,
}
"""What each scope tells about a person."""
