"""Platforms that vouch for their own workloads."""

from ..profiles import UUID, Profile
from ..templates import At, KeyId

K8S = Profile(
    name="k8s",
    settings={"AXIOMS_PROVIDER": "kubernetes"},
    iss="https://kubernetes.default.svc.cluster.local",
    path="",
    jwks="/openid/v1/jwks",
    typ=None,
    times={"iat": At(0), "nbf": At(0), "exp": At(3600)},
    claims={
        "aud": ["https://my-api"],
        "jti": UUID,
        "kubernetes.io": {
            "namespace": "default",
            "node": {"name": "n"},
            "pod": {"name": "p", "uid": "u"},
            "serviceaccount": {"name": "sa", "uid": "u"},
            "warnafter": At(3607),
        },
        "sub": "system:serviceaccount:default:sa",
    },
)

GHA = Profile(
    name="gha",
    settings={"AXIOMS_PROVIDER": "github"},
    iss="https://token.actions.githubusercontent.com",
    path="",
    jwks="/.well-known/jwks",
    header={"x5t": KeyId()},
    times={"nbf": At(-600), "iat": At(0), "exp": At(300)},
    claims={
        "jti": UUID,
        "sub": "repo:octo-org/octo-repo:environment:prod",
        "aud": "https://github.com/octo-org",
        "ref": "refs/heads/main",
        "repository": "octo-org/octo-repo",
        "repository_owner": "octo-org",
        "repository_id": "74",
        "repository_owner_id": "65",
        "run_id": "1",
        "actor": "octocat",
        "event_name": "workflow_dispatch",
        "job_workflow_ref": "octo-org/a/.github/workflows/o.yml@refs/heads/main",
    },
)

PROFILES = (
    K8S,
    GHA,
)
