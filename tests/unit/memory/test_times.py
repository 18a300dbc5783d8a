"""When a question is about."""

from __future__ import annotations

from datetime import datetime

import pytest

from jarvis_desktop.memory.times import window

NOW = datetime(2024, 3, 13, 15, 30).timestamp()  # a Wednesday


@pytest.mark.parametrize(
    ("question", "first", "end"),
    [
        ("What did I do yesterday?", "2024-03-12", "2024-03-13"),
        ("¿Qué hice ayer?", "2024-03-12", "2024-03-13"),
        ("¿Qué te dije anteayer?", "2024-03-11", "2024-03-12"),
        ("What did I tell you this morning?", "2024-03-13", "2024-03-14"),
        ("Who came last week?", "2024-03-04", "2024-03-11"),
        ("¿Quién vino la semana pasada?", "2024-03-04", "2024-03-11"),
        ("¿Qué he hecho esta semana?", "2024-03-11", "2024-03-18"),
        ("Where was I last weekend?", "2024-03-09", "2024-03-11"),
        ("¿Dónde estuve el mes pasado?", "2024-02-01", "2024-03-01"),
        ("What did I buy last year?", "2023-01-01", "2024-01-01"),
        ("What did we talk about on Monday?", "2024-03-11", "2024-03-12"),
        ("¿De qué hablamos el miércoles?", "2024-03-06", "2024-03-07"),
        ("What did I say three days ago?", "2024-03-10", "2024-03-11"),
        ("¿Qué dije hace dos semanas?", "2024-02-25", "2024-03-03"),
        ("Where did she go in May 2023?", "2023-05-01", "2023-06-01"),
        ("¿Adónde fue en mayo de 2023?", "2023-05-01", "2023-06-01"),
        ("What happened in December?", "2023-12-01", "2024-01-01"),
        ("¿Qué pasó el 3 de mayo?", "2023-05-03", "2023-05-04"),
        ("What happened on July 4th, 2022?", "2022-07-04", "2022-07-05"),
        ("What is in the note of 2024-02-29?", "2024-02-29", "2024-03-01"),
        ("What did I learn in 2021?", "2021-01-01", "2022-01-01"),
    ],
)
def test_days_that_a_question_names(question: str, first: str, end: str) -> None:
    days = window(question, NOW)
    assert days is not None
    told = [datetime.fromtimestamp(moment).strftime("%Y-%m-%d") for moment in (days.start, days.end)]
    assert told == [first, end]


@pytest.mark.parametrize(
    "question",
    [
        "Where does my sister live?",
        "¿Dónde vive mi hermana?",
        "What may I eat?",
        "The 31 February",
        "",
        "in 12345",
    ],
)
def test_most_questions_name_no_day(question: str) -> None:
    assert window(question, NOW) is None


def test_a_window_ends_before_the_next_day() -> None:
    days = window("yesterday", NOW)
    assert days is not None
    assert days.holds(datetime(2024, 3, 12, 23, 59).timestamp())
    assert not days.holds(datetime(2024, 3, 13).timestamp())
