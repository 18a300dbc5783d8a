"""Where a request may come from, at a server that really listens."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_desktop.config.schema import Server
from tests.unit.server.serving import CHAT, Guarded, guarded


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_the_names_of_this_computer_pass(server: Guarded, name: str) -> None:
    assert server.ask(host=f"{name}:{server.port}").status == 200


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1.evil:{port}",
        "127.0.0.1.evil.example:{port}",
        "0.0.0.0:{port}",
        "jarvis.local:{port}",
        "localhost.:{port}",
        "127.0.0.1.:{port}",
        "2130706433:{port}",
        "127.1:{port}",
        "0x7f000001:{port}",
        "[::]:{port}",
        "[::ffff:127.0.0.1]:{port}",
        "evil@127.0.0.1:{port}",
        "localhost",
        "localhost:1",
        "localhost:{port}0",
        "localhost:{port}, evil.example",
        "evil.example",
    ],
)
def test_any_other_name_is_refused_even_with_a_token(server: Guarded, host: str) -> None:
    refused = server.ask(host=host.format(port=server.port))
    assert (refused.status, refused.code) == (403, "server.foreign_host")
    assert server.ask("/health", host=host.format(port=server.port), token="").status == 403
    assert server.routes.reached == []


def test_a_request_without_or_with_two_hosts_is_refused(server: Guarded) -> None:
    token = f"Authorization: Bearer {server.token}\r\n".encode()
    own = f"Host: 127.0.0.1:{server.port}\r\n".encode()
    assert server.raw(b"GET /v1/models HTTP/1.0\r\n" + token + b"\r\n").status == 403
    assert server.raw(b"GET /v1/models HTTP/1.1\r\n" + token + b"\r\n").status == 400  # not even HTTP
    two = b"GET /v1/models HTTP/1.1\r\n" + own + b"Host: evil.example\r\n" + token + b"\r\n"
    assert server.raw(two).status in (400, 403)
    assert server.routes.reached == []


def test_a_target_that_names_a_host_itself_is_refused(server: Guarded) -> None:
    for target in ("http://evil.example/v1/models", f"http://127.0.0.1:{server.port}/v1/models", "*"):
        assert server.ask(target).status in (400, 403), target
    assert server.routes.reached == []


@pytest.mark.parametrize(
    "header",
    [
        "Origin: https://evil.example",
        "Origin: null",
        "Origin: http://127.0.0.1",
        "Origin: http://localhost:3000",
        "Origin: https://127.0.0.1:{port}",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
    ],
)
def test_pages_in_a_browser_are_refused(server: Guarded, header: str) -> None:
    for method, body in (("GET", None), ("POST", b"{}"), ("OPTIONS", None)):
        refused = server.ask(CHAT, header.format(port=server.port), method=method, body=body)
        assert (refused.status, refused.code) == (403, "server.foreign_origin")
        assert not [name for name in refused.headers if name.startswith("access-control")]
    assert server.routes.reached == []


def test_a_preflight_gets_nothing(server: Guarded) -> None:
    refused = server.ask(CHAT, "Access-Control-Request-Method: POST", method="OPTIONS")
    assert refused.status == 405
    assert not [name for name in refused.headers if name.startswith("access-control")]


def test_names_that_the_user_allowed_pass_exactly(tmp_path: Path) -> None:
    with guarded(tmp_path, Server(allowed_hosts="jarvis.lan, studio")) as server:
        assert server.ask(host=f"studio:{server.port}").status == 200
        assert server.ask(host=f"studio.lan:{server.port}").status == 403
        assert server.ask(host=f"a.jarvis.lan:{server.port}").status == 403


def test_a_websocket_is_no_way_in(server: Guarded) -> None:
    upgrade = (
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: eA==",
        "Sec-WebSocket-Version: 13",
    )
    assert server.ask("/v1/models", *upgrade, token="").status == 401
