"""The voice starts with the first clause and is never cut where a person would not pause."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jarvis_desktop.speech.chunking import FIRST_CLAUSE, ReplyChunker

MARKDOWN = st.lists(
    st.sampled_from(
        ["Hello", " world", ". ", ", ", "\n", "\n\n", "```", "```\n", "~~~\n", "`", "3.5", "$29.50", "e.g. ",
         "Dr. ", "¿Qué", "?", "! ", "…", "- item\n", "1. one\n", "**bold**", " ", "😀", "x = 1\n\ny = 2\n"]
    )
    | st.text(max_size=5)
)  # fmt: skip


def chunks(reply: str, size: int = 1) -> list[str]:
    chunker = ReplyChunker()
    cut = [chunk for i in range(0, len(reply), size) for chunk in chunker.push(reply[i : i + size])]
    return cut + chunker.flush()


def spoken(reply: str, size: int = 1) -> list[str]:
    return [chunk.strip() for chunk in chunks(reply, size)]


@given(MARKDOWN)
def test_nothing_is_lost_or_added(tokens: list[str]) -> None:
    chunker = ReplyChunker()
    cut = [chunk for token in tokens for chunk in chunker.push(token)] + chunker.flush()
    assert "".join(cut) == "".join(tokens)
    assert all(cut)
    assert chunker.flush() == []


@given(st.lists(st.sampled_from(["a b. c", "\n", "\n\n", "d. ", "x, "])), st.sampled_from(["```", "~~~"]))
def test_a_code_block_is_one_chunk(lines: list[str], fence: str) -> None:
    code = f"{fence}python\n{''.join(lines)}\n{fence}\n"
    cut = chunks(f"Look at this. Here:\n\n{code}That was it. Bye.")
    assert [chunk.lstrip() for chunk in cut if fence in chunk] == [code]


def test_the_first_clause_comes_early_and_later_ones_wait_for_the_sentence() -> None:
    reply = "It will rain today, so take an umbrella, please. Tomorrow, by contrast, will be dry. Bye."
    assert spoken(reply) == [
        "It will rain today,",
        "so take an umbrella, please.",
        "Tomorrow, by contrast, will be dry.",
        "Bye.",
    ]


def test_a_first_clause_too_short_to_speak_well_waits() -> None:
    first = spoken("Well, I think, yes, it is. Good.")[0]
    assert len(first) >= FIRST_CLAUSE
    assert first == "Well, I think,"


def test_the_first_chunk_is_ready_before_the_sentence_ends() -> None:
    chunker = ReplyChunker()
    assert chunker.push("Of course I can,") == []  # what follows might belong to it
    assert chunker.push(" ") == ["Of course I can, "]


@pytest.mark.parametrize(
    "sentence",
    [
        "It costs $29.50 at the shop.",
        "Pi is about 3.14159, roughly.",
        "Use fruit, e.g. apples, i.e. what grows on trees.",
        "I saw Dr. Smith and Mrs. Jones vs. the rest.",
        "J. R. R. Tolkien wrote it.",
        "Hablé con el Sr. García y la Dra. Ruiz en EE. UU. ayer.",
        "Traiga fruta, p. ej. manzanas, para Ud. y para mí.",
        "See www.example.com/a.b?c=d for more.",
        "Open file.txt now.",
        "The meeting is at 10:30, or 1,000 people will wait.",
    ],
)
def test_a_point_inside_a_sentence_does_not_end_it(sentence: str) -> None:
    assert spoken(f"Yes! {sentence} Fine.") == ["Yes!", sentence, "Fine."]


@pytest.mark.parametrize("end", ["!", "?", "...", "…", "?!", '."', ".)", ".**", "?»"])
def test_every_kind_of_sentence_end_counts(end: str) -> None:
    assert spoken(f"Go. One two{end} Three four.") == ["Go.", f"One two{end}", "Three four."]


def test_spanish_openings_stay_with_their_sentence() -> None:
    assert spoken("Vale. ¿Qué tal? ¡Muy bien! Adiós.") == ["Vale.", "¿Qué tal?", "¡Muy bien!", "Adiós."]


def test_list_items_are_chunks_and_numbers_stay_with_their_items() -> None:
    assert spoken("You need:\n\n1. Milk\n2. Two eggs\n- Salt\n") == [
        "You need:",
        "1. Milk",
        "2. Two eggs",
        "- Salt",
    ]


def test_a_sentence_may_end_with_i() -> None:
    assert spoken("Hm. So do I. Then go.") == ["Hm.", "So do I.", "Then go."]


def test_a_reply_without_punctuation_is_cut_between_words() -> None:
    reply = "word " * 400
    cut = chunks(reply, 7)
    assert len(cut) > 3
    assert all(chunk.endswith(" ") for chunk in cut)


@given(st.integers(1, 40))
def test_chunks_do_not_depend_on_how_the_tokens_fall(size: int) -> None:
    reply = "Sure, here you go. It is 3.5 m, e.g. for Dr. No!\n\n```py\na. b\n```\nDone? ¿Sí? Fine, then."
    assert [c for c in spoken(reply, size) if c] == [c for c in spoken(reply) if c]


def test_a_long_first_clause_without_a_comma_is_cut_before_a_conjunction() -> None:
    reply = (
        "The capital of France is the city of Paris and it has two million people. It is big and loud there."
    )
    assert spoken(reply) == [
        "The capital of France is the city of Paris",
        "and it has two million people.",
        "It is big and loud there.",
    ]


def test_a_short_first_sentence_is_not_cut_before_a_conjunction() -> None:
    assert spoken("You may have tea and some cake. Fine.") == ["You may have tea and some cake.", "Fine."]


@pytest.mark.parametrize(
    "sentence",
    [
        "Photosynthesis is the process by which all the green plants of this world live.",
        "En la casa de mis abuelos viven más de treinta y dos gatos de todos los colores.",
    ],
)
def test_a_first_sentence_is_not_cut_within_a_phrase(sentence: str) -> None:
    assert spoken(f"{sentence} Fine.") == [sentence, "Fine."]


@pytest.mark.parametrize(
    "piece",
    [
        "`a, b; c. d and e`",
        "[text, with. stops and more](https://a.b/c,d)",
        "$f(x), y and z$",
        "3. de mayo",
        "29,50 €",
    ],
)
def test_what_belongs_together_stays_together(piece: str) -> None:
    reply = f"This is the first thing that {piece} has to do with it. Good."
    assert any(piece in chunk for chunk in chunks(reply))


def test_et_cetera_may_end_a_sentence() -> None:
    assert spoken("Go. Milk, eggs, etc. are here. Bring tea, etc. Then leave.") == [
        "Go.",
        "Milk, eggs, etc. are here.",
        "Bring tea, etc.",
        "Then leave.",
    ]


def test_a_sentence_may_end_with_a_number() -> None:
    assert spoken("Hm. It was in 1984. Then it ended.") == ["Hm.", "It was in 1984.", "Then it ended."]
