"""Turns what a language model writes into what a voice should say."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

_CODE_SHOWN = {"en": "The code is on your screen.", "es": "El código está en la pantalla."}

_FENCE = re.compile(r"^[ \t]*(```|~~~).*?(?:^[ \t]*\1[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
_RULE = re.compile(r"^[ \t]*(?:[-*_][ \t]*){3,}$|^[ \t]*\|?[ \t:|-]*-{3,}[ \t:|-]*$", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)")
_URL = re.compile(r"<?(?:https?://|www\.)[^\s<>()\"']*[^\s<>()\"'.,;:!?]>?")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]*>")
_LIST_LINE = re.compile(
    r"^[ \t]*(?:>[ \t]*)*(?:#{1,6}[ \t]+|[-*+•][ \t]+(?:\[[ xX]\][ \t]+)?)(.*)$", re.MULTILINE
)
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_EMPHASIS = re.compile(r"\*+|~+|`+|(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)|(?<=[.,!?])_+(?!\w)|\\(?=[^\w\s])")
_CELLS = re.compile(r"\s*\|[\s|]*")

_SPOKEN_SYMBOLS = frozenset("°©®™№")
_EMOJI_PARTS = frozenset("\ufe0e\ufe0f\u200d\u20e3") | {chr(c) for c in range(0x1F3FB, 0x1F400)}


def speakable(text: str, language: str = "en") -> str:
    """Plain words of a piece of Markdown; empty when there is nothing to say.

    Code is mentioned, not read out; links are read by their text, bare addresses by their domain; emoji and
    markup are left out; list items and headings get a full stop, for the pause.
    """
    shown = _CODE_SHOWN.get(language, _CODE_SHOWN["en"])
    text = _FENCE.sub(f"\n{shown}\n", text)
    text = _RULE.sub("", text)
    text = _LINK.sub(r"\1", text)
    text = _URL.sub(_domain, text)
    text = _TAG.sub(" ", text)
    text = _LIST_LINE.sub(_with_full_stop, text)
    text = _QUOTE.sub("", text)
    text = _EMPHASIS.sub("", text)
    text = _CELLS.sub(", ", text).strip(", \n")
    text = " ".join("".join(c for c in text if _pronounced(c)).split())
    return text if any(c.isalnum() for c in text) else ""


def _domain(match: re.Match[str]) -> str:
    address = match[0].strip("<>")
    try:
        host = urlsplit(address if "://" in address else f"//{address}").hostname
    except ValueError:  # brackets that are no IPv6 address
        host = None
    return (host or "").removeprefix("www.")


def _with_full_stop(match: re.Match[str]) -> str:
    line = match[1].strip()
    return line if not line or line.rstrip("*_`")[-1:] in ".!?:;,…" else f"{line}."


def _pronounced(character: str) -> bool:
    if character in _EMOJI_PARTS:
        return False
    return unicodedata.category(character) not in {"So", "Cs", "Co", "Cn"} or character in _SPOKEN_SYMBOLS
