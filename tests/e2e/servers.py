"""`jarvis serve` and `jarvis worker` as processes of their own, for those that ask them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx

from tests.conftest import ROOT
from tests.engine_parts import until

LIMIT_S = 120.0  # for what hangs only


@dataclass(frozen=True)
class Program:
    """One that runs, and what it said when it was ready."""

    process: subprocess.Popen[str]
    told: Mapping[str, str]
    home: Path

    @property
    def address(self) -> str:
        return self.told["address"]

    @property
    def token(self) -> str:
        return Path(self.told["token_file"]).read_text().strip()

    def client(self) -> httpx.AsyncClient:
        """Asks with the token that everything is allowed to; each request on a connection of its own."""
        return httpx.AsyncClient(
            base_url=self.address,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=LIMIT_S,
            trust_env=False,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )


def home_with(models: Path, folder: Path) -> Path:
    """An empty home folder that has those models."""
    folder.mkdir(exist_ok=True)
    (folder / "models").symlink_to(models / "models")
    return folder


@contextmanager
def program(
    home: Path, *arguments: str, settings: Mapping[str, object] = MappingProxyType({}), **variables: str
) -> Iterator[Program]:
    """`jarvis` with `arguments` from when it tells that it is ready; ended in order, unless it has gone."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("JARVIS_")}
    chosen = {f"JARVIS_{key.upper().replace('.', '__')}": str(value) for key, value in settings.items()}
    command = [sys.executable, "-m", "jarvis_desktop", "--home", str(home), "--json", *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=env | chosen | variables, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield Program(process, json.loads(process.stdout.readline()), home)
            process.terminate()
            process.wait(LIMIT_S)
        finally:
            process.kill()


async def ready(client: httpx.AsyncClient, status: int = 200) -> None:
    """Until readiness is told by that status."""

    async def told() -> bool:
        return (await client.get("/ready")).status_code == status

    await until(told, LIMIT_S)


@dataclass(frozen=True)
class Answer:
    """What came of one question; `text` is whole when `status` is 200 and `code` empty."""

    status: int
    text: str = ""
    code: str = ""
    retry_after: int | None = None


async def ask(client: httpx.AsyncClient, question: str, *, max_tokens: int = 8, **more: Any) -> Answer:
    """One streamed answer."""
    async with asking(client, question, max_tokens=max_tokens, **more) as response:
        if response.status_code != 200:
            await response.aread()
            after = response.headers.get("retry-after")
            code = response.json()["error"]["code"]
            return Answer(response.status_code, "", code, None if after is None else int(after))
        text, code, ended = "", "", False
        async for event in events(response):
            if event == "[DONE]":
                ended = True
            elif "error" in event:
                code = event["error"]["code"]
            elif event["choices"]:
                text += event["choices"][0]["delta"].get("content") or ""
        return Answer(200, text, code or ("" if ended else "cut"))


@asynccontextmanager
async def asking(client: httpx.AsyncClient, question: str, **more: Any) -> AsyncIterator[httpx.Response]:
    """A question whose answer is being streamed."""
    messages = [{"role": "user", "content": question}]
    body = {"model": "jarvis", "messages": messages, "stream": True, "temperature": 0, **more}
    async with client.stream("POST", "/v1/chat/completions", json=body) as response:
        yield response


async def events(response: httpx.Response) -> AsyncGenerator[Any, None]:
    """What is told while it is told; ``[DONE]`` as that word."""
    async for line in response.aiter_lines():
        if line.startswith("data: "):
            data = line.removeprefix("data: ")
            yield data if data == "[DONE]" else json.loads(data)
