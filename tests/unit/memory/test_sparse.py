"""Search by words in the store of memories."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jarvis_desktop.memory.store import MemoryStore
from tests.unit.memory.stored import document, found, note

TEXTS = {
    "card": "I bought an RTX 5070 Ti, order D-1234",
    "older card": "Before it I had an RTX 3060 from order E-1234",
    "allergy": "Soy alérgico al marisco y a los cacahuetes",
    "dogs": "The dogs were running through the park all morning",
    "cakes": "Mi hermana cocinaba pasteles de zanahoria los domingos",
    "meeting": "Reunión con el médico el miércoles por la mañana",
    "mail": "Write to eva.mendez@example.com about the contract",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MemoryStore]:
    store = MemoryStore(tmp_path_factory.mktemp("store") / "memory.sqlite3")
    store.add([note(name, text) for name, text in TEXTS.items()])
    yield store
    store.close()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What was the RTX 5070 Ti for?", "card"),
        ("order D-1234", "card"),
        ("e-1234", "older card"),
        ("Where does the dog run?", "dogs"),
        ("¿A qué mariscos tengo alergias?", "allergy"),
        ("ALERGICO", "allergy"),
        ("¿Quién cocinó un pastel?", "cakes"),
        ("reunion medico miercoles", "meeting"),
        ("reuniones", "meeting"),
        ("eva.mendez@example.com", "mail"),
        ("ｄｏｇｓ", "dogs"),  # full-width letters, as some keyboards give them
    ],
)
def test_word_forms_accents_and_exact_terms_are_found(store: MemoryStore, question: str, answer: str) -> None:
    assert found(store, question)[0] == answer


@pytest.mark.parametrize(
    "question", ["what is it about?", "¿qué es lo de los demás?", "", "🐙🐙", "--- ***", "''"]
)
def test_a_question_without_a_word_that_tells_finds_nothing(store: MemoryStore, question: str) -> None:
    assert found(store, question.replace("demás", "mí")) == []


@pytest.mark.parametrize(
    "question",
    [
        '"dogs', 'dogs" OR "', "dogs NEAR(park, 5)", "dogs AND", "NOT dogs", "plain : dogs", "dogs*", "^dogs",
        "{plain stems} : dogs", "dogs'; DROP TABLE items; --", "dogs\x00park", "dogs " * 20_000, "dogs\ud83d",
    ],
)  # fmt: skip
def test_operators_and_garbage_are_words_like_others(store: MemoryStore, question: str) -> None:
    assert "dogs" in found(store, question)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.text(max_size=60))
def test_no_question_breaks_the_search(store: MemoryStore, question: str) -> None:
    scores = [score for _, score in store.sparse(question, owner="", limit=3)]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)


def test_the_whole_form_goes_before_the_stem(store: MemoryStore, tmp_path: Path) -> None:
    own = MemoryStore(tmp_path / "memory.sqlite3")
    own.add([note("stem", "we like to run there"), note("form", "we like running there")])
    assert found(own, "running") == ["form", "stem"]
    own.close()


def test_headings_are_searched_and_languages_kept_apart(tmp_path: Path) -> None:
    own = MemoryStore(tmp_path / "memory.sqlite3")
    own.add(
        [
            document("manual", ["Press the red button.", "Wait for a minute."], "Resetting the boiler"),
            note("spanish", "El motor de la caldera es un boiler que no se apaga"),
            note("neither", "boiler 24kW"),
        ]
    )
    assert set(found(own, "boiler")) == {"manual#1", "manual#2", "spanish", "neither"}
    assert set(found(own, "boiler", languages=["en"])) == {"manual#1", "manual#2", "neither"}
    assert set(found(own, "boiler", languages=["es"])) == {"spanish", "neither"}
    own.close()


def test_in_a_large_store_common_words_do_not_hide_a_rare_one(tmp_path: Path) -> None:
    own = MemoryStore(tmp_path / "memory.sqlite3")
    own.add([note(f"n{n}", f"meeting report {n}") for n in range(3000)])
    own.add([note("rare", "meeting report about the chrysanthemum " + "and so on " * 30)])
    assert found(own, "meeting report chrysanthemum")[0] == "rare"
    own.close()
