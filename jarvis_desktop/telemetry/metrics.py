"""What a server tells Prometheus of answers, the engine, the machine and the API itself.

Filled by the assistant's events and by the API's own calls. A value that is not known is absent, and no label
holds anything that a user said or wrote. Imported only where a server runs.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import choose_encoder

from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import (
    CachesMeasured,
    EngineMeasured,
    Event,
    Failed,
    Part,
    PartChanged,
    PartState,
    ResourcesSampled,
    Tier,
    Timings,
    TurnFinished,
    Usage,
)
from jarvis_desktop.telemetry.measured import Measured

TURN_SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 13, 21, 34, 60)
"""Bounds with the promises among them: first words in 0.5 s, 95 of 100 answers in 1.5 s."""

HTTP_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2.5, 5, 10, 30, 60, 120)
"""As above, with the 0.1 s in which `/health` and `/ready` answer."""

LOAD_SECONDS = (0.5, 1, 2, 5, 10, 20, 40, 80, 160, 320, 640)
TOKENS_PER_SECOND = (1, 2, 5, 10, 15, 20, 30, 40, 60, 80, 120, 200)
JOULES = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000)

MOST_VALUES = 40
"""Different values that one label takes; all further ones are `OTHER`. Each costs Prometheus a series."""

OTHER = "other"

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
"""Of HTTP; a client may make up others."""

# A series more for each other one, which Prometheus has no use for.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """All that `/metrics` tells. `take` is called on the core's thread, the rest on any.

    `now` is a monotonic clock (s).
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.registry = CollectorRegistry()
        self._now = now
        self._measured = Measured(now)
        self.registry.register(self._measured)
        self._known: dict[str, set[str]] = {}
        self._model = ""  # of the engine, for answers that failed before they could name theirs
        self._states: dict[Part, PartState] = {}
        self._loading_since: dict[Part, float] = {}
        self._takers: dict[type[Event], Callable[[Any], None]] = {
            TurnFinished: self._turn_finished,
            Failed: self._failed,
            PartChanged: self._part_changed,
            ResourcesSampled: self._measured.take_resources,
            EngineMeasured: self._measured.take_engine,
            CachesMeasured: self._measured.take_caches,
        }
        of_answer = "model", "engine", "tier"
        self._answers = self._counter(
            "jarvis_answers",
            "Answers; outcome: answered, reused (given again), interrupted, failed.",
            *of_answer,
            "outcome",
        )
        self._stages = self._histogram(
            "jarvis_turn_stage_seconds",
            "From the end of the input until a stage of the turn was reached (capture: the speech before "
            "that), without answers that were given again.",
            TURN_SECONDS,
            "stage",
            "model",
            "tier",
        )
        self._prompt_tokens = self._counter("jarvis_prompt_tokens", "Tokens of prompts.", *of_answer)
        self._cached_tokens = self._counter(
            "jarvis_prompt_tokens_cached", "Tokens of prompts that the engine had read before.", *of_answer
        )
        self._tokens = self._counter("jarvis_generated_tokens", "Tokens of answers.", *of_answer)
        self._speed = self._histogram(
            "jarvis_generation_tokens_per_second", "Speed of each answer.", TOKENS_PER_SECOND, *of_answer
        )
        self._energy = self._histogram(
            "jarvis_answer_energy_joules",
            "What whole devices took from a question to the end of its answer, where they count it.",
            JOULES,
            "device",
            "model",
        )
        self._errors = self._counter(
            "jarvis_errors", "Failures that were told to the user.", "stage", "code", "category"
        )
        self._loads = self._counter("jarvis_model_loads", "Models that were loaded.", "part", "model")
        self._unloads = self._counter("jarvis_model_unloads", "Models that gave their memory back.", "part")
        self._load_seconds = self._histogram(
            "jarvis_model_load_seconds", "How long loading took.", LOAD_SECONDS, "part", "model"
        )
        self._part_state = self._gauge(
            "jarvis_part_state", "1 for the state that a part is in.", "part", "state"
        )
        self._deaths = self._counter(
            "jarvis_engine_deaths", "Engines that ended unasked; the next question starts another one."
        )
        self._requests = self._counter(
            "jarvis_http_requests", "Requests to the API.", "route", "method", "status", "client"
        )
        self._request_seconds = self._histogram(
            "jarvis_http_request_duration_seconds", "Until the end of the reply.", HTTP_SECONDS, "route"
        )
        self._first_chunk_seconds = self._histogram(
            "jarvis_http_first_chunk_seconds",
            "Until the first bytes of a reply's body.",
            HTTP_SECONDS,
            "route",
        )
        self._waiting = self._gauge("jarvis_queue_waiting", "Requests that wait for a place.")
        self._running = self._gauge("jarvis_queue_running", "Requests that have a place.")
        self._refused = self._counter(
            "jarvis_queue_refused", "Requests that were told to come again later.", "code"
        )

        for code in ("server.busy", "server.too_many"):
            self._refused.labels(code)  # from the start: nothing increases from absent to 1

    def take(self, event: Event) -> None:
        """A listener of the assistant; takes microseconds."""
        if (taker := self._takers.get(type(event))) is not None:
            taker(event)

    def answer(
        self,
        model: str,
        engine: str,
        tier: Tier | None,
        outcome: str,
        timings: Timings,
        usage: Usage,
    ) -> None:
        """An answer has ended, in the way that `outcome` says; `tier` None: its question was not judged."""
        name = self._bounded("model", model)
        of_answer = name, self._bounded("engine", engine), tier.value if tier is not None else ""
        self._answers.labels(*of_answer, outcome).inc()
        for stage, milliseconds in asdict(timings).items():
            if milliseconds is not None and outcome != "reused":
                self._stages.labels(stage, name, of_answer[2]).observe(milliseconds / 1000)
        if usage.completion_tokens:
            self._prompt_tokens.labels(*of_answer).inc(usage.prompt_tokens)
            self._tokens.labels(*of_answer).inc(usage.completion_tokens)
        if usage.cached_tokens is not None:
            self._cached_tokens.labels(*of_answer).inc(usage.cached_tokens)
        if usage.tokens_per_second:
            self._speed.labels(*of_answer).observe(usage.tokens_per_second)

    def error(self, error: JarvisError) -> None:
        """A failure was told."""
        code = self._bounded("code", error.code)
        self._errors.labels(code.partition(".")[0], code, error.category.value).inc()

    def request(
        self,
        route: str,
        method: str,
        status: int,
        client: str,
        seconds: float,
        first_chunk: float | None = None,
    ) -> None:
        """The API has replied to a request; `route` is its template, `client` a registered name or "".

        `first_chunk` is after how many seconds the body began.
        """
        route, method = self._bounded("route", route), method if method in METHODS else OTHER
        self._requests.labels(route, method, str(status), self._bounded("client", client)).inc()
        self._request_seconds.labels(route).observe(seconds)
        if first_chunk is not None:
            self._first_chunk_seconds.labels(route).observe(first_chunk)

    def queue(self, waiting: int, running: int) -> None:
        """How many requests wait, and how many have a place."""
        self._waiting.set(waiting)
        self._running.set(running)

    def refused(self, code: str) -> None:
        """A request found no place."""
        self._refused.labels(self._bounded("code", code)).inc()

    def ready(
        self, ready: bool, parts: Mapping[Part, PartState], reasons: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Whether questions are answered now, how the parts are, and what is wrong: part and code of each."""
        self._measured.take_readiness(ready, {(part, self._bounded("code", code)) for part, code in reasons})
        for part, state in parts.items():
            self._states.setdefault(part, state)  # later only by events: what each changes is counted
            self._show_state(part, state)

    def stale(self, seconds: float) -> bool:
        """Whether the machine was last measured longer ago than that."""
        return self._measured.age() > seconds

    def text(self, accept: str = "") -> tuple[bytes, str]:
        """Everything, in the format that an ``Accept`` header asks for, and the content type of that."""
        encode, content_type = choose_encoder(accept)
        return encode(self.registry), content_type

    # --- events -----------------------------------------------------------------------------------------

    def _turn_finished(self, event: TurnFinished) -> None:
        outcome = "reused" if event.route.reused else "interrupted" if event.interrupted else "answered"
        timings = replace(event.timings, total=None) if event.interrupted else event.timings
        self.answer(event.model, event.engine, event.route.tier, outcome, timings, event.usage)
        for device, joules in (("gpu", event.energy.gpu_joules), ("cpu", event.energy.cpu_joules)):
            if joules is not None:
                self._energy.labels(device, self._bounded("model", event.model)).observe(joules)

    def _failed(self, event: Failed) -> None:
        self.error(event.error)
        if event.turn_id:
            self.answer(self._model, "", None, "failed", Timings(), Usage())

    def _part_changed(self, event: PartChanged) -> None:
        before = self._states.get(event.part)
        if before is event.state:
            return  # only its progress is new
        self._states[event.part] = event.state
        self._show_state(event.part, event.state)
        part, model = event.part.value, self._bounded("model", event.model)
        if event.part is Part.ENGINE:
            self._model = event.model
        match event.state:
            case PartState.LOADING:
                self._loading_since[event.part] = self._now()
            case PartState.READY:
                self._loads.labels(part, model).inc()
                if (since := self._loading_since.pop(event.part, None)) is not None:
                    self._load_seconds.labels(part, model).observe(self._now() - since)
            case PartState.STOPPED if before is PartState.READY:
                self._unloads.labels(part).inc()
            case PartState.FAILED if before is PartState.READY and event.part is Part.ENGINE:
                self._deaths.inc()

    def _show_state(self, part: Part, now: PartState) -> None:
        for state in PartState:
            self._part_state.labels(part.value, state.value).set(state is now)

    # --- definitions ------------------------------------------------------------------------------------

    def _counter(self, name: str, tells: str, *labels: str) -> Counter:
        return Counter(name, tells, labels, registry=self.registry)

    def _gauge(self, name: str, tells: str, *labels: str) -> Gauge:
        return Gauge(name, tells, labels, registry=self.registry)

    def _histogram(self, name: str, tells: str, bounds: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, tells, labels, buckets=bounds, registry=self.registry)

    def _bounded(self, label: str, value: str) -> str:
        known = self._known.setdefault(label, set())
        if value not in known and len(known) >= MOST_VALUES:
            return OTHER
        known.add(value)
        return value
