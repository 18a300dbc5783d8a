"""Every text the window can show is there in Spanish, and what ships is what was translated."""

from __future__ import annotations

import importlib.util
import sys
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtWidgets import QApplication

from jarvis_desktop.errors import EngineError
from jarvis_desktop.ui.i18n import Language, day_name, hint_of, message_of, number, tr

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "update_translations", ROOT / "tools" / "update_translations.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_error_template_can_be_read_from_the_source(tool: ModuleType) -> None:
    assert not tool.collect().problems


@pytest.mark.parametrize("context", ["window", "settings", "errors"])
def test_everything_has_a_spanish_text_with_the_same_names(tool: ModuleType, context: str) -> None:
    texts = {context: tool.collect().texts[context]}
    assert texts[context]
    missing = tool.missing(texts, tool.read("es"))
    assert not missing, "\n".join(["run tools/update_translations.py and translate:", *missing])


def test_the_compiled_file_is_fresh(tool: ModuleType, tmp_path: Path) -> None:
    tool.compile_to("es", tmp_path / "fresh.qm")
    shipped = (tool.FOLDER / "jarvis_es.qm").read_bytes()
    assert (tmp_path / "fresh.qm").read_bytes() == shipped


def test_no_formal_address_in_spanish(tool: ModuleType) -> None:
    words = " ".join(text for texts in tool.read("es").values() for text in texts.values()).lower().split()
    assert "usted" not in words
    assert "su equipo" not in " ".join(words)


def test_words_numbers_days_and_errors_follow_the_language(app: QApplication) -> None:
    language = Language(app)
    error = EngineError(
        "engine.busy", "Port {port} on this machine is taken by another program.", "Try again.", port=8080
    )
    today = date(2026, 11, 21)
    try:
        language.use("es")
        assert tr("Send") == "Enviar"
        assert number(1.5, 2) == "1,50"
        assert day_name(today, today) == "Hoy"
        assert day_name(date(2026, 11, 18), today) == "Miércoles"
        assert day_name(date(2025, 3, 1), today) == "1 de marzo de 2025"
        assert day_name(today, today, within=True) == "hoy"
        assert day_name(date(2026, 11, 18), today, within=True) == "miércoles"
        assert message_of(error) == "Otro programa ocupa el puerto 8080 de este equipo."
        assert hint_of(error) == "Inténtalo de nuevo."
    finally:
        language.use("en")
    assert day_name(date(2026, 11, 20), today, within=True) == "yesterday"
    assert day_name(date(2026, 11, 18), today, within=True) == "Wednesday"
    assert tr("Send") == "Send"
    assert number(1.5, 2) == "1.50"
    assert message_of(error) == error.message
