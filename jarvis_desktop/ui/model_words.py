"""How models are said: what they are for, how large, whether they fit, how far a download is."""

from __future__ import annotations

from types import MappingProxyType

from PySide6.QtCore import QDateTime, QLocale

from jarvis_desktop.config import describe
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import KnownModel, ModelProgress, ModelState, ModelStep
from jarvis_desktop.ui.i18n import hint_of, number, tr
from jarvis_desktop.ui.words import Look, memory_size

GROUPS = MappingProxyType(
    {
        "chat": ("chat",),
        "transcription": ("transcription",),
        "voices": ("speech",),
        "listening": ("turn-end", "wake-word"),
        "memory": ("embedding", "reranking"),
    }
)
"""The kinds of models that stand together, by the name of the group."""

MIB = 1024 * 1024
_MANY = ("multilingual",)


def group_title(group: str) -> str:
    return {
        "chat": tr("Chat"),
        "transcription": tr("Speech recognition"),
        "voices": tr("Voices"),
        "listening": tr("Listening models"),
        "memory": tr("Memory search"),
    }[group]


def group_help(group: str) -> str:
    return {
        "chat": tr("Language models: they answer. Larger ones know more, are slower and take more memory."),
        "transcription": tr("Write down what you say. Larger ones hear better and are slower."),
        "voices": tr("Read answers aloud, each in its language."),
        "listening": tr("Hear when you have finished a sentence, and when you call “Hey Jarvis”."),
        "memory": tr("Find again what you told Jarvis, by its meaning."),
    }[group]


def role_name(key: str) -> str:
    """What a model is used for, from the setting that names it."""
    page, _, rest = key.partition(".")
    if page == describe.PROFILES:
        return tr("profile {name}", name=rest.rpartition(".")[0])
    return {
        "engine.model": tr("all answers"),
        "routing.technical_model": tr("technical questions"),
        "routing.reasoning_model": tr("hard questions"),
        "transcription.model": tr("speech recognition"),
        "speech.voice": tr("all spoken answers"),
        "speech.spanish_voice": tr("answers in Spanish"),
        "memory.encoder": tr("memory search"),
        "memory.enabled": tr("memory search"),
        "listening.judge_turn_end": tr("the end of a turn"),
        "wake.enabled": tr("the wake word"),
    }[key]


def uses_line(model: KnownModel, most: int | None = None) -> str:
    """``In use: all answers, profile Work``, with `most` of them named; empty where nothing uses it."""
    names = list(dict.fromkeys(map(role_name, model.uses)))
    left = len(names[most:]) if most else 0
    roles = ", ".join(names[:most]) + (f" +{left}" if left else "")
    return tr("In use: {roles}", roles=roles) if names else ""


def disk_size(size: int) -> str:
    """``3.3 GB``, ``63 MB``: decimal, as file managers and download pages say it."""
    if size >= 999_500_000:
        return tr("{amount} GB", amount=number(size / 1e9, 1))
    return tr("{amount} MB", amount=number(max(size, 1) / 1e6, 1 if size < 9_950_000 else 0))


def languages_line(model: KnownModel) -> str:
    if model.own:
        return tr("Your own file")
    if model.languages == _MANY:
        return tr("Many languages")
    names = {"en": tr("English"), "es": tr("Spanish")}
    return ", ".join(names.get(code, code) for code in model.languages)


def is_damaged(model: KnownModel) -> bool:
    """Whether a file has the wrong size, or was found to have the wrong content."""
    found = model.problem is not None and model.problem.code == "model.damaged"
    return found or model.state is ModelState.DAMAGED


def state_line(model: KnownModel) -> tuple[Look, str]:
    """What is there of a model."""
    if is_damaged(model):
        return Look("warning-circle", "danger"), tr("Damaged")
    match model.state:
        case ModelState.PRESENT if model.checked_at is not None:
            checked = QDateTime.fromSecsSinceEpoch(round(model.checked_at)).date()
            day = QLocale().toString(checked, QLocale.FormatType.ShortFormat)
            return Look("check-circle", "accent"), tr("On this computer, checked on {day}", day=day)
        case ModelState.PRESENT:
            return Look("check-circle", "accent"), tr("On this computer")
        case ModelState.PARTIAL:
            return Look("pause-fill", "warning"), tr(
                "Not complete: {arrived} of {size} are here",
                arrived=disk_size(model.arrived),
                size=disk_size(model.size),
            )
        case _:
            absent = tr("Not downloaded")
            return Look("download-simple", "warning" if model.uses else "second"), absent


