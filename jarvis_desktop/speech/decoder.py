"""Whisper, made fast for what a voice assistant hears: utterances, not half-hour files.

faster-whisper pads everything to 30 s before encoding, which is most of the work for a short utterance.
The encoder accepts less, and on 2 cores a 10 s window costs an eighth of a 30 s one at the same word error
rate. What goes wrong in a short window (loops, mostly) is noticed and decoded again by faster-whisper itself.
Runs in the child process only: importing this module imports CTranslate2 and ONNX Runtime.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from ctranslate2.models import Whisper
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_compression_ratio, get_suppressed_tokens
from faster_whisper.vad import get_vad_model
from numpy.typing import NDArray

from jarvis_desktop.ports import GUESSED, SAMPLE_RATE, Samples, Segment

LANGUAGES = ("en", "es")
"""What the product speaks: detection chooses between these, which is surer than among a hundred."""

_FRAMES_PER_SECOND = 100  # of the log-Mel spectrogram
_FRAME_SAMPLES = SAMPLE_RATE // _FRAMES_PER_SECOND
_TIMESTAMP_SECONDS = 0.02  # one timestamp token
_MAX_INITIAL_TIMESTAMP = 50  # the first word begins within 1 s of the window, as in Whisper's own decoder
_FULL_WINDOW = 30.0  # seconds Whisper was trained on
_SHORTEST_WINDOW, _WINDOW_MARGIN = 10.0, 2.0
"""Seconds: below the first word errors rise; the second is padding, to show where the speech ends."""
_SHORTEST_DRAFT_WINDOW, _DRAFT_MARGIN = 4.0, 1.0
_LONGEST_DRAFT = 8.0  # seconds beyond which words known for sure are cut off the audio of a draft
_DRAFT_KEEPS = 4.0  # seconds at least that such a cut leaves
_MOST_HINT_TOKENS, _MOST_PREVIOUS_TOKENS = 100, 30
_TOKENS_PER_SECOND = 8  # more than people can say; a loop runs into it
_SPARE_TOKENS = 8
_PATIENCE = (
    0.6  # the search ends when 3 of 5 beams have ended; waiting for the last lets it wander into loops
)

_PIECES_AT_ONCE = 2
_LONGEST_PIECE = 28.0  # seconds decoded at once; cut shorter, a sentence loses the context of the one before

_POLL = 0.004  # seconds

_LOOPING = 1.8  # compression ratio of text that repeats itself
_HOPELESSLY_LOOPING = 2.4  # Whisper's own limit
_DOUBTFUL = GUESSED  # mean log probability
_SURE = {"en": -0.5}
"""Mean log probability of a greedy decode above which a beam search does not lower the word error rate (84
English recordings: 8.6 % with a search below it only, 9.2 % with one always). Spanish has no such value."""

_NO_SPEECH = 0.4  # together with `_DOUBTFUL`: no words were said (words of people: below 0.3)
_PERHAPS_NO_SPEECH, _UNSURE = 0.3, -0.5  # beyond either, a second opinion is asked whether anybody speaks
_SILENCE = 10 ** (-66 / 20)  # root mean square of the loudest 30 ms; quieter than any microphone in use
_VOICED = 0.3  # Silero's probability of a frame that holds a voice
_VOICE_BEGINS = 0.5  # the same of one after a silence, where breath comes near `_VOICED`
_FASTEST_WORDS = 12.0  # a second of voice: people say at most 6, made up for noise were 20 and more
_LEAST_VOICE = 0.1  # seconds of it: a door or a wave now and then sounds like one for a frame or two
_LOUD_ENOUGH, _MOST_GAIN = 10 ** (-20 / 20), 10 ** (30 / 20)
"""Root mean square to which quieter sound is raised for Silero, which is deaf to faint voices."""

_LOYALTY = 2.0  # times as likely as it sounds is the language of the utterance before
_SURE_LANGUAGE, _SURE_AFTER = 0.9, 2.0
"""Chance, and seconds of audio, from which the language of an utterance is not asked again by its drafts."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """Text of a recording; `text` is empty when it held no words."""

    text: str
    language: str
    segments: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A first guess at speech under way; `text` is None when it looks wrong."""

    text: str | None
    language: str
    sure: bool  # of the language
    cut: tuple[int, int] | None = None  # samples that need not be sent again, and the words that go with them


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known beforehand: the last utterance's language, words to expect, text that went before."""

    last_language: str = ""
    custom_words: str = ""
    previous: str = ""


_NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class _Hypothesis:
    """What the model wrote for one window."""

    tokens: list[int]
    text: str
    mean_log_probability: float
    no_speech: float
    exhausted: bool  # ran into the cap
    closed: bool  # says where its last segment ends

    @property
    def looping(self) -> bool:
        return self.exhausted or get_compression_ratio(self.text) > _LOOPING

    @property
    def wordless(self) -> bool:
        return self.no_speech > _NO_SPEECH and self.mean_log_probability < _DOUBTFUL

    @property
    def suspicious(self) -> bool:
        return self.no_speech > _PERHAPS_NO_SPEECH or self.mean_log_probability < _UNSURE

    @property
    def trustworthy(self) -> bool:
        return self.closed and not self.looping and self.mean_log_probability > _DOUBTFUL


@dataclass(frozen=True, slots=True)
class _Writing:
    """A hypothesis on its way."""

    generating: Any  # ctranslate2's WhisperGenerationResultAsync
    tokenizer: Tokenizer
    cap: int  # tokens

    def done(self) -> bool:
        return bool(self.generating.done())

    def result(self) -> _Hypothesis:
        """The hypothesis, waiting for it."""
        result = self.generating.result()
        tokens = result.sequences_ids[0]
        return _Hypothesis(
            tokens=tokens,
            text=self.tokenizer.decode(tokens).strip(),
            mean_log_probability=result.scores[0] * len(tokens) / (len(tokens) + 1),
            no_speech=result.no_speech_prob,
            exhausted=len(tokens) >= self.cap,
            closed=any(token >= self.tokenizer.timestamp_begin for token in tokens[1:]),
        )


