"""The request log: what the forge was asked, to count on."""

from axioms_fastapi.forge.request_log import LoggedRequest, RequestLog


def test_over_http(fresh):
    """Every answer is in the log with method, path, status and second; the log itself is not."""
    fresh.get("/.well-known/jwks.json")
    fresh.get("/.well-known/jwks.json?x=1")
    fresh.get("/nowhere")
    log = fresh.get("/requests").json()
    assert log["count"] == 3
    assert log["counts"] == {"GET /.well-known/jwks.json": 2, "GET /nowhere": 1}
    assert log["requests"][2] == {"method": "GET", "path": "/nowhere", "status": 404, "at": 1_700_000_000.9}
    assert fresh.get("/requests", params={"path": "/nowhere"}).json()["count"] == 1


def test_in_process(fresh, forge):
    """The log is an attribute that counts by path, method and status."""
    fresh.post("/token", json={})
    fresh.post("/token", json={"format": "x"})
    fresh.get("/token")
    assert forge.requests.count("/token") == len(forge.requests) == 3
    assert forge.requests.count("/token", method="POST") == 2
    assert forge.requests.count(status=400) == 1
    assert [request.method for request in forge.requests] == ["POST", "POST", "GET"]


def test_clear(fresh, forge):
    """The log is emptied over HTTP and in process."""
    fresh.get("/")
    assert fresh.delete("/requests").status_code == 204
    assert len(forge.requests) == 0


def test_nothing_secret(fresh):
    """Neither query nor body nor header is kept: no token, no claim, no key."""
    fresh.post(
        "/token?secret=s3cret&algorithm=HS256", json={"sub": "s3cret"}, headers={"Authorization": "Bearer s3cret"}
    )
    assert "s3cret" not in fresh.get("/requests").text


def test_bounds():
    """The oldest request is forgotten first."""
    log = RequestLog(limit=2)
    for number in range(3):
        log.add(LoggedRequest("GET", f"/{number}", 200, 0))
    assert [request.path for request in log] == ["/1", "/2"]


def test_long_path(fresh, forge):
    """A long path is kept in part."""
    fresh.get("/" + "a" * 5000)
    assert len(next(iter(forge.requests)).path) == 200
