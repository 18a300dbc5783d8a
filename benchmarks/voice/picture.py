"""The figures as a picture: four panels of bars, written as SVG by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from report import OURS, Row

WIDTH, PANEL, GAP, LABEL = 980, 470, 40, 180  # pixels
BAR, STEP, HEAD = 16, 26, 56
INK, FAINT, MINE, OTHER = "#1f2328", "#6e7781", "#0a7d5a", "#9aa4af"


def draw(found: Sequence[Row], told: Sequence[Row], file: Path) -> None:
    """Write the picture; `told` may be empty."""
    panels = [
        _panel("Final text after the end of speech (s)", found, lambda row: (row.final_p50, row.final_p95)),
        _panel("A word is shown after it was said (s)", found, lambda row: (row.lag_p50, row.lag_p95)),
        _panel("Final text after the key went up (s)", told, lambda row: (row.final_p50, row.final_p95)),
        _panel("CPU seconds per second of audio", found, lambda row: (row.cpu, math.nan)),
        _panel("Words wrong in English (%)", found, lambda row: (row.wer["en"], math.nan)),
        _panel("Words wrong in Spanish (%)", found, lambda row: (row.wer["es"], math.nan)),
    ]
    panels = [panel for panel in panels if panel]
    tall = HEAD + STEP * max(len(found), len(told))
    height = 40 + math.ceil(len(panels) / 2) * (tall + GAP)
    body = "".join(
        f'<g transform="translate({20 + (number % 2) * (PANEL + 20)},{30 + (number // 2) * (tall + GAP)})">'
        f"{panel}</g>"
        for number, panel in enumerate(panels)
    )
    style = "font-family:system-ui,sans-serif;font-size:13px"
    note = "Times: median, and a line to the 95th percentile. Less is better everywhere."
    file.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" style="{style}" role="img">'
        f"<title>Jarvis and its peers, side by side</title>"
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>{body}'
        f'<text x="20" y="{height - 14}" fill="{FAINT}">{note}</text></svg>\n',
        encoding="utf-8",
    )


def _panel(title: str, rows: Sequence[Row], figures: Callable[[Row], tuple[float, float]]) -> str:
    if not rows:
        return ""
    drawn = [(row.name, *figures(row)) for row in rows]
    largest = max((x for _, *pair in drawn for x in pair if x == x), default=0.0) or 1.0
    scale = (PANEL - LABEL - 60) / largest
    parts = [f'<text y="14" fill="{INK}" font-weight="600">{escape(title)}</text>']
    for number, (name, middle, high) in enumerate(drawn):
        parts.append(_bar(HEAD - 24 + number * STEP, name, middle, high, scale))
    return "".join(parts)


def _bar(top: float, name: str, middle: float, high: float, scale: float) -> str:
    mine = name == OURS
    line = top + BAR / 2
    weight = ' font-weight="600"' if mine else ""
    text = (
        f'<text x="{LABEL - 8}" y="{line + 4.5}" text-anchor="end" fill="{INK}"{weight}>{escape(name)}</text>'
    )
    if middle != middle:
        return text + f'<text x="{LABEL}" y="{line + 4.5}" fill="{FAINT}">-</text>'
    end = LABEL + max(1.0, middle * scale)
    whole = f'<rect x="{LABEL}" y="{top}" width="{end - LABEL:.1f}" height="{BAR}" rx="3" '
    whole += f'fill="{MINE if mine else OTHER}"/>'
    tip = end
    if high == high and high > middle:
        tip = LABEL + high * scale
        whole += (
            f'<path d="M{end:.1f} {line}H{tip:.1f}M{tip:.1f} {line - 4}v8" stroke="{FAINT}" fill="none"/>'
        )
    number = f"{middle:.2f}" if middle < 10 else f"{middle:.1f}"
    return text + whole + f'<text x="{tip + 6:.1f}" y="{line + 4.5}" fill="{FAINT}">{number}</text>'
