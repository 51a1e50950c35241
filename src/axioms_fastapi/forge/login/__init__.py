"""Logging in: the authorization code grant with PKCE, its login page, and a start page for people.

A feature of the forge in a package of its own: `LoginFeature` has its routes, its grant and its part of the discovery document.
"""

from .feature import LoginFeature
from .personas import PERSONAS, Persona

__all__ = ["PERSONAS", "LoginFeature", "Persona"]
