"""Numbers that a state gives to a person, and what it takes to be sure of one.

A check digit over a form that nothing else has proves a number; where any nine digits pass one time in ten, a word
nearby must say what they are.
"""

from appliance.privacy.proofs import checks
from appliance.privacy.proofs.checks import proof, sieve
from appliance.privacy.scanning.pattern import Check, Pattern

TAX = (
    "tax, taxpayer, tin, tax id, steuer, steuernummer, steuerid, steuer id, fiscal, fiscale, impôt, impots, belasting,"
    " skatt, verotunnus, podatek, podatkowy"
)
IDENTITY = (
    "identity, identity card, id card, national id, national identity, citizen, identidad, identité, carte d identité,"
    " identità, carta d identità, identiteit, identiteitskaart, ausweis, ausweisnummer, personalausweis,"
    " personalausweisnummer, identidade, dowód, dowodu, dowod, identitycard, nationalid, idcard"
)
PASSPORT = (
    "passport, passports, reisepass, reisepassnummer, passeport, pasaporte, passaporto, paspoort, paszport, paszportu,"
    " passaporte, pasaport, passnummer, passportnumber, passportno, passi"
)
LICENCE = (
    "driver license, driver s license, drivers license, driver licence, drivers licence, driver s licence,"
    " driving licence, driving license, license number, licence number, dl number, dl no, dln, dl, driverslicense,"
    " driverlicense, driver_license, führerschein, führerscheinnummer, fuehrerschein, fahrerlaubnis, permis de"
    " conduire,"
    " patente, rijbewijs, conducir, carnet, cnh, prawo jazdy, prawa jazdy, körkort, kørekort, førerkort"
)


def known(kind: str, name: str, regex: str, check: Check | None, score: float = 0.5) -> Pattern:
    """Its form says what it is."""
    return Pattern(type=kind, name=name, regex=regex, score=score, check=check)


def named(kind: str, name: str, regex: str, words: str, check: Check | None = None) -> Pattern:
    """Its form is that of many things: a word nearby must name it."""
    context = tuple(words.split(", "))
    return Pattern(
        type=kind, name=name, regex=regex, score=0.2, context=context, lifted=0.85, check=check, words_first=True
    )


AMERICA: tuple[Pattern, ...] = (
    known("US_SSN", "us_ssn", r"\b\d{3}-\d\d-\d{4}\b", sieve(checks.is_us_ssn), 0.85),
    known("US_SSN", "us_ssn_spaced", r"\b\d{3}(?: \d\d |\.\d\d\.)\d{4}\b", sieve(checks.is_us_ssn), 0.5),
    named("US_SSN", "us_ssn_plain", r"\b\d{3}[ .]?\d\d[ .]?\d{4}\b", "ssn, ssns, social security,"
          " socialsecuritynumber, taxpayer", sieve(checks.is_us_ssn)),
    known("US_ITIN", "us_itin", r"\b9\d\d(?:-[5-9]\d-|[ ][5-9]\d[ ])\d{4}\b", sieve(checks.is_us_itin), 0.85),
    named("US_ITIN", "us_itin_plain", r"\b9\d\d[ ]?[5-9]\d[ ]?\d{4}\b", f"itin, individual, {TAX}",
          sieve(checks.is_us_itin)),
    named("US_PASSPORT", "us_passport", r"\b(?:\d{9}|[A-Z]\d{8})\b", PASSPORT),
    named("US_DRIVER_LICENSE", "us_driver_license", r"\b(?:[A-Z]{1,2}\d{3,14}[A-Z]{0,2}\d{0,3}|\d{7,12}"
          r"|[A-Z]\d{3}-\d{3,4}-\d{2,4}(?:-\d{1,4}){0,2}|[A-Z]\d{2,4}(?:[ -]\d{3,5}){2,3})\b", LICENCE),
    known("CA_SIN", "ca_sin", r"\b\d{3}-\d{3}-\d{3}\b", sieve(checks.IS_CA_SIN), 0.6),
    named("CA_SIN", "ca_sin_told", r"\b\d{3}[ -]\d{3}[ -]\d{3}\b", "sin, social insurance"),
    named("CA_SIN", "ca_sin_plain", r"\b\d{3}[ ]?\d{3}[ ]?\d{3}\b", "sin, social insurance, nas, assurance sociale",
          sieve(checks.IS_CA_SIN)),
    known("NATIONAL_ID", "br_cpf", r"\b\d{3}\.\d{3}\.\d{3}-\d\d\b", proof(checks.IS_BR_CPF)),
    named("NATIONAL_ID", "br_cpf_plain", r"\b\d{11}\b", "cpf, contribuinte", sieve(checks.IS_BR_CPF)),
    known("NATIONAL_ID", "br_cnpj", r"\b\d\d\.\d{3}\.\d{3}/\d{4}-\d\d\b", proof(checks.IS_BR_CNPJ)),
    named("NATIONAL_ID", "br_rg", r"\b\d{1,2}\.\d{3}\.\d{3}-[0-9Xx]\b", "rg, identidade, registro geral"),
)  # fmt: skip

