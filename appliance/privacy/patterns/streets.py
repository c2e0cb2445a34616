"""Postal addresses by their form: a number, a name, and the word that a language has for a street."""

import re

from appliance.privacy.scanning.pattern import Pattern

# Beyond Latin-1 capitals and small letters take turns; telling them apart costs the automaton more than it gives.
UPPER = "A-ZÀ-ÞĀ-ɏ"
LETTER = "A-Za-zÀ-ɏ"
NAME = f"[{UPPER}][{LETTER}'\u2019.-]{{0,40}}"
EDGE = f"(?:^|[^{LETTER}0-9_])"
END = f"(?:$|[^{LETTER}0-9_])"
HOUSE = r"\d{1,5}(?:[ ]?[a-zA-Z])?(?:[ ]?[-/][ ]?\d{1,4}[a-zA-Z]?)?"

WORDS = (
    "address, addr, street, postcode, zip, zipcode, postal, adresse, anschrift, straße, strasse, plz, postleitzahl,"
    " wohnt, rue, domicile, habite, dirección, direccion, domicilio, calle, código, codigo, cp, indirizzo, via, cap,"
    " residente, residenza, adres, straat, woont, wonende, endereço, endereco, morada, rua, cep, zamieszkały,"
    " zamieszkania, ulica, kod, pocztowy, lives, living, install, visit, moved, at, residence, shipping,"
    " billing, stadt, ville, ciudad, città,"
    " miasto, cidade, stad"
)

ENGLISH = (
    "Street|St|Avenue|Ave|Av|Road|Rd|Boulevard|Blvd|Drive|Dr|Lane|Ln|Court|Ct|Circle|Cir|Close|Crescent|Cres|Terrace"
    "|Ter|Place|Pl|Plaza|Square|Sq|Parkway|Pkwy|Highway|Hwy|Trail|Trl|Way|Mews|Grove|Gardens|Gdns|Row|Walk|Hill|Rise"
    "|Alley|Loop|Expressway|Turnpike|Pike|Quay|Wharf|Parade|Green|View|Esplanade|Bend|Ridge|Crossing|Heights|Vale"
    "|Mall"
)
SMALL = "street|avenue|ave|road|rd|boulevard|blvd|drive|lane|court|crescent|close|terrace|parkway|highway"
ROUTE = "Highway|Hwy|Route|Rte|County Road|State Road|US|Broadway"
UNIT_WORD = "Apt|Apartment|Suite|Ste|Unit|Flat|Room|Rm|Floor|Fl|Bldg|Building|#"
UNIT = rf"(?:,?[ \n]{{1,2}}(?:{UNIT_WORD})[. #]{{0,2}}[A-Za-z0-9-]{{1,6}})?"
BOX = (
    "P\\.? ?O\\.? ?Box|GPO Box|Private Bag|Postfach|Postbus|Postboks|Apartado(?: de Correos)?|Casella Postale"
    "|Caixa Postal|Bo[iî]te Postale|Skrytka pocztowa"
)
GERMAN_ENDING = (
    "stra(?:ß|ss)e|str\\.|weg|platz|allee|gasse|ring|damm|ufer|chaussee|steig|stieg|pfad|markt|graben|zeile|promenade"
)
GERMAN_WORD = "Stra(?:ß|ss)e|Str\\.|Platz|Allee|Gasse|Damm|Ufer"
GERMAN_PLACE = "Am|An der|An den|Auf dem|Auf der|Im|In der|In den|Zum|Zur|Unter den|Hinter der"
FRENCH = (
    "rue|avenue|av\\.|boulevard|bd\\.?|place|chemin|all[ée]e|impasse|quai|route|cours|square|passage|faubourg|sentier"
    "|ruelle|villa|rond-point"
)
FRENCH_OF = "(?:(?:de|du|des|la|le|les|et|au|aux|à) |[dl]['\u2019])"
SPANISH = (
    "Calle|Avenida|Avda\\.?|Av\\.|Plaza|Pza\\.?|Paseo|P\\.º|Camino|Carretera|Ctra\\.?|Ronda|Travesía|Glorieta|Cl\\.?"
    "|Urb\\."
)
SPANISH_OF = "(?:de|del|la|las|los|el|y) "
ITALIAN = (
    "Via|Viale|V\\.le|Piazza|P\\.za|P\\.zza|Piazzale|Corso|C\\.so|Vicolo|Largo|Strada|Lungomare|Salita|Contrada"
    "|Galleria"
)
ITALIAN_OF = "(?:(?:di|del|della|delle|dei|degli|da|de|la|le|e) |(?:dell|d)['\u2019]|\\d{1,2} )"
DUTCH = "straat|laan|weg|plein|gracht|kade|dijk|singel|hof|steeg|dreef|pad|baan|lei|markt|park|ring|poort"
PORTUGUESE = "Rua|R\\.|Avenida|Av\\.|Travessa|Tv\\.|Praça|Pça\\.?|Largo|Estrada|Alameda|Rodovia|Calçada|Beco|Rotunda"
POLISH = "ul\\.|ulica|ulicy|al\\.|aleja|alei|aleje|pl\\.|plac|placu|os\\.|osiedle"
NORDIC = "gatan|vägen|gränd|torget|gade|gaden|vej|vejen|allé|stræde|gata|veien|vegen|gaten|katu|tie|kuja|polku"


