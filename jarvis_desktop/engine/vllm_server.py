"""Child process: vLLM's OpenAI server, in whatever version the environment holds.

Runs as a script under vLLM's own interpreter and knows nothing of the rest of the program:
``python -I vllm_server.py PORT [--tool-call-parser=NAME] [--on-cpu=--OPTION=VALUE...] [--OPTION=VALUE...]``
(port 0: any free one; without a parser no tools can be asked for); options behind ``--on-cpu=`` hold only
where vLLM computes on the processor. Prints ``listening URL`` first, then ``unsupported --OPTION`` for each
engine option that the installed version does not know and that is therefore left out. The key comes in
`VLLM_API_KEY`.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import runpy
import secrets
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
_ON_CPU = "--on-cpu="
_PARSER = "--tool-call-parser="


class RequireKey:
    """ASGI middleware that lets nothing pass without the key.

    vLLM itself guards only some prefixes: its route ``/invocations`` answers anyone, web pages included.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._expected = f"Bearer {os.environ['VLLM_API_KEY']}".encode()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Pass a request on, or answer 401 (a web socket is closed)."""
        given = dict(scope.get("headers", ())).get(b"authorization", b"")
        if scope["type"] == "lifespan" or secrets.compare_digest(given, self._expected):
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "websocket.close", "code": 1008})


def unsupported_options(options: Sequence[str]) -> list[str]:
    """Those engine options (each ``--name`` or ``--name=value``) that the installed version lacks."""
    from vllm.engine import arg_utils  # type: ignore[import-not-found]

    parser = arg_utils.AsyncEngineArgs.add_cli_args(arg_utils.FlexibleArgumentParser())
    unknown: list[str] = parser.parse_known_args(options)[1]
    return unknown


def tool_options(parser: str) -> list[str]:
    """What lets the server read wishes for tools, unless the installed version lacks that parser."""
    place = "vllm.tool_parsers"
    if importlib.util.find_spec(place) is None:
        place = "vllm.entrypoints.openai.tool_parsers"  # before version 0.13
    known = importlib.import_module(place).ToolParserManager.list_registered()
    return ["--enable-auto-tool-choice", parser] if parser.removeprefix(_PARSER) in known else []


def free_port() -> int:
    """A loopback port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def main(arguments: Sequence[str]) -> None:
    """Serve until killed."""
    port, *given = arguments
    port = port if int(port) else str(free_port())
    _tell(f"listening http://{HOST}:{port}")
    from vllm.platforms import current_platform  # type: ignore[import-not-found]

    here = current_platform.is_cpu()
    chosen = [option.removeprefix(_ON_CPU) for option in given if here or not option.startswith(_ON_CPU)]
    parsers = [option for option in chosen if option.startswith(_PARSER)]  # the server's, not the engine's
    options = [option for option in chosen if option not in parsers]
    tools = [option for parser in parsers for option in tool_options(parser)]
    unsupported = unsupported_options(options) + (parsers if not tools else [])
    for option in unsupported:
        _tell(f"unsupported {option.partition('=')[0]}")
    sys.path.append(str(Path(__file__).parent))  # for --middleware
    sys.argv = [
        "vllm",
        f"--host={HOST}",
        f"--port={port}",
        "--uvicorn-log-level=warning",
        f"--middleware={Path(__file__).stem}.RequireKey",
        *tools,
        *(option for option in options if option not in unsupported),
    ]
    runpy.run_module("vllm.entrypoints.openai.api_server", run_name="__main__")


def _tell(line: str) -> None:
    """One write that begins with a line end: log lines of other threads come in between at any point."""
    os.write(1, f"\n{line}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1:])
