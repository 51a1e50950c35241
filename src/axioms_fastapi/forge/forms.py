"""HTML forms and OAuth's form-encoded requests: one value for each name, as RFC 6749 (section 3.2) demands."""

from urllib.parse import parse_qsl

FORM = "application/x-www-form-urlencoded"

# More fields than any form or request of the forge has.
_MOST_FIELDS = 100


class FormError(ValueError):
    """The form cannot be read; its text is one sentence."""


def is_form(content_type: str) -> bool:
    """Whether a body of this type is a form."""
    return content_type.partition(";")[0].strip().lower() == FORM


def parse_form(encoded: bytes | str) -> dict[str, str]:
    """The fields of a form or a query string. Raises FormError for a repeated name, and for what is no UTF-8."""
    text = encoded.decode("latin-1") if isinstance(encoded, bytes) else encoded
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise FormError("The form is not UTF-8, or has too many fields.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        repeated = next(name for index, (name, _) in enumerate(pairs) if name in dict(pairs[:index]))
        raise FormError(f'"{repeated}" is given more than once.')
    return fields
