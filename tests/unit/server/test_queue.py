"""Work for other machines: what is asked arrives, what is answered comes back, nothing else goes through."""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from redis import Redis

from jarvis_desktop.config.schema import Server
from jarvis_desktop.errors import AudioError, JarvisError
from jarvis_desktop.events import Citation, Part, PartState, Usage
from jarvis_desktop.ports import (
    ChatDelta,
    ChatMessage,
    ChatOptions,
    ChatRequest,
    Embeddings,
    Grounds,
    Readiness,
    Samples,
    Segment,
    ServedModel,
    SpeechClip,
    ToolCall,
    ToolSpec,
    Transcript,
    VoiceDetector,
)
from jarvis_desktop.server import queue_service
from jarvis_desktop.server import queue_wire as wire
from jarvis_desktop.server.queue_service import QueueService
from jarvis_desktop.server.queue_worker import QueueWorker
from tests.engine_parts import until
from tests.redis_server import PASSWORD, RedisServer, redis_server

pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")  # by Celery

HELLO = ChatRequest((ChatMessage("user", "Hello there"),), ChatOptions())
ANSWER = (
    ChatDelta("Hel"),
    ChatDelta("lo – ¿qué tal?", Usage(3, 2, 1.5, 1), "small", "llama.cpp", (ToolCall("1", "add", "{}"),)),
    Grounds((Citation("7", "notes", "a quote"),)),
)
HEARD = Transcript("Hi.", "en", 0.5, 0.1, (Segment("Hi.", 0.0, 0.4, -0.2),))


class StillService:
    """Answers with `ANSWER`; `hold` pauses before each piece."""

    def __init__(self) -> None:
        self.hold: asyncio.Semaphore | None = None
        self.error: JarvisError | None = None
        self.asked: list[ChatRequest] = []
        self.heard: list[Samples] = []
        self.aborted = 0
        self.state = Readiness(True, {Part.ENGINE: PartState.READY})

    async def chat(self, request: ChatRequest) -> AsyncGenerator[ChatDelta | Grounds, None]:
        self.asked.append(request)
        if self.error is not None:
            raise self.error
        try:
            for piece in ANSWER:
                if self.hold is not None:
                    await self.hold.acquire()
                yield piece
        except (asyncio.CancelledError, GeneratorExit):
            self.aborted += 1
            raise

    def models(self) -> Sequence[ServedModel]:
        return (ServedModel("small", "chat", 4096),)

    async def embed(self, texts: Sequence[str]) -> Embeddings:
        return Embeddings(np.arange(2 * len(texts), dtype=np.float32).reshape(-1, 2), "minilm", len(texts))

    async def transcribe(self, samples: Samples, language: str = "auto") -> Transcript:
        self.heard.append(samples)
        return replace(HEARD, language=language)

    async def speak(self, text: str, voice: str = "", speed: float = 1.0) -> AsyncGenerator[SpeechClip, None]:
        for word in text.split():
            yield SpeechClip(np.full(4, speed, np.float32), 22_050, word)

    async def wake_detector(self) -> VoiceDetector:
        raise NotImplementedError

    def readiness(self) -> Readiness:
        return self.state


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@asynccontextmanager
async def queued(redis: RedisServer, service: StillService) -> AsyncIterator[QueueService]:
    """The service as it is seen on the other side of the queue."""
    async with (
        QueueWorker(service, "one", 2, redis.url, PASSWORD).running(),
        QueueService(redis.url, PASSWORD).running() as seen,
    ):
        yield seen


async def all_of(pieces: AsyncIterator[ChatDelta | Grounds]) -> list[ChatDelta | Grounds]:
    return [piece async for piece in pieces]


def test_what_is_asked_and_answered_arrives_as_it_was(redis: RedisServer) -> None:
    async def run() -> None:
        service = StillService()
        tool = ToolSpec("add", "Add", "Adds.", {"type": "object", "properties": {"a": {"type": "number"}}})
        called = ChatMessage("assistant", "", (ToolCall("1", "add", '{"a": 1}'),))
        request = ChatRequest(
            (called, ChatMessage("tool", "2", call_id="1")), ChatOptions(7, 0.1, ("x",), tools=(tool,)), True
        )
        sound = np.linspace(-1, 1, 100, dtype=np.float32)
        async with queued(redis, service) as seen:
            assert await all_of(seen.chat(request)) == list(ANSWER)
            assert service.asked == [request]
            found = await seen.embed(["a", "b", "c"])
            assert (found.vectors.tolist(), found.model, found.tokens) == (
                [[0, 1], [2, 3], [4, 5]],
                "minilm",
                3,
            )
            assert await seen.transcribe(sound, "es") == replace(HEARD, language="es")
            assert np.array_equal(service.heard[0], sound)
            clips = [clip async for clip in seen.speak("one two", speed=2.0)]
            assert [(clip.text, clip.samples.tolist()) for clip in clips] == [
                ("one", [2.0] * 4),
                ("two", [2.0] * 4),
            ]
            assert seen.models() == service.models()
            assert seen.readiness() == service.readiness()

    asyncio.run(run())


