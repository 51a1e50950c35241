"""What must be held: requirements of the RFCs (numbers) and classes of attacks (A and a number), with where in the code it is held.

`docs/security/conformance.md` is made of this and of the `conformance` marks of the tests: `make conformance-table` writes it, and a
test fails when it is not up to date, or when an item has no test.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Item:
    """One requirement, or one class of attacks."""

    id: str
    statement: str
    source: str
    code: str


def _items(text: str) -> tuple[Item, ...]:
    return tuple(Item(*(part.strip() for part in line.split("|"))) for line in text.strip().splitlines())


REQUIREMENTS: Final = _items(
    """
1 | A token in `Authorization: Bearer` is accepted | RFC 6750 §2.1 | core/bearer.py
2 | The scheme's name is case-insensitive | RFC 9110 §11.1 | core/bearer.py
3 | What follows the scheme is one b64token after one or more spaces; anything else is a 400 | RFC 6750 §2.1, RFC 9110 §11.4 | core/bearer.py
4 | Another scheme is no bearer token | RFC 6750 §3.1 | core/bearer.py
5 | A token in the query is ignored | OAuth 2.1 §5.1 | app.py
6 | A token in a form body is ignored | RFC 6750 §2.2 | app.py
7 | Two `Authorization` headers are a 400 | RFC 6750 §3.1 | core/bearer.py
8 | A token in a cookie is ignored | RFC 6750 §5.2 | app.py
9 | Every 400, 401 and 403 has a `WWW-Authenticate` | RFC 6750 §3 | core/bearer.py, answers.py
10 | The challenge has at least one parameter | RFC 6750 §3 | core/bearer.py
11 | A parameter occurs once at most | RFC 6750 §3 | core/bearer.py
12 | Parameters hold the characters that they may | RFC 6750 §3 | core/bearer.py, settings.py
13 | Without credentials there is no error code | RFC 6750 §3.1 | core/errors.py
14 | A token that failed gets an error code | RFC 6750 §3.1 | core/errors.py
15 | Expired, revoked, malformed and invalid tokens are `invalid_token`, 401 | RFC 6750 §3.1 | core/errors.py
16 | A missing scope is `insufficient_scope`, 403, and names what is needed | RFC 6750 §3.1 | core/policy.py, core/bearer.py
17 | A malformed request is `invalid_request`, 400 | RFC 6750 §3.1 | core/bearer.py
18 | Every request is checked anew | OAuth 2.1 §5.2 | app.py
19 | Refusals are not stored by caches | RFC 6750 §5.3 | core/bearer.py
20 | HEAD and OPTIONS are guarded like GET; a preflight is CORSMiddleware's | RFC 9110 §9.3 | dependencies.py
21 | One scheme is offered in one challenge | RFC 9110 §11.6.1 | core/bearer.py
22 | A compact JWS has three segments | RFC 7515 §7.1 | core/jose.py
23 | base64url is canonical and without padding | RFC 7515 §2 | core/encoding.py
24 | The header is one JSON object in UTF-8 | RFC 7515 §5.2 | core/encoding.py
25 | The header's names are unique | RFC 7515 §4 | core/encoding.py
26 | `alg` is there, a text, and known to the letter | RFC 7515 §4.1.1 | core/jose.py
27 | `crit` is refused: no extension is supported | RFC 7515 §4.1.11 | core/jose.py
28 | `b64` is refused: unencoded payloads are not supported | RFC 7797 §6 | core/jose.py
29 | `jku`, `jwk`, `x5u` and `x5c` are no source of trust | RFC 7515 §10.3, RFC 8725 §3.10 | core/jose.py, core/issuers.py
30 | Texts are compared by code point | RFC 7519 §7.3 | core/claims.py, core/policy.py, core/owner.py
31 | Unsuitable keys of a set are passed over | RFC 7517 §5 | core/jwk.py
32 | `use`, `key_ops` and `alg` of a key are honoured | RFC 7517 §4 | core/jwk.py
33 | A key belongs to one algorithm | RFC 8725 §3.1 | core/jwk.py
34 | RSA keys have at least 2,048 bits | RFC 7518 §3.3 | core/jwk.py
35 | An ECDSA signature is R and S of fixed length | RFC 7518 §3.4 | core/signatures.py
36 | EC keys are whole points of the named curve | RFC 7518 §6.2 | core/jwk.py
37 | The salt of PSS is as long as the hash | RFC 7518 §3.5 | core/signatures.py
38 | `none` is never accepted | RFC 7518 §3.6 | core/jose.py
39 | EdDSA is bound to its curve | RFC 8037 §3.1, RFC 9864 | core/jwk.py
40 | Symmetric keys verify nothing | RFC 8725 §2.1 | core/jwk.py, core/jose.py
41 | RS256 is supported | RFC 9068 §2.1 | core/signatures.py
42 | Every signature is checked, and claims are believed after it | RFC 8725 §3.3 | core/verifier.py
43 | The claims are one JSON object in UTF-8 with unique names | RFC 7519 §4 | core/encoding.py
44 | `typ` is one of the allowed types | RFC 9068 §4 | core/claims.py
45 | Other kinds of tokens are refused | RFC 8725 §3.12 | core/claims.py
46 | Required claims are there | RFC 9068 §2.2 | core/claims.py
47 | `iss` is exactly the issuer's | RFC 9068 §4 | core/issuers.py, core/claims.py
48 | Keys belong to their issuer | RFC 8725 §3.8 | core/issuers.py
49 | `aud` names this API | RFC 7519 §4.1.3 | core/claims.py
50 | `exp` is a date in the future | RFC 7519 §4.1.4 | core/claims.py
51 | `nbf` is a date that is not in the future | RFC 7519 §4.1.5 | core/claims.py
52 | `iat` is a date that is not in the future | RFC 7519 §4.1.6 | core/claims.py
53 | Leeway is small and bounded | RFC 7519 §4.1.4 | core/claims.py, issuer.py
54 | `sub` is a text, unique within its issuer | RFC 7519 §4.1.2, RFC 9700 §4.15 | core/claims.py, core/owner.py
55 | `jti` is a text where it is there | RFC 7519 §4.1.7 | core/claims.py
56 | Claims are input of whoever made them: no path, query, or line of a log | RFC 8725 §3.10 | core/issuers.py, app.py
57 | Algorithms are an allow list of asymmetric ones | RFC 8725 §3.1 | issuer.py, core/issuers.py
58 | Encrypted tokens are refused | RFC 9068 §4 | core/jose.py
59 | The JSON serialisations are refused | RFC 7515 §7.2 | core/bearer.py, core/jose.py
60 | Scopes are separated by spaces and matched exactly | RFC 9068 §2.2.3 | core/principal.py
61 | Roles are lists of texts | RFC 9068 §2.2.3.1 | core/principal.py
62 | Each route asks whether the token is meant for it | RFC 9700 §2.3 | dependencies.py
63 | Keys and documents come by verified TLS | RFC 8414 §6.1 | core/fetch.py, issuer.py
64 | Tokens are neither logged nor stored | RFC 9700 §4.9.2 | app.py
65 | A token that is bound to a key is refused as a bearer token | RFC 9449 §7.2, RFC 8705 §3 | core/claims.py
83 | A discovery document speaks for the configured issuer | RFC 8414 §3.3 | core/discovery.py
84 | The document is found in both forms | RFC 8414 §3.1, §5 | core/discovery.py
85 | `jwks_uri` is held to the same rules as the configuration | RFC 8414 §2 | core/discovery.py
86 | The issuer is chosen from the configuration, never by a URL of the token | RFC 8725 §3.10 | core/issuers.py
"""
)

ATTACKS: Final = _items(
    """
