"""Streaming transcription under a clock: clips for `benchmarks/voice/harness.py`, and scores of its records.

When was each word said is settled once, by aligning the reference text with the recording (Whisper's cross
attention); when was it over, by Silero and the sound's energy. The same annotations serve every recogniser.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from jarvis_desktop.bench.stt import Clip
from jarvis_desktop.bench.words import normalised, word_errors
from jarvis_desktop.ports import SAMPLE_RATE, Samples

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

LEAD_SECONDS, TAIL_SECONDS = 0.5, 2.5
"""Silence before and behind a recording; the second is longer than any recogniser waits for the end."""

_ROOM = 10 ** (-70 / 20)  # root mean square of that silence: a quiet room, not a dead line
_LONGEST_ALIGNED = 28.0  # seconds one window of Whisper can align
_FRAME = 512  # samples Silero judges at once
_ENTER, _LEAVE = 0.5, 0.35  # Silero's probabilities between which a voice goes on
_SHORTEST_PAUSE = 0.2  # seconds
_FLOOR = 0.02  # of the peak: quieter is not the end of a word

_Word = tuple[str, float]  # as it is compared; the time it ends in seconds


@dataclass(frozen=True, slots=True)
class Score:
    """What one recogniser made of one clip."""

    name: str
    clip: str
    language: str
    kind: str
    lags: tuple[float, ...]  # seconds from the end of each word to its first right display
    words: int  # of the reference
    errors: int  # of the final text
    shown: int  # words ever displayed
    changed: int  # of those, taken back or replaced later
    final_after_end: float  # seconds from the last speech sample to the final text
    cpu_per_second: float  # of audio
    rss_mib: float
    text: str


def prepare(clips: Sequence[Clip], folder: Path, model_folder: Path) -> None:
    """Write padded copies of `clips` and their annotations (``clips.jsonl``) to `folder`."""
    from faster_whisper import WhisperModel

    folder.mkdir(parents=True, exist_ok=True)
    model = WhisperModel(str(model_folder), device="cpu", compute_type="int8", cpu_threads=2)
    lines = []
    for clip in clips:
        samples = clip.samples()
        name = f"{clip.path.parent.name}_{clip.path.stem}.wav"
        soundfile.write(folder / name, _padded(samples), SAMPLE_RATE, subtype="PCM_16")
        voice = [(start + LEAD_SECONDS, end + LEAD_SECONDS) for start, end in voiced_stretches(samples)]
        entry = {
            "file": name,
            "id": name.removesuffix(".wav"),
            "text": clip.text,
            "language": clip.language,
            "kind": clip.kind,
            "words": [[word, round(end + LEAD_SECONDS, 3)] for word, end in _align(model, clip, samples)],
            "voice": [[round(start, 3), round(end, 3)] for start, end in voice],
            "speech_end": round(last_sound(samples) + LEAD_SECONDS, 3),
        }
        lines.append(json.dumps(entry, ensure_ascii=False))
    (folder / "clips.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


def voiced_stretches(samples: Samples) -> list[tuple[float, float]]:
    """Start and end in seconds of every stretch with a voice, by Silero; pauses below 0.2 s are none."""
    from faster_whisper.vad import get_vad_model

    chances = get_vad_model()(np.pad(samples, (0, -len(samples) % _FRAME))).reshape(-1)
    step = _FRAME / SAMPLE_RATE
    stretches: list[tuple[float, float]] = []
    speaking = False
    for number, chance in enumerate(chances):
        speaking = chance >= (_LEAVE if speaking else _ENTER)
        if not speaking:
            continue
        start, end = number * step, (number + 1) * step
        if stretches and start - stretches[-1][1] < _SHORTEST_PAUSE:
            start = stretches.pop()[0]
        stretches.append((start, end))
    return stretches


def score(record: Mapping[str, Any], clip: Mapping[str, Any]) -> Score:
    """One record of the harness against its clip's annotations."""
    language = clip["language"]
    reference = [word for word, _ in clip["words"]]
    ends = [end for _, end in clip["words"]]
    first_right: dict[int, float] = {}
    shown = changed = 0
    before: list[str] = []
    for at, words in _displays(record["events"], language):
        for place in right_places(reference, words):
            first_right.setdefault(place, at)
        kept = _common(before, words)
        changed += len(before) - kept
        shown += len(words) - kept
        before = words
    finals = [(at, text) for at, kind, text in record["events"] if kind == "final"]
    text = " ".join(text for _, text in finals)
    said = normalised(clip["text"], language)
    return Score(
        name=record["name"],
        clip=clip["id"],
        language=language,
        kind=clip["kind"],
        lags=tuple(at - ends[place] for place, at in first_right.items() if ends[place] > 0),
        words=len(said),
        errors=word_errors(said, normalised(text, language)),
        shown=shown,
        changed=changed,
        final_after_end=finals[-1][0] - clip["speech_end"] if finals else float("nan"),
        cpu_per_second=record["cpu_seconds"] / record["fed_seconds"],
        rss_mib=record["rss_mib"],
        text=text,
    )


def summary(scores: Iterable[Score]) -> dict[str, dict[str, float]]:
    """The figures of each recogniser over all its clips; times in seconds, shares in %."""
    groups: dict[str, list[Score]] = {}
    for one in scores:
        groups.setdefault(one.name, []).append(one)
    return {name: _group_summary(group) for name, group in groups.items()}


def table(data: Mapping[str, Mapping[str, float]]) -> str:
    """A summary for people: one line a recogniser."""
    columns = list(next(iter(data.values()), {}))
    width = max([len(name) for name in data], default=0)
    rows = [" " * width + "".join(f"{column:>12}" for column in columns)]
    rows += [f"{name:{width}}" + "".join(f"{group[c]:12}" for c in columns) for name, group in data.items()]
    return "\n".join(rows)


