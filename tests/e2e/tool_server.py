"""A small server of the Model Context Protocol for the tests: `tool_server.py stdio|http PORT`."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

from mcp.server import MCPServer

server = MCPServer("shelf", log_level="ERROR")


@server.tool(title="Add")
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def environment() -> str:
    """Names of the variables of the environment."""
    return " ".join(sorted(os.environ))


@server.tool()
def processes() -> str:
    """Starts a child that ignores requests to end, and tells both process numbers."""
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    child = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    return f"{os.getpid()} {child.pid}"


@server.tool()
async def hang() -> str:
    """Never answers."""
    await asyncio.sleep(600)
    return ""


@server.tool()
def die() -> str:
    """Ends the server in the middle of the call."""
    os.kill(os.getpid(), 9)
    return ""


@server.tool()
def fail() -> str:
    """Always goes wrong."""
    raise ValueError("the shelf is empty")


if __name__ == "__main__":
    if sys.argv[1] == "stdio":
        server.run("stdio")
    else:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[2]))
