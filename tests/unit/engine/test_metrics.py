"""What vLLM tells of itself is read, and what is not vLLM's is not taken for it."""

from __future__ import annotations

import pytest

from jarvis_desktop.engine.metrics import vllm_status

TOLD = """\
# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m"} 3.0
vllm:num_requests_running{engine="1",model_name="m"} 2.0
vllm:num_requests_waiting{engine="0",model_name="m"} 4.0
vllm:num_requests_waiting_by_reason{engine="0",reason="capacity"} 9.0
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.25
vllm:prefix_cache_queries_total{engine="0",model_name="m"} 400.0
vllm:prefix_cache_hits_total{engine="0",model_name="m"} 100.0
vllm:time_to_first_token_seconds_bucket{engine="0",le="0.1"} 1.0
vllm:time_to_first_token_seconds_count{engine="0",model_name="m"} 4.0
vllm:time_to_first_token_seconds_sum{engine="0",model_name="m"} 1.0
"""


def test_its_figures_are_read_over_all_engines() -> None:
    status = vllm_status(TOLD)
    assert status is not None
    assert (status.running, status.waiting) == (5, 4)
    assert (status.cache_use, status.prefix_hits, status.first_token_ms) == (0.25, 0.25, 250.0)


def test_before_the_first_question_there_are_no_shares() -> None:
    status = vllm_status("vllm:num_requests_running 0.0\nvllm:prefix_cache_queries_total 0.0\n")
    assert status is not None
    assert (status.prefix_hits, status.first_token_ms) == (None, None)


@pytest.mark.parametrize("text", ["", "<html>hello</html>", "llamacpp:requests_processing 1", "vllm:x{ y"])
def test_what_is_not_vllms_is_nothing(text: str) -> None:
    assert vllm_status(text) is None


def test_a_garbled_figure_counts_as_none() -> None:
    status = vllm_status(TOLD.replace("4.0", "many"))
    assert status is not None
    assert (status.waiting, status.first_token_ms) == (0, None)