class Decoder:
    """Turns audio into text with a loaded Whisper model.

    `writer` is the same model on one thread per answer, for the text side: the encoder is quicker on several
    threads, the token by token search is not (2 cores, Whisper base int8, one clip, beam 5: 317 ms on one
    thread, 415 ms on two that wait for each other). None: `model` does both, as on a graphics card.
    """

    def __init__(self, model: WhisperModel, writer: Whisper | None = None) -> None:
        self._model = model
        self._writer = writer or model.model
        self._tokenizer = lru_cache(self._make_tokenizer)

    def decode(
        self,
        samples: Samples,
        *,
        language: str = "auto",
        beam_size: int = 5,
        hints: Hints = _NO_HINTS,
        abandoned: Callable[[], bool] = lambda: False,
    ) -> Decoding:
        """Text of `samples` (16 kHz, any length).

        A `language` of "auto" is decided on the first piece that is not silent. `abandoned` is asked between
        pieces and ends the work early.
        """
        language = self._settled_language(language)
        segments: list[Segment] = []
        audible = [
            (start, samples[start:end]) for start, end in pieces(samples) if not is_silent(samples[start:end])
        ]
        for start, piece in audible[:1]:
            language, found = self._decode_piece(piece, language, beam_size, hints)
            segments += _shifted(found, start / SAMPLE_RATE)

        def decode_next(start: int, piece: Samples) -> list[Segment]:
            if abandoned():
                return []
            return _shifted(self._decode_piece(piece, language, beam_size, hints)[1], start / SAMPLE_RATE)

        # Side by side: one piece is encoded while the text of another is searched for.
        with ThreadPoolExecutor(_PIECES_AT_ONCE) as pool:
            for found in pool.map(decode_next, *zip(*audible[1:], strict=True)) if audible[1:] else ():
                segments += found
        text = " ".join(segment.text for segment in segments)
        return Decoding(text, LANGUAGES[0] if language == "auto" else language, tuple(segments))

    def draft(
        self,
        samples: Samples,
        *,
        language: str = "auto",
        hints: Hints = _NO_HINTS,
        stable_words: int = 0,
        abandoned: Callable[[], bool] = lambda: False,
    ) -> Draft:
        """A quick guess at up to 30 s of speech under way, of which `stable_words` words are known already.

        `abandoned` is asked before and while it writes, because the final text must not wait for a draft.
        """
        nothing = Draft(None, language, False)
        if is_silent(samples):
            return nothing
        language = self._settled_language(language)
        features = self._model.feature_extractor(samples)[..., :-1]
        frames = features.shape[-1]
        encoded = self._model.encode(_padded(features, _SHORTEST_DRAFT_WINDOW, _DRAFT_MARGIN))
        sure = language != "auto"
        if not sure:
            language, chance = self._detect(encoded, hints.last_language)
            sure = chance > _SURE_LANGUAGE and len(samples) > _SURE_AFTER * SAMPLE_RATE
        if abandoned():
            return nothing
        tokenizer = self._tokenizer(language)
        # Where speech breaks off, a model that writes times often begins again from the top (24 recordings,
        # cut short at 106 places: it looped at 15 with times, at 4 without, and wrote a third less).
        writing = self._begin_to_write(encoded, tokenizer, frames, 1, hints, times=False)
        while not writing.done():
            if abandoned():  # it goes on to its end beside the next; CTranslate2 has no way to stop it
                return nothing
            time.sleep(_POLL)
        guess = writing.result()
        if guess.wordless or (guess.suspicious and _made_up(guess.text, samples)):
            return Draft("", language, False)
        if guess.looping or guess.mean_log_probability < _DOUBTFUL:
            return Draft(None, language, sure)
        cut = None
        if len(samples) > _LONGEST_DRAFT * SAMPLE_RATE:
            cut = self._cut(encoded, tokenizer, guess, samples, stable_words)
        return Draft(_unbroken(guess.text), language, sure, cut)

    def _cut(
        self, encoded: Any, tokenizer: Tokenizer, guess: _Hypothesis, samples: Samples, stable_words: int
    ) -> tuple[int, int] | None:
        """The quietest place between two stable words (sample, words before it), by cross attention."""
        tokens = [token for token in guess.tokens if token < tokenizer.timestamp_begin]
        first_tokens = [i for i, token in enumerate(tokens) if tokenizer.decode([token]).startswith(" ")]
        frames = len(samples) // _FRAME_SAMPLES
        aligned = self._writer.align(encoded, tokenizer.sot_sequence, [tokens], [frames])[0]
        begins: dict[int, int] = {}
        for token, frame in aligned.alignments:
            begins.setdefault(token, frame)
        latest = len(samples) - int(_DRAFT_KEEPS * SAMPLE_RATE)
        places = [
            (*_quietest(samples, int(begins[token] * _TIMESTAMP_SECONDS * SAMPLE_RATE)), word)
            for word, token in enumerate(first_tokens[:stable_words])
            if word > 0 and token in begins
        ]
        best = min((place for place in places if place[1] <= latest), default=None)
        return best and best[1:]

    def _settled_language(self, language: str) -> str:
        return language if self._model.model.is_multilingual else "en"

    def _decode_piece(
        self, samples: Samples, language: str, beam_size: int, hints: Hints
    ) -> tuple[str, list[Segment]]:
        """The language heard, and the segments, of one utterance."""
        features = self._model.feature_extractor(samples)[..., :-1]
        segments: list[Segment] = []
        begin = 0  # frames
        while True:
            window, rest = features[:, begin:], samples[begin * _FRAME_SAMPLES :]
            encoded = self._model.encode(_padded(window, _SHORTEST_WINDOW, _WINDOW_MARGIN))
            if language == "auto":
                language, _ = self._detect(encoded, hints.last_language)
            tokenizer = self._tokenizer(language)
            hypothesis = self._search(encoded, tokenizer, window.shape[-1], beam_size, hints)
            if hypothesis.wordless or (hypothesis.suspicious and _made_up(hypothesis.text, rest)):
                return language, segments  # applause, an engine, music: Whisper makes up words for them
            found, resume = _split(hypothesis.tokens, tokenizer, window.shape[-1])
            found = [replace(one, log_probability=hypothesis.mean_log_probability) for one in found]
            if not hypothesis.trustworthy:
                found, resume = self._with_care(rest, language, beam_size, hints), 0
            segments += _shifted(found, begin / _FRAMES_PER_SECOND)
            begin += resume
            if resume == 0 or not has_voice(samples[begin * _FRAME_SAMPLES :]):
                return language, segments

    def _search(
        self, encoded: Any, tokenizer: Tokenizer, frames: int, beam_size: int, hints: Hints
    ) -> _Hypothesis:
        """A beam search, spared where the greedy guess is as good."""
        sure = _SURE.get(tokenizer.language_code, math.inf)
        if beam_size > 1 and sure < math.inf:
            guess = self._generate(encoded, tokenizer, frames, 1, hints)
            if guess.trustworthy and guess.mean_log_probability > sure:
                return guess
        return self._generate(encoded, tokenizer, frames, beam_size, hints)

    def _generate(
        self, encoded: Any, tokenizer: Tokenizer, frames: int, beam_size: int, hints: Hints
    ) -> _Hypothesis:
        return self._begin_to_write(encoded, tokenizer, frames, beam_size, hints).result()

    def _begin_to_write(
        self,
        encoded: Any,
        tokenizer: Tokenizer,
        frames: int,
        beam_size: int,
        hints: Hints,
        *,
        times: bool = True,
    ) -> _Writing:
        prompt = _prompt(tokenizer, hints) + ([] if times else [tokenizer.no_timestamps])
        cap = math.ceil(_TOKENS_PER_SECOND * frames / _FRAMES_PER_SECOND) + _SPARE_TOKENS
        generating = self._writer.generate(
            encoded,
            [prompt],
            asynchronous=True,
            beam_size=beam_size,
            # CTranslate2 generates half of it at most
            max_length=min(self._model.max_length, max(2 * cap, cap + len(prompt))),
            patience=_PATIENCE if beam_size > 1 else 1,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
            max_initial_timestamp_index=_MAX_INITIAL_TIMESTAMP,
        )[0]
        return _Writing(generating, tokenizer, cap)

    def _with_care(self, samples: Samples, language: str, beam_size: int, hints: Hints) -> list[Segment]:
        """faster-whisper's own pass over what the short window got wrong: 30 s window, some temperature."""
        found, _ = self._model.transcribe(
            samples,
            language=language,
            beam_size=beam_size,
            temperature=(0.0, 0.4),
            condition_on_previous_text=False,
            hotwords=hints.custom_words or None,
        )
        segments = [
            Segment(s.text.strip(), s.start, s.end, s.avg_logprob)
            for s in found
            if s.compression_ratio < _HOPELESSLY_LOOPING
        ]
        return [] if _made_up(" ".join(segment.text for segment in segments), samples) else segments

    def _detect(self, encoded: Any, last_language: str) -> tuple[str, float]:
        """The likelier of the two languages, and how much likelier it sounds, 0 to 1."""
        heard = {token[2:-2]: chance for token, chance in self._model.model.detect_language(encoded)[0]}
        chances = {language: heard.get(language, 0.0) for language in LANGUAGES}
        weighed = {
            name: chance * (_LOYALTY if name == last_language else 1.0) for name, chance in chances.items()
        }
        best = max(LANGUAGES, key=weighed.__getitem__)
        return best, chances[best] / max(1e-9, sum(chances.values()))

    def _make_tokenizer(self, language: str) -> Tokenizer:
        return Tokenizer(
            self._model.hf_tokenizer, self._model.model.is_multilingual, task="transcribe", language=language
        )


