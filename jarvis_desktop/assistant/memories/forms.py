"""The forms of sentence that tell a fact, in both languages, as regular expressions over folded text.

Groups of a form: `v` the value, `r` a person or animal and `mod` which of two, `p` several of them, `x` a
thing, `w` with whom, `c` a condition, `no` (also with a figure) a negation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jarvis_desktop.assistant.memories.vocabulary import (
    ATTRIBUTES,
    CONDITIONS,
    FAVOURITES,
    GROUPS,
    RELATIONS,
    Term,
    pattern,
)

_TITLES = "dr dra sr sra mr mrs ms st prof dna".split()
FULL_STOP = "".join(rf"(?<!\b{title})" for title in _TITLES) + r"\.(?=\s|$)"
"""The end of a sentence, not of "Dr."."""

_NEXT_CLAUSE = (
    r"(?:but|so|because|since|although|though|which|who|and (?:i|i'm|my|we|he|she|it|his|her|our|also"
    r"|live|work"
    r"|have)|pero|porque|aunque|sino|cuando|y (?:me|mi|mis|vivo|trabajo|tengo|soy|no|estoy|cumplo|naci|se|su"
    r"|tambien|nuestr\w+|ahora))\b"
)
_BEFORE = """
and but so also that now actually well hello hi yes no y e que pero tambien ahora bueno pues hola si
""".split()
_START = "(?:^|" + "|".join([r"(?<=[,;:.¡] )", *(rf"(?<=\b{word} )" for word in _BEFORE)]) + ")"


def _words(terms: Mapping[str, Term], language: str) -> str:
    spanish = language == "es"
    return pattern(word for term in terms.values() for word in (term.spanish if spanish else term.english))


_MACROS = {
    "V": rf"(?P<v>\S.*?)(?=\s*(?:$|[,;:!?…]|{FULL_STOP}|\s{_NEXT_CLAUSE}))",
    "LONG": rf"(?P<v>\S.*?)(?=\s*(?:$|[;!?…]|{FULL_STOP}|\s{_NEXT_CLAUSE}))",  # addresses have commas
    "WHO": r"(?P<v>\w[\w.' -]{0,40}?)",
    "REL": rf"(?:(?P<mod>older|elder|big|younger|little) )?(?P<r>{_words(RELATIONS, 'en')})",
    "FAM": rf"(?P<r>{_words(RELATIONS, 'es')})(?: (?P<mod>mayor|menor|pequen[oa]))?",
    "GROUP": rf"(?P<p>{_words(GROUPS, 'en')})",
    "GRUPO": rf"(?P<p>{_words(GROUPS, 'es')})",
    "OWN": rf"(?P<x>{_words(ATTRIBUTES, 'en')})",
    "SUYO": rf"(?P<x>{_words(ATTRIBUTES, 'es')})",
    "COND": rf"(?P<c>{_words(CONDITIONS, 'en')})\b",
    "ESTADO": rf"(?P<c>{_words(CONDITIONS, 'es')})\b",
    "NOT": r"(?P<no>do not |don't |no longer )?",
    "NO": r"(?P<no>(?:ya )?no )?",
    "IS": r"(?: is|'s|(?P<no>(?: is not| isn't| is no longer)))",
    "AM": r"(?:i am|i'm)",
    "NOUN": r"(?=an? (?!(?:bit|little|few|lot|couple|fan|big|part|bad|good|nice)\b))",
    "SUST": r"(?=(?:una? )?(?!(?:de|el|la|los|las|lo|un|una|yo|asi|capaz|consciente|muy|tan|mas|menos|poco"
    r"|buen\w*|mal[oa]?|gran)\b))",
    "A": r"(?=al? )",
    "IN": r"(?:in |at |(?=near ))",
    "EN": r"(?:en |(?=cerca de ))",
    "DAY": r"(?=(?:el|la|este|manana|hoy|pasado|lunes|martes|miercoles|jueves|viernes|sabado|domingo|on|at"
    r"|next|this|tomorrow|today|monday|tuesday|wednesday|thursday|friday|saturday|sunday|\d))",
}


@dataclass(frozen=True, slots=True)
class Form:
    """One form of sentence. `proper`: its value has to be a name or a figure, else it tells no such fact."""

    language: str
    kind: str
    words: re.Pattern[str]
    proper: bool


def _forms(table: str, language: str) -> list[Form]:
    made = []
    lines = re.sub(r"\\\n\s*", "", table).splitlines()  # a backslash goes on in the next line
    for line in filter(None, map(str.strip, lines)):
        kind, _, form = line.partition(" = ")
        for name, macro in _MACROS.items():
            form = form.replace(f"<{name}>", macro)
        proper = kind.endswith("!")
        made.append(Form(language, kind.removesuffix("!").strip(), re.compile(_START + form), proper))
    return made


# The first form that fits a place wins. An "!" asks for a name or a figure.
FORMS = (
    *_forms(
        r"""
        name = my (?:full |first )?name<IS> <V>
        name! = (?:<AM> called|(?:please |just )?call me) <V>
        name = my <REL>'s name<IS> <V>
        name = my <REL>(?:<IS>) (?:called|named) <V>
        name = (?:i|we)(?:'ve| have)(?: got)? (?:a|an|one|another) <REL>,? (?:called|named|whose name \
            is|who is called) <V>
        names = (?:my|our) (?:\w+ )?<GROUP> are (?:called|named) <V>
        age = <AM> (?P<v>\d{1,3}) years old
        age = my <REL>(?: is|'s) (?P<v>\d{1,3}) years old
        home = i <NOT>(?:now |currently )?live (?:now )?<IN><V>
        home = i(?:'ve| have)?(?: just)? moved to <V>
        home = my <REL> (?:lives|(?P<no>does not live|doesn't live|no longer lives)) <IN><V>
        job = i <NOT>work as <V>
        job = my <REL> (?:works|(?P<no>does not work|doesn't work|no longer works)) as <V>
        workplace = i <NOT>work (?:at|for) <V>
        workplace = my <REL> (?:works|(?P<no>does not work|doesn't work|no longer works)) (?:at|for) <V>
        attribute:birthday = my birthday<IS>(?: on)?(?: the)? <V>
        attribute:birthday = i was born on (?:the )?<V>
        attribute:birthday = my <REL>'s birthday<IS>(?: on)?(?: the)? <V>
        origin! = (?:<AM>|i come) (?P<no>not )?from <V>
        allergy = <AM> (?P<no>not |no longer )?(?:\w+ly |very )?allergic to <V>
        allergy = i have an allergy to <V>
        allergy = my <REL>(?: is|'s|(?P<no> is not| isn't)) (?:\w+ly |very )?allergic to <V>
        condition = <AM> (?P<no>not |no longer )?(?:a |an )?<COND>
        condition = my <REL><IS> (?:a |an )?<COND>
        being = <AM> (?P<no>not |no longer )?<NOUN><V>
        being = my <REL><IS> <NOUN><V>
        favourite = my favou?rite (?P<x>[\w' -]{2,30}?)(?: is| are|'s|(?P<no>(?: is not| isn't| are not))) <V>
        likes = i (?:really |also |absolutely )?(?:like|love|enjoy|adore) <V>
        likes = i (?P<no>(?:really )?(?:do not|don't) (?:really \
            )?(?:like|love|enjoy)|hate|dislike|detest|can't stand) <V>
        likes = my <REL> (?:likes|loves|enjoys|(?P<no>hates|dislikes|does not like|doesn't like)) <V>
        appointment = i(?:'ve| have)(?: got)? (?:an? )?(?:appointment|meeting|date)(?: with| at) (?:the \
            |my )?(?P<w>[\w. -]{2,30}?) <DAY><V>
        appointment = my (?:appointment|meeting) with (?:the |my )?(?P<w>[\w. -]{2,30}?)(?: is|'s) <DAY><V>
        appointment = my (?P<w>[\w. -]{2,20}?) appointment(?: is|'s) <DAY><V>
        attribute:address = my (?:home )?address<IS> <LONG>
        attribute = (?:my|our) (?:new )?<OWN><IS> <V>
        attribute = the (?P<x>wi-?fi (?:password|key|code))<IS> <V>
        attribute = my <REL>'s (?:new )?<OWN><IS> <V>
        name! = my <REL>(?: is|'s) <V>
        name! = <WHO> is my <REL>(?=$|[.,;!])
        attribute! = my (?P<x>[a-z][\w' -]{2,40}?)<IS> <V>
        """,
        "en",
    ),
    *_forms(
        r"""
        name = <NO>me llamo <V>
        name = mi nombre (?P<no>no )?es <V>
        name! = llamame <V>
        name = mi <FAM> (?P<no>(?:ya )?no )?se llama <V>
        name = el nombre de mi <FAM> (?P<no>no )?es <V>
        name = (?:tengo|tenemos) (?:un|una|otro|otra) <FAM>,? (?:que se llama|llamad[oa]|de nombre|cuyo \
            nombre es) <V>
        names = (?:mis|nuestr[oa]s) <GRUPO> (?P<no>no )?se llaman <V>
        age = tengo (?P<v>\d{1,3}) anos
        age = mi <FAM> tiene (?P<v>\d{1,3}) anos
        home = <NO>vivo (?:ahora |actualmente )?<EN><V>
        home = me (?:he mudado|mude|acabo de mudar) a <V>
        home = mi <FAM> (?P<no>(?:ya )?no )?vive (?:ahora )?<EN><V>
        job = <NO>trabajo (?:de|como) (?:un |una )?<V>
        job = mi <FAM> (?P<no>(?:ya )?no )?trabaja (?:de|como) (?:un |una )?<V>
        workplace = <NO>trabajo (?:en|para) <V>
        workplace = mi <FAM> (?P<no>(?:ya )?no )?trabaja (?:en|para) <V>
        attribute:birthday = mi cumpleanos (?P<no>no )?(?:es|cae)(?: el)? <V>
        attribute:birthday = (?:cumplo (?:los )?anos|naci)(?: el)? (?=\d|uno|primero)<V>
        attribute:birthday = mi <FAM> cumple (?:los )?anos(?: el)? <V>
        attribute:birthday = el cumpleanos de mi <FAM> (?P<no>no )?es(?: el)? <V>
        origin! = <NO>soy de <V>
        allergy = <NO>soy (?:muy )?alergic[oa] <A><V>
        allergy = <NO>tengo alergia <A><V>
        allergy = mi <FAM> (?P<no>(?:ya )?no )?(?:es (?:muy )?alergic[oa]|tiene alergia) <A><V>
        condition = (?P<no>(?:ya )?no )?(?:soy|estoy) <ESTADO>
        condition = mi <FAM> (?P<no>(?:ya )?no )?(?:es|esta) <ESTADO>
        favourite = mi (?P<x>[\w' -]{2,30}?) (?:favorit[oa]|preferid[oa]) (?P<no>(?:ya )?no )?es <V>
        likes = (?:a mi )?(?P<no>(?:ya )?no )?me (?:gustan?|encantan?) (?:mucho |muchisimo )?<V>
        likes = (?P<no>odio|detesto|no soporto) <V>
        likes = a mi <FAM> (?P<no>(?:ya )?no )?le (?:gustan?|encantan?) (?:mucho |muchisimo )?<V>
        appointment = (?:tengo|tenemos) (?:una |un )?(?:cita|hora|consulta|reunion)(?: con| en) (?:el \
            |la |mi )?(?P<w>[\w. -]{2,30}?) <DAY><V>
        appointment = mi (?:cita|reunion) con (?:el |la |mi )?(?P<w>[\w. -]{2,30}?) es <DAY><V>
        attribute:address = mi (?:direccion|domicilio) (?P<no>(?:ya )?no )?es <LONG>
        attribute = (?:mi|nuestr[oa]) (?:nuev[oa] )?<SUYO> (?P<no>(?:ya )?no )?es <V>
        attribute = la (?P<x>(?:contrasena|clave) de(?: la|l) wi-?fi) (?P<no>(?:ya )?no )?es <V>
        attribute = (?:el|la) <SUYO> de mi <FAM> (?P<no>(?:ya )?no )?es <V>
        name! = mi <FAM> (?P<no>(?:ya )?no )?es <V>
        name! = soy <V>
        being = <NO>soy <SUST><V>
        being = mi <FAM> (?P<no>(?:ya )?no )?es <SUST><V>
        name! = <WHO> es mi <FAM>(?=$|[.,;!])
        attribute! = mi (?P<x>[a-z][\w' -]{2,40}?) (?P<no>(?:ya )?no )?es <V>
        """,
        "es",
    ),
)

CORRECTIONS = tuple(
    re.compile(form.replace("<V>", _MACROS["V"]))
    for form in (
        r"^(?:no|actually|sorry|i mean|correction|wait|oops)\b.*?(?:\bit's|\bit is|\bit was"
        r"|\bis called|\bare called"
        r"|(?:his|her|its) name(?:'s| is)|\bmeant) (?!not )<V>",
        r"^(?:that's|that is|it's|it is) not .*?[,;.] ?(?:but |it's |it is |(?:his|her|its) name is )<V>",
        r"^(?:no|perdona|perdon|en realidad|mejor dicho|me he equivocado|me equivoque|digo"
        r"|quiero decir|corrijo)\b"
        r".*?\b(?:se llaman?|es|era|son|queria decir) (?:el )?(?!no )<V>",
        r"^no (?:se llama|es) .*?(?:,? sino (?:que )?(?:se llama |es )?|[,;.] (?:se llama|es) )<V>",
    )
)
"""What puts the fact told before right; the last one that fits tells it."""

THINGS: Mapping[str, Mapping[str, Term]] = {"attribute": ATTRIBUTES, "favourite": FAVOURITES}
