"""Many streams at once against a `jarvis serve` that runs, beside one; loopback only.

    python benchmarks/server/streams.py --token-file FILE [--address http://127.0.0.1:8765]

Prints a JSON line for one stream, for many, and for a flood: when the first piece came (ms), what was refused
and with which Retry-After, how many answers were lost, and how long `/health` and `/ready` took (asked
every 100 ms). Ends with status 1 when an answer was lost: neither whole nor cleanly refused. Figures of one
machine compare only within a run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

LIMIT_S = 600.0
PROBE_S = 0.1
WORDS = "rain tea cats bread rivers moons trains bees snow books maps ships clocks salt gold wool".split()
CLEAN = {429, 503}


@dataclass(frozen=True)
class Outcome:
    """One request; times in s. `status` is 0 for an answer that was cut, or never came."""

    status: int
    first_s: float | None = None
    total_s: float = 0.0
    retry_after: int | None = None

    @property
    def lost(self) -> bool:
        return self.status != 200 and not (self.status in CLEAN and self.retry_after)


async def ask(client: httpx.AsyncClient, number: int, max_tokens: int) -> Outcome:
    """Stream one answer."""
    question = f"Tell me about {WORDS[number % len(WORDS)]}, in some sentences. It is question {number}."
    body = {
        "model": "jarvis",
        "messages": [{"role": "user", "content": question}],
        "max_tokens": max_tokens,
        "stream": True,
    }
    began, first, whole = time.perf_counter(), None, False
    try:
        async with client.stream("POST", "/v1/chat/completions", json=body) as response:
            if response.status_code != 200:
                after = response.headers.get("retry-after")
                return Outcome(response.status_code, None, 0.0, int(after) if after else None)
            async for line in response.aiter_lines():
                whole = whole or line == "data: [DONE]"
                if first is None and '"content":"' in line.replace(" ", ""):
                    first = time.perf_counter() - began
    except httpx.HTTPError:
        whole = False
    return Outcome(200 if whole else 0, first, time.perf_counter() - began)


async def probing(client: httpx.AsyncClient, took: list[float], failed: list[str]) -> None:
    """Ask how the server is, until cancelled."""
    while True:
        for path in ("/health", "/ready"):
            began = time.perf_counter()
            try:
                if (await client.get(path)).status_code != 200:
                    failed.append(path)
            except httpx.HTTPError:
                failed.append(path)
            took.append(time.perf_counter() - began)
        await asyncio.sleep(PROBE_S)


async def measured(
    client: httpx.AsyncClient, name: str, work: Awaitable[Sequence[Outcome]]
) -> dict[str, Any]:
    """What came of requests, and how the server could be asked meanwhile."""
    took: list[float] = []
    failed: list[str] = []
    probe = asyncio.create_task(probing(client, took, failed))
    began = time.perf_counter()
    outcomes = await work
    seconds = time.perf_counter() - began
    probe.cancel()
    firsts = [outcome.first_s for outcome in outcomes if outcome.first_s is not None]
    refused = [outcome for outcome in outcomes if outcome.status in CLEAN]
    return {
        "what": name,
        "requests": len(outcomes),
        "seconds": round(seconds, 1),
        "first_ms": {"p50": ms(firsts, 0.5), "p95": ms(firsts, 0.95)},
        "statuses": dict(Counter(outcome.status for outcome in outcomes)),
        "retry_after": sorted({outcome.retry_after for outcome in refused if outcome.retry_after}),
        "lost": sum(outcome.lost for outcome in outcomes),
        "probes": {
            "asked": len(took),
            "failed": len(failed),
            "p50_ms": ms(took, 0.5),
            "p99_ms": ms(took, 0.99),
        },
    }


def ms(seconds: Sequence[float], share: float) -> float | None:
    """The value below which that share of them lies."""
    ordered = sorted(seconds)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else None


async def run(address: str, token: str, streams: int, flood: int, max_tokens: int) -> int:
    """Measure and print; returns the exit status."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        base_url=address, headers=headers, limits=limits, timeout=LIMIT_S, trust_env=False
    ) as client:

        async def one_by_one() -> Sequence[Outcome]:
            return [await ask(client, number, max_tokens) for number in range(5)]

        def together(count: int) -> Awaitable[Sequence[Outcome]]:
            return asyncio.gather(*(ask(client, number, max_tokens) for number in range(count)))

        await ask(client, 0, 4)  # what is loaded at the first request is
        found = [
            await measured(client, "one stream", one_by_one()),
            await measured(client, f"{streams} streams", together(streams)),
            await measured(client, f"{flood} requests at once", together(flood)),
        ]
    one, many = (part["first_ms"]["p95"] for part in found[:2])
    if one and many:
        found[1]["first_p95_to_one"] = round(many / one, 1)
    for part in found:
        print(json.dumps(part), flush=True)
    return 1 if any(part["lost"] for part in found) else 0


def main() -> int:
    """Parse the arguments and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", default="http://127.0.0.1:8765")
    parser.add_argument("--token-file", type=Path, required=True)
    parser.add_argument("--streams", type=int, default=20)
    parser.add_argument("--flood", type=int, default=100)
    parser.add_argument("--max-tokens", type=int, default=64)
    args = parser.parse_args()
    if urlsplit(args.address).hostname not in ("127.0.0.1", "localhost", "::1"):
        parser.error("only a server on this machine is put under load")
    token = args.token_file.read_text(encoding="utf-8").strip()
    return asyncio.run(run(args.address, token, args.streams, args.flood, args.max_tokens))


if __name__ == "__main__":
    sys.exit(main())
