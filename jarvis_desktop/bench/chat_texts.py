"""Made-up conversations: two languages, Markdown, code, tables, short and long."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator

from jarvis_desktop.events import Message, Role

_QUESTIONS = (
    "Why does bread rise?",
    "¿Por qué sube el pan, y qué cambia si la harina es integral?",
    "How do I read a large file line by line in Python without filling the memory?",
    "Compare the three mattresses we spoke of, please.",
    "¿Qué puedo hacer en Sevilla un fin de semana de noviembre con dos niños que ya han visto el Alcázar?",
    "And rye?",
)
_SENTENCES = (
    "Yeast turns sugar into gas, and the gas is held by the gluten of the flour. ",
    "La levadura convierte el azúcar en gas, y el gluten de la harina lo retiene. ",
    "That works as long as the **temperature** stays between 24 and 28 °C, `as measured` in the dough. ",
    "Conviene reservar con antelación, sobre todo los *sábados por la tarde*. ",
    "The second way needs less memory, but it reads the file twice; see [the manual](https://example.org). ",
)
_LIST = """
- Mix flour, water and salt
- Wait for **30 minutes**
- Fold it three times:
  1. from the left
  2. from the right
- Bake at 240 °C

"""
_TABLE = """
| Modelo | Firmness | Price | Remark |
|---|---|---:|---|
| Alba | medium | 320 € | good for the back |
| Norte | firm | 410 € | too warm in summer |
| Sur | soft | 280 € | `discontinued` |

"""
_CODE = """
```python
from pathlib import Path


def longest(file: Path) -> str:
    \"\"\"The longest line, without reading the whole file at once.\"\"\"
    best = ""
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if len(line) > len(best):
                best = line.rstrip("\\n")  # the end of line is no part of it
    return best
```

"""
_SHELL = """
```bash
for file in *.txt; do
    awk '{ if (length > most) { most = length; line = $0 } } END { print line }' "$file"
done | sort -u > longest.txt
```

"""
_PARTS = (_LIST, _TABLE, _CODE, _SHELL, "\n> Quoted, so that it can be told apart.\n\n", "\n## In short\n\n")


def messages(count: int, conversation_id: str) -> Iterator[Message]:
    """Questions and answers in turn, the same ones at every call."""
    chance = random.Random(7)
    for number in range(count):
        role = (Role.USER, Role.ASSISTANT)[number % 2]
        text = chance.choice(_QUESTIONS) if role is Role.USER else _answer(chance)
        turn = f"{conversation_id}-{number // 2}"
        yield Message(f"{conversation_id}-m{number}", conversation_id, turn, role, text, float(number))


def _answer(chance: random.Random) -> str:
    """A sentence or two, more often some paragraphs, now and then pages."""
    blocks = chance.choices((0, 2, 5, 20), (30, 40, 25, 5))[0]
    text = "".join(chance.choices(_SENTENCES, k=2))
    for _ in range(blocks):
        text += chance.choice(_PARTS) if chance.random() < 0.4 else "\n\n"
        text += "".join(chance.choices(_SENTENCES, k=3))
    return text


def tokens(count: int) -> Iterator[str]:
    """A long answer in pieces as a model writes them, with code, tables and lists."""
    text = "".join(
        "".join(itertools.islice(itertools.cycle(_SENTENCES), start, start + 4)) + "\n" + part
        for start, part in enumerate(itertools.islice(itertools.cycle(_PARTS), count // 40))
    )
    return itertools.islice((piece.group() for piece in re.finditer(r"\s*\S{1,5}|\s+", text)), count)