def right_places(reference: Sequence[str], shown: Sequence[str]) -> list[int]:
    """Which reference words stand rightly in `shown`, the transcript of some beginning of the reference."""
    rows = [list(range(len(reference) + 1))]
    for done, word in enumerate(shown, 1):
        above, row = rows[-1], [done]
        for column, wanted in enumerate(reference):
            row.append(min(above[column + 1] + 1, row[column] + 1, above[column] + (word != wanted)))
        rows.append(row)
    places = []
    column = min(range(len(reference) + 1), key=rows[-1].__getitem__)  # what follows was not said yet
    line = len(shown)
    while line and column:
        same = shown[line - 1] == reference[column - 1]
        if rows[line][column] == rows[line - 1][column - 1] + (not same):
            line, column = line - 1, column - 1
            if same:
                places.append(column)
        elif rows[line][column] == rows[line - 1][column] + 1:
            line -= 1
        else:
            column -= 1
    return places[::-1]


def _displays(events: Iterable[Sequence[Any]], language: str) -> Iterable[tuple[float, list[str]]]:
    """What was to be read at which time: all finals so far and the utterance under way."""
    finals: list[str] = []
    for at, kind, text in events:
        if kind == "final":
            finals.append(text)
        under_way = [text] if kind == "partial" else []
        yield at, normalised(" ".join(finals + under_way), language)


def _common(before: Sequence[str], after: Sequence[str]) -> int:
    """Most words of `before` that stand in `after` in the same order."""
    row = [0] * (len(after) + 1)
    for word in before:
        diagonal = 0
        for column, other in enumerate(after, 1):
            best = diagonal + 1 if word == other else max(row[column], row[column - 1])
            diagonal, row[column] = row[column], best
    return row[-1]


def _group_summary(group: Sequence[Score]) -> dict[str, float]:
    lags = [lag for one in group for lag in one.lags]
    after = [one.final_after_end for one in group if one.final_after_end == one.final_after_end]
    words = sum(one.words for one in group)
    return {
        "clips": len(group),
        "lag p50": _quantile(lags, 0.5),
        "lag p95": _quantile(lags, 0.95),
        "never %": round(100 * (1 - len(lags) / max(1, words)), 1),
        "flicker %": round(100 * sum(s.changed for s in group) / max(1, sum(s.shown for s in group)), 1),
        "final p50": _quantile(after, 0.5),
        "final p95": _quantile(after, 0.95),
        "cpu s/s": round(statistics.fmean(one.cpu_per_second for one in group), 3),
        "rss MiB": round(max(one.rss_mib for one in group)),
        "wer %": round(100 * sum(one.errors for one in group) / max(1, words), 2),
    }


def _quantile(values: Sequence[float], share: float) -> float:
    return round(float(np.quantile(values, share)), 3) if values else float("nan")


def _padded(samples: Samples) -> Samples:
    dice = np.random.default_rng(0)
    lead, tail = (
        dice.normal(0, _ROOM, int(seconds * SAMPLE_RATE)) for seconds in (LEAD_SECONDS, TAIL_SECONDS)
    )
    whole: Samples = np.concatenate([lead, samples, tail]).astype(np.float32)
    return whole


def last_sound(samples: Samples) -> float:
    """The end of speech in seconds: of the voice, or of the sound where that is sooner."""
    loud = np.flatnonzero(np.abs(samples) > _FLOOR * np.abs(samples).max(initial=1e-9))
    sound = (int(loud[-1]) + 1 if len(loud) else len(samples)) / SAMPLE_RATE
    voiced = voiced_stretches(samples)
    return min(sound, voiced[-1][1]) if voiced else sound


def _align(model: WhisperModel, clip: Clip, samples: Samples) -> list[_Word]:
    """The reference's words with their ends; 0 where a long recording leaves one unknown."""
    words = normalised(clip.text, clip.language)
    if len(samples) / SAMPLE_RATE <= _LONGEST_ALIGNED:
        return list(zip(words, _forced_ends(model, clip.language, words, samples), strict=True))
    found, _ = model.transcribe(samples, language=clip.language, word_timestamps=True)
    heard = [
        (plain, word.end)
        for segment in found
        for word in segment.words or ()
        for plain in normalised(word.word, clip.language)
    ]
    ends = [0.0] * len(words)
    taken = 0
    for place in right_places(words, [plain for plain, _ in heard]):
        taken = next(i for i in range(taken, len(heard)) if heard[i][0] == words[place])
        ends[place] = heard[taken][1]
        taken += 1
    return list(zip(words, ends, strict=True))


def _forced_ends(model: WhisperModel, language: str, words: Sequence[str], samples: Samples) -> list[float]:
    from faster_whisper.tokenizer import Tokenizer

    tokenizer = Tokenizer(model.hf_tokenizer, True, task="transcribe", language=language)
    tokens = [tokenizer.encode(" " + word) for word in words]
    features = model.feature_extractor(samples)[..., :-1]
    frames = features.shape[-1]
    window = min(3000, max(1000, frames + 200))  # 30 s as trained are not needed for short ones
    encoded = model.encode(np.pad(features, ((0, 0), (0, max(0, window - frames))))[:, :window])
    flat = [token for word in tokens for token in word]
    result = model.model.align(encoded, tokenizer.sot_sequence, [flat], [frames], median_filter_width=7)[0]
    frame_of: dict[int, int] = {}
    for text_index, time_index in result.alignments:
        frame_of[text_index] = time_index  # the last frame of each token
    bounds = np.cumsum([len(word) for word in tokens])
    seconds = len(samples) / SAMPLE_RATE
    return [min(seconds, 0.02 * (frame_of.get(int(bound) - 1, 0) + 1)) for bound in bounds]