ISLES: tuple[Pattern, ...] = (
    known("UK_NHS", "uk_nhs", r"\b\d{3} \d{3} \d{4}\b", sieve(checks.IS_UK_NHS), 0.45),
    named("UK_NHS", "uk_nhs_plain", r"\b\d{3}[ -]?\d{3}[ -]?\d{4}\b", "nhs, patient, hospital, gp, health",
          sieve(checks.IS_UK_NHS)),
    known("UK_NINO", "uk_nino", r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ ]?\d\d[ ]?\d\d[ ]?\d\d[ ]?[A-D]\b",
          sieve(checks.is_nino), 0.8),
    named("UK_NINO", "uk_nino_small",
          r"\b(?i:[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][ -]?\d\d[ -]?\d\d[ -]?\d\d[ -]?[A-D])\b",
          "nino, ni, ni number, national insurance", sieve(checks.is_nino)),
    named("UK_PASSPORT", "uk_passport", r"\b(?:[A-Z]{2}\d{7}|\d{9})\b", f"{PASSPORT}, hmpo"),
    known("UK_DRIVING_LICENCE", "uk_driving_licence",
          r"\b[A-Z]{1,5}9{0,4}\d[0156]\d[0-3]\d\d[A-Z9]{2}\d[A-Z]{2}(?:[ ]?\d\d)?\b", None, 0.7),
    named("NATIONAL_ID", "uk_utr", r"\b\d{5}[ ]?\d{5}K?\b", f"utr, unique, {TAX}", sieve(checks.IS_UK_UTR)),
    known("NATIONAL_ID", "ie_pps", r"\b\d{7}[A-W][A-IW]\b", sieve(checks.IS_IE_PPS), 0.75),
    named("NATIONAL_ID", "ie_pps_old", r"\b\d{7}[ ]?[A-W][ ]?[A-IWT]?\b", "pps, ppsn, personal public service",
          sieve(checks.IS_IE_PPS)),
)  # fmt: skip

