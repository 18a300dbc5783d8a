"""Real Whisper in its process, on recordings of people."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import soundfile
import soxr

from jarvis_desktop.audio.vad import HeldGate
from jarvis_desktop.bench.words import normalised, word_errors
from jarvis_desktop.config.schema import Listening, Speech, Transcription
from jarvis_desktop.ports import SAMPLE_RATE, AudioBlock, PartialTranscript, Samples, Transcript
from jarvis_desktop.speech.synthesis import PiperSynthesizer
from jarvis_desktop.speech.transcription import WhisperTranscriber
from tests.conftest import Recording
from tests.utterances import utterances
from tests.voices import steady_voice

BLOCK = SAMPLE_RATE // 50  # 20 ms, as a microphone delivers


def audio(path: Path) -> Samples:
    return np.asarray(soundfile.read(path, dtype="float32")[0], np.float32)


Work = Callable[[WhisperTranscriber], Coroutine[Any, Any, None]]
Understand = Callable[[Work], None]


@contextmanager
def understanding(home: Path, **settings: object) -> Iterator[Understand]:
    """Runs what is given to it with a loaded transcriber: one for all, as in the program."""
    wanted = Transcription(**settings)
    transcriber = WhisperTranscriber(lambda: wanted, lambda name: home / "models" / name)
    with asyncio.Runner() as runner:
        try:
            runner.run(transcriber.load())
            yield lambda work: runner.run(work(transcriber))
        finally:
            runner.run(transcriber.unload())


@pytest.fixture(scope="module")
def understand(models_home: Path) -> Iterator[Understand]:
    """A transcriber with the settings as they are at first; loading it takes as long as a short test."""
    with understanding(models_home) as understand:
        yield understand


def error_rate(pairs: Sequence[tuple[Recording, str]]) -> float:
    words = sum(len(normalised(recording.text, recording.lang)) for recording, _ in pairs)
    return (
        sum(
            word_errors(normalised(recording.text, recording.lang), normalised(text, recording.lang))
            for recording, text in pairs
        )
        / words
    )


def first(recordings: list[Recording], lang: str, kind: str, count: int) -> list[Recording]:
    return [r for r in recordings if r.lang == lang and r.kind == kind][:count]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_understands_people_and_hears_which_language_they_speak(
    lang: str, recordings: list[Recording], understand: Understand
) -> None:
    chosen = first(recordings, lang, "read", 6)

    async def work(transcriber: WhisperTranscriber) -> None:
        heard = [await transcriber.transcribe(audio(recording.path)) for recording in chosen]
        assert [transcript.language for transcript in heard] == [lang] * len(chosen)
        assert error_rate([(r, t.text) for r, t in zip(chosen, heard, strict=True)]) < 0.2
        for recording, transcript in zip(chosen, heard, strict=True):
            assert transcript.audio_seconds == pytest.approx(recording.seconds, abs=0.01)
            assert transcript.compute_seconds > 0
            assert " ".join(segment.text for segment in transcript.segments) == transcript.text
            times = [t for segment in transcript.segments for t in (segment.start, segment.end)]
            assert times == sorted(times)
            assert times[-1] <= recording.seconds + 0.1

    understand(work)


@pytest.mark.parametrize(("before", "after"), [(7.03, 0.0), (7.4, 0.3)])
def test_who_holds_the_key_and_thinks_before_speaking_is_understood(
    before: float, after: float, recordings: list[Recording], understand: Understand
) -> None:
    """After such silences Whisper alone writes the question twice, or another one."""
    question = next(r for r in recordings if r.path.name == "cmd_what_time_is_it.flac")
    silent, then = (np.zeros(round(seconds * SAMPLE_RATE), np.float32) for seconds in (before, after))
    samples = np.concatenate([silent, audio(question.path), then])

    async def work(transcriber: WhisperTranscriber) -> None:
        gate = HeldGate(Listening())
        events = [
            event
            for at in range(0, len(samples), BLOCK)
            for event in await gate.feed(AudioBlock(samples[at : at + BLOCK], at / SAMPLE_RATE))
        ]
        ((_, heard, _),) = utterances([*events, *await gate.finish()])
        transcript = await transcriber.transcribe(heard)
        assert normalised(transcript.text, "en") == normalised(question.text, "en")

    understand(work)


def test_a_long_recording_is_transcribed_to_its_end(
    recordings: list[Recording], understand: Understand
) -> None:
    recording = first(recordings, "en", "long", 1)[0]

    async def work(transcriber: WhisperTranscriber) -> None:
        transcript = await transcriber.transcribe(audio(recording.path), language="en")
        assert error_rate([(recording, transcript.text)]) < 0.15
        assert transcript.segments[-1].end > recording.seconds - 5

    understand(work)


@pytest.mark.parametrize("sound", ["nothing", "digital silence", "quiet room", "hum"])
def test_no_words_are_made_up_where_nobody_speaks(
    sound: str, recordings: list[Recording], understand: Understand
) -> None:
    quiet = [recording for recording in recordings if recording.kind == "silence"]
    samples = {
        "nothing": np.zeros(0, np.float32),
        "digital silence": np.zeros(3 * SAMPLE_RATE, np.float32),
        "quiet room": audio(quiet[0].path),
        "hum": (0.05 * np.sin(2 * np.pi * 50 * np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE)).astype(np.float32),
    }[sound]

    async def work(transcriber: WhisperTranscriber) -> None:
        assert (await transcriber.transcribe(samples)).text == ""

    understand(work)


def test_noise_and_music_are_not_taken_for_words(recordings: list[Recording], understand: Understand) -> None:
    """Loud, quiet and on top of each other, as a whole and through live text."""
    sounds = {r.path.name: audio(r.path) for r in recordings if r.kind in ("noise", "music", "silence")}
    both = list(zip(sounds, list(sounds)[3:], strict=False))
    mixed = {
        f"{a}+{b}": np.float32(0.5) * (sounds[a][:80_000] + _fitted(sounds[b], sounds[a])) for a, b in both
    }
    faint = {f"{name} -20 dB": np.float32(0.1) * samples for name, samples in sounds.items()}

    async def work(transcriber: WhisperTranscriber) -> None:
        made_up = [
            name
            for name, samples in (sounds | faint | mixed).items()
            if (await transcriber.transcribe(samples)).text
        ]
        for name, samples in sounds.items():
            session = transcriber.session()
            session.feed(samples)
            session.settle()
            if (await anext(session.partials())).final.text or (await session.finish()).text:
                made_up.append(f"{name} live")
        assert made_up == []

    understand(work)


def _fitted(samples: Samples, other: Samples) -> Samples:
    """As long as the first five seconds of another sound."""
    return np.resize(samples, len(other[:80_000]))


@pytest.mark.parametrize("level", [-40.0, -20.0])
def test_commands_are_understood_from_a_quiet_speaker_too(
    level: float, recordings: list[Recording], understand: Understand
) -> None:
    chosen = first(recordings, "en", "command", 16)

    async def work(transcriber: WhisperTranscriber) -> None:
        heard = []
        for recording in chosen:
            samples = audio(recording.path)
            gain = 10 ** (level / 20) / np.sqrt(np.mean(np.square(samples)))
            heard.append((await transcriber.transcribe(np.clip(gain * samples, -1, 1))).text)
        assert all(heard)
        assert error_rate(list(zip(chosen, heard, strict=True))) < 0.25

    understand(work)


async def listen(
    transcriber: WhisperTranscriber, samples: Samples, *, paced: bool = True
) -> tuple[Transcript, list[PartialTranscript]]:
    """An utterance as the microphone delivers it; `paced` ones wait for the text to keep up."""
    session = transcriber.session()
    partials: list[PartialTranscript] = []

    async def collect() -> None:
        async for partial in session.partials():
            partials.append(partial)

    collecting = asyncio.create_task(collect())
    for begin in range(0, len(samples), BLOCK):
        session.feed(samples[begin : begin + BLOCK])
        if paced:
            await asyncio.sleep(BLOCK / SAMPLE_RATE)
    final = await session.finish()
    await collecting
    return final, partials


@pytest.mark.parametrize("lang", ["en", "es"])
def test_text_grows_while_the_user_speaks_and_what_is_stable_stays(
    lang: str, recordings: list[Recording], understand: Understand
) -> None:
    recording = next(r for r in first(recordings, lang, "read", 20) if 6 < r.seconds < 14)

    async def work(transcriber: WhisperTranscriber) -> None:
        final, partials = await listen(transcriber, audio(recording.path))
        assert error_rate([(recording, final.text)]) < 0.35
        assert len(partials) >= 3
        stable = [partial.stable for partial in partials]
        assert all(later.startswith(earlier) for earlier, later in pairwise(stable))
        assert stable[-1]
        assert final.audio_seconds == pytest.approx(recording.seconds, abs=0.01)

    understand(work)


def test_the_text_of_a_turn_that_fell_silent_is_final_before_it_is_over(
    recordings: list[Recording], understand: Understand, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = first(recordings, "en", "read", 3)[2]
    samples = np.concatenate([audio(recording.path), np.zeros(SAMPLE_RATE // 5, np.float32)])
    calls: list[str] = []

    async def work(transcriber: WhisperTranscriber) -> None:
        ask = transcriber.ask

        async def counted(method: str, samples: Samples, **args: object) -> object:
            calls.append(method)
            return await ask(method, samples, **args)

        monkeypatch.setattr(transcriber, "ask", counted)
        session = transcriber.session()
        session.feed(samples)
        session.settle()
        partial = await anext(session.partials())
        assert partial.final is not None
        session.feed(np.zeros(SAMPLE_RATE // 2, np.float32))
        calls.clear()
        final = await session.finish()
        assert final.text == partial.final.text
        assert error_rate([(recording, final.text)]) < 0.2

    understand(work)
    assert calls == ["voice_returns"]


def test_a_voice_that_goes_on_after_a_pause_is_heard_to_its_end(
    recordings: list[Recording], understand: Understand
) -> None:
    recording = first(recordings, "en", "read", 3)[2]
    samples = audio(recording.path)

    async def work(transcriber: WhisperTranscriber) -> None:
        session = transcriber.session()
        session.feed(samples[: len(samples) // 2])
        session.settle()
        early = (await anext(session.partials())).final
        session.feed(samples[len(samples) // 2 :])
        final = await session.finish()
        assert early is not None
        assert len(final.text) > len(early.text)
        assert error_rate([(recording, final.text)]) < 0.2

    understand(work)


def test_a_language_is_decided_anew_for_each_utterance(
    recordings: list[Recording], understand: Understand
) -> None:
    chosen = [
        r
        for pair in zip(first(recordings, "es", "read", 5), first(recordings, "en", "read", 5), strict=True)
        for r in pair
    ]

    async def work(transcriber: WhisperTranscriber) -> None:
        heard = []
        for recording in chosen:
            session = transcriber.session()
            session.feed(audio(recording.path))
            heard.append((await session.finish()).language)
        assert heard == [recording.lang for recording in chosen]

    understand(work)


def test_own_words_are_recognised_and_change_nothing_else(
    recordings: list[Recording], models_home: Path, understand: Understand, tmp_path: Path
) -> None:
    said = "Ask Xiomara Quispe about Kubernetes."
    chosen = first(recordings, "en", "read", 5)
    spoken: list[Samples] = []
    plain: list[str] = []
    plain_names: list[str] = []

    async def speak() -> None:
        voice = steady_voice(models_home, tmp_path)
        synthesizer = PiperSynthesizer(Speech, lambda _: voice)
        try:
            for speed in (0.9, 1.0, 1.1):
                clip = await synthesizer.synthesize(said, speed=speed)
                spoken.append(soxr.resample(clip.samples, clip.sample_rate, SAMPLE_RATE))
        finally:
            await synthesizer.unload()

    async def without(transcriber: WhisperTranscriber) -> None:
        plain.extend([(await transcriber.transcribe(audio(r.path))).text for r in chosen])
        plain_names.extend([(await transcriber.transcribe(samples)).text for samples in spoken])

    async def with_words(transcriber: WhisperTranscriber) -> None:
        heard = [(await transcriber.transcribe(audio(r.path))).text for r in chosen]
        assert error_rate(list(zip(chosen, heard, strict=True))) <= 0.02 + error_rate(
            list(zip(chosen, plain, strict=True))
        )
        names = [(await transcriber.transcribe(samples)).text for samples in spoken]
        assert sum("Xiomara" in text and "Kubernetes" in text for text in names) >= 2
        assert sum("Xiomara" in text for text in plain_names) <= 1

    asyncio.run(speak())
    understand(without)
    with understanding(models_home, custom_words="Xiomara Quispe, Kubernetes") as understand_names:
        understand_names(with_words)


def test_a_single_short_word_is_heard_at_once(understand: Understand, recordings: list[Recording]) -> None:
    """The key was held for less than the interval between two looks."""
    recording = first(recordings, "en", "read", 1)[0]

    async def work(transcriber: WhisperTranscriber) -> None:
        final, partials = await listen(
            transcriber, audio(recording.path)[: SAMPLE_RATE * 4 // 10], paced=False
        )
        assert len(final.text.split()) <= 3
        assert partials == []

    understand(work)


def test_an_utterance_longer_than_a_window_keeps_all_its_words(
    recordings: list[Recording], understand: Understand
) -> None:
    recording = first(recordings, "en", "long", 1)[0]
    samples = audio(recording.path)

    async def work(transcriber: WhisperTranscriber) -> None:
        session = transcriber.session()
        shown: list[str] = []

        async def collect() -> None:
            async for partial in session.partials():
                shown.append(partial.stable)
                looked.set()

        looked = asyncio.Event()
        collecting = asyncio.create_task(collect())
        step = 5 * SAMPLE_RATE  # as if the machine were slow: 5 s between looks
        for begin in range(0, len(samples), step):
            looked.clear()
            session.feed(samples[begin : begin + step])
            with suppress(TimeoutError):  # a look that finds nothing new shows nothing
                await asyncio.wait_for(looked.wait(), 10)
        final = await session.finish()
        await collecting
        assert error_rate([(recording, final.text)]) < 0.15
        assert shown[-1].startswith(shown[len(shown) // 2])
        assert final.audio_seconds == pytest.approx(recording.seconds, abs=0.01)

    understand(work)


def test_a_cancelled_utterance_ends_its_partials(recordings: list[Recording], understand: Understand) -> None:
    samples = audio(first(recordings, "en", "read", 1)[0].path)

    async def work(transcriber: WhisperTranscriber) -> None:
        session = transcriber.session()
        session.feed(samples)
        partials = session.partials()
        await anext(partials)
        await session.cancel()
        with pytest.raises(StopAsyncIteration):
            await anext(partials)

    understand(work)


def test_unloading_gives_the_process_and_its_memory_back(models_home: Path) -> None:
    async def run() -> None:
        transcriber = WhisperTranscriber(Transcription, lambda name: models_home / "models" / name)
        assert transcriber.pid is None
        assert transcriber.model == "whisper-base"
        await asyncio.gather(transcriber.load(), transcriber.load())
        assert transcriber.pid is not None
        process = psutil.Process(transcriber.pid)
        await transcriber.load()
        assert transcriber.pid == process.pid
        await transcriber.unload()
        await transcriber.unload()
        assert not process.is_running()
        assert transcriber.pid is None

    asyncio.run(run())
