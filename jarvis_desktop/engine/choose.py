"""The engine that the settings ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from jarvis_desktop.config.schema import Engine
from jarvis_desktop.engine.launch import Launcher, LlamaLauncher, VllmLauncher
from jarvis_desktop.engine.managed import ManagedChatModel
from jarvis_desktop.engine.remote import RemoteChatModel
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.ports import ChatMessage, ChatModel

REMOTE_KEY_VARIABLE = "JARVIS_REMOTE_API_KEY"


def chat_model(
    settings: Engine,
    *,
    model_path: Callable[[], Path],
    root: Path,
    cache: Path,
    remote_key: str = "",
    warm_up: Callable[[], Sequence[ChatMessage]] = tuple,
    on_died: Callable[[JarvisError], None] | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> ChatModel:
    """A chat model that is not loaded yet.

    `model_path` is asked at each start, on a worker thread: the GGUF file for llama.cpp, the folder for
    vLLM; it raises `ModelError` when there is none. `root` holds ``.venv-vllm``; `cache` is vLLM's to write
    to. The other arguments are those of `ManagedChatModel`.
    """
    launcher: Launcher
    match settings.kind:
        case "remote":
            return RemoteChatModel(settings.remote.base_url, settings.remote.model, remote_key)
        case "vllm":
            launcher = VllmLauncher(settings, model_path, settings.model, root, cache)
        case "llama.cpp":
            launcher = LlamaLauncher(settings, model_path)
    return ManagedChatModel(
        launcher, settings.model, warm_up=warm_up, on_died=on_died, on_progress=on_progress
    )
