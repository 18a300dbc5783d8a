"""What a user may want of the memory in so many words, in Spanish and English; read without any model.

Only whole sentences of these forms count. "Forget it" is not among them: people say it for "never mind".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from jarvis_desktop.assistant.memories.words import folded_in_place
from jarvis_desktop.language import guess_language


@dataclass(frozen=True, slots=True)
class ForgetThat:
    """Forget what was told last in this conversation."""


@dataclass(frozen=True, slots=True)
class ForgetAbout:
    """Forget all that is remembered of something; "" of the user."""

    about: str


@dataclass(frozen=True, slots=True)
class TellKnown:
    """Tell what is known of the user."""


@dataclass(frozen=True, slots=True)
class TellWhy:
    """Tell what the last answer rests on."""


@dataclass(frozen=True, slots=True)
class Keep:
    """Remember this, in the user's words."""

    text: str


Wish = ForgetThat | ForgetAbout | TellKnown | TellWhy | Keep

_ADDRESS = re.compile(r"^(?:[\s,.:;¡¿!\"'«“-]|(?:hey|oye|hola|ok|okay|jarvis|please|por favor|now|ahora)\b)+")
_COURTESY = re.compile(
    r"(?:[\s,.:;!?\"'»”-]|\b(?:please|por favor|jarvis|gracias|thanks|thank you|again|now|ya)\b)+$"
)
_ALTERNATIVES: tuple[tuple[Callable[[str], Wish], str], ...] = (
    (
        lambda _: ForgetThat(),
        r"""
        <FORGET> (?:that|this|what i(?:'ve)? (?:just )?(?:said|told you))
        <FORGET> the last (?:thing|fact)(?: i (?:said|told you))?
        <FORGET> (?:eso|esto|lo (?:ultimo|de antes)(?: que (?:te )?(?:he dicho|dije|conte))?)
        <FORGET> lo que (?:te )?(?:acabo de (?:decir|contar)(?:te)?|he (?:dicho|contado)|dije|conte)
        (?:don't|do not) remember that
        no (?:lo )?recuerdes eso
        """,
    ),
    (
        lambda _: ForgetAbout(""),
        r"""
        <FORGET> everything(?: (?:that )?you (?:know|remember)(?: about me)?| about me)?
        <FORGET> all (?:that )?you know about me
        <FORGET> todo(?: lo que (?:sabes|recuerdas) (?:de|sobre) mi| sobre mi| lo (?:mio|de mi))?
        """,
    ),
    (
        ForgetAbout,
        r"""
        <FORGET> (?:what|everything|anything|all)(?: that)?<YOU>? (?:about|of) <IT>
        <FORGET> (?:todo )?lo(?: que <SABES>)? (?:de|sobre|acerca de)(?! antes) <IT>
        <FORGET> todo (?:lo )?(?:de|sobre) <IT>
        <FORGET> (?:que|that) (?P<it>(?:my|i|i'm|mi|mis|me|soy|tengo|vivo|trabajo|no)\b.{1,120})
        <FORGET> (?P<it>(?:my|mi|mis) .{2,60})
        """,
    ),
    (
        lambda _: TellKnown(),
        r"""
        what (?:do|did) you (?:know|remember) about me
        what have you (?:remembered|stored|learned|learnt) about me
        (?:tell me )?(?:what|everything) you (?:know|remember) about me
        (?:y )?que (?:es lo que )?(?:sabes|recuerdas) (?:de|sobre|acerca de) mi
        (?:dime|cuentame) (?:todo )?(?:que|lo que) (?:sabes|recuerdas) (?:de|sobre) mi
        """,
    ),
    (
        lambda _: TellWhy(),
        r"""
        (?:and )?why (?:do|did|would) you (?:think|say|believe) (?:that|so|this)
        (?:and )?how do you know(?: that| this)?
        where did you get that(?: from)?
        who told you(?: that)?
        where do you know that from
        (?:y )?por ?que (?:lo )?(?:piensas|crees|dices)(?: eso| esto)?
        (?:y )?(?:como|de donde) (?:lo )?sabes(?: eso)?
        (?:y )?de donde (?:lo )?(?:sacas|has sacado)(?: eso)?
        (?:y )?quien te (?:lo )?(?:ha dicho|dijo)(?: eso)?
        """,
    ),
    (
        Keep,
        r"""
        <KEEP>(?:,? (?:that|que|de que|esto|this)\b[:,]?|:) ?(?P<it>\S.*)
        (?:remember|recuerda|apunta|anota|note) (?P<it>(?:my|mi|mis|to|i|i'm|the|la|el) \S+ .{2,})
        """,
    ),
)

