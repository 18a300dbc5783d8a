"""What is spoken is what a person would read aloud."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jarvis_desktop.speech.speakable import speakable


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Plain words.", "Plain words."),
        ("**Bold**, *italic*, __both__, _one_ and ~~gone~~.", "Bold, italic, both, one and gone."),
        ("Half of **a bold", "Half of a bold"),
        ("Use `print` here.", "Use print here."),
        ("my_variable_name stays", "my_variable_name stays"),
        ("# Title\nText", "Title. Text"),
        ("- milk\n- eggs!\n* salt", "milk. eggs! salt."),
        ("- [x] done", "done."),
        ("1. First\n2. Second", "1. First 2. Second"),
        ("> quoted words", "quoted words"),
        ("See [the manual](https://example.com/x).", "See the manual."),
        ("![a cat](cat.png)", "a cat"),
        ("Go to https://www.example.com/a/b?c=d#e.", "Go to example.com."),
        ("Go to www.example.org, now", "Go to example.org, now"),
        ("Look: <https://example.com>", "Look: example.com"),
        ("one<br>two", "one two"),
        ("Great 😀👍🏽 job ❤️ 👨‍👩‍👧", "Great job"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a, b, 1, 2"),
        ("above\n\n---\n\nbelow", "above below"),
        ("20 °C and 5 % of $3.50", "20 degrees Celsius and 5 percent of 3 dollars and 50 cents"),
        ("2 < 3 and 5 > 4", "2 is less than 3 and 5 is greater than 4"),
        ("¿Qué tal? ¡Bien!", "¿Qué tal? ¡Bien!"),
        ("😀", ""),
        ("***", ""),
        ("...", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_reads(written: str, said: str) -> None:
    assert speakable(written).text == said


def test_code_is_mentioned_in_the_language_of_the_voice_and_not_read_out() -> None:
    block = "```python\nprint('hello')\n```\n"
    assert speakable(block, "en").text == "The code is on your screen."
    assert speakable(block, "es").text == "El código está en la pantalla."
    assert speakable("```\nnever closed", "en").text == "The code is on your screen."
    assert speakable(f"Here:\n{block}Done.", "en").text == "Here: The code is on your screen. Done."


@given(st.text())
def test_any_text_can_be_made_speakable(text: str) -> None:
    spoken = speakable(text)
    said = spoken.text
    assert said == " ".join(said.split())
    assert not said or any(c.isalnum() for c in said)
    assert len(spoken.ends) == len(said.split())
    assert list(spoken.ends) == sorted(spoken.ends)
    assert not said or spoken.ends[-1] == len(text.rstrip())


@given(st.text(alphabet="*_`~[]()!<>#|-. \na1"))
def test_markup_never_reaches_the_voice(text: str) -> None:
    assert not set(speakable(text).text) & set("*`~")


@pytest.mark.parametrize(
    "piece", ["*", "_", "[", "`", "<a", "| ", "- ", "> ", "(", "https://", "```\n", "- - -x\n"]
)
def test_hostile_repetition_is_not_slow(piece: str) -> None:
    """Regular expressions that backtrack would take minutes here, not milliseconds."""
    begun = time.process_time()
    speakable(piece * 5000)
    assert time.process_time() - begun < 20
