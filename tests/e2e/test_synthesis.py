"""Real Piper in its process, heard by real Whisper."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import soxr
from faster_whisper import WhisperModel

from jarvis_desktop.bench.words import normalised, word_errors
from jarvis_desktop.config.schema import Speech
from jarvis_desktop.ports import SAMPLE_RATE, SpeechClip
from jarvis_desktop.speech.speakable import speakable
from jarvis_desktop.speech.synthesis import PiperSynthesizer
from tests.voices import steady_voice

Work = Callable[[PiperSynthesizer], Coroutine[Any, Any, None]]
Speak = Callable[..., list[SpeechClip]]
Hear = Callable[..., list[str]]


@contextmanager
def speaking(voice: Path, **settings: object) -> Iterator[Callable[[Work], None]]:
    """Runs what is given to it with a loaded voice: one for all, as in the program."""
    wanted = Speech(**settings)
    synthesizer = PiperSynthesizer(lambda: wanted, lambda _: voice)
    with asyncio.Runner() as runner:
        try:
            runner.run(synthesizer.load())
            yield lambda work: runner.run(work(synthesizer))
        finally:
            runner.run(synthesizer.unload())


@pytest.fixture(scope="module")
def voice(models_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return steady_voice(models_home, tmp_path_factory.mktemp("voice"))


@pytest.fixture(scope="module")
def with_voice(voice: Path) -> Iterator[Callable[[Work], None]]:
    """A voice with the settings as they are at first."""
    with speaking(voice) as with_voice:
        yield with_voice


@pytest.fixture
def spoken(with_voice: Callable[[Work], None]) -> Speak:
    """Says texts."""

    def speak(*texts: str) -> list[SpeechClip]:
        clips: list[SpeechClip] = []

        async def work(synthesizer: PiperSynthesizer) -> None:
            clips.extend([await synthesizer.synthesize(text) for text in texts])

        with_voice(work)
        return clips

    return speak


@pytest.fixture(scope="module")
def heard(models_home: Path) -> Hear:
    """What plain Whisper understands of clips."""
    whisper = WhisperModel(str(models_home / "models" / "whisper-base"), compute_type="int8", cpu_threads=2)

    def hear(*clips: SpeechClip) -> list[str]:
        texts = []
        for clip in clips:
            samples = soxr.resample(clip.samples, clip.sample_rate, SAMPLE_RATE)
            segments, _ = whisper.transcribe(samples, language="en", beam_size=5)
            texts.append(" ".join(segment.text for segment in segments))
        return texts

    return hear


def errors(said: str, understood: str, language: str) -> int:
    return word_errors(normalised(said, language), normalised(understood, language))


def until(clip: SpeechClip, seconds: float) -> SpeechClip:
    """What was played of a clip that was stopped after `seconds`."""
    samples = clip.samples[: round(seconds * clip.sample_rate)]
    rest = np.zeros(clip.sample_rate // 2, np.float32)
    said = max((mark.end for mark in clip.marks if mark.seconds <= seconds), default=0)
    return SpeechClip(np.concatenate([samples, rest]), clip.sample_rate, clip.text[:said])


def test_what_piper_says_whisper_understands(spoken: Speak, heard: Hear) -> None:
    sentence = "The weather in London is **sunny** today. 😀"
    [clip] = spoken(sentence)
    assert clip.text == sentence
    assert clip.samples.dtype == np.float32
    assert 1 < clip.seconds < 10
    assert np.abs(clip.samples).max() <= 1
    [understood] = heard(clip)
    assert errors("The weather in London is sunny today", understood, "en") <= 1


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("The ticket costs $29.50 and the train leaves on time.",
         "The ticket costs 29 dollars and 50 cents and the train leaves on time"),
        ("It weighs 5 kg, measures 20 cm and runs at 100 km/h.",
         "It weighs five kilograms, measures 20 centimetres and runs at 100 kilometres per hour"),
        ("The **Second World War**, i.e. World War II, ended in 1945.",
         "The Second World War, that is, World War two, ended in 1945"),
    ],
)  # fmt: skip
def test_figures_are_understood_as_they_were_meant(
    written: str, said: str, spoken: Speak, heard: Hear
) -> None:
    [clip] = spoken(written)
    [understood] = heard(clip)
    assert errors(said, understood, "en") <= 3 or errors(speakable(written).text, understood, "en") <= 2


@pytest.mark.parametrize(
    "text",
    [
        "I think that one of the **best** things you can do in the morning is to go for a long walk.",
        "The trip costs $29.50 for adults, and a [small discount](https://a.example/b) for students.",
        "Well, it was raining all day. Then the sun came out, and everybody went to the beach.",
    ],
)
def test_the_words_heard_at_any_moment_are_known_within_one(text: str, spoken: Speak, heard: Hear) -> None:
    """Words cut in half may be understood or not; the whole ones before it have to be there."""
    [clip] = spoken(text)
    assert [mark.seconds for mark in clip.marks] == sorted(mark.seconds for mark in clip.marks)
    assert clip.marks[-1].end == len(text)
    assert clip.marks[-1].seconds <= clip.seconds
    cuts = [until(clip, clip.seconds * part) for part in (0.3, 0.5, 0.7, 0.9)]
    for cut, understood in zip(cuts, heard(*cuts), strict=True):
        told = len(normalised(speakable(cut.text).text, "en"))
        assert abs(len(normalised(understood, "en")) - told) <= 2, (cut.text, understood)


def test_nothing_to_say_is_an_empty_clip_and_speed_changes_the_length(voice: Path) -> None:
    lengths: dict[float, float] = {}

    async def measure(synthesizer: PiperSynthesizer) -> None:
        nothing = await synthesizer.synthesize("😀 ---")
        assert len(nothing.samples) == 0
        assert nothing.marks == ()
        clip = await synthesizer.synthesize("One two three four five six seven eight nine ten.")
        lengths[speed] = clip.seconds

    for speed in (0.7, 1.5):
        with speaking(voice, speed=speed) as with_voice:
            with_voice(measure)
    assert lengths[0.7] > 1.5 * lengths[1.5]


def test_short_and_long_sentences_are_equally_loud(spoken: Speak) -> None:
    """Peak normalisation per sentence would lift a lone "Yes." to full scale."""
    clips = spoken("Yes.", "That is a rather long sentence to say.")
    assert all(np.abs(clip.samples).max() < 0.99 for clip in clips)


def test_clips_join_without_a_click_and_with_a_breath_between_sentences(spoken: Speak) -> None:
    clips = spoken("Yes.", "So do I, she said!", "1. Milk.", "Zebras sleep.")
    for clip in clips:
        assert abs(clip.samples[0]) < 0.001
        assert abs(clip.samples[-1]) < 0.001
        quiet = clip.samples[-clip.sample_rate // 5 :]
        assert np.abs(quiet).max() < 0.02


def test_a_long_sentence_nobody_wants_any_more_does_not_hold_up_the_next(
    with_voice: Callable[[Work], None],
) -> None:
    """Compared with what it takes when it is wanted, so that a busy machine does not matter."""
    waited: list[float] = []

    async def interrupt(synthesizer: PiperSynthesizer) -> None:
        clock = asyncio.get_running_loop().time
        long = "and then another word " * 25
        begun = clock()
        await synthesizer.synthesize(long)
        wanted = clock() - begun
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(synthesizer.synthesize(long), timeout=wanted / 20)
        begun = clock()
        assert len((await synthesizer.synthesize("Yes.")).samples)
        waited.extend([wanted, clock() - begun])

    with_voice(interrupt)
    assert waited[1] < waited[0] / 2


def test_a_voice_that_is_asked_for_by_name_speaks_beside_the_chosen_one(
    voice: Path, models_home: Path, tmp_path: Path
) -> None:
    twice_as_long = steady_voice(models_home, tmp_path, length_scale=2.0)

    async def run() -> list[float]:
        synthesizer = PiperSynthesizer(Speech, lambda name: twice_as_long if name == "slow" else voice)
        try:
            clips = [
                await synthesizer.synthesize("Good morning to all of you", voice=name, speed=speed)
                for name, speed in (("", 1.0), ("slow", 1.0), ("", 1.0), ("", 2.0))
            ]
            return [clip.seconds for clip in clips]
        finally:
            await synthesizer.unload()

    own, slow, again, fast = asyncio.run(run())
    assert slow > 1.6 * own
    assert again == pytest.approx(own, rel=0.15)
    assert fast < 0.7 * own


def test_a_long_sentence_takes_memory_only_while_it_is_made(voice: Path) -> None:
    async def work(synthesizer: PiperSynthesizer) -> None:
        process = psutil.Process(synthesizer.pid)
        await synthesizer.synthesize("Good morning.")
        before = process.memory_info().rss
        clip = await synthesizer.synthesize(f"The weather is fine {'and the sky is blue ' * 15}today.")
        assert clip.seconds > 15
        await synthesizer.synthesize("Good morning.")
        assert process.memory_info().rss - before < 60e6

    with speaking(voice) as with_voice:
        with_voice(work)