def fit_line(model: KnownModel, free: int) -> tuple[Look, str]:
    """Whether a model fits this machine, its memory and, if it is not here yet, its disk."""
    short = model.size - model.arrived - free
    if model.state is not ModelState.PRESENT and short > 0:
        return Look("warning-circle", "danger"), tr(
            "Does not fit on the disk: {amount} are missing", amount=disk_size(short)
        )
    if model.need_mib is None:
        return Look("info", "second"), tr("How much memory it takes is not known")
    need = memory_size(model.need_mib)
    if not model.missing_mib:
        return Look("check-circle", "accent"), tr("Fits: takes {need} of memory", need=need)
    missing = memory_size(model.missing_mib)
    return Look("warning-circle", "warning"), tr(
        "Does not fit now: takes {need} of memory, {missing} more than is free", need=need, missing=missing
    )


def fits(model: KnownModel) -> bool:
    return model.missing_mib == 0


def licence_line(licence: str) -> str:
    """What a licence allows, in a few words."""
    return {
        "MIT": tr("free for any use"),
        "Apache-2.0": tr("free for any use"),
        "BSD-2-Clause": tr("free for any use"),
        "CC0-1.0": tr("free for any use"),
        "CC-BY-NC-SA-4.0": tr("for personal use only"),
        "Llama 3.2 Community License": tr("free under conditions"),
    }.get(licence, "")


LICENCE_PAGES = MappingProxyType(
    {
        "MIT": "https://opensource.org/license/mit",
        "Apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
        "BSD-2-Clause": "https://opensource.org/license/bsd-2-clause",
        "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/legalcode",
        "CC-BY-NC-SA-4.0": "https://creativecommons.org/licenses/by-nc-sa/4.0/legalcode",
        "Llama 3.2 Community License": "https://www.llama.com/llama3_2/license/",
    }
)
"""Where each licence is published."""


def progress_line(progress: ModelProgress) -> str:
    """What is being done, how far it is, how fast, and how long it will take."""
    if progress.step is not ModelStep.DOWNLOADING:
        return {
            ModelStep.WAITING: tr("Waiting for the download before it"),
            ModelStep.RESOLVING: tr("Asking where it can be had …"),
            ModelStep.ASSEMBLING: tr("Unpacking and checking …"),
            ModelStep.STOPPING: tr("Stopping …"),
            ModelStep.VERIFYING: tr("Checking every byte …"),
            ModelStep.REMOVING: tr("Removing …"),
        }[progress.step]
    pieces = [
        tr("{done} of {total}", done=disk_size(progress.done), total=disk_size(progress.total)),
    ]
    if progress.bytes_per_second:
        pieces.append(tr("{amount}/s", amount=disk_size(round(progress.bytes_per_second))))
        pieces.append(_time_left((progress.total - progress.done) / progress.bytes_per_second))
    return " · ".join(pieces)


def _time_left(seconds: float) -> str:
    if seconds < 60:
        return tr("less than a minute left")
    if seconds < 5400:
        return tr("{minutes} min left", minutes=number(seconds / 60))
    return tr("{hours} h left", hours=number(seconds / 3600, 1))


def percent(progress: ModelProgress) -> int:
    return 100 * progress.done // progress.total if progress.total else 0


def problem_hint(error: JarvisError) -> str:
    """What to do about a problem here, where nobody types commands."""
    if error.code == "model.damaged" and "name" in error.params:
        return tr("Download it again: only what is damaged is fetched.")
    return hint_of(error)


def total_line(models: int, used: int, free: int) -> str:
    return tr(
        "On this computer: {count} models, {used} · {free} free on the disk",
        count=number(models),
        used=disk_size(used),
        free=disk_size(free),
    )
