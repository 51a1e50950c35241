"""Attacks on an API that one may attack: what its OpenAPI document demands, held against what it does."""
