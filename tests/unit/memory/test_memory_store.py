"""The store of memories: what goes in comes out again, to whom it belongs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events.memories import MemoryItem, MemoryKind
from jarvis_desktop.memory.items import NewItem, Span
from jarvis_desktop.memory.store import MemoryStore
from tests.unit.memory.stored import document, found, note, turn


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MemoryStore]:
    store = MemoryStore(tmp_path / "memory.sqlite3")
    store.open()
    yield store
    store.close()


def unknown(store: MemoryStore, item_id: str, owner: str | None = None) -> bool:
    with pytest.raises(StorageError) as caught:
        store.item(item_id, owner)
    return caught.value.code == "memory.unknown_item"


def test_an_item_comes_back_after_a_restart_as_it_went_in(tmp_path: Path) -> None:
    file = tmp_path / "memory.sqlite3"
    first = MemoryStore(file)
    told = {"pages": 3, "title": "Böse 🐙", "share": 0.5, "draft": False}
    assert first.add([document("d", ["One.", "Two."], source="a.pdf", created_at=12.5, metadata=told)]) == [
        "d"
    ]
    first.set_pinned("d", True)
    first.close()
    second = MemoryStore(file)
    assert second.item("d") == MemoryItem(
        "d", MemoryKind.DOCUMENT, "One.\nTwo.\n", "a.pdf", "", 12.5, pinned=True, passages=2, metadata=told
    )
    second.close()


def test_what_is_there_already_is_skipped_and_a_new_text_takes_the_place_of_the_old(
    store: MemoryStore,
) -> None:
    assert store.add([note("a", "The cat sleeps"), note("b", "The dog barks")]) == ["a", "b"]
    (old,) = store.keys_of(["a"])
    assert store.add([note("a", "The cat sleeps"), note("b", "The bird sings")]) == ["b"]
    assert found(store, "dog barks") == []
    assert found(store, "bird") == ["b"]
    assert store.keys_of(["a"]) == [old]
    assert store.keys_of(["b"]) not in ([old], [old + 1])  # a key is never given to another text


def test_other_passages_of_the_same_text_are_a_change(store: MemoryStore) -> None:
    store.add([NewItem("a", MemoryKind.NOTE, "one two", (Span(0, 7),))])
    assert store.add([NewItem("a", MemoryKind.NOTE, "one two", (Span(0, 3), Span(4, 7)))]) == ["a"]
    assert [p.text for p in store.passages(store.keys()).values()] == ["one", "two"]


def test_an_unchanged_file_that_moved_is_known_by_its_new_place(store: MemoryStore) -> None:
    store.add([note("a", "Text", location="/old", content_hash="1")])
    store.set_pinned("a", True)
    assert store.add([note("a", "Text", location="/new", content_hash="2")]) == []
    assert store.by_location("/old") == ()
    assert [item.id for item in store.by_location("/new")] == ["a"]
    assert (store.find_hash("1"), store.find_hash("2")) == (None, "a")
    assert store.item("a").pinned


def test_a_transaction_with_an_item_that_cannot_be_kept_keeps_none(store: MemoryStore) -> None:
    store.add([note("theirs", "Secret", owner="ana")])
    with pytest.raises(StorageError) as caught:
        store.add([note("mine", "Hello"), note("theirs", "Mine now")])
    assert caught.value.code == "memory.other_owner"
    assert unknown(store, "mine")
    assert store.item("theirs").text == "Secret"


def test_profiles_see_only_their_own(store: MemoryStore) -> None:
    store.add([note("hers", "Ana likes tea", owner="ana", content_hash="h", location="x")])
    store.add([note("shared", "We all like tea")])
    assert [item.id for item in store.listed("ana")] == ["hers"]
    assert [item.id for item in store.listed("")] == ["shared"]
    assert (found(store, "tea", "ana"), found(store, "tea", "")) == (["hers"], ["shared"])
    assert unknown(store, "hers", "")
    assert unknown(store, "shared", "ana")
    assert (store.find_hash("h", ""), store.by_location("x", "")) == (None, ())
    assert store.stats("ana").items == {"note": 1}
    assert (store.keys("ana"), store.keys("bob")) == (store.keys_of(["hers"]), [])
    store.note_use("turn", ["hers", "shared"], 1.0)
    assert [citation.id for citation in store.why("turn", "ana")] == ["hers"]
    with pytest.raises(StorageError):
        store.forget(["hers"], "")
    assert len(store.keys()) == 2


def test_many_of_another_profile_do_not_hide_ones_own(store: MemoryStore) -> None:
    store.add([note(f"h{n}", "tea tea tea", owner="ana") for n in range(200)])
    store.add([note("mine", "tea is what I drink in the long afternoons of winter")])
    assert found(store, "tea", limit=5) == ["mine"]


def test_pinned_items_come_first_then_the_newest(store: MemoryStore) -> None:
    store.add([note(name, name, created_at=at) for name, at in (("old", 1), ("new", 3), ("middle", 2))])
    store.add([turn("said", "said", 0, created_at=9)])
    store.set_pinned("old", True)
    assert [item.id for item in store.listed("")] == ["old", "said", "new", "middle"]
    assert [item.id for item in store.listed("", MemoryKind.NOTE, 2, 1)] == ["new", "middle"]


def test_passages_of_a_document_have_ids_of_their_own(store: MemoryStore) -> None:
    store.add([document("d", ["One", "Two"], "Chapter"), turn("t", "Three", 0)])
    passages = list(store.passages(store.keys()).values())
    assert [p.id for p in passages] == ["d#1", "d#2", "t"]
    assert [p.embedded for p in passages] == ["Chapter\nOne", "Chapter\nTwo", "Three"]
    assert store.item("d#2").id == "d"
    assert store.keys_of(["d#2", "d", "t", "d#3", "d#0", "none"]) == [2, 1, 3]
    assert unknown(store, "d#3")
    assert list(store.passages([3, 99, 1])) == [3, 1]


def test_neighbours_are_in_the_item_or_in_the_conversation(store: MemoryStore) -> None:
    store.add([document("d", ["One", "Two", "Three"])])
    store.add([turn("c", "third", 3), turn("a", "first", 1), turn("b", "second", 2)])
    store.add(
        [turn("other", "elsewhere", 2, "another talk"), note("fact", "x", location="talk", position=2.5)]
    )
    one, two, three = store.keys_of(["d"])
    a, b, c = store.keys_of(["a", "b", "c"])
    assert store.neighbours([one, two, three, 99]) == {
        one: (None, two),
        two: (one, three),
        three: (two, None),
    }
    assert store.neighbours([a, b, c]) == {a: (None, b), b: (a, c), c: (b, None)}


def test_a_contradicted_fact_stays_and_counts_again_when_the_newer_one_is_forgotten(
    store: MemoryStore,
) -> None:
    store.add([note("old", "lives in Lima", kind=MemoryKind.FACT), note("new", "lives in Quito")])
    store.supersede("old", "new", 5.0)
    assert store.item("old").superseded_by == "new"
    assert [p.superseded for p in store.passages(store.keys()).values()] == [True, False]
    store.forget(["new"])
    assert store.item("old").superseded_by == ""


def test_answers_tell_what_they_were_given_to_read(store: MemoryStore) -> None:
    store.add([document("d", ["One", "Two"], source="a.pdf", created_at=3.0), note("n", "Note")])
    store.note_use("first", ["d#2", "n", "gone"], 10.0)
    store.note_use("first", ["n"], 11.0)
    store.note_use("second", ["n"], 12.0)
    assert [(c.id, c.quote, c.source) for c in store.why("first")] == [
        ("d#2", "Two", "a.pdf"),
        ("n", "Note", ""),
    ]
    assert (store.item("n").uses, store.item("n").used_at) == (2, 12.0)
    store.forget(["d"])
    assert [c.id for c in store.why("first")] == ["n"]
    assert store.why("unknown") == ()


def test_vectors_come_back_and_tell_what_is_waiting(store: MemoryStore) -> None:
    store.add([note(name, name) for name in "abc"])
    assert [p.id for p in store.without_vectors("m", 2)] == ["c", "b"]
    matrix = np.eye(3, 8, dtype=np.float32)
    a, b, c = store.keys_of("abc")
    store.set_vectors("m", [c, a, 99], matrix)
    keys, vectors = store.vectors("m")
    assert keys.tolist() == [a, c]
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors, matrix[[1, 0]])
    assert store.vectors("m", [c])[0].tolist() == [c]
    assert store.vectors("another")[1].shape == (0, 0)
    assert [p.key for p in store.without_vectors("m", 9)] == [b]
    assert (store.stats(model="m").vectors, store.stats(model="m").waiting) == (2, 1)


def test_vectors_of_another_size_are_refused(store: MemoryStore) -> None:
    store.add([note("a", "a"), note("b", "b")])
    store.set_vectors("m", [1], np.ones((1, 8), np.float32))
    with pytest.raises(ValueError, match="unlike"):
        store.set_vectors("m", [2], np.ones((1, 4), np.float32))
    assert store.vectors("m")[0].tolist() == [1]


def test_token_vectors_come_back_in_their_type(store: MemoryStore) -> None:
    store.add([note(name, name) for name in "abc"])
    tokens = {1: np.arange(-6, 6, dtype=np.int8).reshape(3, 4), 2: np.ones((2, 4), np.float16)}
    store.set_token_vectors("m", {**tokens, 99: tokens[1]})
    back = store.token_vectors("m", [1, 2, 3, 99])
    assert list(back) == [1, 2]
    for key, matrix in tokens.items():
        assert back[key].dtype == matrix.dtype
        np.testing.assert_array_equal(back[key], matrix)
    assert [p.key for p in store.without_token_vectors("m", 9)] == [3]


def test_token_vectors_of_a_later_store_are_not_those_of_another_text(tmp_path: Path) -> None:
    file = tmp_path / "memory.sqlite3"
    store = MemoryStore(file)
    store.add([note("a", "a")])
    store.backup(tmp_path / "backup.sqlite3")
    store.add([note("b", "b")])
    store.set_token_vectors("m", {key: np.ones((2, 4), np.int8) for key in (1, 2)})
    store.close()
    (tmp_path / "backup.sqlite3").replace(file)  # as the user restores it
    store.add([note("c", "c")])
    assert store.keys_of(["c"]) == [2]
    assert list(store.token_vectors("m", [1, 2])) == [1]
    assert [p.id for p in store.without_token_vectors("m", 9)] == ["c"]
    store.set_token_vectors("m", {2: np.zeros((1, 4), np.int8)})
    assert store.token_vectors("m", [2])[2].shape == (1, 4)
    store.close()


def test_an_index_learns_what_it_missed(store: MemoryStore) -> None:
    store.add([note(name, name) for name in "abc"])
    assert (store.revision(), store.changes_since(0)) == (0, [])
    store.set_vectors("m", [1, 2, 3], np.ones((3, 4), np.float32))
    seen = store.revision()
    assert [(change.key, change.gone) for change in store.changes_since(0)] == [
        (1, False),
        (2, False),
        (3, False),
    ]
    store.forget(["b"])
    store.add([note("c", "another text")])
    store.set_vectors("m", store.keys_of("c"), np.ones((1, 4), np.float32))
    assert [(change.key, change.gone) for change in store.changes_since(seen)] == [
        (2, True),
        (3, True),
        (4, False),
    ]
    assert store.changes_since(store.revision()) == []


def test_the_graph_of_a_passage_is_replaced_and_goes_with_it(store: MemoryStore) -> None:
    store.add([note("a", "Ana met Bob"), note("b", "Bob left")])
    assert [p.id for p in store.without_graph(9)] == ["b", "a"]
    store.set_graph(1, [("Ana", "person"), ("Carl", "person")])
    store.set_graph(1, [("Ana", "person"), ("Bob", "person")])
    store.set_graph(2, [("Bob", "person")])
    store.set_graph(99, [("Nobody", "person")])
    assert store.mentions() == [("Ana", "person", 1), ("Bob", "person", 1), ("Bob", "person", 2)]
    assert (store.without_graph(9), store.stats().entities) == ([], 2)
    store.forget(["a"])
    assert store.mentions() == [("Bob", "person", 2)]


def test_half_an_emoji_is_kept_as_a_question_mark(store: MemoryStore) -> None:
    store.add([note("a", "well \ud83d played", metadata={"half": "\ud83d"})])
    assert store.item("a").text == "well ? played"
    assert found(store, "played") == ["a"]


def test_an_item_without_passages_is_kept_and_not_found(store: MemoryStore) -> None:
    store.add([NewItem("empty", MemoryKind.DOCUMENT, "", ())])
    assert store.item("empty").passages == 0
    assert store.forget(["empty"]).passages == 0


def test_a_passage_outside_of_its_text_is_refused(store: MemoryStore) -> None:
    with pytest.raises(ValueError, match="span"):
        store.add([note("good", "good"), NewItem("bad", MemoryKind.NOTE, "four", (Span(0, 5),))])
    assert store.listed("") == ()


def test_nobody_else_may_read_the_file(store: MemoryStore, tmp_path: Path) -> None:
    store.add([note("a", "private")])
    assert (tmp_path / "memory.sqlite3").stat().st_mode & 0o777 == 0o600
