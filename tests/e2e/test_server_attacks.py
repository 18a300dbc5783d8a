"""`jarvis serve` against what a page in a browser, or another program on this computer, may try."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jarvis_desktop.events import Scope
from jarvis_desktop.server.tokens import TokenStore
from tests.conftest import ROOT
from tests.raw_http import RawClient, answer

CHAT = "/v1/chat/completions"
CANARY = "a-canary-that-nobody-else-says-7f3a"
QUESTION = json.dumps({"model": "jarvis", "messages": [{"role": "user", "content": CANARY}]}).encode()


class Served(RawClient):
    """A running `jarvis serve` in a home of its own, without models."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self.home = home
        env = {name: value for name, value in os.environ.items() if not name.startswith("JARVIS_")}
        env["JARVIS_SERVER__REQUESTS_PER_MINUTE"] = "6000"
        jarvis = [sys.executable, "-m", "jarvis_desktop", "--home", str(home), "--json", "--verbose"]
        with (home / "stderr").open("w") as stderr:
            self.process = subprocess.Popen(
                [*jarvis, "serve", "--port", str(_free_port()), *arguments],
                cwd=ROOT,
                env=env,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        assert self.process.stdout is not None
        told = json.loads(self.process.stdout.readline())
        self.port = int(told["address"].rpartition(":")[2])
        self.token_file = Path(told["token_file"])
        self.token = self.token_file.read_text().strip()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(30) == 0
        assert self.process.stdout is not None
        self.process.stdout.close()

    def client(self, name: str, *scopes: Scope) -> str:
        """A token made by another process."""
        store = TokenStore(self.token_file, self.token_file.with_name("clients.json"))
        return store.add(name, scopes)[1]

    @property
    def document(self) -> dict[str, Any]:
        return dict(json.loads(self.ask("/openapi.json").body))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    running = Served(tmp_path_factory.mktemp("home"))
    yield running
    if running.process.poll() is None:
        running.stop()


def routes(document: dict[str, Any]) -> list[tuple[str, str]]:
    """Method and path of each route that there is, its parameters filled in."""
    return [
        (method.upper(), re.sub(r"{\w+}", "any", path))
        for path, operations in document["paths"].items()
        for method in operations
    ]


def test_no_route_answers_without_a_token_but_health(served: Served) -> None:
    found = routes(served.document)
    assert len(found) > 8
    for method, path in [
        *found,
        ("GET", "/openapi.json"),
        ("GET", "/metrics"),
        ("GET", "/docs"),
        ("GET", "/"),
    ]:
        body = b"{}" if method == "POST" else None
        for token in ("", "wrong", served.token[:-1]):
            status = served.ask(path, method=method, body=body, token=token).status
            assert status == 200 if path == "/health" else status in (401, 429), (method, path)
    assert json.loads(served.ask("/health", token="").body) == {"status": "ok"}


def test_every_route_needs_a_scope_and_a_token_without_it_is_refused(served: Served) -> None:
    only_metrics = served.client("Prometheus", Scope.METRICS)
    but_metrics = served.client("Reader", Scope.MODELS)
    for method, path in routes(served.document):
        if path not in ("/health", "/metrics"):
            body = b"{}" if method == "POST" else None
            refused = served.ask(path, method=method, body=body, token=only_metrics)
            assert (refused.status, refused.code) == (403, "client.scope"), (method, path)
    assert served.ask("/metrics", token=but_metrics).code == "client.scope"
    assert served.ask("/v1/models", token=but_metrics).status == 200


def test_a_token_for_answers_is_not_for_the_memory_nor_by_a_detour(served: Served) -> None:
    token = served.client("Chat only", Scope.CHAT, Scope.TASKS)
    with_memory = {**json.loads(QUESTION), "jarvis": {"memory": True}}
    embeddings = {"url": "/v1/embeddings", "body": {"model": "jarvis", "input": "text"}}
    for path, body in (
        (CHAT, with_memory),
        ("/v1/tasks", {"url": CHAT, "body": with_memory}),
        ("/v1/tasks", embeddings),
    ):
        refused = served.ask(path, method="POST", body=json.dumps(body).encode(), token=token)
        assert (refused.status, refused.code) == (403, "client.scope"), body


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1.evil:{port}", "0.0.0.0:{port}", "jarvis.local:{port}", "localhost.:{port}", "evil.example"],
)
def test_a_rebound_name_reaches_nothing(served: Served, host: str) -> None:
    for path in ("/health", "/v1/models", "/ready"):
        assert served.ask(path, host=host.format(port=served.port)).status == 403


def test_a_page_in_a_browser_reaches_nothing(served: Served) -> None:
    for header in ("Origin: https://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site"):
        for method, body in (("GET", None), ("POST", QUESTION), ("OPTIONS", None), ("DELETE", None)):
            refused = served.ask(CHAT, header, method=method, body=body)
            assert refused.status == 403
            assert not [name for name in refused.headers if name.startswith("access-control")]
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert served.ask(CHAT, f"Content-Type: {kind}", method="POST", body=QUESTION).status == 415


def test_it_listens_on_this_computer_only(served: Served) -> None:
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    port = f"{served.port:04X}"
    addresses = re.findall(rf"\d+: (\w+):{port} \w+:0000 0A", listening)
    assert addresses == ["0100007F"]


