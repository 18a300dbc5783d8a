"""What Jarvis says about its memory, in the language of the question; nobody's model makes it up.

What was forgotten is never named in these: an answer is stored as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

MOST_LISTED = 12
"""Things told in one answer; the window shows all of them."""

_QUOTE_CHARACTERS = 200

_ENGLISH: Mapping[str, str] = MappingProxyType(
    {
        "kept": "I will remember that: {text}",
        "forgot": "Forgotten: {what}. {items} and {messages} are gone for good (receipt {receipt}).",
        "forgot_all": "I have forgotten everything I knew about you: {items} and {messages} are gone for "
        "good (receipt {receipt}).",
        "item": "1 entry of my memory",
        "items": "{count} entries of my memory",
        "message": "the words of 1 message",
        "messages": "the words of {count} messages",
        "something": "what you said about that",
        "nothing_here": "You have told me nothing to remember in this conversation.",
        "nothing_about": "I remember nothing about that.",
        "nothing_known": "I remember nothing about you yet.",
        "sure": "I would forget this:\n{listed}\n\nShall I forget it?",
        "sure_all": "I would forget everything that I know about you: {items}. Shall I?",
        "left": "Then I leave everything as it is.",
        "known": "This is what I know about you:\n{listed}",
        "more": "And {count} more, which the memory window shows.",
        "because": "Because of this:\n{listed}",
        "no_reason": "Nothing that I remember was used for my last answer. It came from the language model, "
        "which can be wrong.",
        "no_memory": "I keep no memory here, so there is nothing to remember or to forget beyond this "
        "conversation.",
        "told": "you told me on {day}: “{quote}”",
        "document": "{source} says: “{quote}”",
    }
)
_SPANISH: Mapping[str, str] = MappingProxyType(
    {
        "kept": "Lo recordaré: {text}",
        "forgot": "Olvidado: {what}. He borrado para siempre {items} y {messages} (recibo {receipt}).",
        "forgot_all": "He olvidado todo lo que sabía de ti: he borrado para siempre {items} y {messages} "
        "(recibo {receipt}).",
        "item": "1 entrada de mi memoria",
        "items": "{count} entradas de mi memoria",
        "message": "las palabras de 1 mensaje",
        "messages": "las palabras de {count} mensajes",
        "something": "lo que dijiste de eso",
        "nothing_here": "En esta conversación no me has contado nada que recordar.",
        "nothing_about": "No recuerdo nada de eso.",
        "nothing_known": "Todavía no recuerdo nada de ti.",
        "sure": "Olvidaría esto:\n{listed}\n\n¿Lo olvido?",
        "sure_all": "Olvidaría todo lo que sé de ti: {items}. ¿Lo hago?",
        "left": "Entonces lo dejo todo como está.",
        "known": "Esto es lo que sé de ti:\n{listed}",
        "more": "Y {count} cosas más, que enseña la ventana de la memoria.",
        "because": "Por esto:\n{listed}",
        "no_reason": "En mi última respuesta no usé nada que recuerde. Salió del modelo de lenguaje, que "
        "puede equivocarse.",
        "no_memory": "Aquí no guardo memoria, así que no hay nada que recordar ni que olvidar fuera de esta "
        "conversación.",
        "told": "me lo dijiste el {day}: «{quote}»",
        "document": "lo dice {source}: «{quote}»",
    }
)


def reply(language: str, name: str, **values: object) -> str:
    """The reply of that name; Spanish, or else English."""
    return (_SPANISH if language == "es" else _ENGLISH)[name].format(**values)


def count_of(language: str, name: str, count: int) -> str:
    """So many items or messages, in words."""
    return reply(language, name if count == 1 else f"{name}s", count=count)


def listed(language: str, lines: Sequence[str]) -> str:
    """The first of the lines one below the other, and how many more there are."""
    shown = [f"- {line}" for line in lines[:MOST_LISTED]]
    more = len(lines) - len(shown)
    return "\n".join([*shown, *([reply(language, "more", count=more)] if more > 0 else [])])


def quoted(language: str, kind: str, quote: str, source: str, at: float) -> str:
    """One passage with where it is from; `kind` is ``told`` or ``document``, `at` seconds since the epoch."""
    line = " ".join(quote.split())
    line = line if len(line) <= _QUOTE_CHARACTERS else line[: _QUOTE_CHARACTERS - 1] + "…"
    return reply(language, kind, day=f"{datetime.fromtimestamp(at):%Y-%m-%d}", quote=line, source=source)
