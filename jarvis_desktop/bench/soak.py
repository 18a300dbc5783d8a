"""Many turns one after the other, as of days of use: whether memory, threads and open files grow.

All kinds of turns by turns, with all that belongs to a running program: conversations, what is remembered and
forgotten, a voice, answers that are cut off, private conversations, and what is done while nobody asks.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import psutil

from jarvis_desktop import app
from jarvis_desktop.app.serving import Serving
from jarvis_desktop.assistant import Assistant
from jarvis_desktop.audio.files import FileSink
from jarvis_desktop.config.environment import variable
from jarvis_desktop.config.paths import Paths
from jarvis_desktop.config.store import ConfigStore
from jarvis_desktop.events import (
    Event,
    Failed,
    Interrupt,
    NewConversation,
    Part,
    SubmitText,
    TurnFinished,
    TurnStarted,
)
from jarvis_desktop.telemetry import logs
from jarvis_desktop.telemetry.gpu import first_gpu

PATIENCE_SECONDS = 120.0
"""A turn that takes longer counts as failed."""

WARM_UP = 0.25
"""Share of the turns after which nothing should grow any more."""

LOOKS = 40

GROWTH = 0.02
"""Share by which memory may be larger in the end."""

MOST_POOLED = 32
"""Threads in the pool of an event loop, at most."""

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Use:
    """What a process, or all of them, hold."""

    rss_mib: float
    threads: int
    handles: int


@dataclass(frozen=True, slots=True)
class Look:
    """This process and its descendants after so many turns."""

    turns: int
    processes: dict[int, tuple[str, Use]]
    """Name and use by process id."""
    vram_mib: float | None

    @property
    def total(self) -> Use:
        uses = [use for _, use in self.processes.values()]
        return Use(
            sum(use.rss_mib for use in uses),
            sum(use.threads for use in uses),
            sum(use.handles for use in uses),
        )


@dataclass(frozen=True, slots=True)
class Kind:
    """What a user does; `{n}` in the text is another number each time."""

    text: str
    new: bool = False  # in a new conversation
    private: bool = False  # in one of which nothing is kept
    again: bool = False  # another answer to the question before
    speak: bool = False
    cut: bool = False  # interrupted once it has begun


KINDS = (
    Kind("Good morning. This is day {n}.", new=True),
    Kind("My cousin Ana{n} works in a bakery in Sevilla."),
    Kind("What does my cousin Ana{n} do?"),
    Kind("Tell me a long story about a ship with {n} sails.", cut=True),
    Kind("What is the capital of France?"),
    Kind("How many legs have {n} spiders?"),
    Kind("How many legs have {n} spiders?", again=True),
    Kind("Say hello to guest number {n}.", speak=True),
    Kind("Between us, this is secret number {n}.", private=True),
    Kind("Explain in a few words why {n} is a number.", new=True),
    Kind("Forget what you know about my cousin Ana{n}."),
    Kind("¿Qué tiempo hace en la ciudad {n}?", cut=True),
)


async def measure(
    models: Path,
    environ: Mapping[str, str],
    turns: int,
    progress: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """So many turns in a home of their own, with `models` and settings as of the environment; what grew.

    After every fourth turn another program asks by the local API.
    """
    with tempfile.TemporaryDirectory(prefix="jarvis-bench-") as name:
        folder = Path(name)
        paths = replace(Paths.choose(folder), models=models)
        config = ConfigStore(paths.config_file, {**environ, variable("server.enabled"): "true"})
        config.load()
        with logs.started(paths.logs, config):
            async with (
                app.session(paths, config, audio_out=lambda: FileSink(folder / "said.wav")) as assistant,
                Serving(paths, config, assistant) as servers,
            ):
                await assistant.prepare(Part.ENGINE, Part.SPEECH, memory=True)
                token = await asyncio.to_thread(paths.server_token.read_text)
                async with _api(servers.address, token.strip()) as api:
                    return await _take(User(assistant), Program(api), turns, progress)


async def _take(user: User, program: Program, turns: int, progress: Callable[[str], None]) -> dict[str, Any]:
    await _fill_pools(program)
    looks, begun = list[Look](), time.monotonic()
    for number in range(turns):
        await user.turn(number)
        if number % 4 == 3:
            await program.ask(number // 4)
        if (number + 1) % max(1, turns // LOOKS) == 0:
            looks.append(await asyncio.to_thread(look, number + 1))
            progress(_line(looks[-1], begun))
    counts = {**user.counts, "requests": program.answered}
    return {"seconds": round(time.monotonic() - begun), **counts, **growth(looks)}


async def _fill_pools(program: Program) -> None:
    """Fill the pools of threads, this loop's and the server's: what comes later leaks."""
    await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.05) for _ in range(MOST_POOLED)))
    await asyncio.gather(*(program.watch() for _ in range(MOST_POOLED)))


@asynccontextmanager
async def _api(address: str, token: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(
        base_url=address, headers=headers, trust_env=False, timeout=PATIENCE_SECONDS
    ) as client:
        yield client


class Program:
    """Another program, which asks by the local API."""

    def __init__(self, api: httpx.AsyncClient) -> None:
        self._api = api
        self.answered = 0

    async def ask(self, number: int) -> None:
        """One request: an answer piece by piece, one that is left at its first word, vectors, or figures."""
        match number % 4:
            case 2:
                (await self._api.post("/v1/embeddings", json={"input": f"text {number}"})).raise_for_status()
            case 3:
                await self.watch()
            case kind:
                await self._chat(number, leave=kind == 1)
        self.answered += 1

    async def watch(self) -> None:
        """As Prometheus does; the figures are put together in the server's pool of threads."""
        (await self._api.get("/metrics")).raise_for_status()

    async def _chat(self, number: int, *, leave: bool) -> None:
        body = {"messages": [{"role": "user", "content": f"Count to {number}."}], "stream": True}
        async with self._api.stream("POST", "/v1/chat/completions", json=body) as answer:
            answer.raise_for_status()
            async for _ in answer.aiter_lines():
                if leave:
                    break


