"""Which questions have an answer that is the same for everybody, today and tomorrow.

A wrong yes is a stale answer, or one meant for somebody else; a wrong no costs the time of one answer. So a
question must have a form that asks for general knowledge *and* hold no word that tells of a person, a moment,
an earlier turn, an effect or chance. The words of both languages are looked for in every question: people mix
them, and recognisers take one for the other. Accents are left out of account, because recognisers lose them.

No list tells a rare name in a common form ("what is Henrik"): that is why the conversation and what was
recalled belong to the key of an answer too.
"""

from __future__ import annotations

import re
import unicodedata

from jarvis_desktop.orchestrator.general_knowledge import FORMS, any_of

MAX_CHARACTERS = 200
"""A longer question brings material of its own, and that is personal more often than not."""


def is_cacheable(question: str) -> bool:
    """Whether the answer to `question` may be given again tomorrow, to anybody. Takes well under 1 ms."""
    if len(question) > MAX_CHARACTERS or _PRIVATE.search(question):
        return False
    asked = _COURTESY.sub("", _plain(question).removesuffix(" please").removesuffix(" por favor"))
    told = _HARMLESS.sub(" ", asked)
    words = set(told.split())
    names = words | {word.removesuffix("s") for word in words}  # "Lauras", as recognisers write "Laura's"
    if words & _REFUSED or names & _NAMES or _REFUSED_PHRASES.search(told):
        return False
    form = FORMS.match(asked)
    return form is not None and not _EMPTY.issuperset(asked[form.end() :].split())


