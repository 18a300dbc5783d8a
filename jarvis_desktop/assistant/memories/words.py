"""The words that carry what a text says, comparable across accents and endings."""

from __future__ import annotations

import re
import unicodedata

_COMMON = frozenset(
    # English
    "a about after again all also am an and any are as at be because been before but by called can "
    "could d did do does done for from get give had has have he her here hers him his how i if in into "
    "is it its just know like ll m may me mine more most my name named no nor not now of off on one or "
    "our out over please re remember s said say she should so some t tell than thank thanks that the "
    "their them then there these they this those to too up us user user's ve very was we well were what "
    "when where which while who whom whose why will with would yes you your yours "
    # Spanish
    "a al algo algun alguna alguno aqui asi aun aunque bien cada casi como con cual cuales cuando "
    "cuanto de del desde di dice dijo dime donde dos e el ella ellas ellos en entre era eran eres es "
    "esa ese eso esta estan estas este esto estos fue gracias ha han hasta hay he la las le les llama "
    "llamada llamado llamo lo los mas me mi mia mio mis mucho muy nada ni no nombre nos o otra otro "
    "para pero poco por porque pues que quien recuerda sabes se sea segun ser si sin sobre son soy su "
    "sus tambien tan te ti tiene tienes todo todos tu tus un una uno usted usuario y ya yo".split()
)

_STEM = 5
"""Letters that tell a word: enough for "dentista" and "dentist", "gatos" and "gato"."""


def folded(text: str) -> str:
    """Lower case without accents; "ñ" becomes "n"."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def content_words(text: str) -> frozenset[str]:
    """Beginnings of the words that are neither grammar nor address; numbers as they are."""
    found = (word for word in re.findall(r"\w+", folded(text)) if word not in _COMMON)
    return frozenset(
        word if word.isdigit() else word[:_STEM] for word in found if len(word) > 1 or word.isdigit()
    )


def folded_in_place(text: str) -> str:
    """As `folded`, sign by sign, so that places in it are places in the text (in composed form, NFC)."""
    return "".join((folded(sign) or sign)[:1] for sign in text)
