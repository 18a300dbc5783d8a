"""Names in passages, and the way from one passage to another by them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jarvis_desktop.memory.graph import Graph, entities
from jarvis_desktop.memory.store import MemoryStore
from tests.unit.memory.stored import note


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MemoryStore]:
    opened = MemoryStore(tmp_path / "memory.sqlite3")
    yield opened
    opened.close()


def test_names_and_quoted_words_in_both_languages() -> None:
    assert entities("The film was made by Ana García in Buenos Aires.") == {
        "ana garcia": "name",
        "buenos aires": "name",
    }
    assert entities("Ayer leí «cien años de soledad» en la Universidad de Salamanca.") == {
        "cien anos de soledad": "quoted",
        "ayer": "name",
        "universidad de salamanca": "name",
    }
    assert entities("nothing here has a name, 12 of 30 times") == {}


def _walk(store: MemoryStore, graph: Graph, start: str) -> list[str]:
    (key,) = store.keys_of([start])
    reached = graph.walk({key: 1.0}, budget_ms=1e6).scores
    passages = store.passages(sorted(reached, key=lambda one: -reached[one]))
    return [passage.id for passage in passages.values() if passage.id != start]


def test_a_walk_reaches_what_shares_a_name_and_what_that_leads_to(store: MemoryStore) -> None:
    store.add(
        [
            note("film", "The Red Bridge is a film by Carla Montes."),
            note("director", "Carla Montes was born in Valdepino."),
            note("town", "Valdepino has two thousand inhabitants."),
            note("other", "Something about Oslo."),
        ]
    )
    graph = Graph(store)
    assert graph.catch_up() == 4
    assert graph.catch_up() == 0
    assert _walk(store, graph, "film") == ["director", "town"]

    again = Graph(store)
    again.load()
    assert _walk(store, again, "film") == ["director", "town"]


def test_a_name_that_is_everywhere_leads_nowhere(store: MemoryStore) -> None:
    store.add([note(f"n{number}", f"Madrid, number {number}") for number in range(40)])
    graph = Graph(store)
    while graph.catch_up():
        pass
    assert _walk(store, graph, "n1") == []


def test_a_walk_without_time_or_before_the_graph_is_loaded_says_so(store: MemoryStore) -> None:
    store.add([note("a", "Carla Montes"), note("b", "Carla Montes sings")])
    graph = Graph(store)
    key = store.keys_of(["a"])[0]
    assert graph.walk({key: 1.0}, 1e6).cut
    graph.catch_up()
    assert not graph.walk({key: 1.0}, 1e6).cut
    assert graph.walk({key: 1.0}, -1).cut
    graph.forget()
    assert graph.walk({key: 1.0}, 1e6).scores == {}
