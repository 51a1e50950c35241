"""The providers that the forge can stand in for, as data."""

from collections.abc import Mapping

from ..profiles import Profile
from . import auth0, google, hosted, machines, microsoft, self_hosted

PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for family in (auth0, hosted, microsoft, self_hosted, google, machines)
    for profile in family.PROFILES
}
"""The providers by name."""