def is_address(text: str) -> bool | None:
    """A house number and a name; not the address of a device, or of a place in memory."""
    if re.search(r"@|\d\.\d|[:\\]|0x|/\d+/|[0-9a-f]{4}\.[0-9a-f]{4}", text) or not re.search(
        r"\b\d{1,5}[A-Za-z]?\b", text
    ):
        return False
    return None if re.search(rf"[{UPPER}][{LETTER}'.-]{{2,}}", text) else False


def street(name: str, score: float, *parts: str) -> Pattern:
    return Pattern(
        type="ADDRESS",
        name=f"address_{name}",
        regex="".join(parts),
        score=score,
        context=tuple(WORDS.split(", ")),
        lifted=0.95,
    )


# More words for a street that USPS lists; alone they are words of every day: `48 SFP Ports`.
RARE = (
    "Alley|Arcade|Bayou|Beach|Bluffs?|Bottom|Branch|Bridge|Brooks?|Burgs?|Bypass|Camp|Canyon|Cape|Causeway|Centers?"
    "|Circles|Cliffs?|Club|Common|Corners?|Course|Courts|Coves?|Creek|Crest|Crossroads?|Curve|Dale|Dam|Divide|Drives"
    "|Estates?|Extensions?|Falls?|Ferry|Fields?|Flats?|Fords?|Forest|Forges?|Forks?|Fort|Freeway|Gateway|Glens?|Greens"
    "|Groves|Harbors?|Haven|Hills|Hollow|Inlet|Islands?|Isle|Junctions?|Keys?|Knolls?|Lakes?|Landing|Light|Loaf|Locks?"
    "|Lodge|Manors?|Meadows?|Mills?|Mission|Motorway|Mount|Mountains?|Neck|Orchard|Oval|Overpass|Parks?|Parkways|Pass"
    "|Passage|Path|Pines?|Plains?|Plazas|Points?|Ports?|Prairie|Radial|Ramp|Ranch|Rapids?|Rest|Ridges|River|Roads|Route"
    "|Rue|Run|Shoals?|Shores?|Skyway|Springs?|Spurs?|Squares|Station|Stravenue|Stream|Streets|Summit|Throughway|Trace"
    "|Track|Trafficway|Tunnel|Underpass|Unions?|Valleys?|Viaduct|Views|Villages?|Ville|Vista|Walks|Wall|Ways|Wells?"
)
LABELS = (
    "(?:installation |service |billing |postal |home |delivery )?address|street|anschrift|adresse"
    "|(?:installations|liefer|rechnungs)adresse|dirección|direccion|indirizzo|adres|morada|endereço|domicilio"
)
UK_POSTCODE = r"[A-Z]{1,2}\d[0-9A-Z]?[ ]?\d[A-Z]{2}"
US_ZIP = r"[A-Z]{2},? \d{5}(?:-\d{4})?"

