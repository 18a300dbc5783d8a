"""The loudspeaker's sound by time, and a microphone without it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jarvis_desktop.audio import echo_source
from jarvis_desktop.audio.echo import EchoCanceller
from jarvis_desktop.audio.echo_source import EchoFree, EchoReference
from jarvis_desktop.audio.playback import Loudspeaker
from jarvis_desktop.errors import AudioError, SpeechError
from jarvis_desktop.ports import SAMPLE_RATE, AudioBlock, Samples, SpeechClip
from tests.unit.audio.hand_driven import LATENCY, HandDriven

BLOCK = 320
EARLY = echo_source.EARLY_S  # what is played counts that much earlier than the device says


class Clock:
    """The monotonic clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(echo_source, "time", clock)
    return clock


class Ear:
    """A microphone that delivers `sound` in blocks, `before_each` moving the world along."""

    name, live = "desk", True

    def __init__(
        self, sound: Samples, before_each: Callable[[float], None], error: AudioError | None = None
    ) -> None:
        self._sound = sound
        self._before_each = before_each
        self._error = error

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def blocks(self) -> AsyncIterator[AudioBlock]:
        for at in range(0, len(self._sound), BLOCK):
            block = AudioBlock(self._sound[at : at + BLOCK], at / SAMPLE_RATE)
            self._before_each(block.end)
            yield block
        if self._error:
            raise self._error


class Subtracting:
    """Stands for the hearing process: the far end is expected to be the echo itself."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails
        self.calls: list[tuple[Samples, bool]] = []

    async def without_echo(self, near: Samples, far: Samples, *, fresh: bool = False) -> Samples:
        assert len(near) == len(far)
        assert len(near) % 160 == 0
        self.calls.append((far, fresh))
        if len(self.calls) <= self.fails:
            raise SpeechError("hearing.worker_died", "gone")
        return near - far


def cleaned(
    sound: Samples,
    hearing: Subtracting,
    reference: EchoReference,
    clock: Clock,
    enabled: Callable[[], bool] = lambda: True,
    late: Callable[[float], float] = lambda end: 0.0,
) -> list[AudioBlock]:
    """All blocks; one that ends at `end` of the source's time comes `late(end)` seconds later."""
    begun = clock.now

    def pass_time(end: float) -> None:
        clock.now = begun + end + late(end)

    async def listen() -> list[AudioBlock]:
        source = EchoFree(Ear(sound, pass_time), reference, hearing, enabled)  # type: ignore[arg-type]
        await source.start()
        blocks = [block async for block in source.blocks()]
        await source.stop()
        return blocks

    return asyncio.run(listen())


def joined(blocks: Sequence[AudioBlock]) -> Samples:
    return np.concatenate([block.samples for block in blocks])


def play(reference: EchoReference, moment: float, speech: Samples) -> None:
    """As an output stream that opens for it does: it is in the microphone at `moment`."""
    reference.tap().handed_over([speech], len(speech) / SAMPLE_RATE, moment + EARLY)


def noise(seconds: float, seed: int = 1) -> NDArray[np.float32]:
    count = round(seconds * SAMPLE_RATE)
    return np.random.default_rng(seed).uniform(-0.3, 0.3, count).astype(np.float32)


def test_an_echo_is_taken_out_and_its_time_found(clock: Clock) -> None:
    reference, hearing = EchoReference(), Subtracting()
    played, user = noise(1.0), noise(3.01, seed=2)
    play(reference, clock.now + 0.5, played)
    sound = user.copy()
    sound[8_000:24_000] += played
    blocks = cleaned(sound, hearing, reference, clock)
    assert joined(blocks) == pytest.approx(user, abs=1e-6)
    assert [block.start for block in blocks] == pytest.approx([n * 0.02 for n in range(len(blocks))])
    assert len(blocks[-1].samples) == 160
    assert [fresh for _, fresh in hearing.calls] == [True] + [False] * (len(hearing.calls) - 1)


def test_blocks_that_come_late_do_not_tear_what_is_played_apart(clock: Clock) -> None:
    """Moved within a reply, the canceller would have to find the echo again, and let it through."""
    reference, hearing, played = EchoReference(), Subtracting(), noise(2.0)
    play(reference, clock.now + 0.1, played)
    cleaned(noise(2.5), hearing, reference, clock, late=lambda end: 0.03 if end < 1.0 else 0.0)
    far = np.concatenate([far for far, _ in hearing.calls])
    at = int(np.flatnonzero(far)[0])
    assert far[at : at + len(played)] == pytest.approx(played)


def test_after_the_microphone_lost_sound_an_echo_is_found_where_it_is_now(clock: Clock) -> None:
    reference, hearing, lost = EchoReference(), Subtracting(), 0.3
    played, user = noise(1.0), noise(8.0, seed=2)
    play(reference, clock.now + 6.0 + lost, played)
    sound = user.copy()
    sound[96_000:112_000] += played
    blocks = cleaned(sound, hearing, reference, clock, late=lambda end: 0.0 if end < 1.0 else lost)
    assert joined(blocks) == pytest.approx(user, abs=1e-6)


