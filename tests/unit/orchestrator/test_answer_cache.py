"""Repeated questions, as the user meets them: the same answer at once, or a new one when it should be new."""

from __future__ import annotations

import logging
import os
import random
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jarvis_desktop.orchestrator.answer_cache import MAX_CHARACTERS, AnswerCache, CacheKey, normalised

HOUR = 3600.0
KEY = CacheKey(
    model="qwen3-4b",
    tier="short",
    instructions="You are Jarvis.",
    question="Explain how photosynthesis works",
    language="en",
    recalled="",
    context="",
)
GARBAGE = b"this was a database once " * 4096

Open = Callable[..., AnswerCache]


class Clock:
    """A wall clock that is set by hand."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "answers.sqlite3"


@pytest.fixture
def open_cache(file: Path, clock: Clock) -> Iterator[Open]:
    """Opens the cache as a start of the program does; closes what is left open."""
    opened: list[AnswerCache] = []

    def open_one(path: Path = file, **options: float) -> AnswerCache:
        opened.append(AnswerCache(path, now=clock, **options))  # type: ignore[arg-type]
        return opened[-1]

    yield open_one
    for cache in opened:
        cache.close()


def question(text: str) -> CacheKey:
    return replace(KEY, question=text)


def bytes_of(file: Path) -> bytes:
    """All that is on disk, the write-ahead log included."""
    return b"".join(path.read_bytes() for path in sorted(file.parent.iterdir()))


def test_a_question_asked_again_gets_the_same_answer(open_cache: Open) -> None:
    cache = open_cache()
    assert cache.get(KEY) is None
    cache.put(KEY, "Plants turn light into sugar. ☀\x00")
    assert cache.get(KEY) == "Plants turn light into sugar. ☀\x00"
    assert cache.get(question("Hey Jarvis, please explain how Photosynthesis works!")) is not None
    stats = cache.stats()
    assert (stats.entries, stats.hits, stats.misses) == (1, 2, 1)
    assert stats.bytes > 0


def test_an_answer_outlives_the_program_from_the_moment_it_was_kept(open_cache: Open) -> None:
    killed = open_cache()  # never closed before the second start
    killed.put(KEY, "Plants turn light into sugar.")
    assert open_cache().get(KEY) == "Plants turn light into sugar."


@pytest.mark.parametrize(
    "other",
    [
        {"model": "qwen3-8b"},
        {"tier": "detailed"},
        {"instructions": "You are a pirate."},
        {"question": "Explain how respiration works"},
        {"language": "es"},
        {"recalled": "The user is a botanist."},
        {"context": "user: Answer in one word from now on."},
    ],
    ids=lambda other: next(iter(other)),
)
def test_what_shapes_the_answer_is_not_shared(open_cache: Open, other: dict[str, str]) -> None:
    cache = open_cache()
    cache.put(KEY, "Plants turn light into sugar.")
    changed = replace(KEY, **other)  # type: ignore[arg-type]
    assert cache.get(changed) is None
    cache.put(changed, "Something else.")
    assert cache.get(KEY) == "Plants turn light into sugar."


def test_text_that_moves_from_one_field_to_the_next_is_another_question() -> None:
    assert replace(KEY, recalled="ab", context="c").digest != replace(KEY, recalled="a", context="bc").digest


def test_a_key_in_a_log_or_a_traceback_does_not_show_what_was_asked() -> None:
    secret = replace(KEY, question="zanzibar", recalled="zanzibar", context="zanzibar")
    assert "zanzibar" not in repr(secret)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("¿Cuál es la capital de Francia?", "cuál  es la capital de francia"),
        ("Oye Jarvis, ¿cuál es la capital de Francia?", "¿Cuál es la capital de Francia, por favor?"),
        ("Jarvis: explain tides!", "please explain tides"),
        ("What is “entropy”?", "what is entropy ?"),
        ("¿Qué es el cafe\u0301?", "¿Qué es el caf\u00e9?"),
        ("hey jarvis please what is two plus two", "What is two plus two, please?"),
    ],
)
def test_how_it_was_put_makes_no_difference(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("¿Qué come el papa?", "¿Qué come el papá?"),
        ("¿Cuántos años tiene un siglo?", "¿Cuántos anos tiene un siglo?"),
        ("what is 3.5 + 2", "what is 35 + 2"),
        ("what is 10/2", "what is 10*2"),
        ("what is 5!", "what is 5?"),
        ("what is n!", "what is n"),
        ("what does ! do in python", "what does : do in python"),
        ("what is c#", "what is c"),
        ("who is jarvis", "who is"),
        ("please", "jarvis"),
    ],
)
def test_what_changes_the_meaning_stays(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(st.text())
def test_any_text_has_a_key_and_normalising_again_changes_nothing_of_the_words(text: str) -> None:
    assert len(question(text).digest) == 32
    assert normalised(text) == normalised(f"  {text}  ") == normalised(text.replace(" ", "  "))


def test_an_answer_lasts_a_day(open_cache: Open, clock: Clock) -> None:
    cache = open_cache()
    cache.put(KEY, "Plants turn light into sugar.")
    clock.time += 24 * HOUR - 1
    assert cache.get(KEY) is not None
    clock.time += 1
    assert cache.get(KEY) is None, "being used does not make it younger"


def test_an_answer_dated_in_the_future_is_not_trusted(open_cache: Open, clock: Clock) -> None:
    cache = open_cache()
    clock.time += 400 * 24 * HOUR  # an empty battery, a wrong time zone
    cache.put(KEY, "From next year.")
    clock.time -= 400 * 24 * HOUR
    assert cache.get(KEY) is None
    cache.put(KEY, "From today.")
    assert cache.get(KEY) == "From today."


def test_what_is_too_old_leaves_the_disk(open_cache: Open, clock: Clock) -> None:
    first = open_cache()
    first.put(KEY, "Plants turn light into sugar.")
    clock.time += 25 * HOUR
    first.put(question("what is entropy"), "Disorder.")
    assert first.stats().entries == 1
    first.close()
    clock.time += 25 * HOUR
    assert open_cache().stats().entries == 0, "at the next start too"


def test_the_least_recently_used_answer_goes_first_whatever_the_clock_does(
    open_cache: Open, clock: Clock
) -> None:
    cache = open_cache(limit=3)
    for text in ("a", "b", "c"):
        cache.put(question(text), text)
        clock.time += 1
    assert cache.get(question("a")) == "a"
    clock.time -= 1  # set back a little: "c" is still the youngest
    cache.put(question("d"), "d")
    assert [cache.get(question(text)) for text in "abcd"] == ["a", None, "c", "d"]
    assert cache.stats().entries == 3


def test_a_newer_answer_replaces_the_one_before(open_cache: Open) -> None:
    cache = open_cache()
    cache.put(KEY, "Plants.")
    cache.put(KEY, "Plants turn light into sugar.")
    assert cache.get(KEY) == "Plants turn light into sugar."
    assert cache.stats().entries == 1


def test_a_long_answer_takes_less_room_than_its_text(open_cache: Open, file: Path) -> None:
    words = "chlorophyll absorbs light in the leaves and the plant makes sugar from air and water".split()
    answer = " ".join(random.Random(7).choices(words, k=500))
    cache = open_cache()
    cache.put(KEY, answer)
    with closing(sqlite3.connect(file)) as connection:
        ((stored,),) = connection.execute("SELECT length(text) FROM answers").fetchall()
    assert stored == cache.stats().bytes < len(answer) / 2
    assert cache.get(KEY) == answer


@pytest.mark.parametrize("answer", ["", " \n", "x" * (MAX_CHARACTERS + 1)], ids=["empty", "blank", "huge"])
def test_no_answer_and_a_boundless_one_are_not_kept(open_cache: Open, answer: str) -> None:
    cache = open_cache()
    cache.put(KEY, answer)
    assert cache.get(KEY) is None
    assert cache.stats().entries == 0


def test_half_an_emoji_comes_back_as_it_was(open_cache: Open) -> None:
    cache = open_cache()
    cache.put(question("half \ud83d"), "half \ud83d")
    assert cache.get(question("half \ud83d")) == "half \ud83d"


def test_the_files_do_not_show_what_was_asked(open_cache: Open, file: Path) -> None:
    asked = replace(KEY, question="What is zanzibar?", recalled="zanzibar", context="user: zanzibar")
    cache = open_cache()
    cache.put(asked, "An island.")
    for life in ("running", "closed"):
        found = bytes_of(file)
        assert asked.digest in found, f"looked at the wrong files ({life})"
        assert b"zanzibar" not in found.lower()
        cache.close()


def test_only_the_user_may_read_the_files(open_cache: Open, file: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("Windows keeps the user's folders from others by inheritance")
    cache = open_cache()
    cache.put(KEY, "Plants turn light into sugar.")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert file.name in modes
    assert set(modes.values()) == {0o600}


def test_clearing_leaves_no_trace_of_an_answer(open_cache: Open, file: Path) -> None:
    cache = open_cache()
    cache.put(KEY, "Plants turn light into sugar.")
    cache.clear()
    assert cache.get(KEY) is None
    assert cache.stats().entries == 0
    assert KEY.digest not in bytes_of(file)


def test_a_damaged_file_is_begun_afresh_and_told_once(
    open_cache: Open, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.parent.mkdir(parents=True)
    file.write_bytes(GARBAGE)
    cache = open_cache()
    assert cache.get(KEY) is None
    cache.put(KEY, "Plants turn light into sugar.")
    assert cache.get(KEY) == "Plants turn light into sugar."
    cache.close()
    file.write_bytes(GARBAGE)
    assert cache.get(KEY) is None
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


@pytest.mark.parametrize(
    "damage",
    [
        "DROP TABLE answers",
        "UPDATE answers SET text = x'00'",
        "UPDATE answers SET text = x'789c4bff0f0002ff0100'",
        "PRAGMA user_version = 99",
    ],
)
def test_a_table_that_is_not_as_it_was_made_never_costs_an_answer(
    open_cache: Open, file: Path, damage: str
) -> None:
    cache = open_cache()
    cache.put(KEY, "Plants turn light into sugar.")
    cache.close()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(damage)
    assert cache.get(KEY) is None
    cache.put(KEY, "Plants turn light into sugar.")
    assert cache.get(KEY) == "Plants turn light into sugar."


def test_damage_to_the_open_file_never_costs_an_answer(open_cache: Open, file: Path) -> None:
    cache = open_cache()
    for number in range(200):
        cache.put(question(str(number)), random.Random(number).randbytes(500).hex())
    for path in file.parent.iterdir():
        size = path.stat().st_size
        path.write_bytes(GARBAGE[:size])
    for number in range(200):
        found = cache.get(question(str(number)))
        assert found in (None, random.Random(number).randbytes(500).hex())
    for _ in range(3):  # at the latest now it has been noticed
        cache.put(KEY, "Plants turn light into sugar.")
    assert cache.get(KEY) == "Plants turn light into sugar."


def test_where_another_program_holds_the_file_the_cache_goes_without(
    open_cache: Open, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = open_cache()
    cache.put(KEY, "Plants turn light into sugar.")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        cache.put(question("what is entropy"), "Disorder.")
        assert cache.get(question("what is entropy")) is None
        other.execute("ROLLBACK")
    assert cache.get(KEY) == "Plants turn light into sugar.", "nothing was thrown away for it"
    assert len(caplog.records) == 1


def test_a_folder_that_is_none_never_costs_an_answer(
    open_cache: Open, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.parent.write_text("a file where the folder should be")
    cache = open_cache()
    for _ in range(3):
        cache.put(KEY, "Plants turn light into sugar.")
        assert cache.get(KEY) is None
    cache.clear()
    assert cache.stats().entries == 0
    assert len(caplog.records) == 1
    file.parent.unlink()
    cache.put(KEY, "Plants turn light into sugar.")
    assert cache.get(KEY) is not None, "works as soon as it can"


@pytest.fixture
def read_only_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder nobody can write to; for root, to whom modes mean nothing, a mount of its own."""
    folder = tmp_path / "read-only"
    folder.mkdir()
    if sys.platform == "win32":
        pytest.skip("folders have no such mode on Windows")
    if os.geteuid() != 0:
        folder.chmod(0o500)
        yield folder
        folder.chmod(0o700)
        return
    mount = ["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("root needs to mount a read-only file system, which is not possible here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_read_only_folder_never_costs_an_answer(
    open_cache: Open, read_only_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = open_cache(read_only_folder / "answers.sqlite3")
    for _ in range(3):
        cache.put(KEY, "Plants turn light into sugar.")
        assert cache.get(KEY) is None
    assert len(caplog.records) == 1


@pytest.mark.parametrize("shared", [True, False], ids=["one cache", "a cache each"])
def test_two_threads_at_once_never_get_the_wrong_answer(open_cache: Open, shared: bool) -> None:
    caches = [open_cache()] * 2 if shared else [open_cache(), open_cache()]
    wrong: list[object] = []
    both = threading.Barrier(2)

    def work(cache: AnswerCache) -> None:
        both.wait()
        for number in range(100):
            cache.put(question(str(number % 10)), f"answer {number % 10}")
            found = cache.get(question(str(number % 7)))
            # Two programs may keep each other waiting for too long; then there is no answer.
            if found != f"answer {number % 7}" and (shared or found is not None):
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(cache,)) for cache in caches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