GERMAN: tuple[Pattern, ...] = (
    known("DE_TAX_ID", "de_tax_id", r"\b[1-9]\d \d{3} \d{3} \d{3}\b", proof(checks.IS_DE_TAX)),
    named("DE_TAX_ID", "de_tax_id_plain", r"\b[1-9]\d{10}\b",
          f"steueridentifikationsnummer, idnr, steuer-id, identifikationsnummer, {TAX}", sieve(checks.IS_DE_TAX)),
    named("DE_TAX_NUMBER", "de_tax_number", r"\b\d{2,3}/\d{3,4}/\d{4,5}\b", f"steuernr, st.-nr, finanzamt, {TAX}"),
    named("DE_SOCIAL_SECURITY", "de_social_security", r"\b\d\d[ ]?[0-3]\d[01]\d\d\d[ ]?[A-Z][ ]?\d{3}\b",
          "rentenversicherung, rentenversicherungsnummer, sozialversicherung, sozialversicherungsnummer,"
          " versicherungsnummer, svnr, rvnr, sv, rv"),
    named("DE_ID_CARD", "de_id_card", r"\b[CFGHJKLMNPRTVWXYZ][0-9CFGHJKLMNPRTVWXYZ]{8}\d?D?\b",
          f"{IDENTITY}, ausweisnummer, personalausweisnummer, perso"),
    named("DE_PASSPORT", "de_passport", r"\b[CFGHJK][0-9CFGHJKLMNPRTVWXYZ]{8}\d?\b", f"{PASSPORT}, reisepassnummer"),
    named("DE_HEALTH_INSURANCE", "de_health_insurance", r"\b[A-Z]\d{9}\b",
          "krankenkasse, krankenversicherung, krankenversichertennummer, kvnr, versichertennummer, gesundheitskarte,"
          " egk"),
    named("DE_FUEHRERSCHEIN", "de_driving_licence", r"\b[A-Z]\d\d[0-9A-Z]{6}\d[0-9A-Z]\b",
          f"{LICENCE}, führerscheinnummer, fuehrerscheinnummer"),
    known("NATIONAL_ID", "ch_ahv", r"\b756[. ]\d{4}[. ]\d{4}[. ]\d\d\b", proof(checks.IS_CH_AHV)),
    known("NATIONAL_ID", "ch_ahv_plain", r"\b756\d{10}\b", sieve(checks.IS_CH_AHV), 0.6),
    named("NATIONAL_ID", "at_social", r"\b\d{4}[ ]?[0-3]\d[01]\d\d\d\b",
          "svnr, sozialversicherungsnummer, sozialversicherung, versicherungsnummer, sv, ecard, e card",
          sieve(checks.IS_AT_SOCIAL)),
    named("NATIONAL_ID", "at_tax", r"\b\d\d-?\d{3}/?\d{4}\b", f"abgabenkontonummer, finanzamt, steuernr, {TAX}",
          sieve(checks.IS_AT_TAX)),
)  # fmt: skip

ROMANCE: tuple[Pattern, ...] = (
    known("NATIONAL_ID", "fr_nir", r"\b[1-478][ ]?\d\d[ ]?(?:0[1-9]|[1-9]\d)[ ]?(?:\d\d"
                                   r"|2[AB])[ ]?\d{3}[ ]?\d{3}[ ]?\d\d\b",
          proof(checks.is_nir)),
    named("NATIONAL_ID", "fr_nir_short", r"\b[12][ ]?\d\d[ ]?[0-9]\d[ ]?(?:\d\d|2[AB])[ ]?\d{3}[ ]?\d{3}\b",
          "sécurité sociale, sécu, secu, securite sociale, nir, insee, vitale"),
    named("NATIONAL_ID", "fr_tax", r"\b[0-3]\d[ ]?\d\d[ ]?\d{3}[ ]?\d{3}[ ]?\d{3}\b",
          f"spi, nif, fiscal, fiscale, impots, impôts, {TAX}", sieve(checks.IS_FR_TAX)),
    named("NATIONAL_ID", "fr_identity_card", r"\b(?:\d{12}|[0-9A-Z]{9})\b",
          "cni, carte d identité, carte d identite, carte nationale",
          sieve(lambda text: len(checks.digits(text)) > 3)),
    named("NATIONAL_ID", "fr_passport", r"\b\d\d[A-Z]{2}\d{5}\b", PASSPORT),
    known("ES_NIF", "es_nif", r"\b\d{8}[ -]?[A-HJ-NP-TV-Z]\b", sieve(checks.IS_ES_NIF), 0.8),
    named("ES_NIF", "es_nif_small", r"\b\d{2}\.?\d{3}\.?\d{3}[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z]\b",
          f"dni, nif, documento, {IDENTITY}"),
    known("ES_NIE", "es_nie", r"\b[XYZ][ -]?\d{7}[ -]?[A-Z]\b", proof(checks.IS_ES_NIE)),
    named("ES_PASSPORT", "es_passport", r"\b[A-Z]{3}\d{6}[A-Z]?\b", PASSPORT),
    named("NATIONAL_ID", "es_social", r"\b\d\d[ /-]?\d{8}[ /-]?\d\d\b", "seguridad social, nuss, naf, afiliación,"
                                                                        " afiliacion"),
    Pattern(type="IT_FISCAL_CODE", name="it_fiscal_code",
            regex=r"\b(?i:[A-Z]{6}[0-9LMNP-V]{2}[ABCDEHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z])\b",
            hint=r"(?i:[ABCDEHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z])\b",
            score=0.5, check=proof(checks.IS_IT_FISCAL)),
    named("IT_VAT_CODE", "it_vat_code", r"\b(?:IT)?\d{11}\b", "iva, piva, p iva, partita iva", sieve(checks.IS_IT_VAT)),
    named("IT_IDENTITY_CARD", "it_identity_card", r"\b(?:[A-Z]{2}[ ]?\d{7}|\d{7}[A-Z]{2}|C[A-Z]\d{5}[A-Z]{2})\b",
          f"{IDENTITY}, cie"),
    named("IT_PASSPORT", "it_passport", r"\b[A-Z]{2}\d{7}\b", PASSPORT),
    named("IT_DRIVER_LICENSE", "it_driver_license", r"\b(?:[A-Z]{2}\d{7}[A-Z]|U1[A-Z0-9]{7}[A-Z])\b", LICENCE),
    known("NATIONAL_ID", "pt_citizen_card", r"\b\d{8}[ ]?\d[ ]?[A-Z][A-Z0-9]\d\b", sieve(checks.IS_PT_CC), 0.6),
    named("NATIONAL_ID", "pt_nif", r"\b[1-9]\d\d[ ]?\d{3}[ ]?\d{3}\b", f"nif, contribuinte, nipc, {TAX}",
          sieve(checks.IS_PT_NIF)),
)  # fmt: skip

