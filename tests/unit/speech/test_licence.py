"""The rules of docs/decisions/0003-piper-licence.md."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]
WORKER = ROOT / "jarvis_desktop" / "speech" / "piper_worker.py"


def imports(source: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_only_the_worker_imports_piper_and_nothing_imports_the_worker() -> None:
    for source in (ROOT / "jarvis_desktop").rglob("*.py"):
        used = imports(source)
        assert "jarvis_desktop.speech.piper_worker" not in used, source
        if source != WORKER:
            assert not {name for name in used if name.split(".")[0] == "piper"}, source


def test_the_worker_says_that_it_is_under_the_gpl_and_uses_only_the_pipe_and_the_errors_of_ours() -> None:
    assert WORKER.read_text(encoding="utf-8").startswith("# SPDX-License-Identifier: GPL-3.0-or-later\n")
    ours = {name for name in imports(WORKER) if name.startswith("jarvis_desktop")}
    assert all(name.startswith(("jarvis_desktop.processes", "jarvis_desktop.errors")) for name in ours)
