"""The engine that the settings ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jarvis_desktop.config.schema import Engine
from jarvis_desktop.engine.launch import Launcher, LlamaLauncher, VllmLauncher
from jarvis_desktop.engine.managed import ManagedChatModel
from jarvis_desktop.engine.remote import RemoteChatModel
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Remark
from jarvis_desktop.ports import ChatModel

REMOTE_KEY_VARIABLE = "JARVIS_REMOTE_API_KEY"


def chat_model(
    settings: Engine,
    *,
    model_path: Callable[[], Path],
    root: Path,
    cache: Path,
    remote_key: str = "",
    fit: Callable[[Engine], Engine] = lambda settings: settings,
    tuned: bool = True,
    on_died: Callable[[JarvisError], None] | None = None,
    on_progress: Callable[[float], None] | None = None,
    on_unsupported: Callable[[str], None] | None = None,
    tell: Callable[[Remark], None] | None = None,
) -> ChatModel:
    """A chat model that is not loaded yet.

    `model_path` is asked at each start, on a worker thread: the GGUF file for llama.cpp, the folder for
    vLLM; it raises `ModelError` when there is none. `root` holds ``.venv-vllm``; `cache` is vLLM's to write
    to. `fit`, asked with it, adapts the settings to what is free. An engine that is not `tuned` runs with its
    own defaults. The other arguments are those of `ManagedChatModel`.
    """
    if settings.kind == "remote":
        return RemoteChatModel(settings.remote.base_url, settings.remote.model, remote_key)
    return ManagedChatModel(
        _launcher(settings, model_path, root, cache, fit, tuned),
        settings.model,
        on_died=on_died,
        on_progress=on_progress,
        on_unsupported=on_unsupported,
        tell=tell,
    )


def check(settings: Engine, *, model_path: Callable[[], Path], root: Path) -> str:
    """What would be started, when all it needs is there: model, interpreter, port. Nothing is started.

    A remote server is not asked. Raises what `chat_model`'s `load` would raise before the start.
    """
    if settings.kind == "remote":
        return f"remote, {settings.remote.model} at {settings.remote.base_url or 'no address'}"
    _launcher(settings, model_path, root, root).prepare("")
    return f"{settings.kind}, {model_path()}"


def _launcher(
    settings: Engine,
    model_path: Callable[[], Path],
    root: Path,
    cache: Path,
    fit: Callable[[Engine], Engine] = lambda settings: settings,
    tuned: bool = True,
) -> Launcher:
    if settings.kind == "vllm":
        return VllmLauncher(settings, model_path, settings.model, root, cache, fit, tuned)
    return LlamaLauncher(settings, model_path, tuned)
