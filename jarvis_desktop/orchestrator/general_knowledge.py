"""The forms in which general knowledge is asked for, in English and Spanish.

All texts are lower-case words without accents or punctuation. Open forms ("what is ...") are narrowed to
subjects that are nobody's own: after an indefinite article, in a plural, or from the short lists here.
"""

from __future__ import annotations

import re


def any_of(lines: str, start: str = "", end: str = "") -> re.Pattern[str]:
    """A pattern that finds what any line of a table describes, as whole words."""
    forms = "|".join(line.strip() for line in lines.splitlines() if line.strip())
    return re.compile(rf"{start}\b(?:{forms})\b{end}")


_KINDS = (
    r"oceans?|countr(?:y|ies)|continents?|planets?|rivers?|lakes?|deserts?|mountains?|animals?|mammals?"
    r"|islands?|bones?|organs?|elements?|metals?|numbers?|cit(?:y|ies)|stars?"
)
_TIPOS = (
    r"oceanos?|pais(?:es)?|continentes?|planetas?|rios?|lagos?|desiertos?|montanas?|animal(?:es)?"
    r"|mamiferos?|islas?|huesos?|organos?|elementos?|metal(?:es)?|numeros?|ciudad(?:es)?|estrellas?"
)
_NATURE = (
    r"sky|seas?|oceans?|sun|moon|earth|grass|blood|universe|rainbows?|snow|ice|water|iron|metal|light"
    r"|sound|gravity|everest|mars|mount|eiffel|cielo|mar|oceano|sol|luna|tierra|hierba|sangre|universo"
    r"|arco iris|nieve|hielo|agua|hierro|luz|sonido|gravedad|marte|monte|torre eiffel"
)
_PAST = (
    r"(?:world|cold|civil) war(?: one| two)?|(?:french|russian|industrial) revolution"
    r"|(?:roman|ottoman|inca|spanish) empire|big bang|renaissance|holocaust|titanic|berlin wall"
    r"|middle ages|guerra (?:mundial|fria|civil)|renacimiento|muro de berlin"
    r"|revolucion (?:francesa|rusa|industrial)|imperio (?:romano|otomano|inca|espanol)|edad media"
)
# What follows "the": facts that are the same whoever asks.
_FACTS = (
    r"(?:capitals?|currency|difference|meanings?|definition|formula|symbol|opposite|plural|past tense"
    r"|synonyms?|square root|complexity|mass|diameter|circumference|density|process) (?:of|for|between)"
    r"|(?:boiling|melting|freezing) point|speed of (?:light|sound)|official languages?|theory of|theorem"
    r"|laws? of (?:motion|physics)|(?:causes|effects|purpose|function|origin) of \w+$"
    r"|(?:solar|nervous|immune|digestive|metric) system|(?:water|carbon) cycle"
    rf"|(?:larg|bigg|small|long|short|tall|high|deep|fast|heavi|hott|cold)est (?:\w+ )?(?:{_KINDS})"
    rf"|primary colou?rs|(?:{_KINDS}) (?:of|in) the (?:solar system|world)|{_PAST}"
    r"|(?:capital|moneda|diferencia|significado|definicion|formula|simbolo|contrario|opuesto|plural|raiz"
    r"|sinonimos?|complejidad|masa|diametro|densidad|proceso)"
    r" (?:quimic[oa] |temporal |cuadrada )?(?:de|del|entre)"
    r"|punto de (?:fusion|ebullicion|congelacion)|velocidad (?:de la luz|del sonido)"
    r"|(?:idiomas?|moneda|lengua) oficial|teoria|teorema"
    r"|(?:causas|efectos|funcion|origen) (?:de|del) (?:la |el )?\w+$"
    r"|sistema (?:solar|nervioso|inmune|digestivo)|ciclo del"
    rf"|(?:{_TIPOS}) (?:mas \w+|del sistema solar|del mundo)|colores primarios"
)
_SOMEBODY = (
    r"mozart|beethoven|bach|chopin|shakespeare|cervantes|homer|homero|plato|platon|aristotle|aristoteles"
    r"|socrates|cleopatra|napoleon|galileo|newton|einstein|darwin|columbus|gandhi|picasso|velazquez|goya"
    r"|dali|lorca|bolivar"
    # or a full name
    r"|(?!(?:at|in|on|with|the|an?|el|la|los|las|una?|al?|con|en)\b)\w+ (?!in\b|en\b)"
    r"(?:(?:da|de|van|von) )?\w+"
)
_WORKS = (
    r"mona lisa|odyssey|iliad|bible|starry night|last supper|sistine|pyramids?|eiffel|great|communist"
    r"|divine|art of war|odisea|iliada|biblia|ultima cena|piramides|meninas|guernica|quijote|celestina"
    r"|gran|torre eiffel"
)
_TERM = (  # one to three words of which none is being done at the moment
    r"(?:\w+(?<!ing) ){0,2}(?:\w+(?<!ing)|learning|programming|engineering|warming|computing)"
    r"(?: (?:in|en) \w+)?"
)
_STATE = r"(?:the|on|in|up|new|wrong|due|for|at|to|safe|good)"
_EXPLICA = r"(?:explica(?:me|r|rme)?|define|definir|describe)"
_HOW_TO = r"(?:say|spell|pronounce|write|calculate|solve|convert|cook|boil|bake|call)"
_THE, _A, _EL, _UN = r"(?:the )?", r"(?:an? |the )?", r"(?:el|la|los|las)", r"(?:el|la|los|las|una?)"

