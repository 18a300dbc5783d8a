"""The words of the window in the user's language: Qt Linguist files, switched while the program runs.

`tools/update_translations.py` collects the texts: literals given to `tr` (context ``window``), titles and
help of the settings (``settings``), and the templates of every `JarvisError` and `Remark` (``errors``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLibraryInfo, QLocale, QTranslator

from jarvis_desktop.config import describe
from jarvis_desktop.errors import JarvisError
from jarvis_desktop.events import Remark
from jarvis_desktop.resources import resource

LANGUAGES = ("en", "es")


def tr(text: str, /, **params: object) -> str:
    """`text` (a literal) in the window's language, its ``{names}`` filled from `params`."""
    translated = QCoreApplication.translate("window", text)
    return translated.format(**params) if params else translated


def tr_setting(text: str) -> str:
    """A title or help text of the configuration's schema in the window's language."""
    return QCoreApplication.translate("settings", text) if text else ""


@cache
def in_every_language(text: str) -> tuple[str, ...]:
    """A title or help text of the configuration's schema in each language of the window."""
    others = (_own(language).translate("settings", text) for language in LANGUAGES if language != "en")
    return (text, *filter(None, others)) if text else ()


def with_titles(text: str) -> str:
    """`text` with the keys of settings replaced by the titles they have in the window."""
    for setting in sorted(describe.settings(), key=lambda each: len(each.key), reverse=True):
        if setting.key in text:
            text = text.replace(setting.key, tr("“{title}”", title=tr_setting(setting.title)))
    return text


def message_of(error: JarvisError) -> str:
    """What happened, in the window's language."""
    return _filled(error.message_template, error.params)


def hint_of(error: JarvisError) -> str:
    """What the user can do about it, in the window's language; may be empty."""
    return _filled(error.hint_template, error.params)


def remark_text(remark: Remark) -> str:
    """A remark in the window's language."""
    return _filled(remark.template, remark.params)


def _filled(template: str, params: Mapping[str, object]) -> str:
    return QCoreApplication.translate("errors", template).format(**params) if template else ""


def number(value: float, decimals: int = 0) -> str:
    """A number as the window's language writes it."""
    return QLocale().toString(float(value), "f", decimals)


def day_name(day: date, today: date, *, within: bool = False) -> str:
    """A day: today, yesterday, a weekday of the last week, else the date.

    It begins large, as a heading does; `within` a sentence only where the language writes it so.
    """
    age = (today - day).days
    if age <= 1:
        name = tr("Today") if age <= 0 else tr("Yesterday")
        return name.lower() if within else name
    shape = "dddd" if age < 7 else tr("d MMMM") if day.year == today.year else tr("d MMMM yyyy")
    name = QLocale().toString(QDate(day.year, day.month, day.day), shape)
    return name if within else name[:1].upper() + name[1:]


def time_of_day(at: QDateTime) -> str:
    """Hours and minutes as the window's language writes them."""
    return QLocale().toString(at.time(), QLocale.FormatType.ShortFormat)


class Language:
    """Installs the translators of one language at a time; widgets are told by ``LanguageChange`` events."""

    def __init__(self, app: QCoreApplication) -> None:
        self._app = app
        self._translators: list[QTranslator] = []
        self._current = ""

    @property
    def current(self) -> str:
        """ISO 639-1 code of the language in force; empty before the first `use`."""
        return self._current

    def use(self, choice: str) -> None:
        """Switch to ``en`` or ``es``; ``auto`` follows the system, English where it is neither."""
        language = _system_language() if choice == "auto" else choice
        if language == self._current:
            return
        for translator in self._translators:
            self._app.removeTranslator(translator)
        self._current = language
        QLocale.setDefault(_number_locale(language) if choice == "auto" else QLocale(language))
        self._translators = [] if language == "en" else _load(language)
        for translator in self._translators:
            self._app.installTranslator(translator)


def _number_locale(language: str) -> QLocale:
    """Numbers and dates as the system writes them; one without a locale groups no digits, but boxes do."""
    system = QLocale.system()
    return QLocale(language) if system.language() is QLocale.Language.C else system


def _system_language() -> str:
    for name in QLocale.system().uiLanguages():
        if (code := name[:2].lower()) in LANGUAGES:
            return code
    return "en"


@cache
def _own(language: str) -> QTranslator:
    translator = QTranslator()
    translator.load(str(resource("resources", "translations", f"jarvis_{language}.qm")))
    return translator


def _load(language: str) -> list[QTranslator]:
    """Our own texts, and Qt's (context menus of text fields) where Qt ships them."""
    own, qt = _own(language), QTranslator()
    qt.load(f"qtbase_{language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))
    return [translator for translator in (qt, own) if not translator.isEmpty()]