def test_pieces_come_while_the_rest_is_being_generated(redis: RedisServer) -> None:
    async def run() -> None:
        service = StillService()
        service.hold = asyncio.Semaphore(1)
        async with queued(redis, service) as seen, aclosing(seen.chat(HELLO)) as pieces:
            assert await anext(pieces) == ANSWER[0]
            service.hold.release()
            assert await anext(pieces) == ANSWER[1]

    asyncio.run(run())


def test_leaving_a_stream_aborts_the_generation_at_the_worker(redis: RedisServer) -> None:
    async def run() -> None:
        service = StillService()
        service.hold = asyncio.Semaphore(1)
        async with queued(redis, service) as seen:
            async with aclosing(seen.chat(HELLO)) as pieces:
                await anext(pieces)
            await until(lambda: service.aborted == 1)

    asyncio.run(run())


def test_what_nobody_waits_for_any_more_is_not_begun(redis: RedisServer) -> None:
    async def run() -> None:
        service = StillService()
        service.hold = asyncio.Semaphore(0)
        async with queued(redis, service) as seen:
            first = [asyncio.create_task(all_of(seen.chat(HELLO))) for _ in range(2)]
            await until(lambda: len(service.asked) == 2)
            left = asyncio.create_task(all_of(seen.chat(HELLO)))
            await until(lambda: client.llen("jarvis") == 1)
            left.cancel()
            await asyncio.wait([left])
            for _ in range(2 * len(ANSWER)):
                service.hold.release()
            await asyncio.gather(*first)
        assert len(service.asked) == 2

    with Redis(port=redis.port, password=PASSWORD) as client:
        asyncio.run(run())


def test_what_a_worker_had_from_the_queue_when_it_left_goes_to_another(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "BEAT_S", 0.05)

    async def run() -> None:
        service = StillService()
        async with queued(redis, service) as seen:
            client.sadd(wire.WORKERS, "another")
            client.set(wire.worker_key("another"), client.get(wire.worker_key("one")) or b"")
            await until(lambda: len(seen._workers) == 2)
            asking = asyncio.create_task(all_of(seen.chat(HELLO)))
            service.hold = asyncio.Semaphore(0)
            await until(lambda: len(service.asked) == 1)
            first = client.keys("jarvis:taken:*")
            assert first
            client.delete(*first)  # as if it had not come so far
            client.delete(wire.worker_key("another"))
            await until(lambda: len(service.asked) == 2 and service.aborted == 1)
            for _ in ANSWER:
                service.hold.release()
            assert await asking == list(ANSWER)

    with Redis(port=redis.port, password=PASSWORD) as client:
        asyncio.run(run())


def test_an_error_of_a_worker_is_the_same_error_here(redis: RedisServer) -> None:
    async def run() -> None:
        service = StillService()
        service.error = AudioError("audio.unreadable", "{{odd}} {file}", "Send {kind}.", file="a", kind="WAV")
        async with queued(redis, service) as seen:
            with pytest.raises(AudioError) as raised:
                await all_of(seen.chat(HELLO))
        assert raised.value.as_json() == service.error.as_json()

    asyncio.run(run())


def test_how_workers_are_is_told_and_none_is_said_so(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "BEAT_S", 0.05)

    async def run() -> None:
        service = StillService()
        problem = JarvisError("engine.died", "It died.", "Ask again.")
        service.state = Readiness(False, {Part.ENGINE: PartState.FAILED}, ((Part.ENGINE, problem),))
        async with QueueService(redis.url, PASSWORD).running() as seen:
            assert [error.code for _, error in seen.readiness().reasons] == ["server.no_worker"]
            with pytest.raises(JarvisError, match="worker"):
                await all_of(seen.chat(HELLO))
            async with QueueWorker(service, "one", 2, redis.url, PASSWORD).running():
                await until(lambda: bool(seen.models()))
                assert not seen.readiness().ready
                assert [error.as_json() for _, error in seen.readiness().reasons] == [problem.as_json()]
                service.state = Readiness(True, {Part.ENGINE: PartState.READY})
                await until(lambda: seen.readiness().ready)
            await until(lambda: not seen.models())

    asyncio.run(run())


