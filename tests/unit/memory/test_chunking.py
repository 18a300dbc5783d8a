"""Passages: nothing of a text is lost or doubled, and each says what it is about."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jarvis_desktop.memory.chunking import PASSAGE, RECORD, TextKind, spans

KINDS = get_args(TextKind)

pieces = st.sampled_from([
    "# Title\n", "## Part\n\n", "Title\n=====\n", "```\n", "- entry\n", "| a | b |\n", "def f(x):\n",
    "class A:\n", "@lead\n", "    ", "word ", "A sentence. ", "¿Qué? ", "\n", "\n\n", "\u2028", "\t", "\x0c",
    "x" * 500, "語" * 300, "long line of plain words that goes on " * 30,
])  # fmt: skip
texts = st.one_of(st.text(max_size=300), st.lists(pieces, max_size=60).map("".join))


@given(texts, st.sampled_from(KINDS))
def test_passages_hold_every_character_once_and_in_order(text: str, kind: TextKind) -> None:
    found = spans(text, kind)
    assert all(a.end <= b.start for a, b in pairwise(found))
    held = "".join(text[span.start : span.end] for span in found)
    assert "".join(held.split()) == "".join(text.split())
    most = RECORD if kind == "record" else PASSAGE
    for span in found:
        passage = text[span.start : span.end]
        assert 0 < len(passage) <= most
        assert passage == passage.strip()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_makes_no_passage(kind: TextKind) -> None:
    assert spans(" \n\t ", kind) == ()


def passages(text: str, kind: TextKind = "text", context: str = "") -> list[tuple[str, str]]:
    return [(span.context, text[span.start : span.end]) for span in spans(text, kind, context=context)]


def test_long_prose_is_cut_where_a_sentence_ends() -> None:
    text = "The tide came in slowly that evening and nobody on the pier said a word. " * 60
    found = passages(text)
    assert len(found) == 4
    assert all(passage.endswith("word.") for _, passage in found)


def test_paragraphs_stay_whole_where_they_fit() -> None:
    paragraphs = [f"Paragraph {number} " + "tells of boats and ropes. " * 20 for number in range(6)]
    found = passages("\n\n".join(paragraphs))
    assert [passage.count("Paragraph") for _, passage in found] == [2, 2, 2]


def test_a_last_passage_is_never_a_few_words_only() -> None:
    text = "Sails need care every year. " * 44  # a little more than one passage
    assert min(len(passage) for _, passage in passages(text)) > 150


def test_markdown_passages_know_the_headings_above_them() -> None:
    text = (
        "# Boat\n\nWhat is aboard and where all of it lies, written down in spring and again in autumn.\n\n"
        "## Engine\n\n### Oil\n\n" + "Change the oil after a hundred hours. " * 40 + "\n\n"
        "```\n# no heading\n```\n\nSails\n-----\n\nThe genoa was mended in Palma in May by an old man.\n"
    )
    found = passages(text, "markdown")
    assert found[0] == (
        "",
        "# Boat\n\nWhat is aboard and where all of it lies, written down in spring and again in autumn.",
    )
    assert found[1][0] == "Boat"
    assert found[1][1].startswith("## Engine\n\n### Oil\n\nChange")  # a heading never stands alone
    assert found[2][0] == "Boat > Engine > Oil"
    assert "# no heading" in found[-2][1]
    assert found[-1][0] == "Boat"
    assert found[-1][1].startswith("Sails\n-----")


def test_code_is_divided_at_its_definitions_and_names_its_file() -> None:
    def body(word: str) -> str:
        return "".join(f"    {word}_{number} = compute({number})\n" for number in range(20))

    text = (
        f"import os\n\n# Opens it.\n@cache\ndef first():\n{body('a')}\n\ndef second():\n{body('b')}\n\n"
        f"class Third:\n    def one(self):\n{body('c') * 2}\n    def two(self):\n{body('d')}"
    )
    found = passages(text, "code", context="boat.py")
    assert found[0][1].startswith("import os")
    assert [passage.split("\n")[0] for _, passage in found[1:]] == [
        "def second():", "class Third:", "def two(self):",
    ]  # fmt: skip
    assert [context for context, _ in found] == ["boat.py", "boat.py", "boat.py", "boat.py > class Third"]


def test_rows_of_a_table_are_whole_and_know_its_columns() -> None:
    rows = [f"{number},Port {number}. Old town,{number * 3} m" for number in range(120)]
    found = passages("\n".join(["berth,name,depth", *rows]), "table")
    assert all(context == "berth,name,depth" for context, _ in found[1:])
    assert [row for _, passage in found for row in passage.split("\n")] == ["berth,name,depth", *rows]


def test_a_record_of_moderate_length_is_one_passage() -> None:
    text = "First paragraph of what she said.\n\nSecond one, after a pause. " * 28
    assert len(spans(text, "record")) == 1
    assert spans(text, "record", context="Ana")[0].context == "Ana"
    assert len(spans(text * 2, "record")) > 1


def test_scripts_of_many_tokens_make_shorter_passages() -> None:
    assert max(len(passage) for _, passage in passages("今日は港で魚を買いました。" * 200)) <= 600