_ENGLISH = rf"""
    (?:what|which) (?:is|are|was|were) the (?=(?:\w+ )?(?:name of the )?(?:\w+ )?(?:{_FACTS})\b)
    (?:what|which) (?:is|are) an?
    what (?:is|are) (?!{_STATE}\b)(?={_TERM}(?: and (?:why|how)\b.*)?$)
    what is (?=[\w ]*\b(?:times|plus|minus|divided by|percent of|squared|cubed)\b)
    what causes? (?=\w+$)|what happens (?:when|if) (?=(?:an? )?\w+ \w+$)
    what (?:do|does) (?=(?:the word )?\w+(?: \w+)? (?:mean|stand for)\b)
    what (?:do (?=\w+s eat$)|does (?=an? \w+ eat$))|what (?:kind|type) of \w+ is an?
    (?:at )?(?:what|which) temperature (?:do|does)|what language (?:is spoken|do (?:they|people) speak) in
    (?:in )?(?:what|which) (?:year|century) (?:did|was|were) (?=(?:\w+ ){{0,3}}(?:{_PAST})\b)
    in (?:what|which) (?:country|continent) (?:is|are)
    (?:what|which) (?:planet|element|metal|gas|organ) (?:is|has)
    how (?:do (?=\w+s \w)|does (?=an? \w+ \w|{_A}{_TERM} work$))|how (?={_A}\w+(?: \w+){{0,2}} works?$)
    how (?:do|can|would|should) (?:i|you) {_HOW_TO}
    how many (?=(?:\w+ ){{1,2}}(?:are in (?:an?|one)|(?:do|does) an?|make (?:an?|one))\b)
    how many (?=(?:\w+ ){{1,2}}are (?:there )?in the (?:human|solar|world|alphabet|universe)\b)
    how many (?=(?:{_KINDS}) (?:are there|exist)\b)
    how (?:tall|high|deep|big|large|heavy|fast|wide|hot|long) is (?=an? |{_THE}(?:{_NATURE})\b)
    how far is (?={_THE}(?:{_NATURE}|\w+) from \w)|how fast (?:do \w+s|does (?:an? \w+|light|sound))
    how long (?:does it take (?:light|sound)|do \w+s (?:live|sleep))
    how (?:is|are) (?={_TERM} (?:made|formed|produced|calculated|measured|spell?ed|spelt|pronounced|defined)$)
    why (?:is|are) (?={_THE}(?:{_NATURE})\b)|why (?:do|are) (?=\w+s \w|we )
    why does (?=an? |{_THE}(?:{_NATURE})\b)
    why (?={_THE}(?:{_NATURE}) \w)|what (?={_A}\w+(?: \w+){{0,2}} (?:is|are|means?|stands for)$)
    who (?:invented|discovered)|who (?:wrote|painted|composed|founded|built) (?!the\b|an?\b|{_WORKS})
    who (?:wrote|painted|composed|founded|built) (?={_THE}(?:{_WORKS})\b)
    who (?:was|were) (?=the first |(?:{_SOMEBODY})$)
    when (?:did|was|were) (?={_THE}(?:\w+ )?(?:{_PAST})\b)
    when was (?={_THE}\w+(?: \w+)? (?:invented|discovered|founded|built)$)
    (?:when|where) (?:was|did) (?=(?:{_SOMEBODY}) (?:born|die)$)|is (?=an? )
    (?:explain|define|describe|tell me about) (?=the (?:\w+ )?(?:{_FACTS})\b)
    (?:explain|define|describe) (?={_TERM}$)
    tell me about (?=\w+ \w+s$)|translate|convert|calculate|compute|solve|spell
    {_THE}(?:capital|definition|meaning|formula|square root) of
"""