_SPANISH = re.compile(
    r"(?:y )?(?:olvida|borra|elimina|recuerda|acuerdate|apunta|anota|toma|ten|no|que|dime|cuentame|por|como"
    r"|de|quien)"
)

_MACROS = {
    "FORGET": r"(?:forget|delete|erase|remove|borra|olvida|elimina|olvidate de)",
    "KEEP": r"(?:remember|note|note down|keep in mind|make a note|don't forget|do not forget"
    r"|recuerda|acuerdate|apunta|anota|toma nota|ten en cuenta|no olvides|no te olvides)",
    "YOU": r"(?: (?:you (?:know|remember|have)|i(?:'ve)? (?:told|said)(?: to)?(?: you)?))",
    "SABES": r"(?:sabes|recuerdas|(?:te )?(?:dije|he dicho|conte|he contado))",
    "IT": r"(?P<it>\S.{0,120})",
}


def _compiled(form: str) -> re.Pattern[str]:
    for name, macro in _MACROS.items():
        form = form.replace(f"<{name}>", macro)
    return re.compile(f"(?:{form})$")


_FORMS = tuple(
    (wish, _compiled(form.strip())) for wish, forms in _ALTERNATIVES for form in forms.strip().splitlines()
)
_YES = frozenset(
    "yes yeah yep yup sure ok okay do confirm correct right absolutely please go si claro vale hazlo "
    "adelante "
    "confirmo correcto exacto venga borralo borralos olvidalo olvidalos dale seguro".split()
)
_NO = frozenset(
    "no nope not don't cancel stop wait leave keep never nothing mejor dejalo cancela espera para "
    "nada tampoco "
    "nunca ni".split()
)
_MOST_WORDS = 6  # of a yes or no; more is another subject


def read(text: str) -> Wish | None:
    """The wish a text is, if it is one."""
    text = " ".join(unicodedata.normalize("NFC", text).replace("’", "'").split())
    plain = folded_in_place(text)
    begin = match.end() if (match := _ADDRESS.match(plain)) else 0
    asked = plain.rstrip().endswith("?")
    end = match.start() if (match := _COURTESY.search(plain, begin)) else len(plain)
    for wish, form in _FORMS:
        if (match := form.match(plain[begin:end])) is not None:
            begin, end = (begin + place for place in match.span("it" if "it" in form.groupindex else 0))
            read_as = wish(text[begin:end])
            # "Remember that day?" wants an answer.
            return None if asked and isinstance(read_as, Keep | ForgetThat | ForgetAbout) else read_as
    return None


def language_of(text: str) -> str:
    """The language of a wish: its words are too few for `guess_language`, and its verb tells."""
    plain = folded_in_place(text)
    begin = match.end() if (match := _ADDRESS.match(plain)) else 0
    return guess_language(text) or ("es" if _SPANISH.match(plain, begin) else "en")


def agrees(text: str) -> bool | None:
    """Whether a text says yes or no to what was asked; None where it says something else."""
    words = re.findall(r"[\w']+", folded_in_place(text.replace("’", "'")))
    if not words or len(words) > _MOST_WORDS:
        return None
    if words[0] in _NO or "no" in words:
        return False
    return True if words[0] in _YES else None