def test_nothing_is_asked_while_nothing_plays_or_it_is_switched_off(clock: Clock) -> None:
    reference, hearing = EchoReference(), Subtracting()
    sound = noise(4.0)
    assert np.array_equal(joined(cleaned(sound, hearing, reference, clock)), sound)
    assert not hearing.calls
    play(reference, clock.now, noise(1.0, seed=2))
    assert np.array_equal(joined(cleaned(sound, hearing, reference, clock, lambda: False)), sound)
    assert not hearing.calls
    play(reference, clock.now, noise(1.0, seed=2))
    cleaned(sound, hearing, reference, clock)
    assert 50 < len(hearing.calls) < 120, "about as long as its echo lasts"


def test_without_its_process_the_microphone_goes_on_with_echo_and_says_so_once(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    reference, hearing = EchoReference(), Subtracting(fails=1)
    sound, begun = noise(8.0), clock.now
    play(reference, begun, noise(1.0, seed=2))

    def play_another() -> bool:
        if clock.now == pytest.approx(begun + 5.0):
            play(reference, begun + 5.0, np.zeros(SAMPLE_RATE, np.float32))
        return True

    assert np.array_equal(joined(cleaned(sound, hearing, reference, clock, play_another)), sound)
    assert caplog.text.count("with echo") == 1
    assert len(hearing.calls) > 2, "the next reply gets another try"
    assert [fresh for _, fresh in hearing.calls[:3]] == [True, True, False]


def test_a_microphone_that_fails_says_so_through_the_wrapper(clock: Clock) -> None:
    failing = Ear(noise(0.1), lambda _: None, AudioError("audio.input_lost", "gone"))
    source = EchoFree(failing, EchoReference(), Subtracting(), lambda: True)  # type: ignore[arg-type]

    async def listen() -> int:
        return len([block async for block in source.blocks()])

    with pytest.raises(AudioError):
        asyncio.run(listen())
    assert (source.name, source.live) == ("desk", True)


@given(bursts=st.lists(st.tuples(st.integers(25, 100), st.integers(-8, 8)), min_size=5, max_size=40))
@settings(deadline=None, max_examples=50)
def test_what_is_asked_for_in_bursts_is_one_row_and_never_late(bursts: list[tuple[int, int]]) -> None:
    speech = noise(sum(length for length, _ in bursts) / 1000)
    reference, latency = EchoReference(), 0.15
    begun = time.monotonic()
    tap, at = reference.tap(), 0
    for length, jitter in bursts:  # ms
        piece = speech[at : at + 16 * length]
        tap.handed_over([piece], length / 1000, begun + at / SAMPLE_RATE + latency + jitter / 1000)
        at += len(piece)
    far = reference.read(begun, at + SAMPLE_RATE)
    first = int(np.flatnonzero(far)[0])
    assert first <= latency * SAMPLE_RATE, "no later than it is heard"
    assert np.array_equal(far[first : first + at], speech)


def test_after_a_stall_the_row_goes_on_where_it_is_heard() -> None:
    reference, begun, piece = EchoReference(), time.monotonic(), np.full(1_600, 0.5, np.float32)
    tap = reference.tap()
    tap.handed_over([piece], 0.1, begun + 0.2)
    before = reference.read(begun, SAMPLE_RATE // 2)  # the microphone goes on meanwhile
    tap.handed_over([piece], 0.1, begun + 0.7)
    after = reference.read(begun + 0.5, SAMPLE_RATE // 2)
    sounding = np.flatnonzero(np.concatenate((before, after)))
    assert np.flatnonzero(np.diff(sounding) > 1).tolist() == [1_599]
    assert sounding[1_600] - sounding[0] == pytest.approx(0.5 * SAMPLE_RATE, abs=1)


def test_the_loudspeaker_writes_down_what_it_hands_over() -> None:
    async def speak() -> Samples:
        device, reference = HandDriven(rate=48_000), EchoReference()
        loudspeaker = Loudspeaker(device, "", reference)
        await loudspeaker.start()
        for half in np.split(tone, 2):
            await loudspeaker.play(SpeechClip(half, 22_050, ""))
        begun = time.monotonic()
        device.play(50_000)
        await loudspeaker.stop()
        return reference.read(begun, 2 * SAMPLE_RATE)

    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(22_050) / 22_050)).astype(np.float32)
    far = asyncio.run(speak())
    first = int(np.flatnonzero(np.abs(far) > 1e-3)[0])
    assert first < LATENCY * SAMPLE_RATE
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)
    heard = far[first : first + SAMPLE_RATE]
    assert np.linalg.norm(heard - expected) < 0.1 * np.linalg.norm(expected)


def test_the_canceller_leaves_a_lone_voice_alone_and_silences_an_echo() -> None:
    far = noise(4.0) * np.repeat(np.random.default_rng(3).uniform(0, 1, 40), 1_600).astype(np.float32)
    echo = np.concatenate((np.zeros(1_600, np.float32), 0.3 * far[:-1_600]))
    canceller = EchoCanceller()
    left = canceller.cancel(echo, far)
    assert left.dtype == np.float32
    assert len(left) == len(echo)
    last = slice(-SAMPLE_RATE, None)
    assert np.linalg.norm(left[last]) < 0.01 * np.linalg.norm(echo[last])
    canceller.reset()
    voice = noise(2.0, seed=4)
    alone = canceller.cancel(voice, np.zeros_like(voice))
    assert np.linalg.norm(alone) == pytest.approx(np.linalg.norm(voice), rel=0.1)
