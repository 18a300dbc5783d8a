"""What the guide says of the machine and of models: plainly, and no more than is true."""

from __future__ import annotations

from jarvis_desktop.events import KnownModel, MachineDescribed, ModelState, ModelStep
from jarvis_desktop.ui.i18n import number, tr
from jarvis_desktop.ui.model_words import disk_size, fit_line, licence_line
from jarvis_desktop.ui.words import Look, memory_size

_SMALL_CHAT, _MIDDLE_CHAT = 1_000_000_000, 3_000_000_000  # bytes of a language model
_SMALL_WHISPER = 200_000_000
_ROOMY_MIB, _MANY_CORES = 14_000, 4


def machine_lines(machine: MachineDescribed) -> list[tuple[str, str]]:
    """What there is and what that means, one after the other."""
    cores = tr("{count} processor cores", count=number(machine.cores))
    processor = " · ".join(filter(None, (machine.processor, cores)))
    ram = tr("{amount} of memory", amount=memory_size(machine.ram_mib))
    lines = [(processor, _cores_mean(machine)), (ram, _memory_means(machine))]
    if machine.gpu_name is None:
        meaning = tr("Everything runs on the processor. That works, and short answers come quickly.")
        return [*lines, (tr("No NVIDIA graphics card"), meaning)]
    amount = memory_size(machine.vram_mib or 0.0)
    card = tr("{name}, {amount} of graphics memory", name=machine.gpu_name, amount=amount)
    return [
        *lines,
        (
            card,
            tr("Speech recognition runs on it, and so do language models if their engine is made for it."),
        ),
    ]


def _cores_mean(machine: MachineDescribed) -> str:
    if machine.cores >= _MANY_CORES:
        return tr("Enough to listen, think and speak at the same time.")
    return tr("Enough for small models; with larger ones answers come slowly.")


def _memory_means(machine: MachineDescribed) -> str:
    if machine.ram_mib >= _ROOMY_MIB:
        return tr("There is room for larger models: you can choose one in the settings at any time.")
    return tr("Small models fit well. Jarvis checks that a model fits before it loads it.")


def about_model(model: KnownModel) -> str:
    """What a model is for, what to expect of it, and what its licence asks where that is not nothing."""
    allowed = licence_line(model.licence) if model.notice else ""
    return " ".join(
        filter(None, (_expectation(model), tr("Licence: {terms}.", terms=allowed) if allowed else ""))
    )


def shortage(model: KnownModel, free: int) -> str:
    """What the disk (`free` bytes) or the memory lacks for a model; empty when it fits."""
    look, words = fit_line(model, free)
    return words if look.icon == "warning-circle" else ""


def _expectation(model: KnownModel) -> str:
    match model.kind:
        case "chat" if model.size < _SMALL_CHAT:
            return tr(
                "Writes the answers. Quick on any machine; for simple questions, and it makes mistakes."
            )
        case "chat" if model.size < _MIDDLE_CHAT:
            return tr("Writes the answers. Good at everyday questions; check what matters.")
        case "chat":
            return tr("Writes the answers. The best for this machine; check what matters.")
        case "transcription" if model.size < _SMALL_WHISPER:
            return tr("Understands what you say. Clear speech well, names less so.")
        case "transcription":
            return tr("Understands what you say, and mishears less than smaller models.")
        case "speech":
            return tr("Reads the answers aloud. Clear, and easily told from a person.")
        case "turn-end":
            return tr("Notices when you have finished, so that pauses to think are not cut off.")
        case "wake-word":
            return tr("Hears “Hey Jarvis”, if you switch that on.")
        case "embedding" | "reranking":
            return tr("Finds what you told Jarvis earlier.")
    return ""


def model_look(model: KnownModel) -> Look:
    if model.state is ModelState.PRESENT:
        return Look("check-circle", "accent")
    if model.problem is not None:
        return Look("warning-circle", "danger")
    if under_way(model):
        return Look("download-simple", "accent")
    return Look("pause-fill" if model.state is ModelState.PARTIAL else "circle-dashed", "second")


def model_state(model: KnownModel) -> str:
    """How far it is."""
    if model.state is ModelState.PRESENT:
        return tr("{size}, is here", size=disk_size(model.size))
    progress = model.progress
    if progress is None:
        if model.state is ModelState.PARTIAL:
            done, size = disk_size(model.arrived), disk_size(model.size)
            return tr("{done} of {size}, paused", done=done, size=size)
        return disk_size(model.size)
    if progress.step is ModelStep.DOWNLOADING:
        return tr("{done} of {total}", done=disk_size(progress.done), total=disk_size(progress.total))
    if progress.step is ModelStep.WAITING:
        return tr("{size}, comes next", size=disk_size(model.size))
    return tr("{size}, at work …", size=disk_size(model.size))


def under_way(model: KnownModel) -> bool:
    """It is being downloaded, or waits for that."""
    return model.progress is not None and model.progress.step not in (
        ModelStep.STOPPING,
        ModelStep.VERIFYING,
        ModelStep.REMOVING,
    )
