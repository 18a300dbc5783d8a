"""Vectors that were computed once: found again in memory, on disk and after a restart, and gone for good."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.embedding import normalised
from jarvis_desktop.memory.embedding_cache import CacheCounts, CachedEncoder
from tests.unit.memory.fakes import FakeEncoder

TEXTS = [f"Note number {number} is about the {number}th lighthouse." for number in range(300)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "memory" / "embeddings.sqlite3"


@pytest.fixture
def opened(file: Path) -> Iterator[Callable[..., CachedEncoder]]:
    made: list[CachedEncoder] = []

    def make(encoder: FakeEncoder, **options: Any) -> CachedEncoder:
        made.append(CachedEncoder(encoder, file, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


Opened = Callable[..., CachedEncoder]


def test_a_text_is_computed_once(opened: Opened) -> None:
    encoder = FakeEncoder()
    cached = opened(encoder)
    first = cached.passages(TEXTS)
    again = cached.passages(TEXTS[::-1])
    assert encoder.asked == TEXTS
    assert np.array_equal(again, first[::-1])
    assert cached.counts == CacheCounts(memory=300, disk=0, computed=300)


def test_vectors_are_those_of_the_encoder_with_unit_length(opened: Opened) -> None:
    vectors = opened(FakeEncoder()).passages(TEXTS)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert np.allclose(vectors, FakeEncoder().passages(TEXTS), atol=1e-3)


def test_only_what_is_missing_in_a_batch_is_computed_and_each_text_once(opened: Opened) -> None:
    encoder = FakeEncoder()
    cached = opened(encoder)
    cached.passages(["one", "three"])
    vectors = cached.passages(["one", "two", "three", "two", "four"])
    assert encoder.asked == ["one", "three", "two", "four"]
    assert np.array_equal(vectors[1], vectors[3])
    assert np.argmax(vectors @ FakeEncoder().question("four")) == 4


def test_texts_that_look_alike_are_one(opened: Opened) -> None:
    encoder = FakeEncoder()
    cached = opened(encoder)
    cached.passages(["La canción  de\n\tAna "])
    cached.passages(["La cancio\u0301n de Ana"])
    assert cached.counts.computed == 1


def test_questions_and_passages_are_kept_apart(opened: Opened) -> None:
    class Sided(FakeEncoder):
        def question(self, text: str) -> np.ndarray:
            return -super().question(text)

    cached = opened(Sided())
    passage = cached.passages(["the same"])[0]
    assert np.allclose(cached.question("the same"), -passage)
    assert np.allclose(cached.question("the same"), -passage)


def test_a_restart_finds_everything_on_disk_with_the_same_vectors(opened: Opened) -> None:
    before = opened(FakeEncoder())
    vectors, question = before.passages(TEXTS), before.question("lighthouse?")
    before.close()
    encoder = FakeEncoder()
    after = opened(encoder)
    assert np.array_equal(after.passages(TEXTS), vectors)
    assert np.array_equal(after.question("lighthouse?"), question)
    assert encoder.asked == []
    assert after.counts == CacheCounts(disk=301)


def test_another_encoder_finds_nothing_of_the_first(opened: Opened) -> None:
    opened(FakeEncoder("one")).passages(TEXTS)
    other = FakeEncoder("two")
    opened(other).passages(TEXTS)
    assert other.asked == TEXTS


def test_an_hour_later_a_text_comes_from_the_disk(file: Path) -> None:
    now = 0.0
    cached = CachedEncoder(FakeEncoder(), file, clock=lambda: now)
    cached.question("when?")
    now = 3601.0
    cached.question("when?")
    assert cached.counts == CacheCounts(memory=0, disk=1, computed=1)
    cached.close()


def test_no_texts_give_no_vectors(opened: Opened) -> None:
    assert opened(FakeEncoder()).passages([]).shape == (0, 64)


def test_the_file_stays_within_its_bound_and_keeps_what_was_used_last(opened: Opened, file: Path) -> None:
    most = 120_000
    cached = opened(FakeEncoder(), most_bytes=most)
    cached.question("the one in use")
    for start in range(0, 2000, 100):
        cached.passages([f"passing text {number}" for number in range(start, start + 100)])
        cached.question("the one in use")
    cached.close()
    assert file.stat().st_size < 1.5 * most
    encoder = FakeEncoder()
    after = opened(encoder)
    after.question("the one in use")
    after.passages(["passing text 1999"])
    assert encoder.asked == []
    after.passages(["passing text 0"])
    assert encoder.asked == ["passing text 0"]


def test_what_is_forgotten_leaves_no_byte_in_any_file(opened: Opened, file: Path) -> None:
    cached = opened(FakeEncoder())
    vectors = cached.passages(TEXTS)
    cached.question(TEXTS[0])
    secret = [vector.astype(np.float16).tobytes()[:32] for vector in FakeEncoder().passages(TEXTS)]
    assert all(one in _all_bytes(file) for one in secret)
    cached.forget(TEXTS[:150])
    assert not any(one in _all_bytes(file) for one in secret[:150])
    cached.close()
    assert not any(one in _all_bytes(file) for one in secret[:150])
    assert all(one in _all_bytes(file) for one in secret[150:])
    encoder = FakeEncoder()
    after = opened(encoder)
    assert np.array_equal(after.passages(TEXTS), vectors)
    assert encoder.asked == TEXTS[:150]


def test_what_was_asked_about_it_is_forgotten_with_it(opened: Opened, file: Path) -> None:
    cached = opened(FakeEncoder())
    cached.passages(["The user's dog is called Tobi."])
    vector = cached.question("My dog is called Tobi!").astype(np.float16).tobytes()[:32]
    assert vector in _all_bytes(file)
    cached.forget(["The user's dog is called Tobi."])
    assert vector not in _all_bytes(file)
    before = cached.counts.computed
    cached.question("My dog is called Tobi!")
    assert cached.counts.computed == before + 1


def test_forgetting_reaches_the_memory_and_other_encoders(opened: Opened) -> None:
    old = opened(FakeEncoder("old"))
    old.passages(["a secret"])
    old.close()
    encoder = FakeEncoder("new")
    cached = opened(encoder)
    cached.passages(["a secret"])
    cached.forget(["a  secret"])
    cached.passages(["a secret"])
    assert encoder.asked == ["a secret"] * 2
    cached.close()
    again = FakeEncoder("old")
    opened(again).passages(["a secret"])
    assert again.asked == ["a secret"]


def test_no_text_is_stored(opened: Opened, file: Path) -> None:
    cached = opened(FakeEncoder())
    cached.passages(["unmistakable"])
    cached.question("unmistakable")
    assert b"unmistakable" not in _all_bytes(file)


def test_a_damaged_file_is_begun_anew_and_not_kept(
    opened: Opened, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = opened(FakeEncoder())
    vectors = first.passages(TEXTS)
    first.close()
    content = bytearray(file.read_bytes())
    content[100:20_000] = b"\xa5" * 19_900
    file.write_bytes(content)
    encoder = FakeEncoder()
    with caplog.at_level(logging.WARNING):
        second = opened(encoder)
        assert np.array_equal(second.passages(TEXTS), vectors)
    assert encoder.asked == TEXTS
    assert "damaged" in caplog.text
    second.close()
    assert [one.name for one in file.parent.iterdir()] == [file.name]
    third = opened(FakeEncoder())
    third.passages(TEXTS)
    assert third.counts == CacheCounts(disk=300)


def test_what_cannot_be_a_vector_is_computed_again(opened: Opened, file: Path) -> None:
    cached = opened(FakeEncoder())
    cached.passages(["short", "changed", "sound"])
    cached.close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE vectors SET vector = x'0102' WHERE rowid = 1")
        connection.execute("UPDATE vectors SET vector = zeroblob(128) WHERE rowid = 2")
    connection.close()
    encoder = FakeEncoder()
    opened(encoder).passages(["short", "changed", "sound"])
    assert encoder.asked == ["short", "changed"]


def test_damage_that_shows_only_in_use_is_got_over(
    opened: Opened, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cached = opened(FakeEncoder())
    vectors = cached.passages(TEXTS)
    cached.close()
    cached = opened(FakeEncoder())
    cached.question("is it open?")
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    file.write_bytes(content)
    assert np.array_equal(cached.passages(TEXTS), vectors)
    cached.close()
    after = opened(FakeEncoder())
    assert np.array_equal(after.passages(TEXTS), vectors)
    assert "in memory only" in caplog.text or "damaged" in caplog.text


def test_with_a_key_the_file_is_encrypted_and_vectors_of_before_are_gone(opened: Opened, file: Path) -> None:
    plain = opened(FakeEncoder())
    plain.passages(["a secret"])
    plain.close()
    vector = FakeEncoder().passages(["a secret"])[0].astype(np.float16).tobytes()[:32]
    assert vector in _all_bytes(file)
    locked = opened(FakeEncoder(), key="0f" * 32)
    locked.passages(["a secret"])
    locked.close()
    assert vector not in _all_bytes(file)
    encoder = FakeEncoder()
    again = opened(encoder, key="0f" * 32)
    again.passages(["a secret"])
    assert encoder.asked == []
    again.passages(["another text"])
    again.forget(["a secret"])
    again.close()
    kept = FakeEncoder()
    opened(kept, key="0f" * 32).passages(["another text", "a secret"])
    assert kept.asked == ["a secret"]
    back = opened(FakeEncoder())
    back.passages(["a secret"])
    assert back.counts.computed == 1


def test_a_file_that_another_program_holds_is_done_without(
    opened: Opened, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cached = opened(FakeEncoder())
    cached.passages(["first"])
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with caplog.at_level(logging.WARNING):
        cached.passages(["second"])
        cached.passages(["first", "second"])
    holder.execute("ROLLBACK")
    holder.close()
    assert cached.counts == CacheCounts(memory=2, disk=0, computed=2)
    assert "in memory only" in caplog.text


def test_a_folder_that_cannot_be_written_is_done_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    cached = CachedEncoder(FakeEncoder(), tmp_path / "taken" / "embeddings.sqlite3")
    with caplog.at_level(logging.WARNING):
        assert cached.passages(["text"]).shape == (1, 64)
        cached.passages(["text"])
    assert cached.counts == CacheCounts(memory=1, computed=1)
    assert len(caplog.records) == 1


def test_a_file_that_cannot_be_changed_is_deleted_when_something_is_to_be_forgotten(
    opened: Opened, file: Path
) -> None:
    cached = opened(FakeEncoder())
    cached.passages(["a secret", "another text"])
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    cached.forget(["a secret"])
    holder.execute("ROLLBACK")
    holder.close()
    assert not file.exists()
    cached.passages(["another text", "a secret"])
    assert cached.counts.computed == 3


def test_an_error_of_the_encoder_reaches_the_caller_and_stores_nothing(opened: Opened) -> None:
    class Broken(FakeEncoder):
        def passages(self, texts: object) -> np.ndarray:
            raise StorageError("memory.encoder_failed", "It does not work.")

    with pytest.raises(StorageError, match="does not work"):
        opened(Broken()).passages(["text"])
    encoder = FakeEncoder()
    opened(encoder).passages(["text"])
    assert encoder.asked == ["text"]


def test_what_no_tokeniser_takes_is_replaced() -> None:
    assert normalised("a\0b \ud800 cafe\u0301\u00a0!") == "a b ? café !"


def _all_bytes(file: Path) -> bytes:
    return b"".join(one.read_bytes() for one in file.parent.iterdir())
