"""Where and when: postcodes with their places, positions, dates of birth."""

import re

from appliance.privacy.patterns import streets
from appliance.privacy.patterns.streets import EDGE, END, LETTER, UPPER
from appliance.privacy.proofs.checks import sieve
from appliance.privacy.scanning.pattern import Check, Pattern

BEFORE = r"(?:^|[ \t\n,;:=@(\"'\[{<>/])"
TOWN = f"(?:[{UPPER}][{LETTER}]{{0,2}}\\.|[{UPPER}][{LETTER}'\u2019-]{{0,40}})"
"""A dot ends a sentence, but for `St.`."""
CITY = f"{TOWN}(?:[ -](?:(?:am|an der|im|ob der|sur|sous|en|de|del|la|le|les|upon|on|den|do|di) )?{TOWN}){{0,3}}"
STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR"
    "|PA|PR|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY"
)
BRITISH = r"[A-PR-UWYZ](?:\d[0-9A-HJKPSTUW]?|[A-HK-Y]\d[0-9ABEHMNPRVWXY]?)"
CANADIAN = r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z]"
STREET = (
    "rue|avenue|boulevard|place|chemin|all[ée]e|impasse|quai|route|via|viale|piazza|corso|calle|avenida|plaza|paseo|c/"
)

POSTCODE_WORDS = (
    "post ?code|zip(?: ?code)?|plz|postleitzahl|cep|postal ?code|code ?postal|c[oó]digo ?postal|kod pocztowy|postnummer"
    "|pin ?code"
)
TOWN_WORDS = (
    f"{POSTCODE_WORDS}|adress|adresse|address|anschrift|adres|indirizzo|direcci[oó]n|endere[cç]o|morada|cap|cp|ort"
)
GPS_WORDS = (
    "gps, lat, lon, lng, latitude, longitude, coordinate, coordinates, coords, coord, location, position, geo,"
    " geolocation, koordinaten, standort, breitengrad, längengrad, coordonnées, coordenadas, ubicación, posizione,"
    " coördinaten, latlng, latlong, współrzędne"
)
BIRTH_WORDS = (
    "birth, birthday, birthdate, born, dob, d o b, b day, bday, dateofbirth, geboren, geb, geburtsdatum, geburtstag,"
    " geboortedatum, né, née, naissance, nacimiento, nacido, nacida, nac, nato, nata, nascita, nascimento, nascido,"
    " nascida, aniversário, urodzony, urodzona, urodzenia, ur, född, födelsedatum, født, fødselsdato, fødselsdag,"
    " syntynyt, syntymäaika, syntymäpäivä, cumpleaños, anniversaire, compleanno"
)
# How the names of months begin, in a dozen languages.
MONTHS = (
    "jan feb mar apr may jun jul aug sep oct nov dec mär mae mai okt dez fév fev avr jui aoû aou déc ene abr ago dic"
    " gen mag giu lug set ott mrt mei out sty lut kwi maj cze lip sie wrz paź paz lis gru tam hel maa huh tou kes hei"
    " elo syy lok"
)
MONTH = f"[{LETTER}]{{3,12}}"

MINUTES = "\\d{1,2}[ ]?['\u2019\u2032][ ]?"
SECONDS = "\\d{1,2}(?:\\.\\d{1,6})?[ ]?(?:\"|”|″|''|\u2019\u2019)[ ]?"
DEGREES = f"\\d{{1,3}}[ ]?[°º][ ]?(?:{MINUTES}(?:{SECONDS})?)?"
COORDINATE = (
    "lat|lon|lng|long|latitude|longitude|gps_?lat|gps_?lon|breitengrad|längengrad|latitud|longitud|latitudine"
    "|longitudine|breedtegraad|lengtegraad"
)


def is_position(text: str) -> bool:
    """A latitude and a longitude; two fractions below one are a table of measures."""
    latitude, longitude = (abs(float(each)) for each in re.findall(r"\d{1,3}\.\d+", text))
    return latitude <= 90 and longitude <= 180 and max(latitude, longitude) > 1


