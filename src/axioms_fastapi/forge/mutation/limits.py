"""How much one batch may ask for."""

MAX_GROUPS = 32
MAX_OPERATIONS = 16
MAX_SOURCE = 64 * 1024
"""Bytes of the source, as text."""
MAX_TOKEN = 1024 * 1024
"""Bytes of a variant, and of a whole answer."""
