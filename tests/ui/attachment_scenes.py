"""Files of a chat, in pictures."""

from __future__ import annotations

from fake_core import FakeCore
from scenes import NOW, loaded

from jarvis_desktop.errors import StorageError
from jarvis_desktop.events import (
    AnswerExplained,
    AttachmentListed,
    AttachmentsListed,
    AttachmentState,
    Citation,
    ConversationOpened,
    MemoryKind,
    Message,
    Role,
)
from jarvis_desktop.ui.application import Desktop

PICTURE = StorageError(
    "memory.picture",
    "{file} is a picture, and there is no model that reads pictures.",
    "Take in what is written on it as text.",
    file="/home/ana/photo-of-the-contract.png",
)


CITED = Citation("a1#2", "lease.pdf", "The deposit.", MemoryKind.DOCUMENT, "", NOW, attached=True)


def attached(_: Desktop, core: FakeCore) -> None:
    loaded(core)
    core.emit(
        ConversationOpened(
            "1",
            (
                Message("a", "1", "t1", Role.USER, "How large is the deposit, and when is it due?", NOW),
                Message("b", "1", "t1", Role.ASSISTANT, "1,850 euros, thirty days after you leave.", NOW),
            ),
        ),
        AttachmentsListed(
            (
                AttachmentListed("a1", "lease.pdf", 68_400, "/x/lease.pdf", AttachmentState.WHOLE),
                AttachmentListed("a2", "Civil code.docx", 1_450_000, "/x/c.docx", AttachmentState.PARTS),
                AttachmentListed("a3", "minutes.md", 0, "/x/minutes.md", AttachmentState.READING),
                AttachmentListed(
                    "a4", "photo-of-the-contract.png", 0, "/home/ana/photo-of-the-contract.png",
                    AttachmentState.FAILED, PICTURE,
                ),
            )
        ),
        AnswerExplained("t1", (CITED,)),
    )  # fmt: skip


ATTACHMENT_SCENES = {
    "attachments": (attached, {}, (1280, 800)),
    "attachments-dark": (attached, {"look": {"theme": "dark", "font_scale": 1.6}}, (1280, 800)),
    "attachments-narrow": (attached, {"look": {"language": "es"}}, (860, 580)),
}