NORTH: tuple[Pattern, ...] = (
    named("NATIONAL_ID", "nl_bsn", r"\b\d{3}[. ]?\d{2,3}[. ]?\d{3}\b",
          "bsn, burgerservicenummer, sofi, sofinummer, burger service nummer", sieve(checks.IS_NL_BSN)),
    named("NATIONAL_ID", "nl_document", r"\b[A-NP-Z]{2}[A-NP-Z0-9]{6}\d\b",
          f"{PASSPORT}, {IDENTITY}, documentnummer, identiteitskaart"),
    known("NATIONAL_ID", "be_national", r"\b\d\d\.\d\d\.\d\d-\d{3}[.-]\d\d\b", proof(checks.is_belgian)),
    named("NATIONAL_ID", "be_national_plain", r"\b\d{6}[ -]?\d{3}[ -]?\d\d\b",
          "rijksregisternummer, rijksregister, registre national, nationaal nummer,"
          " numéro national, insz, niss, rrn", sieve(checks.is_belgian)),
    known("PL_PESEL", "pl_pesel", r"\b\d\d(?:[02468][1-9]|[13579][0-2])[0-3]\d{6}\b", sieve(checks.IS_PL_PESEL), 0.55),
    named("PL_PESEL", "pl_pesel_named", r"\b\d{11}\b", "pesel", sieve(checks.IS_PL_PESEL)),
    named("NATIONAL_ID", "pl_nip", r"\b\d{3}-?\d\d\d?-?\d\d\d?-?\d\d\d?\b", f"nip, podatnika, {TAX}",
          sieve(checks.IS_PL_NIP)),
    named("NATIONAL_ID", "pl_identity_card", r"\b[A-Z]{3}[ ]?\d{6}\b", f"{IDENTITY}, dowodu, osobisty, osobistego"),
    named("NATIONAL_ID", "pl_passport", r"\b[A-Z]{2}[ ]?\d{7}\b", f"{PASSPORT}, paszportu"),
    known("SE_PERSONNUMMER", "se_personnummer", r"\b(?:(?:19|20)\d\d|\d\d)[01]\d[0-9]\d[+-]\d{4}\b",
          sieve(checks.IS_SE_PERSON), 0.85),
    named("SE_PERSONNUMMER", "se_personnummer_plain", r"\b(?:19|20)?\d{6}[ ]?\d{4}\b",
          "personnummer, personnr, samordningsnummer",
          sieve(checks.is_personnummer)),
    named("SE_ORGANISATIONSNUMMER", "se_organisation", r"\b\d{6}-?\d{4}\b", "organisationsnummer, orgnr, org nr",
          sieve(checks.IS_SE_ORGANISATION)),
    known("NATIONAL_ID", "dk_cpr", r"\b[0-3]\d[01]\d\d\d-\d{4}\b", sieve(checks.IS_DK_CPR), 0.7),
    named("NATIONAL_ID", "dk_cpr_plain", r"\b[0-3]\d[01]\d\d\d[ -]?\d{4}\b", "cpr, cprnr, cpr nr, personnummer"),
    known("NATIONAL_ID", "no_birth_number", r"\b[0-7]\d[0-9]\d\d\d[ ]?\d{5}\b", sieve(checks.IS_NO_BIRTH), 0.6),
    named("NATIONAL_ID", "no_birth_number_named", r"\b\d{6}[ ]?\d{5}\b",
          "fødselsnummer, fodselsnummer, fnr, personnummer, fødselsnr, d nummer", sieve(checks.IS_NO_BIRTH)),
    known("FI_PERSONAL_IDENTITY_CODE", "fi_hetu", r"\b[0-3]\d[01]\d\d\d[-+ABCDEFYXWVU]\d{3}[0-9A-FHJ-NPR-Y]\b",
          proof(checks.IS_FI_HETU)),
)  # fmt: skip