def test_an_address_that_others_reach_is_refused_without_names(tmp_path: Path) -> None:
    jarvis = [sys.executable, "-m", "jarvis_desktop", "--home", str(tmp_path), "--json", "serve"]
    done = subprocess.run(
        [*jarvis, "--host", "0.0.0.0"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 3
    assert json.loads(done.stdout)["error"]["code"] == "server.open_without_names"


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 100_000,
        b'{"a":' * 5000,
        b'{"messages": "\\ud800"}',
        b"\xff\xfe",
        b"9" * 5000,
        b"NaN",
        b"",
    ],
    ids=["cut", "arrays", "objects", "surrogate", "bytes", "digits", "nan", "empty"],
)
def test_nonsense_gets_a_clear_answer(served: Served, body: bytes) -> None:
    refused = served.ask(CHAT, method="POST", body=body)
    assert 400 <= refused.status < 500
    error = json.loads(refused.body)["error"]
    assert error["message"]
    assert error["code"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1/models/../../../../etc/passwd",
        "/v1/models/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/v1/tasks/..%2f..%2fdata%2fserver.token",
        "/v1/tasks/%00",
        "/../data/server.token",
        "/static/../data/server.token",
        "//etc/passwd",
    ],
)
def test_no_path_leads_to_a_file(served: Served, path: str) -> None:
    refused = served.ask(path)
    assert refused.status == 404
    assert b"root:" not in refused.body
    assert served.token.encode() not in refused.body


def test_the_name_of_a_recording_leads_nowhere(served: Served) -> None:
    before = set(served.home.parent.rglob("*"))
    lines = [
        "--x",
        'Content-Disposition: form-data; name="file"; filename="../../../escaped.wav"',
        "Content-Type: audio/wav",
        "",
        "RIFF nothing",
        "--x--",
        "",
    ]
    kind = "Content-Type: multipart/form-data; boundary=x"
    body = "\r\n".join(lines).encode()
    assert served.ask("/v1/audio/transcriptions", kind, method="POST", body=body).status >= 400
    assert not [each for each in set(served.home.parent.rglob("*")) - before if "escaped" in each.name]


def test_what_never_ends_does_not_keep_others_waiting(served: Served) -> None:
    head = (
        f"POST {CHAT} HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nAuthorization: Bearer {served.token}\r\n"
    )
    head += "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    open_ended = [served.connect() for _ in range(50)]
    try:
        for number, connection in enumerate(open_ended):
            connection.sendall(head.encode() if number % 2 else b"GET /health HT")
        assert served.ask("/health", token="").status == 200
        assert served.ask("/v1/models").status == 200
    finally:
        for connection in open_ended:
            connection.close()


def test_a_body_without_end_is_cut_off(served: Served) -> None:
    head = (
        f"POST {CHAT} HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nAuthorization: Bearer {served.token}\r\n"
    )
    with served.connect() as connection:
        connection.sendall(
            f"{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        for _ in range(80):
            connection.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        assert answer(connection).status == 413


def test_a_token_taken_back_by_the_command_is_gone(served: Served) -> None:
    jarvis = [sys.executable, "-m", "jarvis_desktop", "--home", str(served.home), "--json", "serve", "token"]
    options = ("--scope", "models")
    made = subprocess.run([*jarvis, "add", "Phone", *options], cwd=ROOT, capture_output=True, text=True)
    token = json.loads(made.stdout)["token"]
    assert served.ask(token=token).status == 200
    subprocess.run([*jarvis, "revoke", "Phone"], cwd=ROOT, check=True, capture_output=True)
    assert served.ask(token=token).status == 401


def test_wrong_tokens_are_slowed_down(served: Served) -> None:
    statuses = [served.ask(token=f"guess-{number}").status for number in range(150)]
    assert 429 in statuses
    assert set(statuses) == {401, 429}
    assert served.ask().status == 200
    time.sleep(1)  # for whoever comes next


def test_what_was_said_is_nowhere(tmp_path: Path) -> None:
    """A canary sent in every place is neither kept nor told, and the token is where it belongs only."""
    served = Served(tmp_path)
    try:
        served.ask(
            f"{CHAT}?q={CANARY}", f"X-Said: {CANARY}", f"Cookie: {CANARY}", method="POST", body=QUESTION
        )
        served.ask(CHAT, method="POST", body=json.dumps({"messages": CANARY}).encode())
        served.ask(CHAT, method="POST", body=f'{{"{CANARY}": '.encode())
        served.ask(f"/v1/models/{CANARY}")
        served.ask(f"/{CANARY}", token=CANARY)
        served.ask("/health", f"Origin: http://{CANARY}", host=CANARY, token="")
        served.ask(
            "/v1/embeddings", method="POST", body=json.dumps({"model": CANARY, "input": CANARY}).encode()
        )
        served.ask("/v1/audio/speech", method="POST", body=json.dumps({"input": CANARY}).encode())
        task = {"url": CHAT, "body": json.loads(QUESTION)}
        served.ask("/v1/tasks", method="POST", body=json.dumps(task).encode())
        lines = [
            "--x",
            f'Content-Disposition: form-data; name="file"; filename="{CANARY}.wav"',
            "",
            CANARY,
            "--x--",
        ]
        kind = "Content-Type: multipart/form-data; boundary=x"
        form = "\r\n".join([*lines, ""]).encode()
        served.ask("/v1/audio/transcriptions", kind, method="POST", body=form)
        served.raw(f"GET /{CANARY} nonsense\r\n\r\n".encode())
        for path in ("/openapi.json", "/metrics", "/ready"):
            assert CANARY.encode() not in served.ask(path).body
    finally:
        served.stop()
    written = {each: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()}
    assert served.home / "logs" / "audit.jsonl" in written
    for file, text in written.items():
        assert CANARY.encode() not in text, file
        assert served.token.encode() not in text or file == served.token_file, file
