"""What is said of a turn: its stages, what made it slow, how it was answered and what that took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from jarvis_desktop.events import Energy, Timings, TurnFinished, Usage
from jarvis_desktop.ui.i18n import number, tr
from jarvis_desktop.ui.words import duration, route_line, thought_ahead

FEW = 3
"""Turns of a kind that it takes to tell what is usual."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a turn, in milliseconds since the end of the input."""

    key: str  # a field of `Timings`
    start: float
    end: float

    @property
    def took(self) -> float:
        return self.end - self.start


STAGES = (
    "turn_end",
    "transcript",
    "recall",
    "loaded",
    "first_token",
    "first_sentence",
    "first_audio",
)


def stages_of(timings: Timings) -> list[Stage]:
    """The stages that were reached, each from the end of the one before."""
    found: list[Stage] = []
    start = 0.0
    for key in STAGES:
        end = getattr(timings, key)
        if end is not None:
            found.append(Stage(key, min(start, end), end))
            start = max(start, end)
    return found


def stage_name(key: str) -> str:
    return {
        "capture": tr("You spoke"),
        "turn_end": tr("Silence"),
        "transcript": tr("Understand"),
        "recall": tr("Remember"),
        "loaded": tr("Load model"),
        "first_token": tr("First word"),
        "first_sentence": tr("First sentence"),
        "first_audio": tr("Voice"),
        "total": tr("Whole turn"),
    }[key]


def stages_line(timings: Timings) -> str:
    """All stages in one line, for a screen reader."""
    capture = [Stage("capture", 0.0, timings.capture)] if timings.capture is not None else []
    stages = [*capture, *stages_of(timings)]
    return "; ".join(f"{stage_name(stage.key)} {duration(stage.took)}" for stage in stages)


def first_answer_ms(timings: Timings) -> float | None:
    """How long the user waited for the first sign of an answer: its sound, else its first word."""
    return timings.first_audio if timings.first_audio is not None else timings.first_token


def usual(turn: TurnFinished, others: Sequence[TurnFinished]) -> Mapping[str, float]:
    """What stages take, and ``wait``, in the median of the others that were asked in the same way, in ms.

    Empty where there are too few of them to tell.
    """
    alike = [
        each for each in others if (each.timings.transcript is None) == (turn.timings.transcript is None)
    ]
    if len(alike) < FEW:
        return {}
    took: dict[str, list[float]] = {}
    for each in alike:
        wait = first_answer_ms(each.timings)
        measured = {stage.key: stage.took for stage in stages_of(each.timings)}
        for key, value in (measured if wait is None else measured | {"wait": wait}).items():
            took.setdefault(key, []).append(value)
    return {key: median(values) for key, values in took.items() if len(values) >= FEW}


def slowest_sentence(turn: TurnFinished, often: Mapping[str, float]) -> str:
    """Which stage made the user wait most, what it `often` takes, what would help; empty without stages."""
    stages = stages_of(turn.timings)
    if not stages:
        return ""
    slowest = max(stages, key=lambda stage: stage.took)
    took = duration(slowest.took)
    if slowest.key in often:
        took = tr("{took}, usually {usual}", took=took, usual=duration(often[slowest.key]))
    if slowest.key == "first_token" and turn.route.reused:
        return tr("Finding the answer given before took longest ({took}).", took=took)
    if slowest.key == "first_token" and turn.tools:
        return tr("The first word had to wait for a tool ({took}).", took=took)
    return {
        "turn_end": tr(
            "Waiting until you had surely finished took longest ({took}). "
            "A shorter pause, or letting the key go sooner, is quicker.",
            took=took,
        ),
        "transcript": tr(
            "Understanding your speech took longest ({took}). A smaller model is quicker.", took=took
        ),
        "recall": tr("Looking into the memory took longest ({took}).", took=took),
        "loaded": tr("The language model had to be loaded first ({took}).", took=took),
        "first_token": tr(
            "The language model's first word took longest ({took}). A smaller model is quicker.", took=took
        ),
        "first_sentence": tr(
            "Writing the first sentence took longest ({took}). A smaller model is quicker.", took=took
        ),
        "first_audio": tr("Making the voice took longest ({took}).", took=took),
    }[slowest.key]


def usual_line(turn: TurnFinished, often: Mapping[str, float]) -> str:
    """How the wait compares with what is usual; empty where that is not known."""
    wait = first_answer_ms(turn.timings)
    if wait is None or "wait" not in often:
        return ""
    difference = wait - often["wait"]
    if abs(difference) < 0.1 * often["wait"]:
        return tr("As quick as usual ({usual})", usual=duration(often["wait"]))
    amounts = {"difference": duration(abs(difference)), "usual": duration(often["wait"])}
    if difference < 0:
        return tr("{difference} quicker than usual ({usual})", **amounts)
    return tr("{difference} slower than usual ({usual})", **amounts)


def figures(turn: TurnFinished) -> list[str]:
    """Lines about how an answer was made."""
    lines = []
    if turn.timings.transcript is not None:
        lines.append(tr("Speech to text: {time}", time=duration(turn.timings.transcript)))
    if turn.timings.first_audio is not None and turn.timings.transcript is not None:
        lines.append(tr("Voice to voice: {time}", time=duration(turn.timings.first_audio)))
    lines += [*_token_lines(turn.usage), *_memory_lines(turn)]
    if ahead := thought_ahead(turn.speculation):
        lines.append(ahead)
    lines.append(route_line(turn.route))
    if turn.route.profile:
        lines.append(tr("Profile: {name}", name=turn.route.profile))
    if turn.model:
        lines.append(f"{turn.model} · {turn.engine}")
    return [*lines, *filter(None, [energy_line(turn.energy)])]


def _token_lines(usage: Usage) -> list[str]:
    lines = []
    if usage.tokens_per_second:
        lines.append(tr("{speed} tokens per second", speed=number(usage.tokens_per_second, 1)))
    if usage.cached_tokens is not None and usage.prompt_tokens:
        share = number(100 * usage.cached_tokens / usage.prompt_tokens)
        lines.append(tr("{percent} % of the prompt had been read before", percent=share))
    return lines


def _memory_lines(turn: TurnFinished) -> list[str]:
    files = sum(each.attached for each in turn.citations)
    recalled = len(turn.citations) - files
    lines = [tr("From memory: {count}", count=number(recalled))] if recalled else []
    if files:
        lines.append(tr("From the files of this chat: {count}", count=number(files)))
    if why := turn.skipped.get("recall"):
        reasons = {
            "over_budget": tr("Memory left out: it took too long"),
            "opening": tr("Memory left out: it was still being opened"),
        }
        lines.append(reasons.get(why) or tr("Memory left out: it failed"))
    elif "dense" in turn.skipped:
        lines.append(tr("Memory searched by words only"))
    return lines


def energy_line(energy: Energy) -> str:
    """What an answer took, of which device; empty where nothing could be measured."""
    names = {tr("graphics card"): energy.gpu_joules, tr("processor"): energy.cpu_joules}
    known = [(name, joules) for name, joules in names.items() if joules is not None]
    if not known:
        return ""
    parts = ", ".join(
        tr("{joules} J {device}", joules=_joules(joules), device=name) for name, joules in known
    )
    return tr("Energy: {parts}", parts=parts)


def _joules(joules: float) -> str:
    return number(joules, 0 if joules >= 10 else 1)