SOUTH: tuple[Pattern, ...] = (
    named("AU_TFN", "au_tfn", r"\b\d{3}[ -]?\d{3}[ -]?\d{2,3}\b", f"tfn, file, {TAX}", sieve(checks.IS_AU_TFN)),
    known("AU_ABN", "au_abn", r"\b\d\d \d{3} \d{3} \d{3}\b", proof(checks.IS_AU_ABN)),
    named("AU_ABN", "au_abn_plain", r"\b\d{11}\b", "abn, business number", sieve(checks.IS_AU_ABN)),
    named("AU_ACN", "au_acn", r"\b\d{3}[ ]?\d{3}[ ]?\d{3}\b", "acn, company number", sieve(checks.IS_AU_ACN)),
    named("AU_MEDICARE", "au_medicare", r"\b[2-6]\d{3}[ ]?\d{5}[ ]?\d(?:[ /-]?\d)?\b", "medicare",
          sieve(checks.is_medicare)),
    known("IN_PAN", "in_pan", r"\b[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]\b", sieve(checks.IS_IN_PAN), 0.8),
    known("IN_AADHAAR", "in_aadhaar", r"\b[2-9]\d{3}[ -]\d{4}[ -]\d{4}\b", sieve(checks.is_aadhaar), 0.65),
    named("IN_AADHAAR", "in_aadhaar_plain", r"\b[2-9]\d{11}\b", "aadhaar, aadhar, uidai, आधार",
          sieve(checks.is_aadhaar)),
    known("IN_GSTIN", "in_gstin", r"\b[0-3]\d[A-Z]{5}\d{4}[A-Z][0-9A-Z]Z[0-9A-Z]\b", proof(checks.IS_IN_GSTIN)),
    named("IN_VOTER", "in_voter", r"\b[A-Z]{3}\d{7}\b", "voter, epic, election, elector"),
    named("IN_PASSPORT", "in_passport", r"\b[A-Z][1-9]\d ?\d{4}[1-9]\b", PASSPORT),
    known("SG_NRIC_FIN", "sg_nric", r"\b(?i:[STFGM]\d{7}[A-Z])\b", sieve(checks.is_nric), 0.75),
    named("SG_NRIC_FIN", "sg_nric_named", r"\b[STFGM]\d{7}[A-Z]\b", "nric, fin"),
    named("SG_UEN", "sg_uen", r"\b(?:\d{8,9}[A-Z]|[RST]\d\d[A-Z]{2}\d{4}[A-Z])\b", "uen, unique entity",
          sieve(checks.IS_SG_UEN)),
    named("NG_NIN", "ng_nin", r"\b\d{11}\b", "nin, nimc, nigeria, nigerian"),
    named("NATIONAL_ID", "ng_bvn", r"\b22\d{9}\b", "bvn, bank verification"),
    known("NATIONAL_ID", "ke_tax_pin", r"\b[AP]\d{9}[A-Z]\b", sieve(checks.IS_KE_PIN), 0.7),
    named("NATIONAL_ID", "ke_identity", r"\b\d{7,8}\b", "huduma, kitambulisho, kenyan id, kenya id"),
    known("ZA_ID_NUMBER", "za_identity", r"\b\d\d[01]\d[0-3]\d[ ]?\d{4}[ ]?[01]\d{2}\b", sieve(checks.IS_ZA_ID), 0.7),
    named("ZA_INCOME_TAX_NUMBER", "za_tax", r"\b[01239]\d{9}\b", f"sars, {TAX}", sieve(checks.IS_ZA_TAX)),
    named("ZA_PASSPORT", "za_passport", r"\b[A-Z]\d{8}\b", PASSPORT),
)  # fmt: skip

