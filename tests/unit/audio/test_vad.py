"""Where speech begins and where a turn ends, on made sounds with a judge that hears loudness.

Real voices and the real networks: tests/e2e/test_turn_end.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jarvis_desktop.audio.turn_end import Pace
from jarvis_desktop.audio.vad import HeldGate, VoiceGate
from jarvis_desktop.config.schema import Listening
from jarvis_desktop.ports import (
    SAMPLE_RATE,
    AudioBlock,
    Samples,
    TurnJudged,
    UtteranceEnded,
    VoiceContinued,
    VoiceDetector,
    VoiceDismissed,
    VoiceEvent,
    VoiceNoticed,
    VoiceStopped,
)
from tests.utterances import utterances

DEFAULTS = Listening()
LOUD, CLATTER = 0.2, 0.05  # taken for voice by the judge; only by the cheap look


class LoudIsVoice:
    """Judges 32 ms by their loudness, and the ends of turns as told."""

    def __init__(self, *completeness: float) -> None:
        self._answers = list(completeness) or [0.99]
        self._rest = np.zeros(0, dtype=np.float32)
        self.voice_calls = 0
        self.judged: list[Samples] = []

    async def voice(self, samples: Samples, *, fresh: bool = False) -> Sequence[float]:
        self.voice_calls += 1
        heard = samples if fresh else np.concatenate((self._rest, samples))
        whole = len(heard) // 512 * 512
        self._rest = heard[whole:]
        loudness = np.sqrt(np.mean(np.square(heard[:whole].reshape(-1, 512)), axis=1))
        return [0.95 if rms > 0.1 else 0.02 for rms in loudness]

    async def turn_end(self, samples: Samples) -> float:
        self.judged.append(samples)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE), dtype=np.float32)


def noise(seconds: float, amplitude: float = LOUD, seed: int = 1) -> Samples:
    rng = np.random.default_rng(seed)
    return (amplitude * rng.standard_normal(round(seconds * SAMPLE_RATE))).astype(np.float32)


def sound(*parts: Samples) -> Samples:
    return np.concatenate(parts)


def run(
    detector: VoiceDetector, samples: Samples, *, finish: bool = True, block: int = 320
) -> list[VoiceEvent]:
    """Everything the detector says about a sound fed in blocks."""

    async def feed() -> list[VoiceEvent]:
        events: list[VoiceEvent] = []
        for at in range(0, len(samples), block):
            events += await detector.feed(AudioBlock(samples[at : at + block], at / SAMPLE_RATE))
        return events + list(await detector.finish() if finish else [])

    return asyncio.run(feed())


def gate(
    settings: Listening = DEFAULTS, judge: LoudIsVoice | None = None, pace: Pace | None = None
) -> VoiceGate:
    return VoiceGate(settings, judge or LoudIsVoice(), pace or Pace())


def names(events: Iterable[VoiceEvent]) -> list[str]:
    return [type(event).__name__ for event in events if not isinstance(event, VoiceContinued)]


def seconds_after(voice: float, ended: tuple[float, Samples, UtteranceEnded]) -> float:
    """Seconds of audio the gate took after `voice`, the time of the last voiced sample."""
    start, audio, _ = ended
    return start + len(audio) / SAMPLE_RATE - voice


def test_a_turn_tells_its_story_in_order() -> None:
    events = run(gate(), sound(silence(1), noise(1), silence(2)))
    assert names(events) == ["VoiceNoticed", "VoiceStarted", "VoiceStopped", "TurnJudged", "UtteranceEnded"]


def test_an_utterance_is_the_input_unbroken_with_sound_from_before_the_first_word() -> None:
    samples = sound(silence(1), noise(1), silence(2))
    ((start, audio, ended),) = utterances(run(gate(), samples))
    assert 1 - 0.5 <= start <= 1 - DEFAULTS.preroll_ms / 1000 + 0.032
    assert 2 - 0.032 <= ended.end <= 2 + 0.032
    at = round(start * SAMPLE_RATE)
    assert np.array_equal(audio, samples[at : at + len(audio)])


def test_voice_is_noticed_after_a_tenth_of_a_second() -> None:
    detector = gate()
    events = run(detector, sound(silence(1), noise(0.14)), finish=False)
    (noticed,) = events
    assert isinstance(noticed, VoiceNoticed)
    assert 1 - 0.032 <= noticed.start <= 1 + 0.032


@pytest.mark.parametrize("milliseconds", [5, 20, 30])
def test_a_click_is_not_noticed(milliseconds: int) -> None:
    click = noise(milliseconds / 1000, 0.5)
    assert run(gate(), sound(silence(0.5), click, silence(0.4), click, silence(1))) == []


def test_a_short_burst_is_noticed_and_dismissed() -> None:
    events = run(gate(), sound(silence(0.5), noise(0.13), silence(1)))
    assert names(events) == ["VoiceNoticed", "VoiceDismissed"]


def test_a_burst_at_the_end_of_the_source_is_dismissed() -> None:
    events = run(gate(), sound(silence(0.5), noise(0.14)))
    assert isinstance(events[-1], VoiceDismissed)


def test_what_only_the_cheap_look_finds_is_nothing() -> None:
    assert run(gate(), sound(silence(0.5), noise(3, CLATTER), silence(1))) == []


def test_silence_is_never_asked_about_and_clatter_only_while_it_lasts() -> None:
    judge = LoudIsVoice()
    detector = gate(judge=judge)
    run(detector, silence(3), finish=False)
    assert judge.voice_calls == 0
    run(detector, sound(noise(0.5, CLATTER), silence(1)), finish=False)
    asked = judge.voice_calls
    assert asked > 0
    run(detector, silence(3), finish=False)
    assert judge.voice_calls == asked


def test_a_block_costs_one_question_at_most() -> None:
    judge = LoudIsVoice()
    samples = sound(silence(0.5), noise(2), silence(0.1))
    run(gate(judge=judge), samples, finish=False)
    assert judge.voice_calls <= len(samples) / 320


def test_a_word_right_after_a_long_silence_keeps_its_pre_roll() -> None:
    samples = sound(noise(0.6), silence(6), noise(0.6), silence(2))
    _, (start, audio, _) = utterances(run(gate(), samples))
    assert start <= 6.6 - 0.3
    at = round(start * SAMPLE_RATE)
    assert np.array_equal(audio, samples[at : at + len(audio)])


def test_sound_below_the_silence_level_is_never_speech() -> None:
    samples = sound(silence(0.5), noise(1), silence(1))
    assert run(gate(Listening(energy_gate_dbfs=-20)), samples * 0.05) == []


def test_a_turn_that_sounds_complete_ends_sooner_than_one_that_does_not() -> None:
    samples = sound(silence(0.5), noise(1), silence(5))
    (complete,) = utterances(run(gate(judge=LoudIsVoice(0.999)), samples))
    (open_,) = utterances(run(gate(judge=LoudIsVoice(0.01)), samples))
    assert seconds_after(1.5, complete) < seconds_after(1.5, open_)
    assert seconds_after(1.5, open_) <= DEFAULTS.longest_pause_ms / 1000 + 0.1


def test_the_text_can_be_made_final_long_before_the_turn_is_over() -> None:
    """The voice counts as fallen silent sooner than the shortest pause, and is judged only after that."""
    detector, told = gate(judge=LoudIsVoice(0.999)), {}
    samples = sound(silence(0.5), noise(1), silence(2))

    async def listen() -> None:
        for at in range(0, len(samples), 320):
            for event in await detector.feed(AudioBlock(samples[at : at + 320], at / SAMPLE_RATE)):
                told[type(event)] = at / SAMPLE_RATE - 1.5

    asyncio.run(listen())
    assert told[VoiceStopped] < DEFAULTS.shortest_pause_ms / 1000 < told[TurnJudged]


def test_a_long_pause_in_an_unfinished_turn_does_not_end_it() -> None:
    samples = sound(silence(0.5), noise(1), silence(1.4), noise(1), silence(4))
    events = run(gate(judge=LoudIsVoice(0.01)), samples)
    assert len(utterances(events)) == 1
    assert names(events).count("VoiceStopped") == 2


def test_the_judgement_says_when_it_ends_the_turn() -> None:
    samples = sound(silence(0.5), noise(1), silence(4))
    for answer, over in ((0.999, True), (0.01, False)):
        judged = [e for e in run(gate(judge=LoudIsVoice(answer)), samples) if isinstance(e, TurnJudged)]
        assert (judged[0].completeness, judged[0].over) == (answer, over)


def test_what_reads_as_a_question_ends_soon_however_it_sounds() -> None:
    def seconds(text: str) -> tuple[float, list[VoiceEvent]]:
        detector = gate(judge=LoudIsVoice(0.01))

        async def listen() -> list[VoiceEvent]:
            events: list[VoiceEvent] = []
            samples = sound(silence(0.5), noise(1), silence(4))
            for at in range(0, len(samples), 320):
                found = await detector.feed(AudioBlock(samples[at : at + 320], at / SAMPLE_RATE))
                events += found
                if any(isinstance(event, VoiceStopped) for event in found):
                    detector.reads(text)
                if any(isinstance(event, UtteranceEnded) for event in found):
                    ended.append(at / SAMPLE_RATE)
            return events

        ended: list[float] = []
        events = asyncio.run(listen())
        return ended[0] - 1.5, events

    asked, events = seconds("What time is it?")
    assert asked < 0.4
    assert [event.over for event in events if isinstance(event, TurnJudged)][-1]
    assert seconds("What time is")[0] > 1


def test_the_judge_hears_the_turn_up_to_the_pause_and_eight_seconds_at_most() -> None:
    judge = LoudIsVoice()
    samples = sound(silence(1), noise(12), silence(1))
    run(gate(judge=judge), samples)
    heard = judge.judged[0]
    assert len(heard) == 8 * SAMPLE_RATE
    end = next(
        at
        for at in range(len(samples) - len(heard) + 1)
        if np.array_equal(samples[at : at + 100], heard[:100])
    )
    assert np.array_equal(samples[end : end + len(heard)], heard)


@pytest.mark.parametrize("stop_ms", [300, 700, 1500])
def test_unjudged_turns_end_after_the_pause_that_was_set(stop_ms: int) -> None:
    judge = LoudIsVoice()
    detector = gate(Listening(judge_turn_end=False, stop_ms=stop_ms), judge)
    (ended,) = utterances(run(detector, sound(silence(0.5), noise(1), silence(3))))
    assert seconds_after(1.5, ended) == pytest.approx(stop_ms / 1000, abs=0.07)
    assert judge.judged == []


def test_no_turn_ends_before_the_shortest_pause() -> None:
    detector = gate(Listening(shortest_pause_ms=1000), LoudIsVoice(0.999))
    (ended,) = utterances(run(detector, sound(silence(0.5), noise(1), silence(3))))
    assert seconds_after(1.5, ended) >= 1.0 - 0.035


def test_lone_noisy_frames_do_not_put_off_the_end_of_the_turn() -> None:
    ticking = silence(4)
    for at in np.arange(0.1, 4, 0.3):
        ticking[round(at * SAMPLE_RATE) :][:512] = noise(0.032, 0.4)
    (ended,) = utterances(run(gate(), sound(silence(0.5), noise(1), ticking)))
    assert seconds_after(1.5, ended) < 2


def test_someone_who_pauses_long_is_given_longer() -> None:
    pace, judge = Pace(), LoudIsVoice(0.01)
    turn = sound(silence(0.5), noise(1), silence(4))
    (before,) = utterances(run(gate(Listening(longest_pause_ms=8000), judge, pace), sound(turn, silence(5))))
    thinking = sound(silence(0.5), *[sound(noise(1), silence(1.2))] * 8, silence(8))
    run(gate(Listening(longest_pause_ms=8000), judge, pace), thinking)
    (after,) = utterances(run(gate(Listening(longest_pause_ms=8000), judge, pace), sound(turn, silence(5))))
    assert seconds_after(1.5, after) > seconds_after(1.5, before)


def test_the_pace_is_left_alone_when_it_is_not_wanted() -> None:
    fixed = Listening(adapt_pauses=False, longest_pause_ms=8000)
    pace, judge = Pace(), LoudIsVoice(0.01)
    turn = sound(silence(0.5), noise(1), silence(9))
    (before,) = utterances(run(gate(fixed, judge, pace), turn))
    run(gate(fixed, judge, pace), sound(silence(0.5), *[sound(noise(1), silence(1.2))] * 8, silence(8)))
    (after,) = utterances(run(gate(fixed, judge, pace), turn))
    assert seconds_after(1.5, after) == pytest.approx(seconds_after(1.5, before), abs=0.035)


def test_a_turn_without_end_is_cut_at_the_limit_and_goes_on() -> None:
    found = utterances(run(gate(Listening(max_utterance_s=5)), noise(17)))
    assert [ended.reason for _, _, ended in found] == ["limit"] * (len(found) - 1) + ["source-ended"]
    assert all(len(audio) <= 5.04 * SAMPLE_RATE for _, audio, _ in found)
    assert sum(len(audio) for _, audio, _ in found) == 17 * SAMPLE_RATE, "no sample is lost at the cuts"


def test_the_end_of_the_source_closes_the_utterance_with_its_last_samples() -> None:
    samples = sound(silence(0.5), noise(1.017))
    ((start, audio, ended),) = utterances(run(gate(), samples))
    assert ended.reason == "source-ended"
    assert round(start * SAMPLE_RATE) + len(audio) == len(samples)
    assert ended.end <= len(samples) / SAMPLE_RATE


@given(block=st.integers(1, 5000))
@settings(deadline=None, max_examples=15)
def test_the_size_of_the_blocks_does_not_matter(block: int) -> None:
    samples = sound(silence(0.6), noise(1), silence(1.5), noise(0.6), silence(1.5))
    by_frame = utterances(run(gate(), samples))
    by_block = utterances(run(gate(), samples, block=block))
    assert [len(audio) for _, audio, _ in by_block] == [len(audio) for _, audio, _ in by_frame]
    assert [e.end for *_, e in by_block] == pytest.approx([e.end for *_, e in by_frame])


def test_a_held_key_passes_everything_from_shortly_before_the_voice() -> None:
    samples = sound(silence(6), noise(1), silence(1.5))
    ((start, audio, ended),) = utterances(run(HeldGate(DEFAULTS), samples))
    assert start == pytest.approx(6 - DEFAULTS.preroll_ms / 1000, abs=0.05)
    assert np.array_equal(audio, samples[-len(audio) :])
    assert start + len(audio) / SAMPLE_RATE == pytest.approx(8.5)
    assert 7.0 <= ended.end <= 7.3, "the end is that of the voice, not of the key"


def test_the_click_of_a_held_key_is_no_voice() -> None:
    samples = sound(noise(0.04), silence(6), noise(1))
    ((start, _, _),) = utterances(run(HeldGate(DEFAULTS), samples))
    assert start > 5


def test_who_speaks_at_once_loses_nothing() -> None:
    samples = sound(noise(1), silence(0.5))
    ((start, audio, _),) = utterances(run(HeldGate(DEFAULTS), samples))
    assert start == 0.0
    assert np.array_equal(audio, samples)


def test_a_key_held_in_silence_ends_when_it_is_released() -> None:
    ((_, audio, ended),) = utterances(run(HeldGate(DEFAULTS), silence(0.7)))
    assert ended.end == pytest.approx(0.7)
    assert len(audio) == len(silence(0.7))


def test_a_key_whose_release_is_lost_ends_at_the_limit_and_hears_no_more() -> None:
    events = run(HeldGate(Listening(max_utterance_s=5)), noise(8, 0.1))
    ((_, audio, ended),) = utterances(events)
    assert ended.reason == "limit"
    assert len(audio) == 5 * SAMPLE_RATE
    assert isinstance(events[-1], UtteranceEnded)


def test_a_key_tapped_before_any_sound_came_says_nothing() -> None:
    assert run(HeldGate(DEFAULTS), silence(0)) == []


def test_a_pause_is_told_once() -> None:
    events = run(gate(judge=LoudIsVoice(0.01)), sound(silence(0.5), noise(1), silence(5)))
    assert len([e for e in events if isinstance(e, VoiceStopped)]) == 1
