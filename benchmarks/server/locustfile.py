"""People and programs that use the local API at the same time, with time to think between their requests.

    jarvis serve &
    JARVIS_TOKEN=$(cat DATA/server.token) .venv/bin/locust -f benchmarks/server/locustfile.py \
        --host http://127.0.0.1:8765 --headless --users 20 --spawn-rate 5 --run-time 1m

Who is told to wait (429 or 503 with Retry-After) waits, and is counted in rows of their own.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import gevent
from gevent.lock import BoundedSemaphore
from locust import HttpUser, between, task
from locust.clients import ResponseContextManager

QUESTIONS = (
    "What is a good way to learn a language?",
    "¿Qué puedo cocinar con tres tomates y un huevo?",
    "Explain in two sentences why the sky is blue.",
    "Write a short greeting for a colleague who is back from holidays.",
)
WORDS = 32
"""Longest answer, in tokens: the load is many requests, not long ones."""

SENTENCE = "Good morning, this is a short recording."

LONGEST_WAIT_S = 10.0

_PREPARING = BoundedSemaphore()


class Colleague(HttpUser):
    """One of many clients, all with the same token."""

    wait_time = between(1, 5)
    recording = b""

    def on_start(self) -> None:
        """Say who one is, and have something to transcribe."""
        self.client.headers["Authorization"] = f"Bearer {os.environ['JARVIS_TOKEN']}"
        with _PREPARING:
            self._have_recording()

    def _have_recording(self) -> None:
        if not Colleague.recording:
            body = {"input": SENTENCE, "response_format": "wav"}
            Colleague.recording = self.client.post("/v1/audio/speech", json=body).content

    @task(4)
    def chat(self) -> None:
        """An answer at once."""
        with self._asked("chat", "/v1/chat/completions", json=_question(stream=False)) as answer:
            if answer.ok and not answer.json()["choices"][0]["message"]["content"]:
                answer.failure("no words")

    @task(4)
    def stream(self) -> None:
        """An answer as it is written; the time of its first word is a row of its own."""
        began, first = time.perf_counter(), 0.0
        with self._asked(
            "stream", "/v1/chat/completions", json=_question(stream=True), stream=True
        ) as answer:
            last = ""
            for line in answer.iter_lines(decode_unicode=True):
                if '"content": "' in line and not first:
                    first = time.perf_counter() - began
                last = line or last
            if answer.ok and last != "data: [DONE]":
                answer.failure("the stream broke off")
        if first:
            self.environment.events.request.fire(
                request_type="POST", name="stream, first word", response_time=1000 * first, response_length=0
            )

    @task(3)
    def embed(self) -> None:
        """Vectors of a few sentences."""
        with self._asked("embed", "/v1/embeddings", json={"input": list(QUESTIONS)}) as answer:
            if answer.ok and len(answer.json()["data"]) != len(QUESTIONS):
                answer.failure("vectors are missing")

    @task(1)
    def transcribe(self) -> None:
        """A recording as text."""
        file = {"file": ("recording.wav", self.recording, "audio/wav")}
        with self._asked("transcribe", "/v1/audio/transcriptions", files=file) as answer:
            if answer.ok and "morning" not in answer.json()["text"].lower():
                answer.failure("other words")

    @task(1)
    def speak(self) -> None:
        """A sentence as sound."""
        with self._asked("speak", "/v1/audio/speech", json={"input": SENTENCE}) as answer:
            if answer.ok and not answer.content:
                answer.failure("no sound")

    @task(2)
    def watch(self) -> None:
        """As a supervisor does."""
        self.client.get("/ready")

    @contextmanager
    def _asked(self, name: str, route: str, **request: Any) -> Iterator[ResponseContextManager]:
        with self.client.post(route, name=name, catch_response=True, **request) as answer:
            yield answer
            wait = answer.headers.get("Retry-After") if answer.status_code in (429, 503) else None
            if wait is not None:
                answer.request_meta["name"] += ", told to wait"
                answer.success()
        if wait is not None:
            gevent.sleep(min(float(wait), LONGEST_WAIT_S))


def _question(*, stream: bool) -> dict[str, Any]:
    messages = [{"role": "user", "content": random.choice(QUESTIONS)}]
    return {"messages": messages, "max_tokens": WORDS, "stream": stream}