def test_whoever_talks_to_redis_is_ended_at_any_moment(redis: RedisServer) -> None:
    async def run() -> None:
        client = wire.redis_client(redis.url, PASSWORD)

        async def talk() -> None:
            while True:
                await client.set("said", 1)

        for moment in range(100):
            talking = asyncio.create_task(talk())
            for _ in range(moment % 10 + 1):
                await asyncio.sleep(0)
            async with asyncio.timeout(10):
                await wire.end(talking)
        await client.aclose()

    asyncio.run(run())


@pytest.mark.parametrize("password", ["a-wrong-one", ""])
def test_without_the_password_nothing_is_asked_and_it_is_in_no_message(
    redis: RedisServer, password: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def run() -> None:
        for opened in (
            QueueService(redis.url, password).running(),
            QueueWorker(StillService(), "one", 2, redis.url, password).running(),
        ):
            with pytest.raises(JarvisError) as raised:
                async with opened:  # type: ignore[attr-defined]
                    pass
            assert raised.value.code == "server.no_queue"
            assert "a-wrong-one" not in str(raised.value)

    with caplog.at_level(0):
        asyncio.run(run())
    assert "a-wrong-one" not in caplog.text


def test_redis_that_goes_away_is_told_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "BEAT_S", 0.05)

    async def run() -> None:
        with redis_server(tmp_path) as own:
            seen = QueueService(own.url, PASSWORD)
            async with seen.running():
                own.process.kill()
                own.process.wait()
                with pytest.raises(JarvisError) as raised:
                    await all_of(seen.chat(HELLO))
                assert raised.value.code == "server.no_queue"
                await until(lambda: seen.readiness().reasons[0][1].code == "server.no_queue")

    asyncio.run(run())


class Bomb:
    """Whoever unpickles it makes a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.file,)


@pytest.mark.expects_error_logs
def test_nothing_pickled_is_ever_opened(redis: RedisServer, tmp_path: Path) -> None:
    async def run() -> None:
        service, file = StillService(), tmp_path / "made"
        pickle.loads(pickle.dumps(Bomb(file)))
        assert file.exists()  # it works
        file.unlink()
        async with queued(redis, service) as seen:
            app = wire.celery_app(redis.url, PASSWORD, results=False)
            await asyncio.to_thread(
                app.send_task, "jarvis.chat", args=("id", Bomb(file)), serializer="pickle", argsrepr=""
            )
            assert await all_of(seen.chat(HELLO)) == list(ANSWER)  # the worker has seen both, and lives
        assert not file.exists()

    asyncio.run(run())


def test_what_is_missing_is_told_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "celery", None)
    with pytest.raises(JarvisError) as raised:
        QueueService("redis://127.0.0.1:1/0")
    assert raised.value.code == "server.no_celery"
    assert "-m pip install" in raised.value.hint


def test_nothing_of_it_is_imported_unless_it_is_asked_for() -> None:
    code = (
        "import sys, jarvis_desktop.cli, jarvis_desktop.app.serving, jarvis_desktop.server.app;"
        "print([name for name in ('celery', 'kombu', 'redis') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "redis://user:secret@host/0", "redis://"])
def test_an_address_with_a_password_or_of_something_else_is_no_setting(url: str) -> None:
    with pytest.raises(ValueError, match="redis_url"):
        Server(redis_url=url)
    assert Server(redis_url="rediss://user@host:6380/1").redis_url


def test_the_wait_for_a_worker_has_an_end(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_service, "WAIT_LIMIT_S", 0.6)

    async def run() -> None:
        service = StillService()
        service.hold = asyncio.Semaphore(0)
        async with queued(redis, service) as seen:
            first = [asyncio.create_task(all_of(seen.chat(HELLO))) for _ in range(2)]
            await until(lambda: len(service.asked) == 2)
            with pytest.raises(JarvisError) as raised:
                await all_of(seen.chat(HELLO))
            assert raised.value.code == "server.busy"
            assert raised.value.params["retry_after"] == 60
            for _ in range(2 * len(ANSWER)):
                service.hold.release()
            await asyncio.gather(*first)

    asyncio.run(run())
