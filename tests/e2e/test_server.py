"""`jarvis serve` as other programs meet it: OpenAI's own client, unchanged, on the real models."""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import openai
import psutil
import pytest
import soundfile
from openai import OpenAI

from tests.conftest import ROOT, Recording

QUESTION: Any = [{"role": "user", "content": "What is the capital of France? Answer in one word."}]
STORY: Any = [{"role": "user", "content": "Tell a story of a lighthouse keeper, as long as you can."}]
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
START_S = 60.0
NOTICE_S = 1.0


@dataclass
class Serving:
    """A server that runs, and the official client for it."""

    process: subprocess.Popen[str]
    address: str
    token_file: Path
    client: OpenAI

    @property
    def plain(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.client.api_key}"}
        return httpx.Client(base_url=self.address, headers=headers, trust_env=False, timeout=60)

    @property
    def engine(self) -> psutil.Process:
        children = psutil.Process(self.process.pid).children(recursive=True)
        return next(each for each in children if "llama_server.py" in " ".join(each.cmdline()[:4]))

    def wait(self, status: int, seconds: float) -> float:
        """Until readiness is told by this status; gives the seconds that took."""
        began = time.monotonic()
        with self.plain as client:
            while client.get("/ready").status_code != status:
                assert time.monotonic() - began < seconds, client.get("/ready").text
        return time.monotonic() - began


@pytest.fixture(scope="module")
def serving(models_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    home = tmp_path_factory.mktemp("home")
    (home / "models").symlink_to(models_home / "models")
    env = {name: value for name, value in os.environ.items() if not name.startswith("JARVIS_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "jarvis_desktop", "--home", str(home), "--json", "serve"],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        told = json.loads(process.stdout.readline())
        token = Path(told["token_file"])
        client = OpenAI(base_url=f"{told['address']}/v1", api_key=token.read_text().strip(), max_retries=0)
        server = Serving(process, told["address"], token, client)
        server.wait(200, START_S)
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        ended = process.wait(30)
        process.stdout.close()
    assert ended == 0
    assert not (home / "runtime" / "server.json").exists()


def test_only_who_has_the_token_is_answered(serving: Serving) -> None:
    assert stat.S_IMODE(serving.token_file.stat().st_mode) == 0o600
    stranger = OpenAI(base_url=f"{serving.address}/v1", api_key="guessed", max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        stranger.models.list()
    assert httpx.get(f"{serving.address}/health", trust_env=False).json() == {"status": "ok"}


def test_a_chat_is_answered_at_once_or_in_pieces(serving: Serving) -> None:
    model = next(each.id for each in serving.client.models.list() if "qwen" in each.id)
    whole = serving.client.chat.completions.create(
        model=model, messages=QUESTION, temperature=0, seed=1, max_tokens=20
    )
    choice = whole.choices[0]
    assert "Paris" in (choice.message.content or "")
    assert choice.finish_reason == "stop"
    assert whole.model == model
    assert whole.usage is not None
    assert whole.usage.prompt_tokens > whole.usage.completion_tokens > 0
    stream = serving.client.chat.completions.create(
        model=model,
        messages=STORY,
        temperature=0,
        max_completion_tokens=8,
        stream=True,
        stream_options={"include_usage": True},
    )
    *chunks, ended, usage = list(stream)
    assert len(chunks) > 3
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert ended.choices[0].finish_reason == "length"
    assert usage.usage is not None
    assert usage.usage.completion_tokens == 8


def test_a_tool_of_the_program_is_asked_for(serving: Serving) -> None:
    asked: Any = [{"role": "user", "content": "What is the weather in Paris? Use the tool."}]
    answer = serving.client.chat.completions.create(
        model="jarvis", messages=asked, tools=[WEATHER], temperature=0, max_tokens=60
    )
    choice = answer.choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.tool_calls is not None
    call = choice.message.tool_calls[0]
    assert call.type == "function"
    assert call.function.name == "get_weather"
    assert "Paris" in json.loads(call.function.arguments)["city"]
    told: Any = {"role": "tool", "tool_call_id": call.id, "content": "It is 31 degrees and sunny."}
    after = serving.client.chat.completions.create(
        model="jarvis",
        messages=[*asked, choice.message, told],
        tools=[WEATHER],
        tool_choice="none",
        temperature=0,
        max_tokens=60,
    )
    assert "31" in (after.choices[0].message.content or "")


NEWS: Any = {"type": "function", "function": {"name": "get_news", "description": "The news of today"}}


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "get_news"}}])
def test_a_tool_that_has_to_be_used_is_asked_for_whatever_the_question(serving: Serving, choice: Any) -> None:
    answer = serving.client.chat.completions.create(
        model="jarvis",
        messages=[{"role": "user", "content": "Hello, who are you?"}],
        tools=[WEATHER, NEWS],
        tool_choice=choice,
        temperature=0,
        max_tokens=40,
    )
    assert answer.choices[0].finish_reason == "tool_calls"
    assert answer.choices[0].message.tool_calls is not None
    (call,) = answer.choices[0].message.tool_calls
    assert call.type == "function"
    assert call.function.name in (["get_weather", "get_news"] if choice == "required" else ["get_news"])
    assert isinstance(json.loads(call.function.arguments), dict)


