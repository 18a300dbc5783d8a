"""The pages of the settings dialog: the tables of the file, and pages that gather settings of several."""

from __future__ import annotations

from types import MappingProxyType

from jarvis_desktop.config import describe
from jarvis_desktop.config.describe import Page, Setting
from jarvis_desktop.ui.i18n import tr

GATHERED = MappingProxyType(
    {
        "privacy": (
            "Privacy",
            "What is kept, what may go elsewhere, and when Jarvis listens.",
            (
                "privacy.offline",
                "desktop.notifications",
                "wake.enabled",
                "engine.kind",
                "engine.remote.base_url",
                "conversation.profile",
                "conversation.reuse_answers",
                "memory.enabled",
                "memory.read_facts",
                "memory.encrypted",
                "memory.watched_folders",
                "memory.server_url",
                "tools.enabled",
                "tools.ask",
                "tools.allowed",
                "server.enabled",
                "logging.level",
            ),
        ),
        "shortcuts": (
            "Shortcuts",
            "Keys of your own choice; the guide lists all the others.",
            (
                "desktop.talk_shortcut",
                "desktop.dictation_shortcut",
                "desktop.show_shortcut",
                "listening.talk_key",
            ),
        ),
    }
)
"""Title, help and settings of pages that gather; the settings are on the pages of their tables, too."""

CLIENTS = "server"
"""The page that tells which other programs may use Jarvis."""

_TITLES = MappingProxyType(
    {
        "vllm": "vLLM",
        "wake": "Wake word",
        "speech": "Voice",
        "residency": "Models in memory",
        "routing": "Kinds of question",
        CLIENTS: "Other programs",
    }
)

_GROUPS = (
    ("talk", ("audio", "listening", "wake", "transcription", "speech")),
    ("model", ("engine", "residency", "routing", "conversation", "tools")),
    ("memory", ("memory", "privacy", describe.PROFILES)),
    ("program", ("look", "shortcuts", "desktop", CLIENTS, "updates")),
)


def pages() -> tuple[Page, ...]:
    """The pages that can be turned to."""
    tables = (page for page in describe.pages() if "." not in page.key and page.key not in GATHERED)
    return (*tables, describe.profiles_page(), *gathered_pages())


def gathered_pages() -> tuple[Page, ...]:
    return tuple(Page(key, about) for key, (_, about, _) in GATHERED.items())


def groups() -> list[tuple[str, list[Page]]]:
    """The pages under the names of their groups; what belongs to none is in the last one."""
    known = {page.key: page for page in pages()}
    found = [(name, [known.pop(key) for key in keys if key in known]) for name, keys in _GROUPS]
    found[-1][1].extend(known.values())
    return found


def holds(page: str, setting: Setting) -> bool:
    """Whether a setting is on a page."""
    return setting.key in GATHERED[page][2] if page in GATHERED else root(setting.page) == page


def root(page: str) -> str:
    """The page of the dialog that shows a table of the file."""
    return page.partition(".")[0]


def page_title(key: str) -> str:
    """English title of a page, from its key; translated like the other words of the schema."""
    if key in GATHERED:
        return GATHERED[key][0]
    name = key.rpartition(".")[2]
    return _TITLES.get(name, name.capitalize())


def group_title(name: str) -> str:
    """Heading of a group of pages, in the window's language."""
    return {
        "talk": tr("Talking with Jarvis"),
        "model": tr("Models"),
        "memory": tr("Memory and privacy"),
        "program": tr("Program"),
    }[name]