def is_day(text: str) -> bool:
    """A day that somebody alive can be born on, in any order of its parts."""
    numbers = [int(each) for each in re.findall(r"\d+", text)]
    word = re.search(f"[{LETTER}]{{3,}}", re.sub(r"\d+(?:st|nd|rd|th)|\b(?:de|of)\b", "", text))
    if word:
        return len(numbers) == 2 and word[0].lower().startswith(tuple(MONTHS.split())) and 1 <= min(numbers) <= 31
    if len(numbers) == 1:
        numbers = [int(text[:4]), int(text[4:6]), int(text[6:])]
    year = numbers.pop(0 if numbers[0] > 31 else -1)
    return min(numbers) >= 1 and min(numbers) <= 12 and max(numbers) <= 31 and (year < 100 or 1900 <= year <= 2099)


def postcode(name: str, regex: str, score: float, kind: str = "LOCATION") -> Pattern:
    context = tuple(streets.WORDS.split(", "))
    return Pattern(type=kind, name=f"postcode_{name}", regex=regex, score=score, context=context)


def position(name: str, regex: str, score: float, check: Check | None = None) -> Pattern:
    context = tuple(GPS_WORDS.split(", "))
    return Pattern(type="GPS", name=f"gps_{name}", regex=regex, score=score, context=context, lifted=0.95, check=check)


def birth(name: str, regex: str) -> Pattern:
    return Pattern(
        type="DATE_OF_BIRTH",
        name=f"birth_{name}",
        regex=regex,
        score=0.1,
        context=tuple(BIRTH_WORDS.split(", ")),
        lifted=0.9,
        check=sieve(is_day),
        words_first=True,
    )


ASKED = Pattern(
    type="DATE_OF_BIRTH",
    name="birth_asked",
    regex=r"\b(?i:date of birth|birth ?date|dob|geburtsdatum|date de naissance|fecha de nacimiento|data di nascita"
    r"|geboortedatum|data de nascimento|data urodzenia)\b[^\n]{0,40}\n[^\n0-9]{0,30}"
    r"(?P<v>[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{2,4})\b",
    score=0.85,
    check=sieve(is_day),
)

POSTCODES: tuple[Pattern, ...] = (
    postcode("british", rf"\b(?:GIR 0AA|{BRITISH} \d[ABD-HJLNP-UW-Z]{{2}})\b", 0.7, kind="UK_POSTCODE"),
    postcode("british_joined", rf"(?i)\b{BRITISH} ?\d[ABD-HJLNP-UW-Z]{{2}}\b", 0.2, kind="UK_POSTCODE"),
    postcode("canadian", rf"\b{CANADIAN}[ -]\d[ABCEGHJ-NPRSTV-Z]\d\b", 0.65, kind="CA_POSTAL_CODE"),
    postcode("canadian_joined", rf"(?i)\b{CANADIAN} ?\d[ABCEGHJ-NPRSTV-Z]\d\b", 0.2, kind="CA_POSTAL_CODE"),
    postcode("american", rf"{EDGE}(?P<v>(?:{CITY},? )?(?:{STATES}),? \d{{5}}(?:-\d{{4}})?)\b", 0.75),
    postcode("american_plus", r"\b\d{5}-\d{4}\b", 0.3),
    postcode("dutch", rf"\b(?P<v>[1-9]\d{{3}} ?[A-Z]{{2}}(?:[ ]{{1,2}}{CITY})?){END}", 0.35),
    postcode("town", rf"(?i:\b(?:{TOWN_WORDS}))[\"' .:=]{{1,4}}(?P<v>\d{{4,5}} {CITY}){END}", 0.7),
    postcode("of_country", rf"{EDGE}(?P<v>(?:DE|AT|CH|FR|IT|ES|NL|BE|DK|NO|FI|LU|[ADFI])-\d{{4,5}} {CITY}){END}", 0.7),
    postcode("behind_house", rf"{EDGE}\d{{1,4}}[ ]?[a-zA-Z]?(?:,[ \n]?|\n)(?P<v>\d{{4,5}} {CITY}){END}", 0.7),
    postcode("behind_street", rf"(?i:\b(?:{STREET}) [^\n,]{{3,60}})(?:,[ \n]?|\n)(?P<v>\d{{5}} {CITY}){END}", 0.7),
    postcode("polish", rf"\b(?P<v>\d\d-\d{{3}} {CITY}){END}", 0.75),
    postcode("portuguese", rf"\b(?P<v>\d{{4}}-\d{{3}} {CITY}){END}", 0.75),
    postcode("brazilian", r"\b\d{5}-\d{3}\b", 0.35),
    postcode("swedish", rf"\b(?P<v>(?:SE?-)?\d{{3}} \d\d {CITY}){END}", 0.5),
    postcode("labelled", rf"(?i)\b(?:{POSTCODE_WORDS})[\"' .:=#]{{1,4}}(?P<v>\d{{4,6}}(?:-\d{{3,4}})?)\b", 0.85),
)

