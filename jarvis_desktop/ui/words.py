"""How parts and amounts are said, the same wherever they appear."""

from __future__ import annotations

from dataclasses import dataclass

from jarvis_desktop.events import (
    CachesMeasured,
    EngineMeasured,
    Part,
    PartChanged,
    PartState,
    Route,
    Speculation,
    Tier,
)
from jarvis_desktop.ui.i18n import number, tr


@dataclass(frozen=True, slots=True)
class Look:
    """Icon and token (a name of `theme.Tokens`) of a state."""

    icon: str
    token: str


NAMELESS = ("", "default")
"""No names of devices: what is nowhere set, and what ALSA calls the system's choice."""

PART_LOOKS = {
    PartState.ABSENT: Look("download-simple", "warning"),
    PartState.LOADING: Look("circle-dashed", "accent"),
    PartState.READY: Look("check-circle", "accent"),
    PartState.FAILED: Look("warning-circle", "danger"),
    PartState.STOPPED: Look("minus-circle", "second"),
}


def part_name(part: Part) -> str:
    return {
        Part.ENGINE: tr("Language model"),
        Part.TRANSCRIPTION: tr("Speech recognition"),
        Part.SPEECH: tr("Voice"),
        Part.MICROPHONE: tr("Microphone"),
        Part.LOUDSPEAKER: tr("Loudspeaker"),
        Part.HEARING: tr("Listening models"),
        Part.MEMORY: tr("Memory"),
    }[part]


def part_detail(event: PartChanged) -> str:
    """Its model or device."""
    return tr("System default") if event.model and event.model in NAMELESS else event.model


def part_state_word(state: PartState) -> str:
    return {
        PartState.ABSENT: tr("not downloaded"),
        PartState.LOADING: tr("loading"),
        PartState.READY: tr("ready"),
        PartState.FAILED: tr("failed"),
        PartState.STOPPED: tr("not loaded"),
    }[state]


def part_line(event: PartChanged) -> str:
    """State of a part in words, with how far it is."""
    if event.state is PartState.LOADING and event.progress is not None:
        return tr("loading, {percent} %", percent=number(event.progress * 100))
    return part_state_word(event.state)


def loading_line(parts: list[PartChanged]) -> str:
    """What is being loaded, in one line; empty when nothing is."""
    names = [part_name(event.part).lower() for event in parts if event.state is PartState.LOADING]
    return tr("Loading: {parts}", parts=", ".join(names)) if names else ""


def duration(milliseconds: float) -> str:
    """A time a person can read: 0.71 s below ten seconds, else 12 s."""
    seconds = milliseconds / 1000
    return tr("{seconds} s", seconds=number(seconds, 2 if seconds < 10 else 0))


def memory_size(mib: float) -> str:
    """``9.1 GB``, or ``88 MiB`` where gigabytes would tell too little."""
    if round(mib) < 100:
        return tr("{amount} MiB", amount=number(mib))
    gib = mib / 1024
    return tr("{amount} GB", amount=number(gib, 1 if gib >= 1 else 2))


def file_size(size: int) -> str:
    """``12 kB``, or ``3.4 MB``; `size` in bytes."""
    if size < 999_500:
        return tr("{amount} kB", amount=number(max(1, size / 1e3)))
    return tr("{amount} MB", amount=number(size / 1e6, 1 if size < 9_950_000 else 0))


def memory_amount(used_mib: float, total_mib: float) -> str:
    """``9.1 of 16 GB``."""
    used, total = used_mib / 1024, total_mib / 1024
    return tr("{used} of {total} GB", used=number(used, 1), total=number(total, 0 if total >= 10 else 1))


def route_line(route: Route) -> str:
    """How a question was taken: ``Technical question (54 of 100)``; and whether it was answered before."""
    kind = {
        Tier.CHAT: tr("Simple question"),
        Tier.TECHNICAL: tr("Technical question"),
        Tier.REASONING: tr("Hard question"),
    }[route.tier]
    score = number(route.difficulty)
    if route.reused:
        return tr("{kind} ({score} of 100), answered before", kind=kind, score=score)
    return tr("{kind} ({score} of 100)", kind=kind, score=score)


def engine_line(status: EngineMeasured) -> str:
    """What the engine tells of itself, in one line."""
    pieces = [
        tr(
            "{running} running, {waiting} waiting",
            running=number(status.running),
            waiting=number(status.waiting),
        ),
        tr("cache {percent} % full", percent=number(100 * status.cache_use)),
    ]
    if status.prefix_hits is not None:
        pieces.append(tr("{percent} % read before", percent=number(100 * status.prefix_hits)))
    if status.first_token_ms is not None:
        pieces.append(tr("first word after {time}", time=duration(status.first_token_ms)))
    return " · ".join(pieces)


def caches_line(measured: CachesMeasured) -> str:
    """What was known already, a line each; empty where nothing was asked for."""
    lines = []
    if measured.answerable:
        lines.append(
            tr(
                "Answered before: {count} of {all} questions of general knowledge",
                count=number(measured.answers),
                all=number(measured.answerable),
            )
        )
    if measured.read:
        share = number(100 * measured.texts / measured.read)
        lines.append(tr("{percent} % of what the memory read was known to it", percent=share))
    return "\n".join(lines)


def thought_ahead(speculation: Speculation) -> str:
    """What thinking ahead of the turn's end gained and cost, in a line; empty when it was not done."""
    tokens = number(speculation.discarded_tokens)
    if speculation.used:
        saved = number(speculation.ahead_ms)
        if speculation.discarded_tokens:
            return tr("Thought ahead: saved {time} ms, {tokens} tokens discarded", time=saved, tokens=tokens)
        return tr("Thought ahead: saved {time} ms", time=saved)
    if speculation.drafts == 1:
        return tr("Thought ahead in vain: 1 draft, {tokens} tokens discarded", tokens=tokens)
    if speculation.drafts:
        drafts = number(speculation.drafts)
        return tr(
            "Thought ahead in vain: {drafts} drafts, {tokens} tokens discarded", drafts=drafts, tokens=tokens
        )
    return ""
