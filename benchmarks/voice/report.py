"""From the harness' records to figures: one line a tool, and its figures as multiples of Jarvis'."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from jarvis_desktop.bench.streaming import Score, score

OURS = "Jarvis"
RESAMPLES = 2000  # of the bootstrap; the bounds are steady from about a thousand


@dataclass(frozen=True, slots=True)
class Row:
    """One tool over all its clips; times in seconds, shares in %."""

    name: str
    clips: int
    failed: int
    lag_p50: float  # from a word's end to its first right display
    lag_p95: float
    never: float  # words never shown rightly
    flicker: float  # words shown and taken back or replaced
    final_p50: float  # from the end of speech (or of the key) to the final text
    final_p95: float
    pieces: float  # final texts a clip
    wer: dict[str, float]
    cpu: float  # seconds a second of audio
    rss_mib: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times Jarvis' figure another tool's is: median over the clips, 95 % bootstrap interval."""

    median: float
    low: float
    high: float
    clips: int  # with both figures above zero

    def __str__(self) -> str:
        return f"{self.median:.2f} [{self.low:.2f}, {self.high:.2f}]" if self.clips else "-"


@dataclass(frozen=True, slots=True)
class Results:
    """All scores of one mode."""

    scores: dict[str, list[Score]]
    pieces: dict[str, list[int]]
    failed: dict[str, int]
    worst_late: float  # seconds a block of audio came late

    @classmethod
    def of(cls, records: Sequence[Mapping[str, Any]], clips: Mapping[str, Mapping[str, Any]]) -> Results:
        """Score `records` against the clips' annotations, by clip id."""
        results = cls({}, {}, {}, max((r.get("late_seconds", 0.0) for r in records), default=0.0))
        for record in records:
            name = record["name"]
            results.scores.setdefault(name, [])
            if record["error"]:
                results.failed[name] = results.failed.get(name, 0) + 1
                continue
            results.scores[name].append(score(record, clips[record["clip"]]))
            finals = [text for _, kind, text in record["events"] if kind == "final" and text]
            results.pieces.setdefault(name, []).append(len(finals))
        return results

    def rows(self) -> list[Row]:
        """Jarvis first, the others by name."""
        names = sorted(self.scores, key=lambda name: (name != OURS, name.casefold()))
        return [self._row(name) for name in names if self.scores[name]]

    def _row(self, name: str) -> Row:
        group = self.scores[name]
        lags = [lag for one in group for lag in one.lags]
        finals = [one.final_after_end for one in group if one.final_after_end == one.final_after_end]
        words = sum(one.words for one in group)
        return Row(
            name=name,
            clips=len(group),
            failed=self.failed.get(name, 0),
            lag_p50=_quantile(lags, 0.5),
            lag_p95=_quantile(lags, 0.95),
            never=100 * (1 - len(lags) / max(1, words)),
            flicker=100 * sum(one.changed for one in group) / max(1, sum(one.shown for one in group)),
            final_p50=_quantile(finals, 0.5),
            final_p95=_quantile(finals, 0.95),
            pieces=statistics.fmean(self.pieces[name]),
            wer={language: _wer(group, language) for language in ("en", "es")},
            cpu=statistics.fmean(one.cpu_per_second for one in group),
            rss_mib=max(one.rss_mib for one in group),
        )

    def ratio(self, other: str, figure: Callable[[Score], float]) -> Ratio:
        """`other`'s figure by Jarvis', clip by clip."""
        ours = {one.clip: figure(one) for one in self.scores.get(OURS, ())}
        pairs = [
            figure(one) / ours[one.clip]
            for one in self.scores[other]
            if ours.get(one.clip, 0.0) > 0.0 and figure(one) > 0.0
        ]
        if not pairs:
            return Ratio(float("nan"), float("nan"), float("nan"), 0)
        drawn = np.random.default_rng(0).choice(pairs, (RESAMPLES, len(pairs)))
        low, high = np.quantile(np.median(drawn, axis=1), (0.025, 0.975))
        return Ratio(statistics.median(pairs), float(low), float(high), len(pairs))

    def wer_difference(self, other: str) -> tuple[float, float, float]:
        """Jarvis' word error rate less `other`'s in points, with a 95 % interval from resampled clips."""
        ours = {one.clip: one for one in self.scores.get(OURS, ())}
        pairs = [(ours[one.clip], one) for one in self.scores[other] if one.clip in ours]
        if not pairs:
            return float("nan"), float("nan"), float("nan")
        errors = np.array([(mine.errors - theirs.errors, mine.words) for mine, theirs in pairs], float)
        drawn = errors[np.random.default_rng(0).integers(0, len(errors), (RESAMPLES, len(errors)))].sum(
            axis=1
        )
        low, high = np.quantile(100 * drawn[:, 0] / np.maximum(1, drawn[:, 1]), (0.025, 0.975))
        return float(100 * errors[:, 0].sum() / max(1.0, errors[:, 1].sum())), float(low), float(high)


