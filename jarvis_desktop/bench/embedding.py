"""Encoders: a batch against one text at a time, one question, and what the cache of vectors saves."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from jarvis_desktop.memory.embedding import Encoder
from jarvis_desktop.memory.embedding_cache import CachedEncoder

ROUNDS = 5
"""One and batch by turns, so that what else the machine does slows both alike."""

SHORT, LONG = 32, 8
"""Texts of a round: sentences of about 15 tokens, and passages of ten of them."""

QUESTIONS = 100

_Given = TypeVar("_Given")

_LINES = (
    (
        "Ana|my sister|the neighbour|Doctor Ruiz|the plumber|our landlord|the teacher|John",
        "called about|moved|cancelled|paid for|asked for|forgot|wants to see|complained about",
        "the lease|the boiler|two tickets|the blue bicycle|the garden party|the spare key|the bill|the trip",
        "on Tuesday at nine|in March|before the holidays|at the station|on Friday evening|last summer",
    ),
    (
        "Ana|mi hermana|el vecino|la doctora Ruiz|el fontanero|la casera|el profesor|Juan",
        "llamó por|cambió|canceló|pagó|pidió|olvidó|quiere ver|se quejó de",
        "el alquiler|la caldera|las entradas|la bicicleta azul|la fiesta|la llave|la factura|el viaje",
        "el martes a las nueve|en marzo|antes de las vacaciones|en la estación|el viernes|el verano pasado",
    ),
)


def sentences(count: int, seed: int = 0) -> list[str]:
    """Made-up, English and Spanish by turns, all different: needs no data set, reads nothing of yours."""
    dice = random.Random(seed)
    return [
        f"{number}. {' '.join(dice.choice(part.split('|')) for part in _LINES[number % 2])}."
        for number in range(count)
    ]


def passages(count: int, seed: int = 0) -> list[str]:
    """Of ten sentences each, about 150 tokens."""
    lines = sentences(10 * count, seed)
    return [" ".join(lines[start : start + 10]) for start in range(0, len(lines), 10)]


def measure(encoder: Encoder, rounds: int = ROUNDS) -> dict[str, Any]:
    """Times in ms: a text alone and in a batch, their ratio (median of the rounds), and one question."""
    encoder.question("warm up")
    encoder.passages(sentences(2, seed=-1))
    asked = [_ms(encoder.question, text) for text in sentences(QUESTIONS, seed=-2)]
    return {
        "encoder": encoder.name,
        "dimensions": encoder.dimensions,
        "question_ms": percentiles(asked),
        "short": _batch(encoder, [sentences(SHORT, seed) for seed in range(rounds)]),
        "long": _batch(encoder, [passages(LONG, seed) for seed in range(rounds)]),
    }


def cache(encoder: Encoder, file: Path, texts: int = 200) -> dict[str, Any]:
    """Shares of hits when texts and questions come again: at once, and after a restart."""
    known, asked = sentences(texts), sentences(texts // 4, seed=-3)
    first = CachedEncoder(encoder, file)
    _workload(first, known, asked)
    filled = first.counts.computed
    begun = time.perf_counter()
    _workload(first, known, asked)
    repeated_ms = 1000 * (time.perf_counter() - begun)
    computed_again = first.counts.computed - filled
    first.close()
    second = CachedEncoder(encoder, file)
    begun = time.perf_counter()
    _workload(second, known, asked)
    restarted_ms = 1000 * (time.perf_counter() - begun)
    counts = second.counts
    second.close()
    return {
        "texts": len(known) + len(asked),
        "hit_rate": round(1 - computed_again / filled, 4),
        "hit_rate_after_restart": round(counts.hits / (counts.hits + counts.computed), 4),
        "ms_per_text_memory": round(repeated_ms / filled, 4),
        "ms_per_text_disk": round(restarted_ms / filled, 4),
        "bytes_per_text": round(file.stat().st_size / filled),
    }


def table(data: dict[str, Any]) -> str:
    """What `measure` and `cache` gave, for people."""
    rows = [
        f"{data['encoder']}, {data['dimensions']} dimensions",
        f"  one question      {both(data['question_ms'])} ms (p50/p95)",
    ]
    for kind in ("short", "long"):
        one = data[kind]
        rows.append(
            f"  {kind + ' texts':17} {one['one_ms']} ms alone, {one['batch_ms']} ms in a batch of "
            f"{one['batch']}: {one['times']} times"
        )
    if "cache" in data:
        hits = data["cache"]
        rows.append(
            f"  cache             {hits['hit_rate']:.1%} hits at {hits['ms_per_text_memory']} ms, after a "
            f"restart {hits['hit_rate_after_restart']:.1%} at {hits['ms_per_text_disk']} ms"
        )
    return "\n".join(rows)


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """Half of the values are below p50."""
    return {name: round(float(np.percentile(values, at)), 3) for name, at in (("p50", 50), ("p95", 95))}


def _batch(encoder: Encoder, rounds: Sequence[Sequence[str]]) -> dict[str, Any]:
    alone, together = [], []
    for texts in rounds:
        alone.append(sum(_ms(encoder.passages, [text]) for text in texts) / len(texts))
        together.append(_ms(encoder.passages, texts) / len(texts))
    ratios = [one / batch for one, batch in zip(alone, together, strict=True)]
    return {
        "batch": len(rounds[0]),
        "one_ms": round(statistics.median(alone), 2),
        "batch_ms": round(statistics.median(together), 2),
        "times": round(statistics.median(ratios), 2),
        "times_low": round(min(ratios), 2),
        "times_high": round(max(ratios), 2),
    }


def _workload(encoder: CachedEncoder, texts: Sequence[str], questions: Sequence[str]) -> None:
    for start in range(0, len(texts), SHORT):
        encoder.passages(texts[start : start + SHORT])
    for question in questions:
        encoder.question(question)


def _ms(call: Callable[[_Given], object], given: _Given) -> float:
    begun = time.perf_counter()
    call(given)
    return 1000 * (time.perf_counter() - begun)


def both(values: dict[str, float]) -> str:
    """p50 and p95 for people."""
    return f"{values['p50']:.1f}/{values['p95']:.1f}"
