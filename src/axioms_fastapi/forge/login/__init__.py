"""Logging in: the authorization code grant with PKCE, its login page, and a start page for people."""

from .feature import feature, login_as
from .personas import PERSONAS, Persona

__all__ = ["PERSONAS", "Persona", "feature", "login_as"]
