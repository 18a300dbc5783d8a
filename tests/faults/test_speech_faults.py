"""Speech models that are missing, damaged, killed: a clear error, or no harm at all."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from jarvis_desktop.config.schema import Speech, Transcription
from jarvis_desktop.errors import Category, JarvisError, ModelError, SpeechError
from jarvis_desktop.ports import Samples
from jarvis_desktop.speech.synthesis import PiperSynthesizer
from jarvis_desktop.speech.transcription import WhisperTranscriber
from tests.conftest import Recording

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")


def transcriber_in(home: Path) -> WhisperTranscriber:
    return WhisperTranscriber(Transcription, lambda name: home / "models" / name)


def synthesizer_in(home: Path) -> PiperSynthesizer:
    return PiperSynthesizer(Speech, lambda name: home / "models" / name)


@pytest.fixture
def speech(recordings: list[Recording]) -> Samples:
    recording = next(r for r in recordings if r.lang == "en" and r.kind == "read" and r.seconds < 8)
    return np.asarray(soundfile.read(recording.path, dtype="float32")[0], np.float32)


@posix
def test_a_killed_transcriber_comes_back_and_no_word_is_lost(models_home: Path, speech: Samples) -> None:
    async def run() -> None:
        transcriber = transcriber_in(models_home)
        await transcriber.load()
        expected = (await transcriber.transcribe(speech)).text
        for moment in (0.0, 0.05):
            assert transcriber.pid is not None
            victim = transcriber.pid
            decoding = asyncio.create_task(transcriber.transcribe(speech))
            await asyncio.sleep(moment)
            os.kill(victim, signal.SIGKILL)
            assert (await decoding).text == expected
            assert transcriber.pid != victim
        await transcriber.unload()

    asyncio.run(run())


@posix
def test_a_kill_in_the_middle_of_an_utterance_loses_no_word(models_home: Path, speech: Samples) -> None:
    async def run() -> None:
        transcriber = transcriber_in(models_home)
        await transcriber.load()
        expected = (await transcriber.transcribe(speech)).text
        session = transcriber.session()
        partials = session.partials()
        session.feed(speech[: len(speech) // 2])
        await anext(partials)
        assert transcriber.pid is not None
        os.kill(transcriber.pid, signal.SIGKILL)
        session.feed(speech[len(speech) // 2 :])
        assert (await session.finish()).text == expected
        await transcriber.unload()

    asyncio.run(run())


@posix
def test_a_killed_voice_comes_back_and_the_sentence_is_spoken(models_home: Path) -> None:
    async def run() -> None:
        synthesizer = synthesizer_in(models_home)
        await synthesizer.load()
        assert synthesizer.pid is not None
        speaking = asyncio.create_task(synthesizer.synthesize("This sentence is spoken all the same."))
        await asyncio.sleep(0)
        os.kill(synthesizer.pid, signal.SIGKILL)
        assert (await speaking).seconds > 1
        await synthesizer.unload()

    asyncio.run(run())


def copied(source: Path, target: Path) -> Path:
    """A model folder whose files can be damaged; whole files are links."""
    target.mkdir(parents=True)
    for file in source.iterdir():
        (target / file.name).symlink_to(file)
    return target


def damage(file: Path, content: bytes) -> None:
    file.unlink()
    file.write_bytes(content)


async def load_error(part: WhisperTranscriber | PiperSynthesizer) -> JarvisError:
    with pytest.raises(JarvisError) as caught:
        await part.load()
    assert part.pid is None  # no process is left behind
    return caught.value


@pytest.mark.parametrize("file", ["model.bin", "config.json", "tokenizer.json"])
@pytest.mark.parametrize("content", [None, b"", b"garbage" * 1000])
def test_a_damaged_or_missing_whisper_file_is_named_and_what_to_do(
    file: str, content: bytes | None, models_home: Path, tmp_path: Path
) -> None:
    folder = copied(models_home / "models" / "whisper-base", tmp_path / "models" / "whisper-base")
    if content is None:
        (folder / file).unlink()
    else:
        damage(folder / file, content)
    error = asyncio.run(load_error(transcriber_in(tmp_path)))
    assert isinstance(error, ModelError)
    assert error.code == ("model.missing" if content is None else "model.damaged")
    assert error.category is Category.PERMANENT
    assert str(folder) in error.message
    assert "models get" in error.hint


@pytest.mark.parametrize("ending", [".onnx", ".onnx.json"])
@pytest.mark.parametrize("content", [None, b"", b"garbage" * 1000])
def test_a_damaged_or_missing_voice_file_is_a_clear_error(
    ending: str, content: bytes | None, models_home: Path, tmp_path: Path
) -> None:
    folder = copied(models_home / "models" / "piper-en-joe", tmp_path / "models" / "piper-en-joe")
    file = next(file for file in folder.iterdir() if file.name.endswith(ending))
    if content is None:
        file.unlink()
    else:
        damage(file, content)
    error = asyncio.run(load_error(synthesizer_in(tmp_path)))
    assert isinstance(error, ModelError)
    assert error.code == ("model.missing" if content is None else "model.damaged")
    assert "models get" in error.hint


def test_a_graphics_card_that_is_not_there_is_said_so(models_home: Path) -> None:
    import ctranslate2

    if ctranslate2.get_cuda_device_count() > 0:
        pytest.skip("needs a machine without a usable NVIDIA GPU")
    settings = Transcription(device="cuda")
    transcriber = WhisperTranscriber(lambda: settings, lambda name: models_home / "models" / name)
    error = asyncio.run(load_error(transcriber))
    assert isinstance(error, SpeechError)
    assert error.code == "speech.gpu_unusable"


def test_sound_that_is_no_speech_harms_nothing(models_home: Path) -> None:
    """Not a number, out of range, a click: what a broken driver may deliver."""
    sounds = [
        np.full(16_000, np.nan, np.float32),
        np.full(16_000, np.inf, np.float32),
        np.full(16_000, 1e30, np.float32),
        np.ones(1, np.float32),
        np.random.default_rng(0).uniform(-1, 1, 16_000).astype(np.float32),
    ]

    async def run() -> None:
        transcriber = transcriber_in(models_home)
        for sound in sounds:
            transcript = await transcriber.transcribe(sound)
            assert transcript.audio_seconds == len(sound) / 16_000
            assert transcript.text == ""
        assert transcriber.pid is not None
        assert psutil.Process(transcriber.pid).is_running()
        await transcriber.unload()

    asyncio.run(run())


def test_samples_that_are_no_numbers_cost_no_word_around_them(models_home: Path, speech: Samples) -> None:
    async def run() -> None:
        transcriber = transcriber_in(models_home)
        expected = (await transcriber.transcribe(speech)).text
        broken = speech.copy()
        broken[:3] = np.nan, np.inf, -1e30
        assert (await transcriber.transcribe(broken)).text == expected
        await transcriber.unload()

    asyncio.run(run())
