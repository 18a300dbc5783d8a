"""Our transcription against plain faster-whisper: word error rate and compute time, side by side.

Same model files, precision, threads and beam; a process each; every clip goes through both, one right after
the other, in changing order, so that a busy machine slows both alike.
"""

from __future__ import annotations

import json
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import soundfile

from jarvis_desktop.bench.words import normalised, word_errors
from jarvis_desktop.config.schema import Transcription
from jarvis_desktop.errors import AudioError, SpeechError
from jarvis_desktop.ports import SAMPLE_RATE, Samples
from jarvis_desktop.processes.worker import Worker
from jarvis_desktop.speech.transcription import WhisperTranscriber

KINDS = ("read", "command", "long", "speech", "spontaneous", "reverberant")
"""Kinds of recordings of the manifest that hold speech with a transcript."""

_Outcome = tuple[str, str, float]  # text, language, seconds

_RESAMPLES = 2000  # of the bootstrap; the interval's bounds are steady from about a thousand


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording and what is said in it."""

    path: Path
    text: str
    language: str
    kind: str

    def samples(self) -> Samples:
        """(n,) float32 at 16 kHz; raises `AudioError`."""
        try:
            samples, rate = soundfile.read(self.path, dtype="float32", always_2d=True)
        except (OSError, soundfile.SoundFileError) as error:
            raise AudioError("audio.unreadable", "{file} cannot be read.", file=self.path) from error
        if rate != SAMPLE_RATE:
            raise AudioError("audio.rate", "{file} is not sampled at 16 kHz.", file=self.path)
        mono: Samples = samples.mean(axis=1)
        return mono


@dataclass(frozen=True, slots=True)
class Side:
    """One transcription of a clip."""

    text: str
    language: str
    errors: int
    seconds: float  # wall time of the decoding
    cpu_seconds: float  # of all threads of the process


@dataclass(frozen=True, slots=True)
class Pair:
    """Both transcriptions of a clip."""

    clip: str
    language: str
    kind: str
    audio_seconds: float
    words: int
    ours: Side
    plain: Side


def read_manifest(
    folder: Path, languages: Sequence[str] = ("en", "es"), kinds: Sequence[str] = KINDS
) -> list[Clip]:
    """Clips of `folder`/manifest.jsonl, whose lines are JSON: file, text, lang, kind; raises `AudioError`."""
    manifest = folder / "manifest.jsonl"
    try:
        entries = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines() if line]
    except (OSError, ValueError) as error:
        raise AudioError("audio.unreadable", "{file} cannot be read.", file=manifest) from error
    return [
        Clip(folder / entry["file"], entry["text"], entry["lang"], entry["kind"])
        for entry in entries
        if entry["lang"] in languages and entry["kind"] in kinds
    ]


def plain_whisper() -> Worker:
    """The process that answers as `plain_whisper.PlainWhisper`; not started yet."""
    return Worker("jarvis_desktop.bench.plain_whisper", name="plain faster-whisper", died=_died)


async def compare(
    clips: Sequence[Clip],
    model_folder: Path,
    *,
    threads: int = 2,
    detect_language: bool = True,
    settings: Transcription | None = None,
    progress: Callable[[Pair], None] = lambda pair: None,
) -> list[Pair]:
    """Every clip through both. Without `detect_language` both are told the clip's language."""
    wanted = (settings or Transcription()).model_copy(update={"threads": threads})
    ours = WhisperTranscriber(lambda: wanted, lambda name: model_folder)
    plain = plain_whisper()
    await ours.load()
    try:
        await plain.start()
        await plain.call(
            "load",
            folder=str(model_folder),
            device=ours.device,
            compute_type=ours.compute_type,
            threads=threads,
        )
        return await _compare_all(clips, ours, plain, wanted.beam_size, detect_language, progress)
    finally:
        await plain.stop()
        await ours.unload()