def test_vectors_of_texts_that_mean_the_same_are_near_each_other(serving: Serving) -> None:
    texts = ["Where is my cat?", "¿Dónde está mi gato?", "The engine needs oil."]
    made = serving.client.embeddings.create(model="jarvis", input=texts)  # as base64, the client's own choice
    cat, gato, oil = (np.array(each.embedding) for each in made.data)
    assert float(cat @ gato) > float(cat @ oil)
    assert np.linalg.norm(cat) == pytest.approx(1.0, abs=1e-3)
    with serving.plain as client:
        code = client.post("/v1/embeddings", json={"input": texts[0], "encoding_format": "base64"}).json()
    same = np.frombuffer(base64.b64decode(code["data"][0]["embedding"]), "<f4")
    assert np.allclose(same, cat, atol=1e-6)


def test_what_is_spoken_is_understood_again(serving: Serving, recordings: list[Recording]) -> None:
    recording = min((each for each in recordings if each.lang == "en"), key=lambda each: each.seconds)
    heard = serving.client.audio.transcriptions.create(
        model="whisper-1", file=recording.path, language="en", response_format="verbose_json"
    )
    assert heard.language == "en"
    assert heard.duration == pytest.approx(recording.seconds, abs=0.5)
    speech = serving.client.audio.speech.create(
        model="tts-1", voice="alloy", input="The weather is nice today.", response_format="flac"
    )
    samples, rate = soundfile.read(io.BytesIO(speech.content))
    assert 0.5 < len(samples) / rate < 5
    again = serving.client.audio.transcriptions.create(
        model="whisper-1", file=("speech.flac", speech.content), language="en"
    )
    assert "weather" in again.text.lower()
    with serving.client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="nova", input="One. Two.", response_format="pcm", speed=2.0
    ) as streamed:
        assert len(b"".join(streamed.iter_bytes())) > rate / 10


def test_a_client_that_leaves_a_stream_ends_the_generation_in_the_engine(serving: Serving) -> None:
    with serving.client.chat.completions.create(
        model="jarvis", messages=STORY, max_tokens=1500, stream=True
    ) as stream:
        next(iter(stream))
    engine = serving.engine
    deadline = time.monotonic() + 10
    spent, before = 1.0, sum(engine.cpu_times()[:2])
    while spent > 0.1:  # of half a second; to its end the story would take much longer
        assert time.monotonic() < deadline
        time.sleep(0.5)
        now = sum(engine.cpu_times()[:2])
        spent, before = now - before, now


def test_a_task_outlives_its_connection(serving: Serving) -> None:
    body = {"messages": QUESTION, "max_tokens": 10, "temperature": 0}
    with serving.plain as client:
        task = client.post("/v1/tasks", json={"url": "/v1/chat/completions", "body": body}).json()
    with serving.plain as client, client.stream("GET", f"/v1/tasks/{task['id']}/events") as told:
        assert list(told.iter_lines())[-2] == "data: [DONE]"
        done = client.get(f"/v1/tasks/{task['id']}").json()
    assert "Paris" in done["result"]["choices"][0]["message"]["content"]


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_readiness_tells_at_once_of_an_engine_that_died_or_hangs_and_it_comes_back(
    serving: Serving, how: signal.Signals
) -> None:
    serving.wait(200, START_S)
    os.kill(serving.engine.pid, how)
    assert serving.wait(503, 10) < 2 * NOTICE_S  # promised is one; the machine of a test may be busy
    serving.wait(200, START_S)
    answer = serving.client.chat.completions.create(model="jarvis", messages=QUESTION, max_tokens=5)
    assert answer.choices[0].message.content