_SPANISH = rf"""
    (?:cual|cuales) (?:es|son|era|eran|fue|fueron) {_EL} (?=(?:\w+ )?(?:{_FACTS})\b)
    que (?:es|son) (?={_UN} |{_TERM}$)|que (?:fue|era) {_EL} (?=(?:\w+ )?(?:{_PAST})\b)
    que (?:significan?|quiere decir) (?=(?:la palabra )?\w+(?: \w+)?$)|que causan? (?={_UN} \w+$)
    que comen? (?={_UN} \w+$)
    que (?:pasa|ocurre|sucede) (?:cuando|si) (?=se )|que diferencias? hay entre
    a que (?:temperatura|velocidad|distancia) \w+ {_UN} (?=(?:{_NATURE})\b)
    en que (?:ano|siglo) \w+ (?:\w+ )?{_UN} (?=(?:\w+ )?(?:{_PAST}|titanic)\b)|en que (?:pais|continente) esta
    que (?:idioma|lengua|moneda) se (?:habla|usa) en|que (?:planeta|elemento|metal|organo) (?:es|tiene)
    para que sirven? {_UN} (?=\w+$)|de que estan? (?:hech|compuest|formad)[oa]s? {_EL}
    quien (?:invento|descubrio)|quien (?:escribio|pinto|compuso|fundo) (?!{_UN}\b)
    quien (?:escribio|pinto|compuso|fundo|construyo) {_EL} (?=(?:{_WORKS})\b)
    quien fue (?=el primer |la primera |(?:{_SOMEBODY})$)
    como funcionan? (?={_UN} |{_TERM}$)|como (?:vuelan|nacen|respiran|duermen|nadan|crecen) (?:los|las)
    como se (?:dice|escribe|pronuncia|deletrea|traduce|calcula|mide|forma|hace|fabrica|produce|cocina)n?
    como (?:puedo )?(?:hacer|calcular|cocinar|hervir|preparar|escribir|pronunciar|resolver|convertir)
    por ?que (?=(?:es \w+ )?{_EL} (?:{_NATURE})\b)|por ?que (?:los|las) \w+s (?!estan|han|van)\w+n
    por ?que (?!estan|han|van)\w+n (?:los|las) (?=\w+s$)
    cuando (?:empezo|comenzo|termino|acabo|cayo|fue|se hundio) {_EL} (?=(?:\w+ )?(?:{_PAST})\b)
    cuando se (?:invento|descubrio|fundo|construyo)|(?:cuando|donde) (?:nacio|murio) (?=(?:{_SOMEBODY})$)
    cuant[oa]s (?=(?:\w+ ){{1,2}}(?:tienen?|son|caben en|forman) una? )|cuant[oa]s (?=(?:{_TIPOS}) hay$)
    cuant[oa]s (?=(?:\w+ ){{1,2}}(?:hay en|tiene) (?:el|la) (?:cuerpo|sistema|mundo|alfabeto|universo)\b)
    cuanto es (?=[\w ]*\b(?:por|mas|menos|entre|dividido|elevado|ciento)\b)
    cuanto (?:miden?|pesan?|duran?|(?:tiempo )?tardan?) (?=una? |{_EL} (?:{_NATURE})\b)
    (?:{_EXPLICA}|hablame (?:del?|sobre)) (?=(?:{_EL} )?(?:\w+ )?(?:{_FACTS})\b)
    {_EXPLICA} (?:{_EL} )?(?={_TERM}$)
    hablame (?:de|sobre) (?:los|las) (?=\w+s$)
    traduce|traducir|convierte|convertir|calcula|resuelve|deletrea
    (?:{_EL} )?(?:capital|definicion|significado|formula|raiz cuadrada) del?
"""


FORMS = any_of(_ENGLISH + _SPANISH)
"""Matches at the start of a question that asks for general knowledge, up to where its subject begins."""