def _plain(text: str) -> str:
    """Lower-case words without accents or punctuation; "what's" as two."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", _CONTRACTED.sub(r"\1 is", letters)))


_PRIVATE = re.compile(r"@|://|\bwww\.|(?:\d[\s().+/-]*){7,}")  # addresses; the digits of a telephone, a card
_CONTRACTED = re.compile(r"\b(what|who|how|where|when|why|which|that|he|she|there)'?s\b")

# Around a question: its "you" and "me" mean nobody.
_COURTESY = any_of(
    r"""
    (?:(?:hey|oye|hola|ok) )?jarvis|please|por favor|(?:can|could|would|will) you|do you know
    tell me(?! about)|i (?:want|would like) to know|explain(?: to me)? (?=(?:how|why|what)\b)
    (?:quiero|me gustaria) saber|(?:me )?(?:puedes|podrias)(?: decir(?:me)?)?|sabes|dime
    explica(?:me|r|rme)? (?=(?:como|por ?que|que|cual|cuales)\b)
    """,
    start=r"^(?:",
    end=r" ?)+",
)

# Words left over when a question has no subject of its own: it goes on from an earlier one.
_EMPTY = frozenset(
    "a an the of in to for with about and or is are was were do does did be that work works mean long much "
    "many please jarvis un una el la los las de del en por para con y o es son que hay se tiene tienen mide "
    "pesa favor how what why".split()
)

# Cut out before the words below are looked for.
_HARMLESS = any_of(
    r"""
    time (?:complexity|zones?|dilation)|(?:space|real|polynomial|constant|linear) time|thank you
    good morning|world war (?:one|two)|where (?:is|are) the|donde esta
    (?:alternating|direct|electric(?:al)?|ocean|eddy) currents?|current (?:electricity|and voltage)
    what is (?:a |an )?(?:electric(?:al)? )?current(?: in (?:physics|electricity))?$
    (?:what|which) temperature (?:do|does)|temperature of the sun|que temperatura (?=hierve|se|funde)
    (?:stone|iron|bronze|ice|middle) ages?|edad (?:media|de piedra|de hierro|de bronce)
    how (?:do|would) you (?:say|call|spell|pronounce|write|calculate|solve|convert|cook|boil)
    how (?:do|can|would|should) i (?:boil|cook|bake|calculate|convert|spell|pronounce)
    why do we (?=dream|yawn|sleep)
    como puedo (?=hervir|cocinar|calcular|convertir|escribir|pronunciar)|como se hacen?|corriente continua
    how long does it take|(?:are|is) there in|(?:continents|countries|oceans|planets|elements) are there
    do they speak in|and (?:why|how) (?:is|are|do|does|was|were|did) (?:it|they)|tell me about
    first (?:president|king|queen|emperor|pope|prime minister)|primer (?:presidente|rey|ministro)
    numeros? primos?|boiling point|freezing point|melting point|punto de
    cuanto tiempo (?=tarda|dura)|dilatacion del tiempo|espacio tiempo|(?:ip|mac) address(?:es)?|huso horario
    moneda (?=del?\b|oficial|se usa)|new (?:york|zealand)|nuev[oa] (?:york|zelanda)|lo (?:contrario|opuesto)
    (?:de que|en que \w+|a que distancia) estan?(?= \w)
    """
)

_REFUSED_PHRASES = any_of(
    r"""
    (?:the|a|el|un|la|una) (?:dog|cat|perr[oa]|gat[oa]|son|list|lista|battery|bateria|cocina|internet|boiler)$
    20[2-9]\d|how (?:old|far away)|anos tien\w+|que dia|what day|que hora|cuanto hace|(?:tipo|tasa) de
    (?:inflation|unemployment|inflacion|desempleo|paro|pib|gdp) (?:rate|in|of|en|del?)
    (?:tell|know|say|explain|about) more|more(?: about| details?| information)?$
    ^\w+ mas$|mas (?:detalles?|informacion)
    (?:mas|more) (?:facil|simple|simply|sencill[oa]|claro|despacio|slowly)$|de nuevo|(?:una?|otra) historia
    (?:the|la|el|los|las) (?:capital|difference|diferencia|meaning|significado|formula|process|proceso)s?$
    ^(?:cual|cuales) \w+ (?:el |la |los |las )?(?:mas|menos) \w+$
    (?:an?|some) (?:good|nice|great|cool|better|bad)
    (?:and|y|e|then|luego) (?:pon|quita|call|set|add|start|delete|close|write|escribe|borra|anade)
    dot com|punto com|llama al?|numero de (?:telefono|movil|serie|cuenta)
    """
)

_REFUSED = frozenset(
    # The user, the people around, feelings, opinions
    "i im ive id me my mine myself we our ours ourselves us am you your yours yourself u remember forget "
    "forgot mood feel feels feeling feelings felt sad happy angry tired lonely depressed stressed anxious "
    "upset bored scared sick ill pain hurt hurts symptoms pills medication opinion think thinks believe "
    "favorite favourite prefer like likes wife husband boyfriend girlfriend partner mom moms mum mums mommy "
    "dad dads daddy mother father sister brother daughter uncle aunt cousin grandma grandpa grandmother "
    "grandfather parents kids baby friend friends boss colleague neighbour neighbor teacher doctor dentist "
    "landlord family nickname birthday anniversary party wedding crush secret mi mis mio mia mios mias yo "
    "conmigo nos nosotros nosotras nuestro nuestra nuestros nuestras tu tus tuyo tuya ti te contigo usted "
    "ustedes vos os soy eres estoy estas estais estamos tengo tienes tenemos quiero quieres necesito debo "
    "puedo puedes hago haces hice dije dijo dijiste vivo vivimos voy vamos llego siento sientes recuerda "
    "recuerdas recuerdo recordar olvida olvides acuerdas opinas crees piensas pienso triste feliz enfadado "
    "enfadada cansado cansada gusta gustan favorito favorita favoritos favoritas esposo esposa marido novio "
    "novia pareja mama mami papa papi madre padre padres hermano hermana hermanos hijo hija hijos tio tia "
    "primo prima abuelo abuela amigo amiga amigos jefe jefa companero companera vecino vecina vecinos "
    "profesor profesora medico cumpleanos boda apodo grandad granny hospital job hobby hobbies school "
    "boyfriends married casado casada cenar lloro gastamos discutimos duele abuelos ninos nino children "
    "child plumber tenant love loves lo secretary guest guests dating doctors nanny ninera vet veterinario "
    # What they own, keep and plan
    "email emails mail inbox message messages text phone mobile address password passwords pin username "
    "login account accounts salary bank card wifi home house homework office desk room kitchen bedroom "
    "bathroom garage door doors fridge freezer car keys remote wallet bag lamp lights printer restaurant "
    "hotel appointment appointments meeting meetings calendar diary holiday holidays vacation trip plan "
    "plans dinner lunch breakfast shopping order package parcel delivery reservation booking ticket tickets "
    "file files folder screen document notes photo photos essay correo correos mensaje mensajes movil "
    "direccion contrasena clave cuenta sueldo banco tarjeta casa oficina habitacion dormitorio salon garaje "
    "puerta nevera coche llaves mando cartera impresora cita citas reunion reuniones agenda vacaciones viaje "
    "planes cena desayuno almuerzo compra pedido paquete entrega reserva archivo archivos carpeta pantalla "
    "documento nota notas foto fotos redaccion pastillas restaurante tareas deberes plate licence license "
    "contract matricula contrato presupuesto budget supper cenamos llamo permiso pasaporte passport health "
    "salud report informe colegio escuela camisa talla sofa museum museo pharmacy farmacia nearest closest "
    "cercano cercana near nearby wearing attic cottage cabana tattoo tatuaje visit visita fight pelea "
    "pastilla "
    # Moments, and what changes with them
    "now nowadays today todays tonight tonights tomorrow tomorrows yesterday yesterdays current currently "
    "latest newest recent recently lately time date age ages ago until till since left next last upcoming "
    "soon yet still weekend weather forecast temperature raining rain snow snowing humidity outside outdoor "
    "indoor news headlines headline price prices cost costs worth cheap cheapest expensive stock stocks "
    "shares bitcoin crypto ethereum score scores standings league match game election elections traffic open "
    "closed schedule flight bus rate rates president minister chancellor king queen pope ceo mayor governor "
    "senator coach manager captain champion champions leader richest alive version update record ranking top "
    "best worst popular trending monday tuesday wednesday thursday friday saturday sunday afternoon evening "
    "slow down working broken offline late dollar dollars euro euros yen peso pesos dolar dolares ahora "
    "actualmente actual actuales actualidad hoy manana ayer anoche anteayer tarde ultimo ultima ultimos "
    "ultimas ultimamente reciente recientes recientemente proximo proxima proximos proximas nuevo nueva "
    "nuevos novedad novedades clima tiempo temperatura llover llovera lloviendo noticia noticias precio "
    "precios cuesta cuestan costo coste vale valen barato caro cara carisimo bolsa acciones partido marcador "
    "liga temporada equipo eleccion elecciones presidente presidenta ministro ministra rey reina alcalde "
    "alcaldesa gobernador canciller entrenador campeon lider trafico abierto abierta abre abren cierra "
    "cierran cerrado cerrada horario horarios fecha edad hace falta faltan queda quedan hasta todavia aun ya "
    "lunes martes miercoles jueves viernes sabado domingo autobus vuelo estrenan estreno mejor mejores peor "
    "peores moda lento odds derby lottery loteria tide marea pollen polen medals medallas deadline plazo "
    "tendencia tendencias subido bajado barca fase gasolina petrol estado status censo ha han lleva llevan "
    "va van dan moment momento present running delay retraso outage apagon route ruta show covid so tan "
    # Earlier turns
    "it its this that these those he him she her hers his they them their theirs here there one again repeat "
    "continue another other others else same former latter above mentioned previous previously earlier said "
    "told instead also eso ese esa esos esas esto este esta estos aquel aquello aquella aquellos ello ella "
    "ellas ellos le les su sus suyo suya ahi alli aqui aca asi otro otra otros otras mismo misma demas "
    "anterior anteriores repite repitelo continua sigue siguiente siguientes tambien refieres refiere dicho "
    "explicalo further step steps paso pasos point thing things cosa cosas reason reasons razon razones "
    "detail details ones "
    # Effects
    "turn remind reminder reminders timer timers alarm alarms play send stop wake buy apaga enciende prende "
    "ponme temporizador temporizadores alarma alarmas cronometro recordatorio recuerdame avisa avisame "
    "despiertame manda envia reproduce anade mute silencio vacuum aspiradora envialo "
    # Chance and variety
    "joke jokes funny story stories tale poem poems haiku lyrics song songs sing rap random something "
    "anything surprise riddle fun interesting recommend suggest idea ideas imagine roll flip toss coin "
    "trivia guess choose pick gift chiste chistes broma cuento cuentos poema poemas verso cancion canciones "
    "canta azar aleatorio algo sorprendeme adivinanza curioso curiosidad curiosidades divertido interesante "
    "recomienda recomiendame sugiere sugerencia inventa imagina lanza tira moneda dado dados regalo elige "
    "escoge adivina trabalenguas limerick cool entertain entretenme gracioso graciosa refran rima "
    "jugamos".split()
)

# Given names common in Spain, Latin America, the USA and Great Britain, except those that history made its
# own: whoever bears one is more likely somebody the user knows.
_NAMES = frozenset(
    "maria carmen ana laura lucia marta paula sara elena cristina isabel raquel silvia beatriz andrea "
    "patricia claudia sofia julia irene nuria ines eva lola juan jose antonio manuel francisco pedro pablo "
    "luis carlos jorge javier miguel angel alejandro diego sergio daniel david alberto fernando rafael "
    "raul ruben adrian alvaro ivan mario jaime ramon enrique andres hugo marcos lucas mateo santiago "
    "camila valentina gabriela daniela paco pepe james john robert michael mike joe dave tom jim bob steve "
    "kevin brian paul peter andrew matthew ryan jason harry oliver noah liam ethan jacob emma emily olivia "
    "mary jennifer linda jessica sarah karen nancy amy anna kate katie megan rachel lucy sophie hannah "
    "chloe caroline melanie evan sam tim ben adam luke nick chris alex leo nina emilia carla monica teresa "
    "rosario lourdes joan jordi xavi inigo iker gonzalo nicolas martin felipe ricardo eduardo roberto "
    "cesar guillermo ignacio sandra susana yolanda veronica lorena julio tomas samuel alicia natalia "
    "esther dimitri ingrid greta priya yusuf omar aisha sven mohamed ahmed fatima ali ruth helen susan "
    "margaret barbara elizabeth stephen gary ian neil craig stuart dylan tyler brandon justin ashley "
    "brittany amanda melissa stephanie nicole heather tiffany".split()
)
