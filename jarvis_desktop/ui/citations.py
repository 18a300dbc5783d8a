"""What an answer was given to read: numbered chips below it."""

from __future__ import annotations

from PySide6.QtCore import Signal

from jarvis_desktop.events import Citation
from jarvis_desktop.ui.flow import Flow
from jarvis_desktop.ui.i18n import number, tr
from jarvis_desktop.ui.memory_words import day, kind_name, origin_name
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import TextButton, plain_tip

_NAME = 36  # characters of a source's name on its chip
_QUOTE = 600  # characters of a quote in the tooltip


class Citations(Translated, Flow):
    """One chip for each source; a forgotten one stays as a number without a name."""

    opened = Signal(object)  # Citation

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._cited: tuple[Citation, ...] = ()
        self._forgotten: set[str] = set()
        self._chips: list[TextButton] = []
        self.hide()

    @property
    def chips(self) -> tuple[TextButton, ...]:
        return tuple(self._chips)

    def show_citations(self, cited: tuple[Citation, ...]) -> None:
        """In the order in which the answer numbers them."""
        for chip in self._chips:
            self.drop(chip)
        self._cited, self._chips = cited, []
        for citation in cited:
            chip = TextButton(self._theme, "chip")
            chip.clicked.connect(lambda _=False, chosen=citation: self.opened.emit(chosen))
            self.add(chip)
            self._chips.append(chip)
        self.retranslate()
        self.setVisible(bool(cited))

    def forget(self, items: tuple[str, ...]) -> None:
        """Items are gone: nothing of them may be seen here either."""
        gone = {each.id for each in self._cited if each.id in items or each.id.rpartition("#")[0] in items}
        if gone - self._forgotten:
            self._forgotten |= gone
            self._cited = tuple(
                Citation(each.id, "", "", each.kind) if each.id in gone else each for each in self._cited
            )
            self.retranslate()

    def retranslate(self) -> None:
        """All texts in the window's language."""
        for place, (citation, chip) in enumerate(zip(self._cited, self._chips, strict=True), start=1):
            gone = citation.id in self._forgotten
            chip.setEnabled(not gone)
            name = origin_name(citation.source) or kind_name(citation.kind)
            short = name if len(name) <= _NAME else name[: _NAME - 1] + "…"
            label = " · ".join(filter(None, (short, day(citation.created_at))))
            told = tr("forgotten") if gone else label
            chip.setText(f"{number(place)}  {told}".replace("&", "&&"))
            quote = citation.quote if len(citation.quote) <= _QUOTE else citation.quote[: _QUOTE - 1] + "…"
            chip.setToolTip(plain_tip(quote))
            chip.setAccessibleName(tr("Source {number}: {name}", number=number(place), name=told))
            chip.setAccessibleDescription(quote)
        self.fit()