# Forms that several states have, beside a word that says of which it is.
OF_STATES: tuple[Pattern, ...] = tuple(
    Pattern(type=kind, name=f"{kind.lower()}_told", regex=regex, score=0.2, context=tuple(words.split(", ")),
            lifted=0.97, words_first=True)
    for kind, regex, words in (
        ("DE_PASSPORT", r"\b[CFGHJK][0-9CFGHJKLMNPRTVWXYZ]{8}\d?\b", "german passport, reisepass, reisepassnummer"),
        ("ES_PASSPORT", r"\b[A-Z]{2,3}\d{6}[A-Z]?\b", "spanish passport, pasaporte, pasaporte español"),
        ("IT_PASSPORT", r"\b[A-Z]{2}\d{7}\b", "italian passport, passaporto, passaporto italiano"),
        ("IN_PASSPORT", r"\b[A-Z][1-9]\d ?\d{4}[1-9]\b", "indian passport, india passport"),
        ("ZA_PASSPORT", r"\b[A-Z]\d{8}\b", "south african passport, sa passport, za passport"),
        ("UK_PASSPORT", r"\b(?:[A-Z]{2}\d{7}|\d{9})\b", "british passport, uk passport, gb passport"),
        ("US_PASSPORT", r"\b(?:\d{9}|[A-Z]\d{8})\b", "us passport, american passport, usa passport, u s passport"),
    )
)  # fmt: skip

LABELLED: tuple[Pattern, ...] = (
    named("NATIONAL_ID", "passport_any", r"\b[A-Z]{1,3}[ ]?\d{6,9}[A-Z]?\b", PASSPORT),
    named("NATIONAL_ID", "identity_digits", r"\b\d{1,4}(?:[ -]?\d{2,12}){1,4}\b",
          "national id, national identity, national identification, identity card, identity number, id card,"
          " personal id, personal identification, citizen id, nid",
          sieve(lambda text: 6 <= len(checks.digits(text)) <= 14)),
    named("NATIONAL_ID", "identity_any", r"\b(?:\d{1,2}[.-]\d{3}[.-]\d{3}(?:-[0-9Kk])?"
                                         r"|[A-Z]{1,3}[- ]?\d{6,10}[A-Z]?)\b",
          f"{IDENTITY}, dni, cédula, cedula"),
)  # fmt: skip

PATTERNS: tuple[Pattern, ...] = (*AMERICA, *ISLES, *GERMAN, *ROMANCE, *NORTH, *SOUTH, *OF_STATES, *LABELLED)
