"""Strings that break programs: words with a meaning, numbers in disguise, and text that is hard to draw or compare."""

# ruff: noqa: RUF001 - letters that look like others are what some of these strings are about

RESERVED = (
    "",
    " ",
    "undefined",
    "undef",
    "null",
    "NULL",
    "nil",
    "None",
    "true",
    "false",
    "NaN",
    "Infinity",
    "-Infinity",
)
NUMBERS = ("0", "-1", "1.00", "1e1000", "0x1F", "٠١٢", "９９", "1,000.00", "9" * 100, "-0", "007", "1/0")
PROTOTYPES = ("__proto__", "constructor", "hasOwnProperty", "toString", "__class__", "self", "arguments")
WHITESPACE = (
    "\t",
    "\n",
    "\r\n",
    "\u0000",
    "a\u0000b",
    "\u00a0",
    "\u2003",
    "\u200b",
    "\ufeff",
    "\u2028",
    "\x7f",
    "\x1b[31m",
)
UNICODE = (
    "Ω≈ç√∫˜µ≤≥÷",
    "ÅÍÎÏ˝ÓÔÒÚÆ",
    "田中さんにあげて下さい",
    "和製漢語",
    "사회과학원",
    "ﺍﻠﻋﺮﺒﻳﺓ",
    "עברית",
    "\u202eexe.txt",
    "\u2066isolated\u2069",
    "İstanbul ı",
    "straße",
    "ﬁne",
    "e\u0301" + "\u0301" * 30,
    "👩\u200d👩\u200d👧\u200d👦",
    "🏳\ufe0f\u200d🌈",
    "\U0010ffff",
    "\ud800",
    "Ａｄｍｉｎ",
    "аdmin",
    "🄰🄳🄼🄸🄽",
)
QUOTES = (
    "'",
    '"',
    "''",
    "`",
    "\\",
    "\\\\",
    "'\"'\"''''\"",
    "%s%n",
    "%00",
    "{0}",
    "${x}",
    "<>&;",
    "--",
    "/*",
    "]]>",
    ")(",
)
NAMES = ("admin", "root", "CON", "NUL", "LPT1", "Scunthorpe", "Null", "O'Reilly", "Jean-Luc", "Nguyễn")

NAUGHTY_STRINGS = (*RESERVED, *NUMBERS, *PROTOTYPES, *WHITESPACE, *UNICODE, *QUOTES, *NAMES)
"""All of them; the first twenty are what a fuzzed `alg` may be."""
