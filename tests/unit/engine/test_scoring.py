"""What engines tell of a text's probability, from servers whose every answer the test decides."""

from __future__ import annotations

import asyncio
import json

import pytest

from jarvis_desktop.engine.client import ChatClient, Endpoint
from jarvis_desktop.engine.scoring import CONTEXT_TOKENS, log_probabilities
from jarvis_desktop.errors import EngineError
from tests.unit.engine.scripted_server import Exchange, Script, Server, serving

TOKENS = list(range(100, 100 + CONTEXT_TOKENS + 3))


def replies(*answers: object, status: str = "200 OK") -> Script:
    """One answer after the other; the last one again and again."""
    left = list(answers)

    async def script(exchange: Exchange) -> None:
        await exchange.head(status, "application/json")
        await exchange.send(json.dumps(left.pop(0) if len(left) > 1 else left[0]).encode())

    return script


def drawn(token: int, logprob: float) -> dict[str, object]:
    return {"completion_probabilities": [{"id": token, "logprob": logprob}]}


def scores(script: Script, engine: str, most: int = 100) -> tuple[tuple[float, ...], Server]:
    async def run() -> tuple[tuple[float, ...], Server]:
        async with serving(script) as server:
            client = ChatClient(Endpoint(server.url, "some-model", "key"))
            try:
                return await log_probabilities(client, engine, "a text", most), server
            finally:
                await client.aclose()

    return asyncio.run(asyncio.wait_for(run(), 30))


def test_llama_is_made_to_draw_each_token_of_the_text() -> None:
    expected = [(token, -0.5 * place) for place, token in enumerate(TOKENS[CONTEXT_TOKENS:])]
    answers = [{"tokens": TOKENS}, *(drawn(token, logprob) for token, logprob in expected)]
    found, server = scores(replies(*answers), "llama.cpp")
    assert found == (0.0, -0.5, -1.0)
    paths = [request.path for request in server.requests]
    assert paths == ["/tokenize", *["/completion"] * 3]
    for place, request in enumerate(server.requests[1:], CONTEXT_TOKENS):
        assert request.body["prompt"] == TOKENS[:place]
        assert request.headers["authorization"] == "Bearer key"


def test_no_more_tokens_are_asked_for_than_wanted() -> None:
    answers = [{"tokens": TOKENS}, drawn(TOKENS[CONTEXT_TOKENS], -1.5)]
    found, server = scores(replies(*answers), "llama.cpp", most=1)
    assert found == (-1.5,)
    assert len(server.requests) == 2


def test_vllm_tells_of_the_whole_text_at_once() -> None:
    told = [None, *({str(token): {"logprob": -0.1 * place}} for place, token in enumerate(TOKENS[1:], 1))]
    found, server = scores(replies({"choices": [{"prompt_logprobs": told}]}), "vllm", most=2)
    assert found == pytest.approx((-0.1 * CONTEXT_TOKENS, -0.1 * (CONTEXT_TOKENS + 1)))
    (request,) = server.requests
    assert request.path == "/v1/completions"
    assert request.body["model"] == "some-model"


@pytest.mark.parametrize(
    ("engine", "answers"),
    [
        ("llama.cpp", [{}]),
        ("llama.cpp", [{"tokens": TOKENS}, {"completion_probabilities": []}]),
        ("llama.cpp", [{"tokens": TOKENS}, drawn(TOKENS[0], -1.0)]),
        ("vllm", [{"choices": [{"prompt_logprobs": None}]}]),
        ("vllm", [{"choices": []}]),
    ],
)
def test_an_engine_that_does_not_tell_is_an_error(engine: str, answers: list[object]) -> None:
    with pytest.raises(EngineError) as caught:
        scores(replies(*answers), engine)
    assert caught.value.code == "engine.no_scores"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (replies({"error": "out of order"}, status="500 Oops"), "engine.failed"),
        (replies([1, 2]), "engine.bad_answer"),
    ],
)
def test_a_server_that_fails_is_an_error(script: Script, code: str) -> None:
    with pytest.raises(EngineError) as caught:
        scores(script, "llama.cpp")
    assert caught.value.code == code