def _prompt(tokenizer: Tokenizer, hints: Hints) -> list[int]:
    """What the model is to go on from: as text before the audio, which costs one step however long it is."""
    expected = tokenizer.encode(f" {hints.custom_words}.")[:_MOST_HINT_TOKENS] if hints.custom_words else []
    previous = tokenizer.encode(f" {hints.previous}")[-_MOST_PREVIOUS_TOKENS:] if hints.previous else []
    before = [*expected, *previous]
    return [tokenizer.sot_prev, *before, *tokenizer.sot_sequence] if before else tokenizer.sot_sequence


def _unbroken(text: str) -> str:
    """A draft without the word that breaks off where the audio does: the next one shows it whole."""
    *words, last = text.split() or [""]
    return " ".join(words) if last.endswith(("-", "—")) else text.rstrip(" .…") if "..." in last else text


def is_silent(samples: Samples) -> bool:
    """Whether even the loudest 30 ms lie below the noise of a microphone."""
    frame = SAMPLE_RATE * 30 // 1000
    whole = len(samples) // frame * frame
    if whole == 0:
        return True
    power = np.square(samples[:whole]).reshape(-1, frame).mean(axis=1)
    return bool(np.sqrt(power.max()) < _SILENCE)


def _made_up(text: str, samples: Samples) -> bool:
    """Whether these are more words than the voice in `samples` has time for."""
    seconds = int(np.count_nonzero(_voice(samples) >= _VOICED)) * _VAD_FRAME / SAMPLE_RATE
    return seconds < _LEAST_VOICE or len(text.split()) > _FASTEST_WORDS * seconds


def has_voice(samples: Samples) -> bool:
    """Whether Silero hears a voice anywhere."""
    return len(samples) > 0 and bool(_voice(samples).max(initial=0.0) >= _VOICED)


