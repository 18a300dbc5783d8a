"""Refuses model folders that could run code, whatever their hashes say."""

from __future__ import annotations

import json
from pathlib import Path

from jarvis_desktop.errors import ModelError

_RUNS_CODE = frozenset({".py", ".pyc", ".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib"})
_PICKLE_STARTS = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")  # zipped and plain
_MAX_HEADER = 100 << 20  # bytes; safetensors' own limit


def refuse_unsafe(folder: Path) -> None:
    """Raise `ModelError` (`model.unsafe`) for code, pickles, ``auto_map`` or malformed headers."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        if not path.resolve().is_relative_to(folder.resolve()):
            raise _unsafe(path, "it is a link that leads out of the folder")
        if reason := _why_refused(path):
            raise _unsafe(path, reason)


def own_model(path: Path) -> Path:
    """A model the user brought along, a GGUF file or a folder: there is no hash to hold it to.

    Raises `ModelError`: `model.no_such_path`, `model.unsafe`.
    """
    if not path.exists():
        raise ModelError(
            "model.no_such_path",
            "There is no model at {path}.",
            "Set engine.model to a model of the catalogue, or to a file or folder that exists.",
            path=path,
        )
    if path.is_dir():
        refuse_unsafe(path)
    elif reason := _why_refused(path):
        raise _unsafe(path, reason)
    return path


def _why_refused(path: Path) -> str:
    """Why a file is refused, or an empty text."""
    suffix = path.suffix.lower()
    if suffix in _RUNS_CODE:
        return "files of this kind can run code"
    match suffix:
        case ".json":
            return _bad_json(path)
        case ".safetensors":
            header = int.from_bytes(_start(path, 8), "little")
            return (
                "" if 0 < header <= min(_MAX_HEADER, path.stat().st_size - 8) else "its header is malformed"
            )
        case ".gguf":
            return "" if _start(path, 4) == b"GGUF" else "it is not a GGUF file"
        case ".bin":
            return (
                "it holds a pickle, which can run code" if _start(path, 4).startswith(_PICKLE_STARTS) else ""
            )
        case _:
            return ""


def _bad_json(path: Path) -> str:
    if path.name != "config.json":
        return ""
    try:
        config = json.loads(path.read_bytes())
    except ValueError:
        return "it is not valid JSON"
    has_code = isinstance(config, dict) and "auto_map" in config
    return "its auto_map asks for code to be run" if has_code else ""


def _start(path: Path, count: int) -> bytes:
    with path.open("rb") as file:
        return file.read(count)


def _unsafe(path: Path, reason: str) -> ModelError:
    return ModelError(
        "model.unsafe",
        "{path} is refused: {reason}.",
        "Remove it, or fetch the model again.",
        path=path,
        reason=reason,
    )
