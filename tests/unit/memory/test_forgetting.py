"""What is forgotten is gone from every byte of the store."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events.memories import MemoryKind
from jarvis_desktop.memory.items import NewItem, Span
from jarvis_desktop.memory.store import MemoryStore
from tests.unit.memory.stored import all_bytes, document, found, note

KEYS = pytest.mark.parametrize("key", ["", "a key"], ids=["plain", "encrypted"])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[MemoryStore]:
    store = MemoryStore(tmp_path / "memory.sqlite3")
    yield store
    store.close()


def words(rng: random.Random, count: int) -> list[str]:
    """Of letters that share no beginning: the word index keeps of a word only what the one before has not."""
    return ["".join(rng.choices("abcdefghijklmnoprstuvz", k=rng.randint(8, 14))) for _ in range(count)]


def test_no_byte_of_what_was_forgotten_is_left(store: MemoryStore, tmp_path: Path) -> None:
    rng = random.Random(7)
    numbers = np.random.default_rng(7)
    told = {f"i{number}": words(rng, 11) for number in range(60)}
    items = []
    for name, (context, source, location, metadatum, _, *said) in told.items():
        spans = (Span(0, 20, context), Span(21, len(" ".join(said)), context))
        about = {"subject": metadatum}
        items.append(
            NewItem(name, MemoryKind.DOCUMENT, " ".join(said), spans, source, location, metadata=about)
        )
    store.add(items)
    for name, (_, _, _, _, entity, *_) in told.items():
        for key in store.keys_of([name]):
            store.set_graph(key, [(entity, "person")])
    keys = store.keys()
    vectors = numbers.normal(size=(len(keys), 384)).astype(np.float16)
    tokens = {key: numbers.integers(-127, 127, (rng.randint(3, 20), 384), np.int8) for key in keys}
    store.set_vectors("m", keys, vectors.astype(np.float32))
    store.set_token_vectors("m", tokens)
    forgotten = rng.sample(list(told), 16)
    secrets = [word.encode() for name in forgotten for word in told[name]]
    gone = set(store.keys_of(forgotten))
    for key, vector in zip(keys, vectors, strict=True):
        if key in gone:
            secrets += [vector.tobytes()[at : at + 32].lower() for at in range(0, 768, 256)]
            secrets += [tokens[key].tobytes()[at : at + 32].lower() for at in range(0, tokens[key].size, 900)]
    before = all_bytes(tmp_path)
    assert all(secret in before for secret in secrets if secret.isalpha())

    store.forget(forgotten[:1])
    receipt = store.forget(forgotten[1:])

    left = all_bytes(tmp_path)
    assert [secret for secret in secrets if secret in left] == []
    assert len(secrets) > 16 * 11
    assert receipt.passages == receipt.vectors == len(gone) - 2
    assert sorted(item.id for item in store.listed("", limit=999)) == sorted(set(told) - set(forgotten))
    kept = [name for name in told if name not in forgotten]
    assert all(word.encode() in left for name in kept for word in told[name])
    assert all(found(store, told[name][-1])[0].startswith(f"{name}#") for name in kept)


def test_after_a_long_life_no_copy_is_left_that_the_database_made_on_its_way(
    store: MemoryStore, tmp_path: Path
) -> None:
    """Rows of many sizes come, change and go: moving them, SQLite leaves copies that no deletion reaches."""
    rng = random.Random(3)
    there: dict[str, list[str]] = {}
    gone: list[str] = []

    def said(name: str) -> NewItem:
        gone.extend(there.get(name, ()))
        there[name] = words(rng, rng.randint(3, 60))
        return note(name, " ".join(["the", *there[name]]))

    for _ in range(5):
        store.add([said("".join(rng.choices("abcdef0123456789", k=12))) for _ in range(40)])
        store.add([said(name) for name in rng.sample(sorted(there), 10)])
        forgotten = rng.sample(sorted(there), 25)
        store.forget(forgotten)
        gone += [word for name in forgotten for word in there.pop(name)]
    left = set(re.findall(rb"[a-z]{8,}", all_bytes(tmp_path)))
    assert [word for word in gone if word.encode() in left] == []


def test_stems_and_spellings_of_a_forgotten_word_are_gone_too(store: MemoryStore, tmp_path: Path) -> None:
    store.add([note("a", "Las murciélagas y los ornitorrincos"), note("b", "Platypuses everywhere")])
    assert b"ornitorrinc" in all_bytes(tmp_path)
    store.forget(["a", "b"])
    left = all_bytes(tmp_path)
    for trace in ("murci", "ornitor", "platypus", "everywh"):
        assert trace.encode() not in left


def test_a_replaced_text_is_gone_after_a_scrub_or_a_restart(tmp_path: Path) -> None:
    store = MemoryStore(tmp_path / "memory.sqlite3")
    for finish in (store.scrub, lambda: (store.close(), store.open())):
        store.add([note("a", "The password was xylophone")])
        store.add([note("a", "There is no password")])
        finish()
        assert b"xyloph" not in all_bytes(tmp_path)
        assert found(store, "password") == ["a"]
    store.close()


def test_a_scrub_cut_short_is_finished_by_the_next_start(tmp_path: Path) -> None:
    store = MemoryStore(tmp_path / "memory.sqlite3")
    store.add([note("a", "xylophone"), note("b", "trumpet")])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "scrub", lambda: None)  # as if the program were killed here
        store.forget(["a"])
    store.close()
    again = MemoryStore(tmp_path / "memory.sqlite3")
    again.open()
    assert b"xyloph" not in all_bytes(tmp_path)
    assert found(again, "trumpet") == ["b"]
    again.close()


def test_the_receipt_tells_what_and_when_but_not_what_it_said(store: MemoryStore, tmp_path: Path) -> None:
    store.add([document("d", ["One xylophone", "two"], owner="ana"), note("n", "Note", owner="ana")])
    store.set_vectors("m", store.keys_of(["d"]), np.ones((2, 4), np.float32))
    receipt = store.forget(["d#2", "d"], "ana", at=50.0)
    assert (receipt.at, receipt.items, receipt.passages, receipt.vectors) == (50.0, ("d",), 2, 2)
    later = store.forget(["n"], "ana", at=60.0)
    assert store.receipts("ana") == store.receipts() == (later, receipt)
    assert store.receipts("bob") == ()


def test_one_unknown_item_and_nothing_is_forgotten(store: MemoryStore) -> None:
    store.add([note("a", "Here")])
    with pytest.raises(StorageError) as caught:
        store.forget(["a", "b"])
    assert caught.value.code == "memory.unknown_item"
    assert (store.item("a").text, store.receipts()) == ("Here", ())


@KEYS
def test_forgotten_items_are_gone_from_a_store_with_a_key(tmp_path: Path, key: str) -> None:
    store = MemoryStore(tmp_path / "memory.sqlite3", key)
    store.add([note("a", "xylophone"), note("b", "trumpet")])
    store.forget(["a"])
    assert (found(store, "xylophone"), found(store, "trumpet")) == ([], ["b"])
    assert b"xyloph" not in all_bytes(tmp_path)
    store.close()


WORD = st.sampled_from(["apple", "banana", "cherry", "damson", "elder", "fig", "grape", "hazel"])
STEP = st.tuples(st.sampled_from(["add", "forget", "reopen"]), st.integers(0, 3), st.lists(WORD, min_size=1))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, max_size=12))
def test_whatever_is_done_the_words_find_what_is_there_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, list[str]]]
) -> None:
    store = MemoryStore(tmp_path_factory.mktemp("store") / "memory.sqlite3")
    there: dict[str, list[str]] = {}
    for step, number, said in steps:
        name = f"i{number}"
        if step == "add":
            store.add([note(name, " ".join(said))])
            there[name] = said
        elif step == "reopen":
            store.close()
            store.open()
        elif there.pop(name, None) is not None:
            store.forget([name])
    for word in ("apple", "banana", "cherry", "damson", "elder", "fig", "grape", "hazel"):
        assert sorted(found(store, word)) == sorted(name for name, said in there.items() if word in said)
    assert sorted(item.id for item in store.listed("")) == sorted(there)
    store.close()