POSITIONS: tuple[Pattern, ...] = (
    position(
        "exact",
        rf"{BEFORE}(?P<v>[-+]?\d{{1,2}}\.\d{{5,40}}[ ]?[,;/ ][ ]?[-+]?\d{{1,3}}\.\d{{5,40}})\b",
        0.7,
        sieve(is_position),
    ),
    position(
        "pair",
        rf"{BEFORE}(?P<v>[-+]?\d{{1,2}}\.\d{{2,4}}[ ]?[,;/ ][ ]?[-+]?\d{{1,3}}\.\d{{2,4}})\b",
        0.2,
        sieve(is_position),
    ),
    position(
        "labelled",
        rf"(?i)\b(?:{COORDINATE})[\"' ]{{0,3}}[:=][\"' ]{{0,3}}(?P<v>[-+]?\d{{1,3}}\.\d{{1,40}})\b",
        0.95,
    ),
    position(
        "sides",
        rf"{BEFORE}(?P<v>\d{{1,3}}\.\d{{2,10}} ?°? ?[NS][ ,;/]{{1,3}}\d{{1,3}}\.\d{{2,10}} ?°? ?[EWO])\b",
        0.95,
    ),
    position(
        "sides_first",
        r"\b[NS] ?\d{1,2}[.° ]{1,2}\d{1,8}(?:\.\d{1,6})?'?[ ,;/]{1,3}[EWO] ?\d{1,3}[.° ]{1,2}\d{1,8}(?:\.\d{1,6})?\b",
        0.9,
    ),
    position("degrees", rf"{BEFORE}(?P<v>{DEGREES}[NSEWO](?:[ ,;/]{{1,3}}{DEGREES}[NSEWO])?)(?:$|\W)", 0.95),
    position("plus_code", r"\b[23456789CFGHJMPQRVWX]{8}\+[23456789CFGHJMPQRVWX]{2,3}\b", 0.8),
)

DAY = r"(?:0?[1-9]|[12]\d|3[01])"
BIRTHS: tuple[Pattern, ...] = (
    birth("year_first", rf"\b(?:19|20)\d\d[-/. ](?:0?[1-9]|1[0-2])[-/. ]{DAY}\b"),
    birth("year_last", rf"\b{DAY}[ ]?[-/. ][ ]?{DAY}[ ]?[-/. ][ ]?(?:19|20)?\d\d\b"),
    birth(
        "day_month",
        rf"\b{DAY}(?:st|nd|rd|th|er|\.|º|°)?[ -](?:de |of )?{MONTH}\.?,?[ -](?:de |of )?(?:(?:19|20)\d\d|'?\d\d)\b",
    ),
    birth("month_day", rf"{EDGE}(?P<v>{MONTH}\.? {DAY}(?:st|nd|rd|th)?,? (?:19|20)\d\d)\b"),
    birth("compact", r"\b(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\b"),
)

PATTERNS: tuple[Pattern, ...] = (*streets.PATTERNS, *POSTCODES, *POSITIONS, *BIRTHS, ASKED)
