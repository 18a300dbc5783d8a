"""Sound files as source and sink."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from jarvis_desktop.audio.files import MAX_HOURS, FileSink, FileSource, read_audio
from jarvis_desktop.errors import AudioError
from jarvis_desktop.ports import SAMPLE_RATE, AudioBlock, SpeechClip
from tests.conftest import Recording


def tone(seconds: float, rate: int, channels: int = 1) -> NDArray[np.float32]:
    wave = 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


async def all_blocks(source: FileSource) -> list[AudioBlock]:
    await source.start()
    blocks = [block async for block in source.blocks()]
    await source.stop()
    return blocks


@pytest.mark.parametrize(
    ("suffix", "rate", "channels"),
    [
        ("wav", 16_000, 1),
        ("wav", 44_100, 2),
        ("flac", 48_000, 2),
        ("ogg", 44_100, 1),
        ("mp3", 44_100, 2),
        ("wav", 8_000, 1),
    ],
)
def test_every_format_rate_and_channel_count_becomes_16_khz_mono(
    tmp_path: Path, suffix: str, rate: int, channels: int
) -> None:
    path = tmp_path / f"tone.{suffix}"
    soundfile.write(path, tone(1.0, rate, channels), rate)
    whole = read_audio(path)
    blocks = asyncio.run(all_blocks(FileSource(path)))
    assert np.array_equal(np.concatenate([b.samples for b in blocks]), whole)
    assert whole.dtype == np.float32
    assert len(whole) / SAMPLE_RATE == pytest.approx(1.0, abs=0.06)  # lossy formats pad
    middle = whole[4000:12000]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) * SAMPLE_RATE / len(middle) == pytest.approx(440, abs=3)
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.05)


def test_a_16_khz_recording_is_read_bit_for_bit(recordings: list[Recording]) -> None:
    path = recordings[0].path
    stored, _ = soundfile.read(path, dtype="float32")
    assert np.array_equal(read_audio(path), stored)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("gone.wav", None, "audio.file_missing"),
        ("empty.wav", b"", "audio.file_empty"),
        ("text.wav", b"this is no sound at all, whatever its name says", "audio.file_unreadable"),
        ("cut.flac", b"fLaC\x00\x00\x00\x22", "audio.file_unreadable"),
        ("noise.raw", bytes(range(256)) * 8, "audio.file_unreadable"),
        ("lies.mp3", b"\xff\xfb\x90\x00", "audio.file_unreadable"),
    ],
)
def test_a_bad_file_is_named_with_what_to_do(
    tmp_path: Path, name: str, content: bytes | None, code: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    for attempt in (lambda: read_audio(path), lambda: asyncio.run(all_blocks(FileSource(path)))):
        with pytest.raises(AudioError) as caught:
            attempt()
        assert caught.value.code == code
        assert name in caught.value.message
        assert caught.value.hint
        assert caught.value.exit_status == 6


def test_a_folder_is_not_a_recording(tmp_path: Path) -> None:
    with pytest.raises(AudioError) as caught:
        read_audio(tmp_path)
    assert caught.value.code == "audio.file_unreadable"


def test_a_file_without_frames_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "nothing.wav"
    soundfile.write(path, np.zeros((0, 1), dtype=np.float32), 16_000)
    with pytest.raises(AudioError) as caught:
        read_audio(path)
    assert caught.value.code == "audio.file_empty"


def test_a_recording_of_many_hours_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "day.flac"
    rate = 4_000
    with soundfile.SoundFile(path, "w", samplerate=rate, channels=1, subtype="PCM_16") as file:
        hour = np.zeros(3600 * rate, dtype=np.int16)
        for _ in range(MAX_HOURS):
            file.write(hour)
        file.write(hour[:rate])
    with pytest.raises(AudioError) as caught:
        read_audio(path)
    assert caught.value.code == "audio.file_too_long"
    assert str(MAX_HOURS) in caught.value.message


def test_a_recording_cut_short_gives_what_is_there(tmp_path: Path) -> None:
    whole = tmp_path / "whole.wav"
    soundfile.write(whole, tone(2.0, 16_000), 16_000)
    cut = tmp_path / "cut.wav"
    cut.write_bytes(whole.read_bytes()[: 44 + 2 * 16_000])
    assert len(read_audio(cut)) == 16_000


def test_in_real_time_a_slow_reader_finds_the_missed_blocks_waiting(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(0.6, 16_000), 16_000)

    async def read_slowly() -> list[float]:
        source = FileSource(path, pace="realtime")
        assert source.live
        await source.start()
        begun, early = time.monotonic(), []
        async for block in source.blocks():
            early.append(begun + block.end - time.monotonic())
            if block.start == 0.0:
                await asyncio.sleep(0.4)
        await source.stop()
        return early

    early = asyncio.run(read_slowly())
    assert max(early) < 0.01, "no block before it was spoken"
    assert early[1] < -0.3, "those missed meanwhile come at once"


def test_stop_ends_a_file_in_the_middle(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(5.0, 16_000), 16_000)

    async def stop_early(pace: str) -> int:
        source = FileSource(path, pace="realtime" if pace == "realtime" else "none")
        await source.start()
        count = 0
        async for _ in source.blocks():
            count += 1
            if count == 3:
                await source.stop()
                await source.stop()
        return count

    assert asyncio.run(stop_early("none")) == 3
    assert asyncio.run(stop_early("realtime")) == 3


def clip(seconds: float, rate: int = 22_050) -> SpeechClip:
    return SpeechClip(tone(seconds, rate)[:, 0], rate, "words")


def test_a_reply_is_written_as_one_wav_that_appears_complete(tmp_path: Path) -> None:
    path = tmp_path / "reply.wav"

    async def speak() -> float:
        sink = FileSink(path)
        await sink.start()
        await sink.play(clip(0.5))
        await sink.wait_audible()
        await sink.play(clip(0.25, 16_000))
        await sink.drain()
        assert not path.exists()
        await sink.stop()
        await sink.stop()
        return sink.heard_seconds

    assert asyncio.run(speak()) == pytest.approx(0.75, abs=0.001)
    info = soundfile.info(path)
    assert (info.samplerate, info.channels, info.subtype) == (22_050, 1, "PCM_16")
    assert info.duration == pytest.approx(0.75, abs=0.001)
    samples, _ = soundfile.read(path)
    assert np.sqrt(np.mean(samples[-5000:-500] ** 2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.02)
    assert list(tmp_path.iterdir()) == [path], "no partial file stays behind"


def test_an_interrupted_reply_is_cut_where_hearing_ended(tmp_path: Path) -> None:
    path = tmp_path / "reply.wav"

    async def interrupt() -> float:
        sink = FileSink(path, pace="realtime")
        await sink.start()
        await sink.play(clip(2.0))
        await sink.play(clip(2.0))
        late = asyncio.create_task(sink.play(clip(2.0)))
        await asyncio.sleep(0.3)
        assert not late.done(), "more than 3 s are queued"
        await sink.stop()
        await late
        return sink.heard_seconds

    heard = asyncio.run(interrupt())
    assert 0.2 < heard < 2.0
    assert soundfile.info(path).duration == pytest.approx(heard, abs=0.001)


def test_in_real_time_drain_lasts_as_long_as_the_speech(tmp_path: Path) -> None:
    async def speak() -> float:
        sink = FileSink(tmp_path / "reply.wav", pace="realtime")
        await sink.start()
        await sink.play(clip(0.2))
        begun = time.monotonic()
        await sink.drain()
        await sink.stop()
        assert sink.heard_seconds == pytest.approx(0.2, abs=0.001)
        return time.monotonic() - begun

    assert asyncio.run(speak()) > 0.15


def test_in_real_time_a_pause_stops_the_clock_and_leaves_nothing_out(tmp_path: Path) -> None:
    path = tmp_path / "reply.wav"

    async def speak() -> float:
        sink = FileSink(path, pace="realtime")
        await sink.start()
        await sink.resume()
        await sink.play(clip(1.5))
        await asyncio.sleep(0.1)
        await sink.pause()
        await sink.pause()
        heard = sink.heard_seconds
        assert 0.05 < heard < 1.5
        await sink.play(clip(0.2))
        draining = asyncio.create_task(sink.drain())
        await asyncio.sleep(0.6)
        assert not draining.done()
        assert sink.heard_seconds == pytest.approx(heard)
        await sink.resume()
        await draining
        await sink.stop()
        return sink.heard_seconds

    assert asyncio.run(speak()) == pytest.approx(1.7, abs=0.001)
    assert soundfile.info(path).duration == pytest.approx(1.7, abs=0.001)


def test_a_paused_file_is_cut_where_hearing_ended(tmp_path: Path) -> None:
    path = tmp_path / "reply.wav"

    async def interrupt() -> float:
        sink = FileSink(path, pace="realtime")
        await sink.start()
        await sink.play(clip(2.0))
        await asyncio.sleep(0.1)
        await sink.pause()
        heard = sink.heard_seconds
        draining = asyncio.create_task(sink.drain())
        await asyncio.sleep(0.1)
        await sink.stop()
        await draining
        assert sink.heard_seconds == pytest.approx(heard)
        return heard

    heard = asyncio.run(interrupt())
    assert soundfile.info(path).duration == pytest.approx(heard, abs=0.001)


def test_silence_is_written_as_a_valid_empty_file_and_stop_needs_no_start(tmp_path: Path) -> None:
    async def say_nothing() -> None:
        sink = FileSink(tmp_path / "reply.wav")
        await sink.stop()
        assert sink.heard_seconds == 0.0
        await sink.start()
        await sink.stop()

    asyncio.run(say_nothing())
    assert soundfile.info(tmp_path / "reply.wav").frames == 0


def test_a_place_that_cannot_be_written_to_is_told_before_anything_is_spoken(tmp_path: Path) -> None:
    with pytest.raises(AudioError) as caught:
        asyncio.run(FileSink(tmp_path / "nowhere" / "reply.wav").start())
    assert caught.value.code == "audio.file_unwritable"
    assert "reply.wav" in caught.value.message


def test_the_old_reply_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "reply.wav"
    path.write_bytes(b"old")

    async def speak() -> bytes:
        sink = FileSink(path)
        await sink.start()
        await sink.play(clip(0.1))
        meanwhile = path.read_bytes()
        await sink.stop()
        return meanwhile

    assert asyncio.run(speak()) == b"old"
    assert soundfile.info(path).frames == 2205


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files as POSIX can")
def test_a_full_disk_is_told_and_leaves_the_old_reply_alone(tmp_path: Path) -> None:
    import resource

    path = tmp_path / "reply.wav"
    path.write_bytes(b"old")

    async def speak() -> AudioError:
        sink = FileSink(path)
        await sink.start()
        with pytest.raises(AudioError) as caught:
            await sink.play(clip(10.0))
        await sink.stop()
        return caught.value

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        error = asyncio.run(speak())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert error.code == "audio.file_unwritable"
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
