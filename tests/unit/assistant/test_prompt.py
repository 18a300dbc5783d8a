"""What the model is told."""

from __future__ import annotations

from datetime import datetime

import pytest

from jarvis_desktop.assistant.prompt import Recall, build_prompt
from jarvis_desktop.events import Message, Role
from jarvis_desktop.language import guess_language, repeats

NOW = datetime(2026, 3, 4, 7, 5)


def exchange(number: int, question: str, answer: str) -> list[Message]:
    turn = f"t{number}"
    return [
        Message(f"{turn}q", "c", turn, Role.USER, question, float(number)),
        Message(f"{turn}a", "c", turn, Role.ASSISTANT, answer, float(number)),
    ]


def test_question_follows_date_time_and_language() -> None:
    *_, last = build_prompt("Be kind.", Recall(8, 1000), [], "¿Qué hora es?", "es", NOW)
    assert last.role == "user"
    assert last.content.endswith("¿Qué hora es?")
    assert "miércoles 4 de marzo de 2026" in last.content
    assert "07:05" in last.content
    assert "español" in last.content


def test_oldest_turns_are_left_out_when_the_context_is_full() -> None:
    earlier = [m for n in range(20) for m in exchange(n, f"question {n}", "long answer " * 30)]
    prompt = build_prompt("Be kind.", Recall(20, 500), earlier, "and now?", "en", NOW)
    kept = [m.content for m in prompt if m.role == "user"][:-1]
    assert 0 < len(kept) < 20
    assert kept == [f"question {n}" for n in range(20 - len(kept), 20)]
    assert sum(len(m.content) for m in prompt) <= 500 * 3


def test_question_without_an_answer_is_left_out_so_that_roles_alternate() -> None:
    earlier = [*exchange(1, "one", "uno"), *exchange(2, "lost", ""), *exchange(3, "three", "tres")]
    roles = [m.role for m in build_prompt("x", Recall(8, 1000), earlier, "next", "en", NOW)]
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is the capital of Peru?", "en"),
        ("Name three rivers of Spain.", "en"),
        ("Tell me about Málaga and its history", "en"),
        ("¿Cuál es la capital de Perú?", "es"),
        ("Dime tres ríos de España", "es"),
        ("pon un temporizador para la pasta", "es"),
        ("hola", "es"),
        ("hello", "en"),
        ("1234", ""),
        ("", ""),
    ],
)
def test_language_of_everyday_questions(text: str, language: str) -> None:
    assert guess_language(text) == language


@pytest.mark.parametrize(
    ("heard", "own"),
    [
        ("lighthouse stood on the cliff", True),
        ("The light house stood on a cliff.", True),
        ("on the cliff", True),
        ("tell me about the harbour", False),
        ("stop", False),
        ("No, on the cliff", False),
        ("", False),
    ],
)
def test_own_words_are_told_from_an_interruption(heard: str, own: bool) -> None:
    said = "A lighthouse stood on the cliff above the sea. It would stop no storm."
    assert repeats(heard, said) is own
