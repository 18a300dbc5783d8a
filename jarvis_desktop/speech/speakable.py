"""Turns what a language model writes into what a voice should say."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from jarvis_desktop.speech.abbreviations import read_abbreviations, read_formulas, read_signs
from jarvis_desktop.speech.numerals import read_figures
from jarvis_desktop.speech.traced import Kept, Traced

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

_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,20}\]:?|(?<=[\w.,;!?)])\[\d{1,3}\]")
_EDGE = re.compile(r"\A[\s,]+|[\s,]+\Z")
_SPACES = re.compile(r"\s+")
_UNPRONOUNCED = re.compile(r"[^\w\s.,;:!?'\"()-]+")

_SPOKEN_SYMBOLS = frozenset("°©®™№")
_EMOJI_PARTS = frozenset("\ufe0e\ufe0f\u200d\u20e3") | {chr(c) for c in range(0x1F3FB, 0x1F400)}


@dataclass(frozen=True, slots=True)
class Spoken:
    """What to say; `ends[i]` is the index in the original before which all is said with word `i`."""

    text: str
    ends: tuple[int, ...]


def speakable(text: str, language: str = "en") -> Spoken:
    """Plain words of a piece of Markdown; empty when there is nothing to say.

    Code is mentioned, not read out; links are read by their text, bare addresses by their domain; emoji and
    markup are left out; list items and headings get a full stop, for the pause; figures, abbreviations and
    signs are put in words where the voice would misread them.
    """
    shown = _CODE_SHOWN.get(language, _CODE_SHOWN["en"])
    said = Traced.of(text).sub(_FENCE, lambda _: f"\n{shown}\n")
    said = said.sub(_RULE, _nothing).sub(_FOOTNOTE, _nothing)
    said = read_formulas(said)
    said = said.sub(_LINK, lambda _: Kept(1)).sub(_URL, _domain).sub(_TAG, lambda _: " ")
    said = said.sub(_LIST_LINE, _with_full_stop).sub(_QUOTE, _nothing).sub(_EMPHASIS, _nothing)
    said = said.sub(_CELLS, lambda _: ", ").sub(_EDGE, _nothing)
    said = read_signs(read_figures(read_abbreviations(said, language), language), language)
    said = said.sub(_UNPRONOUNCED, _unless_pronounced).sub(_SPACES, lambda _: " ").sub(_EDGE, _nothing)
    if not any(c.isalnum() for c in said.text):
        return Spoken("", ())
    return Spoken(said.text, said.words(text))


def _nothing(_: re.Match[str]) -> str:
    return ""


def _domain(match: re.Match[str]) -> str:
    address = match[0].strip("<>")
    try:
        host = urlsplit(address if "://" in address else f"//{address}").hostname
    except ValueError:  # brackets that are no IPv6 address
        host = None
    return (host or "").removeprefix("www.")


def _with_full_stop(match: re.Match[str]) -> Kept:
    line = match[1].strip()
    finished = not line or line.rstrip("*_`")[-1:] in ".!?:;,…"
    return Kept(1, "" if finished else ".")


def _unless_pronounced(match: re.Match[str]) -> str:
    return "".join(c for c in match[0] if _pronounced(c))


def _pronounced(character: str) -> bool:
    if character in _EMOJI_PARTS:
        return False
    return unicodedata.category(character) not in {"So", "Cs", "Co", "Cn"} or character in _SPOKEN_SYMBOLS