A1 | `none` in every spelling, with and without a signature | RFC 8725 §2.1 | core/jose.py
A2 | A public RSA key as an HMAC secret, in every form of it | RFC 8725 §2.1 | core/jose.py
A3 | The same with EC and Ed25519 keys | RFC 8725 §2.1 | core/jose.py
A4 | A key used with another algorithm than its own | RFC 8725 §3.1 | core/jwk.py
A5 | `alg` of another type, or of 60 KB | RFC 7515 §4.1.1 | core/jose.py
A6 | A key in the header | CVE-2018-0114 | core/jose.py
A7 | An address of keys in the header | RFC 8725 §3.10 | core/jose.py, core/issuers.py
A8 | A certificate chain in the header | RFC 7515 §4.1.6 | core/jose.py
A9 | A kid that is a path, a query, or no text | RFC 8725 §3.10 | core/jose.py, core/jwk.py
A10 | A kid that is called like an attribute | RFC 8725 §3.10 | core/jwk.py
A11 | A secret in the key set, an empty one included | RFC 8725 §3.5 | core/jwk.py
A12 | A kid that several keys have, of one issuer or of two | RFC 7517 §4.5 | core/jwk.py, core/issuers.py
A13 | A spoilt key among good ones | RFC 7517 §5 | core/jwk.py
A14 | A key of the flawed generator (ROCA) | CVE-2017-15361 | core/jwk.py
A15 | A key of another kind under an old kid | RFC 7517 §4.5 | core/remote_keys.py
A16 | ECDSA values of zero and beyond the order | CVE-2022-21449 | core/jose.py
A17 | ECDSA signatures in DER, padded or cut | RFC 7518 §3.4 | core/jose.py
A18 | The second form of an ECDSA signature | RFC 7518 §3.4 | core/jose.py
A19 | RSA signatures with forged padding or of another length | RFC 8017 §8.2 | core/jose.py
A20 | Flipped bits, swapped segments, cut signatures | RFC 7515 §5.2 | core/jose.py
A21 | PSS and Ed25519 variants | RFC 8017 §8.1, RFC 8032 §5.1.7 | core/jose.py
A22 | Padding and stray bits of base64url | CVE-2026-102269 | core/encoding.py
A23 | White space and other alphabets in segments | RFC 7515 §2 | core/encoding.py, core/bearer.py
A24 | A million dots | CVE-2025-27144 | core/jose.py
A25 | Tokens of a megabyte | RFC 8725 §2.8 | core/jose.py
A26 | Depth bombs | RFC 8725 §2.8 | core/encoding.py, core/claims.py
A27 | Names that stand twice, at any depth | RFC 8725 §2.7 | core/encoding.py
A28 | Texts that are not UTF-8, or half a character | RFC 8259 §8 | core/encoding.py
A29 | NaN, infinities, numbers of thousands of digits | RFC 8259 §6 | core/encoding.py, core/claims.py
A30 | Dates of other types | RFC 7519 §2 | core/claims.py
A31 | The JSON serialisations, alone and around a compact token | CVE-2022-39227 | core/bearer.py, core/jose.py
A32 | Encrypted, compressed and nested tokens | CVE-2026-29000 | core/jose.py
A33 | `b64: false` with a huge payload | CVE-2026-48525 | core/jose.py
A34 | JSON with something after it, or in another dialect | RFC 8259 §2 | core/encoding.py
A35 | Issuers that look alike | RFC 8725 §3.8 | core/issuers.py
A36 | An issuer in a list, or a part of one | CVE-2024-53861 | core/claims.py
A37 | Keys and audiences of another issuer | RFC 8725 §3.8 | core/issuers.py
A38 | Audiences that look alike, or of other types | RFC 7519 §4.1.3 | core/claims.py
A39 | An empty audience against an empty configuration | RFC 7519 §4.1.3 | issuer.py
A40 | ID tokens, logout tokens, proofs, assertions as access tokens | RFC 8725 §3.12 | core/claims.py
A41 | A token for another API of the same issuer | RFC 9700 §2.3 | core/claims.py
A42 | A client whose subject is a user's | RFC 9700 §4.15 | core/principal.py
A43 | Header parameters of unexpected types, and unknown ones | RFC 7515 §4 | core/jose.py
A44 | The edges of time | RFC 7519 §4.1 | core/claims.py
A45 | Claims that are called like methods | – | core/claims.py
A46 | Claim names that a library would rewrite | – | core/principal.py
A47 | Paths into nested claims | – | core/principal.py
A48 | A handler that changes the claims | – | core/claims.py
A50 | Repeated, joined and broken header lines | RFC 9110 §5 | core/bearer.py
A51 | Every spelling of the header, read alike everywhere | RFC 6750 §2.1 | core/bearer.py, middleware.py
A52 | Tokens in other places | OAuth 2.1 §5.1 | app.py
A53 | Parameters that a guard would read from the request | – | dependencies.py, core/server_side.py
A54 | Methods that would be exempt, or are tunnelled | RFC 9110 §9 | dependencies.py
A55 | Path and Host tricks | CVE-2026-48710 | app.py
A56 | Injection into headers | RFC 9110 §5.5 | core/bearer.py
A57 | Answers that tell more than they must | RFC 6750 §3.1 | core/errors.py
A58 | Refusals whose cost depends on the network | – | core/verifier.py
A59 | WebSockets | – | dependencies.py, answers.py
A60 | Failing dependencies of the application | – | dependencies.py
A61 | Requests at the same time | – | app.py
A62 | Mounts, routers, overrides, two applications | – | app.py
A63 | Copies, texts and states that would leak or be believed | – | core/claims.py, app.py
A70 | Scopes that look alike | RFC 6749 §3.3 | core/principal.py
A71 | Scopes in a list | RFC 9068 §2.2.3 | core/principal.py
A72 | Scopes of other types | RFC 9068 §2.2.3 | core/principal.py
A73 | `scope` and `scp` at once | – | core/principal.py
A74 | Wildcards in a token | – | core/policy.py
A75 | Mistakes in what a guard requires | – | core/policy.py
A76 | Any-of and all-of | – | core/composition.py, dependencies.py
A77 | Thousands of scopes | – | core/principal.py
A78 | The scope of the challenge is the route's | RFC 6750 §3 | core/bearer.py
A79 | A text of roles, letter by letter | – | core/principal.py
A80 | An object of roles, key by key | – | core/principal.py
A81 | Roles of other types | – | core/principal.py, core/composition.py
A82 | Roles in one text | – | core/principal.py
A83 | Roles that look alike | – | core/policy.py
A84 | Parts of permissions | – | core/policy.py
A85 | 401 before 403 | RFC 6750 §3.1 | dependencies.py
A90 | Loading an object for a stranger | OWASP API1:2023 | ownership.py
A91 | Learning which objects exist | OWASP API1:2023 | ownership.py
A92 | Objects without an owner | OWASP API1:2023 | core/owner.py
A93 | Owners of other types | OWASP API1:2023 | core/owner.py
A94 | Owners that look alike | OWASP API1:2023 | core/owner.py
A95 | Unverified emails, and equal subjects of two issuers | OWASP API1:2023 | core/owner.py, ownership.py
A97 | Owners in a body | OWASP API3:2023 | dependencies.py
A98 | Objects that change hands, several objects at once | OWASP API1:2023 | ownership.py
A99 | Another object in the query, another method | OWASP API1:2023 | ownership.py
A100 | Roles that would own everything | OWASP API1:2023 | ownership.py, core/policy.py
A101 | Thousands of unknown kids | – | core/remote_keys.py
A102 | Rotation | – | core/remote_keys.py
A103 | The key server is down, cold and warm | – | core/remote_keys.py
A104 | Many requests at once, and one that hangs up | – | core/remote_keys.py
A105 | Spoilt, slow and huge answers | – | core/fetch.py, core/jwk.py
A106 | Redirects | CVE-2026-102267 | core/fetch.py
A107 | Requests to other hosts | OWASP API7:2023 | core/discovery.py, core/issuers.py
A108 | Spoilt discovery documents | RFC 8414 §3.3 | core/discovery.py
A109 | Proxies, .netrc and cookies | – | core/fetch.py
A110 | A memory of tokens that outlives them | CVE-2026-35030 | core/token_cache.py, core/verifier.py
A111 | Costly refusals | – | core/jwk.py, core/verifier.py
A112 | Several event loops, and a fork | – | core/remote_keys.py
A113 | Switches that turn verification off | – | issuer.py, trust.py
A114 | Configurations that are open | – | settings.py, issuer.py
"""
)

ITEMS: Final = (*REQUIREMENTS, *ATTACKS)

# What the field's lists have besides, and why it has no row above.
LEFT_OUT: Final = """
- Proofs of possession (RFC 9449, RFC 8705), protected resource metadata (RFC 9728), step-up (RFC 9470) and introspection (RFC 7662) are
  not there yet: a token that is bound to a key is refused (65), and nothing is asked of a server but its keys.
- RFC 8725 §3.3 wants the signature checked before the claims are parsed. The issuer has to be known to choose the keys, and a foreign
  one must cost no fetch, so the claims are parsed first, strictly and within bounds (42, A26, A29), and believed after the signature.
- A folded header line never reaches the application: RFC 9112 §5.2 lets the server put a space in its place.
- An object that changes between a check and a write is the database's to lock; the example's README shows how.
- Lists that show what is not the caller's (A96) are answered by row filters, which are not there yet; the example's list asks for the
  caller's own articles in its query, and the example's tests hold that.
- A body that is no JSON is a 422 of FastAPI's before any dependency runs, with a token or without one (A85): nothing of the application has
  run, and nothing is told. A body of the wrong shape is a 401 first.
"""