def voice_returns(samples: Samples, since: int) -> bool:
    """Whether a voice begins anew from sample `since` on; by what comes before, breath is told from words."""
    return bool(_voice(samples)[-(-since // _VAD_FRAME) :].max(initial=0.0) >= _VOICE_BEGINS)


_VAD_FRAME = 512  # samples Silero judges at once


def _voice(samples: Samples) -> NDArray[np.float32]:
    """Probability of a voice per 32 ms, however far away it is."""
    gain = _LOUD_ENOUGH / max(1e-9, float(np.sqrt(np.mean(np.square(samples))))) if len(samples) else 1.0
    padded = np.pad(samples * np.float32(np.clip(gain, 1, _MOST_GAIN)), (0, -len(samples) % _VAD_FRAME))
    probabilities: NDArray[np.float32] = get_vad_model()(padded).reshape(-1)
    return probabilities


def pieces(samples: Samples, longest_piece: float = _LONGEST_PIECE) -> list[tuple[int, int]]:
    """Bounds (first sample, end) of the utterances of a recording: cut in its pauses, nothing left out."""
    longest = int(longest_piece * SAMPLE_RATE)
    if len(samples) <= longest:
        return [(0, len(samples))]
    voice = _voice(samples)
    bounds = [0]
    while len(samples) - bounds[-1] > longest:
        bounds.append(_best_cut(voice, bounds[-1] // _VAD_FRAME, longest // _VAD_FRAME) * _VAD_FRAME)
    return list(pairwise([*bounds, len(samples)]))


def _best_cut(voice: NDArray[np.float32], begin: int, longest: int) -> int:
    """Frame to cut at in (begin, begin + longest]: the middle of the longest pause of the second half."""
    first = begin + longest // 2
    stretch = voice[first : begin + longest]
    smooth = np.convolve(stretch, np.ones(9) / 9, mode="same")  # 0.3 s: a stop consonant is no pause
    return first + int(smooth.argmin())


def _shifted(segments: list[Segment], seconds: float) -> list[Segment]:
    return [replace(s, start=s.start + seconds, end=s.end + seconds) for s in segments]


def _quietest(samples: Samples, place: int) -> tuple[float, int]:
    """Power and place of the quietest 20 ms around a place (0.1 s to either side)."""
    frame = SAMPLE_RATE // 50
    starts = range(max(0, place - 5 * frame), min(len(samples) - frame, place + 5 * frame), frame // 2)
    best = min(((float(np.square(samples[s : s + frame]).mean()), s) for s in starts), default=(1.0, place))
    return best[0], best[1] + frame // 2


def _padded(features: NDArray[np.float32], shortest: float, margin: float) -> NDArray[np.float32]:
    """Log-Mel features (bands, frames) filled up to the short window, at least `shortest` seconds."""
    frames = features.shape[-1]
    seconds = max(shortest, frames / _FRAMES_PER_SECOND + margin)
    window = int(min(seconds, _FULL_WINDOW) * _FRAMES_PER_SECOND)
    return np.pad(features[:, :window], ((0, 0), (0, max(0, window - frames))))


def _split(tokens: list[int], tokenizer: Tokenizer, frames: int) -> tuple[list[Segment], int]:
    """Segments of a window, and the frame where an unfinished one has to be taken up again (0: none is).

    The end of a segment is followed by the start of the next one, at the end of the speech by nothing. What
    follows the last end without one of its own was cut off or made up, and is left to a window of its own. So
    is what starts behind the audio: the model likes to begin again from the top there.
    """
    mark = tokenizer.timestamp_begin
    starts = [i + 1 for i, (left, right) in enumerate(pairwise(tokens)) if left >= mark and right >= mark]
    finished = len(tokens) > 1 and tokens[-1] >= mark > tokens[-2]
    resume = 0
    if starts and not finished:
        resume = round((tokens[starts[-1]] - mark) * _TIMESTAMP_SECONDS * _FRAMES_PER_SECOND)
        tokens = tokens[: starts[-1]]
        starts = starts[:-1]
    seconds = frames / _FRAMES_PER_SECOND
    segments = []
    for first, last in pairwise([0, *starts, len(tokens)]):
        start, end = _bounds(tokens[first:last], mark, seconds)
        words = tokenizer.decode(tokens[first:last]).strip()
        if words and start < seconds - _TIMESTAMP_SECONDS:
            segments.append(Segment(words, start, end))
    return segments, resume


def _bounds(tokens: list[int], timestamp_begin: int, seconds: float) -> tuple[float, float]:
    """Start and end of a segment in seconds; where the model left one out, the window's."""
    times = [(token - timestamp_begin) * _TIMESTAMP_SECONDS for token in tokens if token >= timestamp_begin]
    start = times[0] if times and tokens[0] >= timestamp_begin else 0.0
    end = times[-1] if times and tokens[-1] >= timestamp_begin and len(times) > 1 else seconds
    return min(start, seconds), min(end, seconds)
