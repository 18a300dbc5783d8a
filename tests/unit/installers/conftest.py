"""The set-up scripts as modules."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "installers" / "bootstrap.py"


def module(script: Path) -> ModuleType:
    """A script, without its main part run."""
    specification = importlib.util.spec_from_file_location(script.stem, script)
    assert specification is not None
    assert specification.loader is not None
    loaded = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(loaded)
    return loaded


@contextmanager
def few_packages() -> Iterator[None]:
    """What is built meanwhile holds what `jarvis --version` needs, not a gigabyte."""
    names = ("annotated-types", "platformdirs", "psutil", "pydantic", "pydantic-core", "tomlkit")
    names += ("typing-extensions", "typing-inspection")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["layout"], "distributions", lambda: [distribution(name) for name in names])
        patch.setenv("DPKG_DEB_COMPRESSOR_TYPE", "none")
        yield


@pytest.fixture(scope="package")
def bootstrap() -> ModuleType:
    return module(SCRIPT)