def final_delay(one: Score) -> float:
    """Seconds from the end of speech to the final text."""
    return one.final_after_end


def lag(one: Score) -> float:
    """Median of the clip's words, in seconds."""
    return statistics.median(one.lags) if one.lags else float("nan")


def cpu(one: Score) -> float:
    """Seconds a second of audio."""
    return one.cpu_per_second


def markdown(found: Results | None, told: Results | None) -> str:
    """The tables of both modes, as far as they were run."""
    parts = []
    if found:
        parts += ["### The tool finds the end of speech itself", _found_table(found.rows())]
    if told:
        parts += ["### The end is told (push-to-talk)", _told_table(told.rows())]
    parts += [
        "### How many times Jarvis' figure: median over the clips [95 % interval]",
        _ratios(found, told),
    ]
    late = max((one.worst_late for one in (found, told) if one), default=0.0)
    parts.append(f"Latest block of audio: {1000 * late:.0f} ms behind its time.")
    return "\n\n".join(parts) + "\n"


def _found_table(rows: Sequence[Row]) -> str:
    head = (
        "| tool | clips | word shown after, p50 / p95 s | never shown % | flicker % "
        "| final text after, p50 / p95 s | final texts a clip | WER en % | WER es % | CPU s/s | memory MiB |"
    )
    lines = [
        f"| {_name(row)} | {row.clips} | {row.lag_p50:.2f} / {row.lag_p95:.2f} | {row.never:.1f} "
        f"| {row.flicker:.1f} | {row.final_p50:.2f} / {row.final_p95:.2f} | {row.pieces:.1f} "
        f"| {row.wer['en']:.1f} | {row.wer['es']:.1f} | {row.cpu:.2f} | {row.rss_mib:.0f} |"
        for row in rows
    ]
    return "\n".join([head, _rule(head), *lines])


def _told_table(rows: Sequence[Row]) -> str:
    head = (
        "| tool | clips | final text after the key, p50 / p95 s | word shown after, p50 s "
        "| WER en % | WER es % | CPU s/s |"
    )
    lines = [
        f"| {_name(row)} | {row.clips} | {row.final_p50:.2f} / {row.final_p95:.2f} | {row.lag_p50:.2f} "
        f"| {row.wer['en']:.1f} | {row.wer['es']:.1f} | {row.cpu:.2f} |"
        for row in rows
    ]
    return "\n".join([head, _rule(head), *lines])


def _ratios(found: Results | None, told: Results | None) -> str:
    columns: list[tuple[str, Results | None, Callable[[Score], float]]] = [
        ("final text", found, final_delay),
        ("word shown", found, lag),
        ("CPU", found, cpu),
        ("final text, end told", told, final_delay),
        ("CPU, end told", told, cpu),
    ]
    used = [(title, results, figure) for title, results, figure in columns if results]
    head = "| tool | " + " | ".join(title for title, _, _ in used)
    head += " | Jarvis' WER less its, points (end found / told) |"
    lines = []
    everyone = {name for _, results, _ in used for name in results.scores} - {OURS}
    for name in sorted(everyone, key=str.casefold):
        cells = [str(results.ratio(name, f)) if name in results.scores else "-" for _, results, f in used]
        wers = [_difference(results, name) for results in (found, told) if results]
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {' / '.join(wers)} |")
    return "\n".join([head, _rule(head), *lines])


def _difference(results: Results, name: str) -> str:
    if name not in results.scores:
        return "-"
    points, low, high = results.wer_difference(name)
    return f"{points:+.1f} [{low:+.1f}, {high:+.1f}]"


def _rule(head: str) -> str:
    return "|" + " --- |" * (head.count("|") - 1)


def _name(row: Row) -> str:
    return row.name + (f" ({row.failed} failed)" if row.failed else "")


def _wer(group: Sequence[Score], language: str) -> float:
    chosen = [one for one in group if one.language == language]
    words = sum(one.words for one in chosen)
    return 100 * sum(one.errors for one in chosen) / words if words else float("nan")


def _quantile(values: Sequence[float], share: float) -> float:
    return float(np.quantile(values, share)) if values else float("nan")
