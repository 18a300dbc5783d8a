"""How much memory there is, what each part of Jarvis takes of it, and what the graphics card is doing."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from jarvis_desktop.events import ResourcesSampled
from jarvis_desktop.ui.i18n import number, tr
from jarvis_desktop.ui.meters import MemoryBar
from jarvis_desktop.ui.theme import Theme
from jarvis_desktop.ui.translated import Translated
from jarvis_desktop.ui.widgets import ElidedLabel, Label, column, row
from jarvis_desktop.ui.words import memory_amount, memory_size, part_name

_LEAST_MIB = 1.0  # what is less is not told


class MemoryUse(Translated, QWidget):
    """Graphics memory where there is some, else main memory."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._sample: ResourcesSampled | None = None
        self._title = Label(role="heading", wrap=True)
        self._amount = Label()
        self._bar = MemoryBar(theme)
        self._shares = QGridLayout()
        self._shares.setHorizontalSpacing(8)
        self._shares.setVerticalSpacing(2)
        self._shares.setColumnStretch(0, 1)
        self._lines: list[tuple[ElidedLabel, Label]] = []
        self._own = Label(role="small", wrap=True)
        self._gpu = Label(role="small", wrap=True)
        head = row(self._title, self._amount)
        head.setStretch(0, 1)
        layout = column(head, self._bar, self._gpu, spacing=8)
        layout.addLayout(self._shares)
        layout.addWidget(self._own)
        self.setLayout(layout)
        for label in (self._own, self._gpu):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.retranslate()

    def show_sample(self, sample: ResourcesSampled) -> None:
        """Take on what was read."""
        self._sample = sample
        used, total, own = sample.ram_used_mib, sample.ram_total_mib, sample.own_ram_mib
        parts = sample.parts_mib
        self._title.setText(tr("Main memory"))
        if sample.vram_total_mib and sample.vram_used_mib is not None:
            used, total, own = sample.vram_used_mib, sample.vram_total_mib, sample.own_vram_mib or 0.0
            parts = sample.parts_vram_mib
            self._title.setText(tr("Graphics memory"))
        shares = [(part_name(part), mib) for part, mib in parts]
        rest = max(0.0, own - sum(mib for _, mib in shares))
        others = max(0.0, used - own)
        self._show_shares([*shares, (tr("The rest of Jarvis"), rest), (tr("Other programs"), others)])
        self._amount.setText(memory_amount(used, total))
        whole = total or 1.0
        self._bar.show_shares(own / whole, used / whole, pieces=[mib / whole for _, mib in shares])
        self._bar.setAccessibleName(self.summary())
        self._own.set_text(
            tr("Jarvis uses {amount} GB of main memory", amount=number(sample.own_ram_mib / 1024, 1))
        )
        self._gpu.set_text(gpu_line(sample) if sample.gpu_name else tr("Graphics memory: none found"))

    def summary(self) -> str:
        """In one line; empty until something was read."""
        return f"{self._title.text()} {self._amount.text()}" if self._sample is not None else ""

    def retranslate(self) -> None:
        if self._sample is not None:
            self.show_sample(self._sample)
            return
        self._title.setText(tr("Main memory"))
        for label in (self._own, self._gpu):
            label.set_text("")

    def _show_shares(self, shares: list[tuple[str, float]]) -> None:
        told = [(name, mib) for name, mib in shares if mib >= _LEAST_MIB]
        while len(self._lines) < len(told):
            line = ElidedLabel(role="small"), Label(role="small")
            line[1].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for place, label in enumerate(line):
                self._shares.addWidget(label, len(self._lines), place)
            self._lines.append(line)
        for (name_label, size_label), (name, mib) in zip(self._lines, told, strict=False):
            name_label.setText(name)
            size_label.setText(memory_size(mib))
            size_label.setAccessibleName(f"{name}: {memory_size(mib)}")
        for number_of_line, line in enumerate(self._lines):
            for label in line:
                label.setVisible(number_of_line < len(told))


def gpu_line(sample: ResourcesSampled) -> str:
    """The graphics card and, as far as it tells, what it is doing."""
    pieces = []
    if sample.gpu_use is not None:
        pieces.append(tr("{percent} % busy", percent=number(100 * sample.gpu_use)))
    if sample.gpu_celsius is not None:
        pieces.append(tr("{degrees} °C", degrees=number(sample.gpu_celsius)))
    if sample.gpu_watts is not None:
        pieces.append(tr("{watts} W", watts=number(sample.gpu_watts)))
    return "\n".join(filter(None, (sample.gpu_name, " · ".join(pieces))))