class User:
    """Whoever talks with an assistant, turn after turn."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._kind = KINDS[0]
        self._turn_id = ""
        self._over = asyncio.Event()
        self.counts = {"turns": 0, "cut": 0, "failed": 0}
        assistant.subscribe(self._hear)

    async def turn(self, number: int) -> None:
        """The turn that comes now, to its end."""
        day, kind = divmod(number, len(KINDS))
        self._kind = KINDS[kind]
        before = self._turn_id
        self._over.clear()
        if self._kind.new or self._kind.private:
            self._assistant.post(NewConversation(private=self._kind.private))
        text, instead_of = self._kind.text.format(n=day), before if self._kind.again else ""
        self._assistant.post(SubmitText(text, speak=self._kind.speak, instead_of=instead_of))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._over.wait()
        self.counts["turns"] += 1

    def _hear(self, event: Event) -> None:
        match event:
            case TurnStarted(turn_id):
                self._turn_id = turn_id
                if self._kind.cut:
                    self._assistant.post(Interrupt())
            case TurnFinished(turn_id, interrupted=interrupted) if turn_id == self._turn_id:
                self.counts["cut"] += interrupted
                self._over.set()
            case Failed(turn_id=turn_id) if turn_id == self._turn_id:
                self.counts["failed"] += 1
                self._over.set()


def look(turns: int) -> Look:
    """What is held now."""
    own = psutil.Process()
    processes = {}
    for process in (own, *own.children(recursive=True)):
        with contextlib.suppress(psutil.Error), process.oneshot():  # it may be gone by now
            rss_mib = process.memory_info().rss / _MIB
            use = Use(rss_mib, process.num_threads(), _handles(process))
            processes[process.pid] = _name(process), use
    card = first_gpu()
    on_card = card.processes() if card else {}
    vram = sum(on_card.get(pid, 0.0) for pid in processes) if card else None
    return Look(turns, processes, vram)


def growth(looks: Sequence[Look]) -> dict[str, Any]:
    """From the looks after the warm-up to the last ones: medians of all processes together, and of each."""
    rest = [each for each in looks if each.turns > WARM_UP * looks[-1].turns]
    few = max(1, len(rest) // 4)
    early, late = rest[:few], rest[-few:]
    lasting = set.intersection(*(set(each.processes) for each in (*early, *late)))
    data = _change([each.total for each in early], [each.total for each in late])
    data["processes"] = [
        {
            "name": early[0].processes[pid][0],
            **_change([each.processes[pid][1] for each in early], [each.processes[pid][1] for each in late]),
        }
        for pid in sorted(lasting)
    ]
    if early[0].vram_mib is not None:
        data["vram_mib"] = [
            round(statistics.median(each.vram_mib or 0.0 for each in part)) for part in (early, late)
        ]
    return data


def steady(data: dict[str, Any]) -> bool:
    """Whether every turn came to its end and nothing grew."""
    memory = [data["rss_mib"], data.get("vram_mib", (0, 0))]
    held = [data["threads"], data["handles"]]
    return (
        not data["failed"]
        and all(late <= early * (1 + GROWTH) for early, late in memory)
        and all(late <= early for early, late in held)
    )


def table(data: dict[str, Any]) -> str:
    """What `measure` gave, for people."""
    heads = f"{'':24} {'RSS MiB':>18} {'growth':>8} {'threads':>12} {'handles':>12}"
    told = (
        f"{data['turns']} turns and {data['requests']} requests in {data['seconds']} s, "
        f"{data['cut']} cut off, {data['failed']} failed"
    )
    rows = [_row("all", data), *(_row(each["name"], each) for each in data["processes"])]
    vram = [f"graphics memory {' to '.join(map(str, data['vram_mib']))} MiB"] if "vram_mib" in data else []
    return "\n".join((told, heads, *rows, *vram))


def _row(name: str, change: dict[str, Any]) -> str:
    rss, threads, handles = (
        f"{change[what][0]} to {change[what][1]}" for what in ("rss_mib", "threads", "handles")
    )
    return f"{name:24} {rss:>18} {change['rss_growth']:7.2%} {threads:>12} {handles:>12}"


def _change(early: Sequence[Use], late: Sequence[Use]) -> dict[str, Any]:
    before, after = (
        Use(*(statistics.median(values) for values in zip(*map(astuple, part), strict=True)))
        for part in (early, late)
    )
    return {
        "rss_mib": [round(before.rss_mib, 1), round(after.rss_mib, 1)],
        "rss_growth": after.rss_mib / before.rss_mib - 1,
        "threads": [before.threads, after.threads],
        "handles": [before.handles, after.handles],
    }


def _line(now: Look, begun: float) -> str:
    use, seconds = now.total, time.monotonic() - begun
    held = f"{use.rss_mib:.0f} MiB, {use.threads} threads, {use.handles} handles"
    return f"{now.turns} turns, {seconds:.0f} s: {held}"


def _handles(process: psutil.Process) -> int:
    return int(process.num_fds() if psutil.POSIX else process.num_handles())


def _name(process: psutil.Process) -> str:
    """The module or script that it runs, or else its program."""
    command: list[str] = process.cmdline()
    for word in command[1:]:
        if word.startswith("jarvis_desktop."):
            return word.rpartition(".")[2]
        if word.endswith(".py"):
            return Path(word).stem
    return str(process.name())
