"""Models, embeddings, readiness and the description of all routes, over a real socket."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import ValidationError

from jarvis_desktop.errors import EngineError
from jarvis_desktop.events import Part
from jarvis_desktop.server.chat_request import ChatBody
from tests.fakes import FakeChat, fake_parts
from tests.unit.server.harness import Served, served


def ask(folder: Path, what: Callable[[Served], Coroutine[Any, Any, Any]], **options: Any) -> Any:
    async def scenario() -> Any:
        async with served(options.pop("parts", None) or fake_parts(), folder, **options) as api:
            return await what(api)

    return asyncio.run(scenario())


def test_models_are_listed_and_found_by_their_names_and_by_jarvis(tmp_path: Path) -> None:
    async def look(api: Served) -> tuple[Any, Any, Any]:
        listed = (await api.client.get("/v1/models")).json()
        shown = (await api.client.get("/v1/models/jarvis")).json()
        return listed, shown, await api.client.get("/v1/models/gpt-9")

    listed, shown, unknown = ask(tmp_path, look)
    assert {model["kind"] for model in listed["data"]} == {"chat", "embedding", "transcription", "speech"}
    assert shown in listed["data"]
    assert unknown.status_code == 404
    assert shown["id"] in unknown.json()["error"]["hint"]


def test_vectors_come_as_numbers_or_as_base64_in_the_order_of_the_texts(tmp_path: Path) -> None:
    async def look(api: Served) -> list[Any]:
        bodies = [{"input": ["one", "three"]}, {"input": ["one", "three"], "encoding_format": "base64"}]
        return [(await api.client.post("/v1/embeddings", json=body)).json()["data"] for body in bodies]

    numbers, coded = ask(tmp_path, look)
    assert [each["index"] for each in numbers] == [0, 1]
    assert [each["embedding"][0] for each in numbers] == [len("one"), len("three")]
    for plain, code in zip(numbers, coded, strict=True):
        assert np.frombuffer(base64.b64decode(code["embedding"]), "<f4").tolist() == plain["embedding"]


@pytest.mark.parametrize("wrong", [[1, 2, 3], [[1, 2]], "", [], [""], ["x" * 600_000] * 2])
def test_what_is_no_text_or_too_much_of_it_gets_no_vector(tmp_path: Path, wrong: Any) -> None:
    response = ask(tmp_path, lambda api: api.client.post("/v1/embeddings", json={"input": wrong}))
    assert response.status_code == 400
    assert response.json()["error"]["param"].startswith("input")


def test_ready_tells_why_not_and_health_only_that_the_server_lives(tmp_path: Path) -> None:
    chat = FakeChat()
    chat.load_error = EngineError("engine.out_of_memory", "No room.", "Choose a smaller model.")

    async def look(api: Served) -> tuple[httpx.Response, ...]:
        before = await api.client.get("/ready")
        failed = await api.chat()
        broken = await api.client.get("/ready")
        chat.load_error = None
        answered = await api.chat()
        assert (failed.status_code, answered.status_code) == (500, 200)
        return before, broken, await api.client.get("/ready"), await api.client.get("/health")

    before, broken, ready, health = ask(tmp_path, look, parts=fake_parts(chat=chat), ready=False)
    assert before.status_code == 503
    assert broken.status_code == 503
    (reason,) = broken.json()["reasons"]
    assert (reason["part"], reason["code"]) == ("engine", "engine.out_of_memory")
    assert reason["hint"]
    assert ready.status_code == 200
    assert ready.json()["reasons"] == []
    assert health.json() == {"status": "ok"}


def test_an_engine_that_died_is_told_at_once_and_one_that_rests_is_ready(tmp_path: Path) -> None:
    async def look(api: Served) -> list[int]:
        codes = []
        api.assistant.loader.failed(Part.ENGINE, EngineError("engine.died", "It stopped."))
        codes.append((await api.client.get("/ready")).status_code)
        await api.chat()
        api.assistant.loader.released(Part.ENGINE)
        codes.append((await api.client.get("/ready")).status_code)
        return codes

    assert ask(tmp_path, look) == [503, 200]


def test_health_and_readiness_answer_while_the_core_is_busy(tmp_path: Path) -> None:
    async def look(api: Served) -> list[int]:
        address, codes = api.server.address, list[int]()

        def outside() -> None:
            with httpx.Client(base_url=address, trust_env=False) as client:
                codes.extend(client.get(path).status_code for path in ("/health", "/ready"))

        asking = threading.Thread(target=outside)
        asking.start()
        asking.join(10)  # blocks the loop of the core, as a long computation would
        return codes

    assert ask(tmp_path, look) == [200, 200]


def test_the_description_tells_of_every_route_what_it_takes_gives_and_refuses(tmp_path: Path) -> None:
    described = ask(tmp_path, lambda api: api.client.get("/openapi.json")).json()
    operations = {
        (method, path): operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    }
    assert {path for _, path in operations} >= {
        *("/health", "/ready", "/v1/models", "/v1/chat/completions", "/v1/embeddings", "/v1/tasks"),
        *("/v1/audio/transcriptions", "/v1/audio/speech", "/v1/tasks/{task_id}"),
    }
    for (method, path), operation in operations.items():
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        success = next(answer for status, answer in operation["responses"].items() if status[0] == "2")
        assert success["content"], where
        assert "ErrorAnswer" in str(operation["responses"]["4XX"]), where
        assert ("requestBody" in operation) is (method == "post"), where
        assert ("security" in operation) is (path != "/health"), where


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/nothing", b"", 404),
        ("PUT", "/v1/models", b"", 405),
        ("POST", "/v1/chat/completions", b"{", 400),
        ("POST", "/v1/chat/completions", b"[]", 400),
        ("POST", "/v1/audio/speech", b'{"input": "a", "speed": 9}', 400),
        ("GET", "/v1/tasks/none", b"", 404),
    ],
)
def test_every_refusal_has_the_shape_of_openais(
    tmp_path: Path, method: str, path: str, body: bytes, status: int
) -> None:
    headers = {"content-type": "application/json"}
    response = ask(tmp_path, lambda api: api.client.request(method, path, content=body, headers=headers))
    assert response.status_code == status
    error = response.json()["error"]
    assert error["message"]
    assert error["hint"]
    assert error["category"] == "permanent"
    assert error["code"].startswith("server.")


@pytest.mark.parametrize(
    ("field", "body"),
    [
        ("stream", {"stream": "true"}),
        ("stream", {"stream": 1}),
        ("max_tokens", {"max_tokens": "5"}),
        ("max_tokens", {"max_tokens": 5.0}),
        ("temperature", {"temperature": "0.5"}),
        ("n", {"n": True}),
        ("logprobs", {"logprobs": 0}),
        ("user", {"user": 5}),
        ("jarvis.memory", {"jarvis": {"memory": "yes"}}),
    ],
)
def test_a_value_of_another_type_is_not_taken_for_what_it_looks_like(
    tmp_path: Path, field: str, body: dict[str, Any]
) -> None:
    response = ask(tmp_path, lambda api: api.chat(**body))
    assert response.status_code == 400
    assert response.json()["error"]["param"] == field


def test_a_whole_number_is_a_number(tmp_path: Path) -> None:
    assert ask(tmp_path, lambda api: api.chat(temperature=1, top_p=1)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"messages": [{"role": "user", "content": [{}] * 20_000}]},
        {"messages": [{"role": "user"}], "stop": [0] * 40_000},
        {"messages": [{"role": "user"}], **{f"unknown {number}": 0 for number in range(20_000)}},
    ],
    ids=["parts", "stop", "fields"],
)
def test_of_very_many_errors_not_each_is_told(body: dict[str, Any]) -> None:
    """It would take minutes of the thread that answers everybody."""
    with pytest.raises(ValidationError) as refused:
        ChatBody.model_validate(body)
    assert refused.value.error_count() < 100


def test_requests_are_told_to_no_collector_that_another_package_has_set_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(told))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    assert ask(tmp_path, lambda api: api.chat()).status_code == 200
    assert told.get_finished_spans() == ()


@pytest.mark.expects_error_logs
def test_a_defect_tells_nothing_of_itself(tmp_path: Path) -> None:
    class Broken(FakeChat):
        async def stream(self, messages: Any, options: Any) -> Any:
            raise ValueError("secret words")
            yield

    response = ask(tmp_path, lambda api: api.chat(), parts=fake_parts(chat=Broken()))
    assert response.status_code == 500
    assert response.json()["error"]["code"] == "app.defect"
    assert "secret" not in response.text
