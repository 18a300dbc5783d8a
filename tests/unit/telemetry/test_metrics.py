"""What Prometheus is told: every stage of answers, by model and difficulty, and nothing that is not known."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict

import psutil
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families as families

from jarvis_desktop import __version__
from jarvis_desktop.errors import AudioError, Category, EngineError
from jarvis_desktop.events import (
    CachesMeasured,
    Energy,
    Failed,
    Part,
    PartChanged,
    PartState,
    ReplyToken,
    ResourcesSampled,
    Route,
    Tier,
    Timings,
    TurnFinished,
    TurnStarted,
    Usage,
)
from jarvis_desktop.telemetry import measured
from jarvis_desktop.telemetry.metrics import MOST_VALUES, OTHER, Metrics
from tests.monitored import CARD, see_everything

TIMINGS = Timings(2_000, 300, 400, 420, 430, 900, 1_200, 1_600, 6_000)
CANARY = "the walrus sings at midnight"
TURN = TurnFinished(
    "t1",
    CANARY,
    "qwen3-4b",
    "vllm",
    TIMINGS,
    Usage(200, 50, 42.0, 150),
    route=Route(60, Tier.TECHNICAL),
    energy=Energy(210.0, None),
)
OF_TURN = {"model": "qwen3-4b", "engine": "vllm", "tier": "technical"}
MIB = 1024 * 1024


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def metrics(clock: Clock) -> Metrics:
    return Metrics(clock)


def told(metrics: Metrics, name: str, labels: Mapping[str, str] | None = None) -> float | None:
    """One value of what is served; None where it is absent."""
    for family in families(metrics.text()[0].decode()):
        for sample in family.samples:
            if sample.name == name and sample.labels == dict(labels or {}):
                return float(sample.value)
    return None


def names(metrics: Metrics) -> set[str]:
    return {sample.name for family in families(metrics.text()[0].decode()) for sample in family.samples}


def test_every_stage_of_a_turn_is_counted_by_model_and_difficulty(metrics: Metrics) -> None:
    metrics.take(TURN)
    for stage, milliseconds in asdict(TIMINGS).items():
        of_stage = {"stage": stage, "model": "qwen3-4b", "tier": "technical"}
        assert told(metrics, "jarvis_turn_stage_seconds_sum", of_stage) == pytest.approx(milliseconds / 1000)
    assert told(metrics, "jarvis_answers_total", {**OF_TURN, "outcome": "answered"}) == 1
    assert told(metrics, "jarvis_prompt_tokens_total", OF_TURN) == 200
    assert told(metrics, "jarvis_prompt_tokens_cached_total", OF_TURN) == 150
    assert told(metrics, "jarvis_generated_tokens_total", OF_TURN) == 50
    assert told(metrics, "jarvis_generation_tokens_per_second_sum", OF_TURN) == 42
    of_card = {"device": "gpu", "model": "qwen3-4b"}
    assert told(metrics, "jarvis_answer_energy_joules_sum", of_card) == 210
    assert told(metrics, "jarvis_answer_energy_joules_sum", {**of_card, "device": "cpu"}) is None


def test_the_promised_times_are_bounds_of_the_histograms(metrics: Metrics) -> None:
    metrics.take(TURN)
    metrics.request("/ready", "GET", 200, "", 0.02)
    served = metrics.text()[0].decode()
    for series, promised in (
        ("jarvis_turn_stage_seconds", 0.5),
        ("jarvis_turn_stage_seconds", 1.5),
        ("jarvis_http_request_duration_seconds", 0.1),
    ):
        bounds = {
            float(sample.labels["le"])
            for family in families(served)
            for sample in family.samples
            if sample.name == f"{series}_bucket"
        }
        assert promised in bounds


def test_how_an_answer_ended_is_told_and_only_generated_ones_are_timed(metrics: Metrics) -> None:
    metrics.take(PartChanged(Part.ENGINE, PartState.READY, "qwen3-4b"))
    again = Route(60, Tier.TECHNICAL, reused=True)
    metrics.take(TurnFinished("t1", "", "qwen3-4b", "vllm", TIMINGS, Usage(), route=again))
    metrics.take(
        TurnFinished("t2", "", "qwen3-4b", "vllm", TIMINGS, Usage(), interrupted=True, route=TURN.route)
    )
    metrics.take(Failed(EngineError("engine.died", "The engine died."), turn_id="t3"))
    for outcome in ("reused", "interrupted"):
        assert told(metrics, "jarvis_answers_total", {**OF_TURN, "outcome": outcome}) == 1
    failed = {"model": "qwen3-4b", "engine": "", "tier": "", "outcome": "failed"}
    assert told(metrics, "jarvis_answers_total", failed) == 1
    of_stage = {"model": "qwen3-4b", "tier": "technical"}
    assert told(metrics, "jarvis_turn_stage_seconds_count", {**of_stage, "stage": "first_token"}) == 1
    assert told(metrics, "jarvis_turn_stage_seconds_count", {**of_stage, "stage": "total"}) is None


def test_errors_are_counted_by_stage_code_and_category(metrics: Metrics) -> None:
    metrics.take(Failed(AudioError("audio.lost", "Gone.", category=Category.DEGRADED)))
    of_error = {"stage": "audio", "code": "audio.lost", "category": "degraded"}
    assert told(metrics, "jarvis_errors_total", of_error) == 1


def test_what_the_card_and_the_parts_hold_is_told_in_base_units(metrics: Metrics) -> None:
    metrics.take(CARD)
    card = {"gpu": "RTX 4080"}
    assert told(metrics, "jarvis_part_memory_bytes", {"part": "engine"}) == 2_000 * MIB
    assert told(metrics, "jarvis_machine_memory_size_bytes") == 16_000 * MIB
    assert told(metrics, "jarvis_gpu_memory_used_bytes", card) == 9_000 * MIB
    assert told(metrics, "jarvis_gpu_part_memory_bytes", {**card, "part": "engine"}) == 8_500 * MIB
    assert told(metrics, "jarvis_gpu_utilization_ratio", card) == 0.5
    assert told(metrics, "jarvis_gpu_temperature_celsius", card) == 61
    assert told(metrics, "jarvis_gpu_power_watts", card) == 180


def test_what_is_not_known_is_absent(metrics: Metrics, clock: Clock) -> None:
    assert not any(
        name.startswith(("jarvis_gpu", "jarvis_cache", "jarvis_engine_kv")) for name in names(metrics)
    )
    assert "jarvis_ready" not in names(metrics)
    metrics.take(ResourcesSampled(8_000, 16_000, 3_000, "RTX 4080", None, None))
    metrics.take(CachesMeasured(0, 0, 7, 9))
    assert "jarvis_machine_memory_used_bytes" in names(metrics)
    assert not any(name.startswith("jarvis_gpu") for name in names(metrics))
    assert told(metrics, "jarvis_cache_hits_total", {"cache": "embeddings"}) == 7
    assert told(metrics, "jarvis_cache_hits_total", {"cache": "answers"}) is None
    clock.now += measured.KNOWN_SECONDS + 1
    assert "jarvis_machine_memory_used_bytes" not in names(metrics), "as it was long ago"


def test_measurements_are_asked_for_again_only_when_they_are_old(metrics: Metrics, clock: Clock) -> None:
    assert metrics.stale(5)
    metrics.take(CARD)
    clock.now += 4
    assert not metrics.stale(5)
    clock.now += 2
    assert metrics.stale(5)


def test_loads_releases_and_deaths_of_models_are_counted(metrics: Metrics, clock: Clock) -> None:
    def change(*states: PartState) -> None:
        for state in states:
            metrics.take(PartChanged(Part.ENGINE, state, "qwen3-4b"))

    change(PartState.LOADING)
    clock.now += 3
    metrics.take(PartChanged(Part.ENGINE, PartState.LOADING, "qwen3-4b", 0.9))  # only further
    clock.now += 1
    change(PartState.READY, PartState.FAILED, PartState.LOADING, PartState.FAILED)
    assert told(metrics, "jarvis_engine_deaths_total") == 1, "one that could not start has not died"
    change(PartState.LOADING, PartState.READY, PartState.STOPPED)
    of_model = {"part": "engine", "model": "qwen3-4b"}
    assert told(metrics, "jarvis_model_loads_total", of_model) == 2
    assert told(metrics, "jarvis_model_load_seconds_sum", of_model) == 4
    assert told(metrics, "jarvis_model_unloads_total", {"part": "engine"}) == 1
    states = {
        state: told(metrics, "jarvis_part_state", {"part": "engine", "state": state}) for state in PartState
    }
    assert states == {state: float(state is PartState.STOPPED) for state in PartState}


def test_a_reader_who_is_quicker_than_the_events_takes_no_count_away(metrics: Metrics) -> None:
    metrics.take(PartChanged(Part.ENGINE, PartState.LOADING, "qwen3-4b"))
    metrics.ready(True, {Part.ENGINE: PartState.READY})
    metrics.take(PartChanged(Part.ENGINE, PartState.READY, "qwen3-4b"))
    metrics.ready(False, {Part.ENGINE: PartState.FAILED})
    metrics.take(PartChanged(Part.ENGINE, PartState.FAILED, "qwen3-4b"))
    assert told(metrics, "jarvis_model_loads_total", {"part": "engine", "model": "qwen3-4b"}) == 1
    assert told(metrics, "jarvis_engine_deaths_total") == 1


def test_the_queue_and_the_requests_are_told(metrics: Metrics) -> None:
    metrics.queue(3, 2)
    metrics.refused("server.busy")
    metrics.request("/v1/chat/completions", "POST", 200, "notes", 2.0, 0.3)
    assert told(metrics, "jarvis_queue_waiting") == 3
    assert told(metrics, "jarvis_queue_running") == 2
    assert told(metrics, "jarvis_queue_refused_total", {"code": "server.busy"}) == 1
    route = {"route": "/v1/chat/completions"}
    request = {**route, "method": "POST", "status": "200", "client": "notes"}
    assert told(metrics, "jarvis_http_requests_total", request) == 1
    assert told(metrics, "jarvis_http_first_chunk_seconds_sum", route) == 0.3


def test_what_keeps_it_from_answering_is_told(metrics: Metrics) -> None:
    problem = {"part": "engine", "code": "engine.died"}
    metrics.ready(False, {Part.ENGINE: PartState.FAILED}, [("engine", "engine.died")])
    assert told(metrics, "jarvis_ready") == 0
    assert told(metrics, "jarvis_problem", problem) == 1
    assert told(metrics, "jarvis_part_state", {"part": "engine", "state": "failed"}) == 1
    metrics.ready(True, {Part.ENGINE: PartState.READY})
    assert told(metrics, "jarvis_ready") == 1
    assert told(metrics, "jarvis_problem", problem) is None


def test_the_program_tells_its_version_threads_and_open_files(metrics: Metrics) -> None:
    builds = [family for family in families(metrics.text()[0].decode()) if family.name == "jarvis_build_info"]
    assert builds[0].samples[0].labels["version"] == __version__
    assert told(metrics, "process_threads") == psutil.Process().num_threads()
    assert {"process_open_fds", "process_open_handles"} & names(metrics)


def test_a_label_takes_few_values_whoever_makes_them_up(metrics: Metrics) -> None:
    for number in range(3 * MOST_VALUES):
        metrics.request("/v1/models", "GET", 200, f"client {number}", 0.01)
    clients = {
        sample.labels["client"]: sample.value
        for family in families(metrics.text()[0].decode())
        for sample in family.samples
        if sample.name == "jarvis_http_requests_total"
    }
    assert len(clients) == MOST_VALUES + 1
    assert clients[OTHER] == 2 * MOST_VALUES


def test_nothing_that_was_said_is_in_it(metrics: Metrics) -> None:
    metrics.take(TurnStarted("t1", "c1", CANARY, spoken=True))
    metrics.take(ReplyToken("t1", CANARY))
    metrics.take(TURN)
    metrics.take(Failed(EngineError("engine.said", "{text}", text=CANARY), "t2", CANARY))
    assert CANARY not in metrics.text()[0].decode()


def test_a_reader_gets_the_format_it_asks_for(metrics: Metrics) -> None:
    metrics.take(TURN)
    plain, plain_type = metrics.text()
    assert plain_type.startswith("text/plain; version=0.0.4")
    opened, open_type = metrics.text("application/openmetrics-text; version=1.0.0, text/plain;q=0.5")
    assert open_type.startswith("application/openmetrics-text; version=1.0.0")
    assert opened.endswith(b"# EOF\n")
    parsed = open_families(opened.decode())  # type: ignore[no-untyped-call]
    assert "jarvis_answers" in {family.name for family in parsed}
    assert b"jarvis_answers_total" in plain


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool (Debian package prometheus)")
def test_promtool_finds_nothing_to_complain_about(metrics: Metrics) -> None:
    see_everything(metrics)
    checked = subprocess.run(["promtool", "check", "metrics"], input=metrics.text()[0], capture_output=True)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")
