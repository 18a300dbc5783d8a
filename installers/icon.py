"""``python installers/icon.py FILE SIZE``: the program's icon as .ico, .icns or .png, SIZE pixels wide."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from layout import draw_icon

if __name__ == "__main__":
    draw_icon(Path(sys.argv[1]), int(sys.argv[2]))