async def _compare_all(
    clips: Sequence[Clip],
    ours: WhisperTranscriber,
    plain: Worker,
    beam_size: int,
    detect_language: bool,
    progress: Callable[[Pair], None],
) -> list[Pair]:
    async def run_ours(samples: Samples, language: str) -> _Outcome:
        transcript = await ours.transcribe(samples, language=language)
        return transcript.text, transcript.language, transcript.compute_seconds

    async def run_plain(samples: Samples, language: str) -> _Outcome:
        payload = np.ascontiguousarray(samples, np.float32).data
        reply = await plain.call("transcribe", payload, language=language, beam_size=beam_size)
        return reply.data["text"], reply.data["language"], reply.data["compute_seconds"]

    for warm_up in clips[:1]:
        await run_ours(warm_up.samples(), "auto")
        await run_plain(warm_up.samples(), "auto")
    pairs: list[Pair] = []
    for number, clip in enumerate(clips):
        samples = clip.samples()
        language = "auto" if detect_language else clip.language
        reference = normalised(clip.text, clip.language)
        sides: dict[str, Side] = {}
        order = [("ours", ours.pid, run_ours), ("plain", plain.pid, run_plain)]
        for name, pid, run in order if number % 2 else reversed(order):
            before = _cpu_seconds(pid)
            text, heard, seconds = await run(samples, language)
            errors = word_errors(reference, normalised(text, clip.language))
            sides[name] = Side(text, heard, errors, seconds, _cpu_seconds(pid) - before)
        pair = Pair(
            f"{clip.path.parent.name}/{clip.path.name}",
            clip.language,
            clip.kind,
            len(samples) / SAMPLE_RATE,
            len(reference),
            sides["ours"],
            sides["plain"],
        )
        progress(pair)
        pairs.append(pair)
    return pairs


def summary(pairs: Sequence[Pair]) -> dict[str, Any]:
    """Word error rates in %, seconds of compute, and how many times less compute ours takes, per language."""
    groups = {"all": list(pairs)}
    for pair in pairs:
        groups.setdefault(pair.language, []).append(pair)
    return {name: _group_summary(group) for name, group in groups.items() if group}


def table(data: dict[str, Any]) -> str:
    """A summary for people: ours, and plain faster-whisper."""
    rows = [f"{'':6} {'clips':>5} {'audio s':>8} {'WER %':>14} {'compute s':>16} {'times less':>10}"]
    for name, group in data.items():
        rows.append(
            f"{name:6} {group['clips']:5} {group['audio_seconds']:8} "
            f"{group['wer_ours']:6} /{group['wer_plain']:6} "
            f"{group['seconds_ours']:7} /{group['seconds_plain']:7} "
            f"{group['times_less_compute']['total']:10}"
        )
    return "\n".join((*rows, "ours / plain faster-whisper, same model, precision, threads and beam"))


def as_json(pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """All that was measured, clip by clip."""
    return [asdict(pair) for pair in pairs]


def _group_summary(pairs: Sequence[Pair]) -> dict[str, Any]:
    words = sum(pair.words for pair in pairs) or 1
    return {
        "clips": len(pairs),
        "audio_seconds": round(sum(pair.audio_seconds for pair in pairs), 1),
        "wer_ours": round(100 * sum(pair.ours.errors for pair in pairs) / words, 2),
        "wer_plain": round(100 * sum(pair.plain.errors for pair in pairs) / words, 2),
        "seconds_ours": round(sum(pair.ours.seconds for pair in pairs), 2),
        "seconds_plain": round(sum(pair.plain.seconds for pair in pairs), 2),
        "cpu_seconds_ours": round(sum(pair.ours.cpu_seconds for pair in pairs), 2),
        "cpu_seconds_plain": round(sum(pair.plain.cpu_seconds for pair in pairs), 2),
        "times_less_compute": _ratio(pairs, lambda side: side.seconds),
        "times_less_cpu": _ratio(pairs, lambda side: side.cpu_seconds),
    }


def _ratio(pairs: Sequence[Pair], cost: Callable[[Side], float]) -> dict[str, float]:
    """Plain over ours: of the totals with a 95 % bootstrap interval over clips, and the clips' median."""

    def of_totals(sample: Sequence[Pair]) -> float:
        return sum(cost(pair.plain) for pair in sample) / max(1e-9, sum(cost(pair.ours) for pair in sample))

    dice = random.Random(0)
    spread = sorted(of_totals(dice.choices(pairs, k=len(pairs))) for _ in range(_RESAMPLES))
    return {
        "total": round(of_totals(pairs), 2),
        "low": round(spread[int(0.025 * _RESAMPLES)], 2),
        "high": round(spread[int(0.975 * _RESAMPLES)], 2),
        "median": round(statistics.median(of_totals([pair]) for pair in pairs), 2),
    }


def _cpu_seconds(pid: int | None) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _died() -> SpeechError:
    return SpeechError("speech.worker_died", "Plain faster-whisper stopped unexpectedly.")
