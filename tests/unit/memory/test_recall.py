"""What a question finds, in which order, and what it does when a part is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events.memories import Recollection
from jarvis_desktop.memory.graph import Graph
from jarvis_desktop.memory.items import NewItem
from jarvis_desktop.memory.recall import Budgets, Recall
from jarvis_desktop.memory.rerank import Reranker
from jarvis_desktop.memory.store import MemoryStore
from jarvis_desktop.memory.vector_index import ExactIndex
from tests.unit.memory.fakes import FakeEncoder, FakeWords
from tests.unit.memory.stored import document, note, turn

PATIENT = Budgets(graph_ms=1e6, rerank_ms=1e6)

Make = Callable[..., Recall]


class Index(ExactIndex):
    ready = True


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MemoryStore]:
    opened = MemoryStore(tmp_path / "memory.sqlite3")
    yield opened
    opened.close()


@pytest.fixture
def recalling(store: MemoryStore) -> Make:
    """A search over these items, everything computed."""

    def make(items: Sequence[NewItem], **options: Any) -> Recall:
        store.add(items)
        encoder, index = options.pop("encoder", FakeEncoder()), Index(64)
        waiting = store.without_vectors("fake", 1000)
        if waiting:
            vectors = FakeEncoder().passages([passage.embedded for passage in waiting])
            store.set_vectors("fake", [passage.key for passage in waiting], vectors)
        index.add(*store.vectors("fake"))
        index.ready = options.pop("ready", True)
        reranker, graph = Reranker(store, FakeWords()), Graph(store)
        while reranker.catch_up() + graph.catch_up():
            pass
        if options.pop("bare", False):
            return Recall(store, encoder, index)
        return Recall(store, encoder, index, reranker, graph, options.pop("budgets", PATIENT))

    return make


def _ids(found: Recollection) -> list[str]:
    return [one.id for one in found.results]


NOTES = (
    note("key", "The spare key lies under the flower pot.", source="house"),
    note("dentist", "The dentist expects me on Tuesday at nine."),
    note("sister", "My sister Carla lives in Lisbon and sings."),
    note("hermana", "Mi hermana vive en Lisboa desde mayo."),
)


def test_the_passage_that_answers_comes_first_with_the_scores_of_every_stage(recalling: Make) -> None:
    found = recalling(NOTES).search("Where is the spare key?")
    best = found.results[0]
    assert (best.id, best.source, best.text) == ("key", "house", NOTES[0].text)
    assert {"dense", "sparse", "rerank"} <= best.stages.keys()
    assert {"embed", "dense", "sparse", "graph", "rerank", "total"} <= found.timings_ms.keys()
    assert found.confident
    assert found.skipped == {}


def test_nothing_that_answers_is_nothing_to_rely_on(recalling: Make) -> None:
    recall = recalling(NOTES)
    assert not recall.search("Who won the football championship yesterday evening?").confident
    assert not recall.search("¿Quién ganó ayer el campeonato?").confident
    assert recall.search("¿Dónde vive mi hermana?").confident


@pytest.mark.parametrize("question", ["", "   ", "?"])
def test_an_empty_question_or_store_finds_nothing_to_rely_on(recalling: Make, question: str) -> None:
    assert not recalling([]).search(question).results
    assert not recalling(NOTES).search(question).confident


def test_words_of_another_language_do_not_push_a_passage(recalling: Make) -> None:
    # "animal" is a word of both languages: found by meaning only, in the English note.
    items = [note("en", "The animal in the garden was seen by the neighbours."), NOTES[3]]
    found = recalling(items).search("¿Qué animal vive con mi hermana?")
    assert _ids(found)[0] == "hermana"
    assert "sparse" not in next(one for one in found.results if one.id == "en").stages
    assert found.skipped == {"rerank": "language"}


def test_an_owner_sees_only_what_is_its_own(recalling: Make) -> None:
    items = [note("mine", "The spare key is blue.", owner="ana"), note("shared", "The spare key is red.")]
    recall = recalling(items)
    assert _ids(recall.search("spare key", owner="ana")) == ["mine"]
    assert _ids(recall.search("spare key")) == ["shared"]
    assert _ids(recall.search("spare key", owner="eve")) == []


def test_an_answer_is_found_by_the_question_before_it(recalling: Make) -> None:
    talk = [
        turn("t1", "Bob: The weather has been awful this whole month.", 1),
        turn("t2", "Bob: Which instrument does your daughter practise these days?", 2),
        turn("t3", "Eve: The cello, every single evening.", 3),
        turn("t4", "Bob: My neighbours would complain about that noise.", 4),
    ]
    found = recalling([*talk, *NOTES]).search("Which instrument does the daughter of Eve practise?", limit=2)
    assert set(_ids(found)) == {"t2", "t3"}
    answer = next(one for one in found.results if one.id == "t3")
    assert answer.around == (talk[1].text, talk[3].text)


def test_the_speaker_in_question_is_preferred(recalling: Make) -> None:
    talk = [
        turn("bob", "Bob: I bought a green bicycle.", 1, location="a"),
        turn("eve", "Eve: I bought a green bicycle.", 1, location="b"),
    ]
    recall = recalling(talk)
    assert _ids(recall.search("Which bicycle has Bob bought?"))[0] == "bob"
    assert _ids(recall.search("Which bicycle has Eve bought?"))[0] == "eve"


def test_a_day_in_the_question_prefers_what_is_of_that_day(recalling: Make) -> None:
    march = datetime(2024, 3, 12, 10).timestamp()
    items = [
        note("old", "We had soup for lunch.", created_at=march - 40 * 86_400),
        note("new", "We had soup for lunch again.", created_at=march),
        *NOTES,
    ]
    recall = recalling(items)
    now = datetime(2024, 3, 13, 9).timestamp()
    assert _ids(recall.search("What soup did we have for lunch yesterday?", now=now))[0] == "new"
    assert _ids(recall.search("What soup did we have for lunch in February?", now=now))[0] == "old"
    assert set(_ids(recall.search("What soup did we have in 2019?", now=now))[:2]) == {"old", "new"}


def test_a_fact_that_was_contradicted_stands_behind(recalling: Make, store: MemoryStore) -> None:
    offices = [note("a", "My office is in Madrid now."), note("b", "My office is in Bilbao now.")]
    recall = recalling([*offices, *NOTES])
    store.supersede("a", "b", at=1.0)
    recall.changed()
    assert _ids(recall.search("Where is my office now?"))[0] == "b"


def test_passages_of_a_document_are_found_each_and_those_of_a_note_once(recalling: Make) -> None:
    parts = ("The engine needs oil.", "The engine needs water.")
    whole = document("n", parts)
    found = recalling([document("d", parts), NOTES[0]]).search("What does the engine need?")
    assert {"d#1", "d#2"} <= set(_ids(found))
    assert found.results[0].around in (("", parts[1]), (parts[0], ""))
    long_note = NewItem(id="n", kind=NOTES[0].kind, text=whole.text, spans=whole.spans)
    found = recalling([long_note]).search("What does the engine need?")
    assert _ids(found).count("n") == 1


def test_what_shares_a_rare_name_with_the_best_finds_comes_in_behind(recalling: Make) -> None:
    items = [
        note("film", "The film of the red bridge was directed by Carla Montes."),
        note("other", "The bridge near the station was painted red."),
        note("person", "Carla Montes was born in Valdepino."),
        *(note(f"n{number}", f"Entry number {number} about nothing special.") for number in range(120)),
    ]
    recall = recalling(items)
    found = recall.search("Who directed the film of the red bridge?", limit=3)
    assert _ids(found) == ["film", "other", "person"]
    assert "graph" in found.results[2].stages
    assert "person" not in _ids(
        recall.search("Who directed the film of the red bridge?", limit=3, stages=["rerank"])
    )


def test_stages_are_named_and_limit_the_search(recalling: Make) -> None:
    recall = recalling(NOTES)
    assert recall.search("spare key", stages=["sparse"]).results[0].stages.keys() == {"sparse"}
    assert recall.search("spare key", stages=["dense"]).results[0].stages.keys() == {"dense"}
    assert recall.search("spare key", stages=["hybrid"]).results[0].stages.keys() == {"dense", "sparse"}
    with pytest.raises(StorageError) as caught:
        recall.search("spare key", stages=["magic"])
    assert caught.value.code == "memory.stages"


class Broken(FakeEncoder):
    def question(self, text: str) -> np.ndarray:
        raise StorageError("memory.no_encoder", "It does not run.", "Use another.")


def test_without_an_encoder_words_are_enough(recalling: Make) -> None:
    found = recalling(NOTES, encoder=Broken()).search("Where is the spare key?")
    assert found.results[0].id == "key"
    assert found.skipped == {"dense": "no_encoder"}


def test_while_the_index_is_rebuilt_words_are_enough(recalling: Make) -> None:
    found = recalling(NOTES, ready=False).search("Where is the spare key?")
    assert found.results[0].id == "key"
    assert found.skipped == {"dense": "rebuilding"}


def test_stages_that_are_not_there_or_too_slow_are_named(recalling: Make) -> None:
    found = recalling(NOTES, bare=True).search("Where is the spare key?")
    assert found.results[0].id == "key"
    assert found.skipped == {"rerank": "no_model", "graph": "no_graph"}
    hasty = recalling(NOTES, budgets=Budgets(graph_ms=-1, rerank_ms=-1)).search("Where is the spare key?")
    assert hasty.results[0].id == "key"
    assert hasty.skipped == {"rerank": "over_budget", "graph": "over_budget"}


def test_a_question_is_computed_once_until_something_changes(recalling: Make, store: MemoryStore) -> None:
    encoder = FakeEncoder()
    recall = recalling(NOTES, encoder=encoder)
    assert recall.search("spare key") is recall.search("spare key")
    assert len(encoder.asked) == 1
    store.add([note("more", "Another spare key hangs in the shed.")])
    recall.changed()
    assert "more" in _ids(recall.search("spare key"))
    store.forget(["more"])
    assert "more" not in _ids(recall.search("spare key"))


def test_warming_leaves_nothing_behind(recalling: Make) -> None:
    encoder = FakeEncoder()
    recall = recalling(NOTES, encoder=encoder)
    recall.warm()
    assert encoder.asked
    assert _ids(recall.search("Where is the spare key?", limit=1)) == ["key"]
