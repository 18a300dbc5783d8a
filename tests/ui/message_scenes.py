"""What a user does with single messages, in pictures."""

from __future__ import annotations

import time
from collections.abc import Callable

from fake_core import FakeCore
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from scenes import NOW, conversation, loaded

from jarvis_desktop.events import (
    ConversationOpened,
    FollowUpsSuggested,
    Message,
    Phase,
    PhaseChanged,
    ReadingAloud,
    ReplyToken,
    Role,
    TurnStarted,
    Versions,
)
from jarvis_desktop.ui.application import Desktop
from jarvis_desktop.ui.messages import Answer, Question

CODE = """In a shell:

```bash
# Count the words of every text file
for file in *.txt; do
    echo "$file: $(wc -w < "$file")"
done
```

The same in C++:

```cpp
#include <iostream>
#include <string>

int main() {
    int count = 0;  // of words
    for (std::string word; std::cin >> word;) {
        ++count;
    }
    std::cout << "Words: " << count << '\\n';
    return 0;
}
```

Or without a language, as it is:

```
3 words.txt
```
"""


def versions(desktop: Desktop, core: FakeCore) -> None:
    loaded(core)
    said = [
        ("t1", Role.USER, "Which bread keeps longest?"),
        ("t1", Role.ASSISTANT, "Rye bread: its sour dough and its moisture keep it fresh for a week."),
        ("t2", Role.USER, "And how do I freeze it? I have a whole loaf, sliced, and little room."),
        ("t2", Role.ASSISTANT, "In slices, in a bag without air. Toast them from frozen."),
    ]
    messages = tuple(
        Message(f"m{number}", "0", turn, role, text, NOW) for number, (turn, role, text) in enumerate(said)
    )
    core.emit(
        ConversationOpened(
            "0",
            messages,
            versions=(
                Versions("t2", Role.USER, ("m2", "x"), 0),
                Versions("t2", Role.ASSISTANT, ("y", "m3", "z"), 1),
            ),
        ),
        ReadingAloud("t1"),
    )
    for _ in range(2):  # the messages are there
        QApplication.processEvents()
    messages_of(desktop)[-1].text.setFocus()


def suggested(desktop: Desktop, core: FakeCore) -> None:
    versions(desktop, core)
    questions = ("How long does rye bread keep?", "Which bread is best for toast?", "What is sour dough?")
    core.emit(FollowUpsSuggested("t2", questions))


def asked(desktop: Desktop, core: FakeCore) -> None:
    versions(desktop, core)
    messages_of(desktop)[-2].text.setFocus()


def editing(desktop: Desktop, core: FakeCore) -> None:
    versions(desktop, core)
    question = messages_of(desktop)[-2]
    assert isinstance(question, Question)
    question.edit()


def code(_: Desktop, core: FakeCore) -> None:
    conversation(core)
    core.emit(
        ConversationOpened(
            "1",
            (
                Message("a", "1", "t1", Role.USER, "How do I count words?", NOW),
                Message("b", "1", "t1", Role.ASSISTANT, CODE, NOW),
            ),
        )
    )


def growing_code(_: Desktop, core: FakeCore) -> None:
    loaded(core)
    core.emit(
        ConversationOpened("0", ()),
        PhaseChanged(Phase.REPLYING),
        TurnStarted("t1", "0", "How do I count words?", spoken=False),
        ReplyToken("t1", CODE[:330]),
    )


def messages_of(desktop: Desktop) -> list[Question | Answer]:
    """Those on show, which are made a few at a time."""
    conversation = desktop.window.conversation
    until = time.monotonic() + 5
    while conversation._builder.isActive() and time.monotonic() < until:
        QCoreApplication.processEvents()
    return conversation.messages()


DARK = {"look": {"theme": "dark"}}
LARGE = {"look": {"font_scale": 1.6}}
SPANISH = {"look": {"language": "es", "theme": "dark"}}

MESSAGE_SCENES: dict[str, tuple[Callable[[Desktop, FakeCore], None], dict[str, object], tuple[int, int]]] = {
    "versions": (versions, {}, (1120, 760)),
    "versions-dark": (asked, DARK, (1120, 760)),
    "versions-large-text": (versions, LARGE, (1280, 800)),
    "question-edited": (editing, {}, (1120, 760)),
    "question-edited-spanish": (editing, SPANISH, (860, 580)),
    "suggested": (suggested, {}, (1120, 760)),
    "suggested-dark": (suggested, DARK, (860, 580)),
    "code": (code, {}, (1120, 760)),
    "code-dark": (code, DARK, (1120, 760)),
    "code-large-text": (code, LARGE, (1280, 800)),
    "code-growing": (growing_code, DARK, (1120, 760)),
}
