"""Turns with pauses in them, made of real recordings: what the judgement of turn ends is fitted and tried on.

Pauses of 0.3 to 1.5 s are inserted where the sound is weakest between two words of a sentence. What fills
them, and what follows the last word, is noise with the spectrum and level of its quietest moments.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jarvis_desktop.audio.files import read_audio
from jarvis_desktop.ports import SAMPLE_RATE, Samples

KINDS = ("read", "command", "speech", "spontaneous", "reverberant", "long")
SHORTEST_S, LONGEST_S = 0.3, 1.5
LEAD_S, AFTER_S = 1.0, 4.5  # of the room before the first word and after the last
_HOP = SAMPLE_RATE // 100
_SPECTRUM = 512


@dataclass(frozen=True)
class Join:
    """How sound is cut: length of the cross-fades, and what is left of the sound after the last word."""

    fade_s: float = 0.005
    tail_s: float = 0.1


@dataclass(frozen=True)
class Word:
    text: str
    start: float
    end: float

    @property
    def ends_sentence(self) -> bool:
        return self.text.rstrip()[-1:] in tuple(".?!")


@dataclass(frozen=True)
class Clip:
    """One recording and what Whisper heard in it."""

    name: str
    lang: str
    speaker: str
    kind: str
    samples: Samples
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Turn:
    """What somebody said at one go; `end` (s) is the last speech sample, `pauses` are (from, to)."""

    clip: Clip
    samples: Samples
    end: float
    pauses: tuple[tuple[float, float], ...]


def clips(audio: Path, whisper: Path, cache: Path) -> list[Clip]:
    """The recordings of speech; word times are made once with the Whisper model and kept in `cache`."""
    entries = [
        json.loads(line) for line in (audio / "manifest.jsonl").read_text("utf-8").splitlines() if line
    ]
    spoken = [entry for entry in entries if entry["kind"] in KINDS and entry["lang"]]
    known = json.loads(cache.read_text("utf-8")) if cache.exists() else {}
    missing = [entry for entry in spoken if entry["file"] not in known]
    if missing:
        known |= _heard(audio, missing, whisper)
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_text(json.dumps(known), encoding="utf-8")
    return [
        Clip(
            Path(entry["file"]).stem,
            entry["lang"],
            entry["speaker"],
            entry["kind"],
            read_audio(audio / entry["file"]),
            tuple(Word(*word) for word in known[entry["file"]]),
        )
        for entry in spoken
        if known[entry["file"]]
    ]


def held_out(found: Sequence[Clip]) -> set[str]:
    """Every third speaker: nothing is chosen or fitted on them."""
    return set(sorted({clip.speaker for clip in found})[1::3])


def turns(found: Sequence[Clip], seed: int, join: Join = Join()) -> Iterator[Turn]:
    """One turn of each recording, of a long one one of each sentence; `seed` chooses the pauses."""
    for clip in found:
        for number, words in enumerate(_sentences(clip)):
            random = np.random.default_rng(zlib.crc32(f"{clip.name}/{number}/{seed}".encode()))
            yield _turn(clip, words, random, join)


def levels(samples: Samples) -> NDArray[np.float64]:
    """dBFS of each 10 ms."""
    whole = len(samples) // _HOP
    power = np.mean(np.square(samples[: whole * _HOP].reshape(whole, _HOP), dtype=np.float64), axis=1)
    return 10 * np.log10(power + 1e-12)


def room(samples: Samples, seconds: float, random: np.random.Generator) -> Samples:
    """Noise like that of the quietest tenth of a recording."""
    frames = samples[: len(samples) // _SPECTRUM * _SPECTRUM].reshape(-1, _SPECTRUM)
    loudness = np.sqrt(np.mean(np.square(frames), axis=1))
    order = [i for i in np.argsort(loudness) if loudness[i] > 1e-5] or list(range(len(frames)))
    quiet = frames[order[: max(2, len(frames) // 10)]]
    shape = np.sqrt(np.mean(np.abs(np.fft.rfft(quiet * np.hanning(_SPECTRUM))) ** 2, axis=0))
    length = round(seconds * SAMPLE_RATE)
    white = np.fft.rfft(random.standard_normal(length + _SPECTRUM))
    bins = np.linspace(0, 1, len(white)), np.linspace(0, 1, len(shape))
    noise = np.fft.irfft(white * np.interp(*bins, shape))[:length]
    return (noise * np.sqrt(np.mean(quiet**2) / (np.mean(noise**2) + 1e-20))).astype(np.float32)


def _turn(clip: Clip, words: Sequence[Word], random: np.random.Generator, join: Join) -> Turn:
    level = levels(clip.samples)
    floor, peak = np.percentile(level, 10), np.percentile(level, 99)
    loud = level > max(min(floor + 10, peak - 12), peak - 40)
    long = clip.kind == "long"
    first = max(0, round((words[0].start - 0.3) * 100)) if long else 0
    last = int(np.flatnonzero(loud[: round((words[-1].end + (0.15 if long else 0.5)) * 100)])[-1]) + 1
    body = clip.samples[first * _HOP : last * _HOP + round(join.tail_s * SAMPLE_RATE)]
    spoken = (last - first) * _HOP
    cuts = _cuts(words, level, first, last, random)
    sound, pauses, done = room(clip.samples, LEAD_S, random), list[tuple[float, float]](), 0
    for cut in cuts:
        sound = _joined(sound, body[done:cut], join)
        pause = room(clip.samples, random.uniform(SHORTEST_S, LONGEST_S), random)
        pauses.append((len(sound) / SAMPLE_RATE, (len(sound) + len(pause)) / SAMPLE_RATE))
        sound, done = _joined(sound, pause, join), cut
    sound = _joined(sound, body[done:], join)
    end = (len(sound) - (len(body) - spoken)) / SAMPLE_RATE
    return Turn(clip, _joined(sound, room(clip.samples, AFTER_S, random), join), end, tuple(pauses))


def _cuts(
    words: Sequence[Word], level: NDArray[np.float64], first: int, last: int, random: np.random.Generator
) -> list[int]:
    """Where pauses go (samples): one for each 3 s, three at most, 1.2 s apart, at weak places."""
    places: list[tuple[float, int]] = []
    for word, following in pairwise(words):
        if word.ends_sentence:
            continue
        middle = round((word.end + following.start) * 50)
        low = max(0, middle - 8)
        weakest = low + int(np.argmin(level[low : min(len(level) - 2, middle + 8)]))
        if weakest / 100 - words[0].start >= 0.6 and last - weakest >= 50:
            places.append((float(level[weakest]), (weakest - first) * _HOP + _HOP // 2))
    places.sort()
    candidates = [place for _, place in places[: max(1, len(places) // 2)]]
    random.shuffle(candidates)
    chosen: list[int] = []
    for place in candidates:
        if len(chosen) < max(1, min(3, round((last - first) / 300))) and all(
            abs(place - other) > 1.2 * SAMPLE_RATE for other in chosen
        ):
            chosen.append(place)
    return sorted(chosen)


def _sentences(clip: Clip) -> Iterator[Sequence[Word]]:
    """Of a long reading each sentence that is followed by a pause; of all else the whole."""
    if clip.kind != "long":
        yield clip.words
        return
    began = 0
    for i, word in enumerate(clip.words):
        final = i + 1 == len(clip.words)
        if final or (word.ends_sentence and clip.words[i + 1].start - word.end >= 0.2):
            if word.end - clip.words[began].start > 1.5:
                yield clip.words[began : i + 1]
            began = i + 1


def _joined(before: Samples, after: Samples, join: Join) -> Samples:
    length = min(round(join.fade_s * SAMPLE_RATE), len(before), len(after))
    rising = np.linspace(0, 1, length, dtype=np.float32)
    middle = before[len(before) - length :] * (1 - rising) + after[:length] * rising
    return np.concatenate((before[: len(before) - length], middle, after[length:])).astype(np.float32)


def _heard(
    audio: Path, entries: Sequence[dict[str, str]], whisper: Path
) -> dict[str, list[tuple[str, float, float]]]:
    from faster_whisper import WhisperModel

    model = WhisperModel(str(whisper), device="cpu", compute_type="int8", cpu_threads=2)
    heard: dict[str, list[tuple[str, float, float]]] = {}
    for entry in entries:
        segments, _ = model.transcribe(
            read_audio(audio / entry["file"]),
            language=entry["lang"],
            word_timestamps=True,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
        )
        heard[entry["file"]] = [
            (word.word, round(float(word.start), 2), round(float(word.end), 2))
            for segment in segments
            for word in segment.words or []
        ]
    return heard