PATTERNS: tuple[Pattern, ...] = (
    street(
        "english_rare",
        0.75,
        rf"{EDGE}(?P<v>(?:(?:Flat|Apt|Unit|Suite|Studio)[. ]{{1,2}}[0-9A-Za-z]{{1,5}},? )?",
        rf"(?:\d{{1,6}}[A-Za-z]? )?(?:{NAME} ){{1,3}}(?:{RARE}|{ENGLISH}){UNIT}",
        rf"(?:, |\n)(?:{NAME}[ ]?){{1,4}}(?:, |\n|[ ])(?:{UK_POSTCODE}|{US_ZIP})){END}",
    ),
    Pattern(
        type="ADDRESS",
        name="address_labelled",
        regex=rf"\b(?i:{LABELS})[\"']?[ \t]{{0,2}}[:=][ \t]{{0,16}}[\"']?(?P<v>[^\n\"'<>|;{{}}]{{5,100}}[{LETTER}0-9])",
        score=0.8,
        check=is_address,
    ),
    street(
        "english_where",
        0.3,
        rf"{EDGE}(?P<v>(?:\d{{1,6}}[A-Za-z]?|(?:Flat|Apt|Unit|Suite|Studio)[. ]{{1,2}}[0-9A-Za-z]{{1,5}},) "
        rf"(?:{NAME} ){{1,3}}",
        rf"(?:{RARE}|{ENGLISH}){UNIT})\b",
    ),
    street(
        "english_unit",
        0.75,
        rf"{EDGE}(?P<v>\d{{1,6}}[A-Za-z]? (?:{NAME} ){{1,3}}(?:{RARE}),? "
        rf"(?:Apt|Suite|Unit|Flat)[. ]{{1,2}}\d{{1,5}}[A-Za-z]?)\b",
    ),
    street(
        "english",
        0.85,
        rf"{EDGE}(?P<v>(?:(?:Flat|Apt|Unit|Suite)[. ]{{1,2}}[0-9A-Za-z]{{1,5}},? )?",
        r"\d{1,6}[A-Za-z]?(?:-\d{1,4})?,? ",
        rf"(?:[NSEW]{{1,2}}\.? )?(?:(?:{NAME}|\d{{1,3}}(?:st|nd|rd|th)) ){{1,5}}",
        rf"(?:{ENGLISH})\b\.?(?: [NSEW]{{1,2}}\b)?{UNIT})",
    ),
    street("english_small", 0.6, rf"(?i)\b(?P<v>\d{{1,5}}[a-z]? (?:[a-z'-]{{2,20}} ){{1,3}}(?:{SMALL}){UNIT})\b"),
    street("numbered", 0.6, rf"\b\d{{2,5}} (?:[NSEW]\.? )?(?:{ROUTE})(?: \d{{1,4}})?\b{UNIT}"),
    street("box", 0.9, rf"(?i)\b(?P<v>(?:{BOX})[ #:]{{1,2}}[A-Z]{{0,2}}\d{{2,7}})\b"),
    street(
        "german",
        0.8,
        rf"{EDGE}(?P<v>(?:{NAME}[ -]){{0,3}}",
        rf"(?:[{UPPER}][{LETTER}.'-]{{0,40}}(?:{GERMAN_ENDING})|{NAME}[ -](?:{GERMAN_WORD})"
        rf"|{NAME}-(?:Weg|Ring|Pfad|Steig|Markt|Graben|Zeile)) {HOUSE}){END}",
    ),
    street(
        "german_named",
        0.8,
        rf"{EDGE}(?P<v>(?:{GERMAN_PLACE}) (?:{NAME}[ -]?){{1,2}} \d{{1,3}} ?[a-z]?),? (?:D-)?\d{{5}}\b",
    ),
    street(
        "french",
        0.9,
        rf"{EDGE}(?P<v>\d{{1,4}}(?:[ ]?(?:bis|ter|quater|[A-D]))?,? (?i:{FRENCH}) {FRENCH_OF}{{0,3}}",
        rf"{NAME}(?:[ -]{FRENCH_OF}{{0,1}}{NAME}){{0,3}})",
    ),
    street(
        "french_town",
        0.85,
        rf"{EDGE}(?P<v>(?:\d{{1,4}}(?:[ ]?(?:bis|ter|quater|[A-D]))?,? )?(?i:{FRENCH}) {FRENCH_OF}{{0,3}}",
        rf"{NAME}(?:[ -]{FRENCH_OF}{{0,1}}{NAME}){{0,3}},? \d{{5}} ",
        rf"(?:[{UPPER}][{LETTER}'-]{{1,30}}[ -]?){{1,4}}){END}",
    ),
    street(
        "spanish",
        0.9,
        rf"{EDGE}(?P<v>(?:C/|(?:{SPANISH}) )[ ]?(?:{SPANISH_OF}){{0,3}}{NAME}(?: (?:{SPANISH_OF}){{0,2}}{NAME}){{0,3}}",
        r",? (?:n[.º°úumero]{1,6} ?)?\d{1,4}(?:,? ?\d{1,2}[ºª°](?: ?[A-Z]| ?(?:izq|dcha|izda)\.?)?)?)",
        END,
    ),
    street(
        "italian",
        0.9,
        rf"{EDGE}(?P<v>(?:{ITALIAN}) {ITALIAN_OF}{{0,2}}{NAME}(?: {ITALIAN_OF}{{0,1}}{NAME}){{0,3}}",
        rf",? (?:n\.? ?)?\d{{1,4}}(?:[/ ]?[A-Za-z])?){END}",
    ),
    street(
        "dutch",
        0.8,
        rf"{EDGE}(?P<v>(?:(?:{NAME}|van|de|den|der|het|'t) ){{0,4}}[{UPPER}][{LETTER}-]{{1,40}}(?:{DUTCH})",
        r" \d{1,4}(?:[ -]?[a-zA-Z])?(?:[ -]\d{1,3})?(?: bus \d{1,4})?",
        rf"(?:,? [1-9]\d{{3}} ?[A-Z]{{2}}(?:,? [{UPPER}][{LETTER}'-]{{1,30}}(?:"
        rf" [{UPPER}][{LETTER}'-]{{1,30}}){{0,2}})?)?){END}",
    ),
    street(
        "portuguese",
        0.9,
        rf"{EDGE}(?P<v>(?:{PORTUGUESE}) (?:(?:d[aeo]s?|o|a|e) |\d{{1,2}} ){{0,2}}{NAME}",
        rf"(?: (?:(?:d[aeo]s?|e) )?{NAME}){{0,4}},? (?:n\.?[ºo°]? ?)?\d{{1,5}}",
        rf"(?:,? (?:\d{{1,2}}[.]?º(?: [A-Za-z]{{1,4}})?|[Aa]pto?\.? ?\d{{1,4}}))?){END}",
    ),
    street(
        "polish",
        0.9,
        rf"{EDGE}(?P<v>(?i:{POLISH}) ?(?:\d{{1,2}} )?{NAME}(?: (?:i |w )?{NAME}){{0,3}}",
        rf" \d{{1,4}}[A-Za-z]?(?:/\d{{1,4}})?(?:,? (?:m\.|lok\.) ?\d{{1,4}})?){END}",
    ),
    street(
        "nordic",
        0.8,
        rf"{EDGE}(?P<v>[{UPPER}][{LETTER}]{{1,40}}(?:{NORDIC}) \d{{1,4}} ?[A-Za-z]?(?: \d{{1,3}})?){END}",
    ),
)
