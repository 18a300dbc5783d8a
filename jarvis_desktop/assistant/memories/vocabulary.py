"""What facts are told with, in both languages: people and animals around the user, and what one has.

Each is known by one English key, so that a fact told in Spanish replaces the one told in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from jarvis_desktop.assistant.memories.words import folded


@dataclass(frozen=True, slots=True)
class Term:
    """A thing by its key, and the words for it, the commonest first; `article` is the Spanish one's."""

    key: str
    english: tuple[str, ...]
    spanish: tuple[str, ...]
    article: str


def _terms(table: str) -> Mapping[str, Term]:
    found = {}
    for line in filter(None, map(str.strip, table.splitlines())):
        english, spanish = ([word.strip() for word in side.split(",")] for side in line.split("|"))
        article, _, first = spanish[0].partition(" ")
        found[english[0]] = Term(english[0], tuple(english), (first, *spanish[1:]), article)
    return MappingProxyType(found)


_PEOPLE = _terms(
    """
    mother, mom, mum, mommy | la madre, mamá
    father, dad, daddy | el padre, papá
    sister | la hermana
    brother | el hermano
    daughter | la hija
    son | el hijo
    wife | la mujer, esposa
    husband | el marido, esposo
    partner | la pareja
    girlfriend | la novia
    boyfriend | el novio
    fiancée, fiancé | la prometida, prometido
    grandmother, grandma, granny | la abuela, abuelita
    grandfather, grandpa | el abuelo, abuelito
    granddaughter | la nieta
    grandson | el nieto
    aunt | la tía
    uncle | el tío
    cousin | el primo, prima
    niece | la sobrina
    nephew | el sobrino
    mother-in-law | la suegra
    father-in-law | el suegro
    sister-in-law | la cuñada
    brother-in-law | el cuñado
    best friend | el mejor amigo, mejor amiga
    friend | el amigo, amiga
    flatmate, roommate | el compañero de piso, compañera de piso
    colleague, coworker | el compañero de trabajo, compañera de trabajo, compañero, compañera
    neighbour, neighbor | el vecino, vecina
    boss | el jefe, jefa
    teacher | el profesor, profesora, maestro, maestra
    landlord, landlady | el casero, casera
    dentist | el dentista
    doctor | el médico, médica, doctor, doctora
    vet | el veterinario, veterinaria
    lawyer | el abogado, abogada
    therapist, psychologist | el psicólogo, psicóloga, terapeuta
    hairdresser | el peluquero, peluquera
    mechanic | el mecánico
    accountant | el contable, gestor, gestora
    babysitter, nanny | la canguro, niñera
    """
)

ANIMALS = _terms(
    """
    dog, puppy | el perro, perra, perrito, perrita
    cat, kitten | el gato, gata, gatito, gatita
    bird, parrot | el pájaro, loro, periquito
    horse | el caballo, yegua
    rabbit | el conejo
    hamster | el hámster
    turtle, tortoise | la tortuga
    """
)

RELATIONS: Mapping[str, Term] = MappingProxyType({**_PEOPLE, **ANIMALS})

GROUPS = _terms(
    """
    children, kids | los hijos
    sons | los hijos varones
    daughters | las hijas
    brothers | los hermanos
    sisters | las hermanas
    parents | los padres
    grandparents | los abuelos
    dogs | los perros
    cats | los gatos
    """
)

ATTRIBUTES = _terms(
    """
    wi-fi password, wi-fi key, wi-fi code | la contraseña del wi-fi, contraseña de la wi-fi, clave del wi-fi
    phone number, telephone number, mobile number, phone, mobile | el número de teléfono, teléfono, móvil
    licence plate, license plate, number plate, plate number, plate | la matrícula, placa
    address, home address | la dirección, domicilio
    email, e-mail, email address, e-mail address | el correo, correo electrónico, email, dirección de correo
    birthday, date of birth | el cumpleaños, fecha de nacimiento
    wedding anniversary, anniversary | el aniversario, aniversario de boda
    blood type, blood group | el grupo sanguíneo, tipo de sangre
    shoe size | el número de pie, talla de zapato, número de zapato
    passport number | el número de pasaporte
    identity number, id number | el dni, número de dni, nif
    bank account, account number, iban | el número de cuenta, cuenta, iban
    alarm code | el código de la alarma, clave de la alarma
    door code | el código de la puerta, código del portal
    locker number | el número de taquilla, taquilla
    parking space | la plaza de aparcamiento, plaza de garaje
    car | el coche, carro
    bike, bicycle | la bicicleta, bici
    surname, last name, family name | el apellido
    nickname | el apodo, mote
    star sign | el signo del zodíaco, signo
    mother tongue, native language | la lengua materna, idioma materno
    time zone | la zona horaria, huso horario
    company | la empresa
    school | el colegio, escuela, instituto
    gym | el gimnasio
    bank | el banco
    """
)

FAVOURITES = _terms(
    """
    colour, color | el color
    food | la comida
    dish, meal | el plato
    dessert | el postre
    drink | la bebida
    fruit | la fruta
    film, movie | la película
    series, tv show, show | la serie
    book | el libro
    author, writer | el autor, autora, escritor, escritora
    song | la canción
    singer | el cantante
    band, group | el grupo, banda
    music | la música
    team | el equipo
    sport | el deporte
    player | el jugador, jugadora
    game | el juego
    animal | el animal
    city | la ciudad
    country | el país
    place | el lugar, sitio
    restaurant | el restaurante
    season | la estación
    day | el día
    number | el número
    subject | la asignatura
    flower | la flor
    language | el idioma
    """
)

CONDITIONS = _terms(
    """
    vegetarian | - vegetariano, vegetariana
    vegan | - vegano, vegana
    coeliac, celiac | - celíaco, celíaca
    diabetic | - diabético, diabética
    asthmatic | - asmático, asmática
    left-handed | - zurdo, zurda
    lactose intolerant | - intolerante a la lactosa
    colour-blind, color-blind, colour blind, color blind | - daltónico, daltónica
    married | - casado, casada
    single | - soltero, soltera
    divorced | - divorciado, divorciada
    retired | - jubilado, jubilada
    unemployed | - desempleado, desempleada
    pregnant | - embarazada
    """
)


def key_of(terms: Mapping[str, Term], word: str) -> str:
    """The key of a word, which is itself where it is not known."""
    plain = _letters(word)
    for key, term in terms.items():
        if any(_letters(known) == plain for known in (*term.english, *term.spanish)):
            return key
    return folded(word)


def _letters(word: str) -> str:
    return re.sub(r"[\s-]", "", folded(word))


def pattern(words: Iterable[str]) -> str:
    """A regular expression for any of these words, folded; the longest is tried first."""
    ordered = sorted({folded(word) for word in words}, key=len, reverse=True)
    return "|".join(re.escape(word).replace(r"\ ", r"\s+").replace(r"\-", "[- ]?") for word in ordered)
