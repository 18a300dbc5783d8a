"""The comparison counts words as the field does, and its figures add up."""

from __future__ import annotations

import json
from pathlib import Path

import jiwer
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from jarvis_desktop.bench import stt
from jarvis_desktop.bench.words import normalised, word_errors
from jarvis_desktop.errors import AudioError

WORDS = st.lists(st.sampled_from(["a", "b", "c", "the", "light"]), min_size=1, max_size=12)


@given(WORDS, WORDS)
def test_counts_the_same_errors_as_jiwer(reference: list[str], transcript: list[str]) -> None:
    expected = jiwer.process_words(" ".join(reference), " ".join(transcript))
    assert word_errors(reference, transcript) == (
        expected.substitutions + expected.deletions + expected.insertions
    )


def test_an_empty_side_costs_every_word() -> None:
    assert word_errors([], ["a", "b"]) == 2
    assert word_errors(["a", "b"], []) == 2
    assert word_errors([], []) == 0


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "Mr. Hale said: “Stop!”", "mister hale said stop"),
        ("en", "It's 20 o'clock", "it's twenty o'clock"),
        ("en", "twenty-one", "21"),
        ("en", "In 1861 it began", "in eighteen sixty one it began"),
        ("en", "2,250 people", "two thousand two hundred fifty people"),
        ("en", "2000 years", "two thousand years"),
        ("en", "50% off", "fifty percent off"),
        ("en", "the neighbour's colour", "the neighbour's color"),
        ("es", "¿Qué tal, señor?", "qué tal sr"),
        ("es", "el año 2002", "el año dos mil dos"),
        ("es", "1.250 personas", "mil doscientos cincuenta personas"),
        ("es", "31 días", "treinta y uno días"),
        ("es", "100", "cien"),
    ],
)
def test_spelling_is_no_error(language: str, one: str, other: str) -> None:
    assert normalised(one, language) == normalised(other, language)


@given(st.integers(0, 999_999), st.sampled_from(["en", "es"]))
def test_every_number_is_spelt_in_words(number: int, language: str) -> None:
    words = normalised(str(number), language)
    assert words
    assert not any(c.isdigit() for word in words for c in word)


def side(errors: int, seconds: float) -> stt.Side:
    return stt.Side("", "en", errors, seconds, seconds * 2)


def test_the_summary_weighs_words_and_seconds_not_clips() -> None:
    pairs = [
        stt.Pair("a", "en", "read", 10.0, 90, side(9, 1.0), side(0, 4.0)),
        stt.Pair("b", "en", "read", 1.0, 10, side(0, 1.0), side(5, 1.0)),
        stt.Pair("c", "es", "read", 1.0, 10, side(1, 1.0), side(1, 3.0)),
    ]
    summary = stt.summary(pairs)
    assert summary["en"]["wer_ours"] == 9.0
    assert summary["en"]["wer_plain"] == 5.0
    assert summary["en"]["times_less_compute"]["total"] == 2.5
    assert summary["es"]["times_less_compute"]["median"] == 3.0
    assert summary["all"]["clips"] == 3
    interval = summary["all"]["times_less_compute"]
    assert interval["low"] <= interval["total"] <= interval["high"]


def test_the_manifest_is_filtered_and_bad_files_are_named(tmp_path: Path) -> None:
    entries = [
        {"file": "a.wav", "text": "hello", "lang": "en", "kind": "read"},
        {"file": "b.wav", "text": "hola", "lang": "es", "kind": "read"},
        {"file": "c.wav", "text": "", "lang": "", "kind": "noise"},
    ]
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text("\n".join(json.dumps(entry) for entry in entries), encoding="utf-8")
    assert [clip.text for clip in stt.read_manifest(tmp_path)] == ["hello", "hola"]
    assert [clip.text for clip in stt.read_manifest(tmp_path, languages=["es"])] == ["hola"]
    with pytest.raises(AudioError, match=r"a\.wav"):
        stt.read_manifest(tmp_path)[0].samples()
    soundfile.write(tmp_path / "a.wav", np.zeros(8000), 8000)
    with pytest.raises(AudioError, match="16 kHz"):
        stt.read_manifest(tmp_path)[0].samples()
    manifest.write_text("{", encoding="utf-8")
    with pytest.raises(AudioError, match="manifest"):
        stt.read_manifest(tmp_path)
