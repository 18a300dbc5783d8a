"""The measures of a search."""

from __future__ import annotations

from pathlib import Path

import pytest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.evaluation import Judged, judge, read_questions


def test_recall_and_reciprocal_rank() -> None:
    questions = [
        Judged("one", frozenset("a")),
        Judged("two", frozenset("bc")),
        Judged("three", frozenset("d")),
    ]
    result = judge(questions, [["a", "x"], ["x", "b", "x", "c"], ["x"]], [1.0, 2.0, 9.0])
    assert result.recall == pytest.approx({1: 1 / 3, 5: 2 / 3, 10: 2 / 3})
    assert result.mrr == pytest.approx((1 + 1 / 2 + 0) / 3)
    assert result.as_json()["latency_ms"] == {"p50": 2.0, "p95": 9.0}


def test_an_item_found_twice_counts_once() -> None:
    result = judge([Judged("one", frozenset("ab"))], [["a", "a", "b"]], [1.0], cuts=(2,))
    assert result.recall == {2: 1.0}


def test_questions_are_read_and_blank_lines_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "¿Dónde?", "relevant": ["a", 7]}\n\n', encoding="utf-8")
    assert read_questions(file) == [Judged("¿Dónde?", frozenset({"a", "7"}))]


@pytest.mark.parametrize(
    ("text", "line"),
    [('{"question": "a", "relevant": ["b"]}\n{"question": "c"}', 2), ("nonsense", 1), ("", 0),
     ('{"question": "a", "relevant": []}', 1), ('{"question": "a", "relevant": "b"}', 1)],
)  # fmt: skip
def test_a_bad_line_is_named(tmp_path: Path, text: str, line: int) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(text)
    with pytest.raises(StorageError, match=f"Line {line} of") as caught:
        read_questions(file)
    assert caught.value.code == "memory.questions"
    assert '{"question"' in caught.value.hint
