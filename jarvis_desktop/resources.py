"""Finds the files that ship with the program: catalogue, default configuration, icons, translations."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_PACKED = _PACKAGE / "data"


def installed() -> bool:
    """Whether the program runs from a wheel or a package; else from a checkout."""
    return _PACKED.is_dir()


def resource(*parts: str) -> Path:
    """Path of a shipped file, e.g. ``resource("models", "catalogue.toml")``.

    In a checkout the files lie beside the package; in a wheel they are packed into its `data` folder.
    """
    root = _PACKED if installed() else _PACKAGE.parent
    return root.joinpath(*parts)
