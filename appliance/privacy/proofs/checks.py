"""Whether a number can be what it looks like: check digits, ranges, reserved blocks.

A function here says yes or no to one text. `proof` and `sieve` make a pattern's check of it: a check digit over a form
that nothing else has proves it, while one digit in ten over any nine digits only tells what it is not.
"""

import re
from collections.abc import Callable

from stdnum import bitcoin, imei, imsi, verhoeff
from stdnum.at import tin as at_tin
from stdnum.at import vnr as at_vnr
from stdnum.au import abn, acn, tfn
from stdnum.be import bis as be_bis
from stdnum.be import nn as be_nn
from stdnum.br import cnpj, cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ch_ssn
from stdnum.de import idnr
from stdnum.dk import cpr
from stdnum.es import ccc, dni, nie
from stdnum.fi import hetu
from stdnum.fr import nif as fr_nif
from stdnum.fr import nir
from stdnum.gb import nhs, utr
from stdnum.ie import pps
from stdnum.in_ import gstin, pan
from stdnum.it import codicefiscale, iva
from stdnum.ke import pin
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pl import nip, pesel
from stdnum.pt import cc
from stdnum.pt import nif as pt_nif
from stdnum.se import orgnr, personnummer
from stdnum.sg import uen
from stdnum.us import rtn, ssn
from stdnum.za import idnr as za_idnr
from stdnum.za import tin as za_tin

from appliance.privacy.proofs.keccak import keccak_256
from appliance.privacy.scanning.pattern import Check

Valid = Callable[[str], bool]

IS_AT_TAX = at_tin.is_valid
IS_AT_SOCIAL = at_vnr.is_valid
IS_AU_ABN = abn.is_valid
IS_AU_ACN = acn.is_valid
IS_AU_TFN = tfn.is_valid
IS_BR_CNPJ = cnpj.is_valid
IS_BR_CPF = cpf.is_valid
IS_CA_SIN = sin.is_valid
IS_CH_AHV = ch_ssn.is_valid
IS_DE_TAX = idnr.is_valid
IS_DK_CPR = cpr.is_valid
IS_ES_ACCOUNT = ccc.is_valid
IS_ES_NIE = nie.is_valid
IS_ES_NIF = dni.is_valid
IS_FI_HETU = hetu.is_valid
IS_FR_TAX = fr_nif.is_valid
IS_IE_PPS = pps.is_valid
IS_IMEI = imei.is_valid
IS_IMSI = imsi.is_valid
IS_IN_GSTIN = gstin.is_valid
IS_IN_PAN = pan.is_valid
IS_IT_FISCAL = codicefiscale.is_valid
IS_IT_VAT = iva.is_valid
IS_KE_PIN = pin.is_valid
IS_NL_BSN = bsn.is_valid
IS_NO_BIRTH = fodselsnummer.is_valid
IS_PL_NIP = nip.is_valid
IS_PL_PESEL = pesel.is_valid
IS_PT_CC = cc.is_valid
IS_PT_NIF = pt_nif.is_valid
IS_SE_ORGANISATION = orgnr.is_valid
IS_SE_PERSON = personnummer.is_valid
IS_SG_UEN = uen.is_valid
IS_UK_NHS = nhs.is_valid
IS_UK_UTR = utr.is_valid
IS_US_ROUTING = rtn.is_valid
IS_VERHOEFF = verhoeff.is_valid
IS_ZA_ID = za_idnr.is_valid
IS_ZA_TAX = za_tin.is_valid

# First digits and lengths of the issuers of cards.
CARDS = re.compile(
    r"4\d{12}(?:\d{3}){0,2}"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[68]\d)\d{11}|3095\d{10}|3(?:0[0-5]|[689]\d)\d{13}"  # Diners
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12}(?:\d{3})?"  # Discover
    r"|35(?:2[89]|[3-8]\d)\d{12}(?:\d{3})?"  # JCB
    r"|62\d{14,17}|81\d{14}"  # UnionPay
    r"|220[0-4]\d{12,15}"  # Mir
    r"|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{8,15}"  # Maestro
    r"|(?:60|65|81|82|508)\d{13,14}"  # RuPay
)
NO_DIGITS = bytes(code for code in range(128) if not chr(code).isdigit())
DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")
"""Each digit doubled, and of what has two then, their sum."""
FROM_TEN = {ord(letter): str(number) for number, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 10)}
NO_NINO = ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")
NRIC_LETTERS = {"S": "JZIHGFEDCBA", "T": "GFEDCBAJZIH", "F": "XWUTRQPNMLK", "G": "RQPNMLKXWUT", "M": "XWUTRQPNJLK"}


def proof(valid: Valid) -> Check:
    """What passes is one, what fails is none."""
    return valid


def sieve(valid: Valid) -> Check:
    """What fails is none; what passes still needs its form or a word nearby."""

    def check(text: str) -> bool | None:
        return None if valid(text) else False

    return check


def digits(text: str) -> str:
    return text.encode("ascii", "ignore").translate(None, NO_DIGITS).decode()


def is_luhn(number: str) -> bool:
    """For digits alone, in a tenth of the time that stdnum takes; any text may be full of what looks like a card."""
    if not (number.isascii() and number.isdigit()):
        return False
    code = number.encode()
    return (sum(code[-1::-2]) + sum(code[-2::-2].translate(DOUBLED)) - ord("0") * len(code)) % 10 == 0


def is_card(text: str) -> bool:
    number = digits(text)
    return is_luhn(number) and CARDS.fullmatch(number) is not None and len(set(number)) > 1


def is_iban(text: str) -> bool:
    """The check digits only: which country has which length is the pattern's."""
    number = text.replace(" ", "").replace("-", "").upper()
    return int((number[4:] + number[:4]).translate(FROM_TEN)) % 97 == 1


def is_nir(text: str) -> bool:
    """France's social security number, in the form that its pattern has."""
    number = text.replace(" ", "")
    return int(number[:13]) % 97 + int(number[13:]) == 97 if number.isdigit() else nir.is_valid(number)


def is_bitcoin(text: str) -> bool:
    return bitcoin.is_valid(text) or _is_taproot(text.lower())


def is_us_ssn(text: str) -> bool:
    return ssn.is_valid(digits(text))


def is_us_itin(text: str) -> bool:
    """The groups in the middle that have been given out, since 2016 also from 50."""
    return int(digits(text)[3:5]) in {*range(50, 66), *range(70, 89), 90, 91, 92, *range(94, 100)}


def is_nino(text: str) -> bool:
    return not text.upper().startswith(NO_NINO)


def is_nric(text: str) -> bool:
    """Singapore: a weighted sum picks the last letter."""
    text = text.upper()
    total = sum(int(digit) * weight for digit, weight in zip(text[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    if text[0] == "M":
        total += 3
    return NRIC_LETTERS[text[0]][total % 11] == text[8]


def is_personnummer(text: str) -> bool:
    """Sweden, in digits alone."""
    return IS_SE_PERSON(f"{text[:-4].strip()}-{text[-4:]}")


def is_belgian(text: str) -> bool:
    return be_nn.is_valid(text) or be_bis.is_valid(text)


def _is_taproot(address: str) -> bool:
    """Addresses from witness version 1 on carry bech32m's constant, which stdnum does not know."""
    alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
    if not address.startswith("bc1p") or not set(address[3:]) <= set(alphabet):
        return False
    prefix = [ord("b") >> 5, ord("c") >> 5, 0, ord("b") & 31, ord("c") & 31]
    return bitcoin.bech32_checksum(prefix + [alphabet.index(each) for each in address[3:]]) == 0x2BC830A3


def is_ethereum(text: str) -> bool | None:
    """EIP-55 writes a check sum in capitals; an address in one case has none."""
    address = text[2:]
    if address in (address.lower(), address.upper()):
        return None
    nibbles = keccak_256(address.lower().encode()).hex()
    return all(each.isdigit() or each.isupper() == (nibbles[at] >= "8") for at, each in enumerate(address))


def is_aadhaar(text: str) -> bool:
    """India, in the form that its pattern has: no palindrome, with Verhoeff's check digit."""
    number = digits(text)
    return verhoeff.checksum(number) == 0 and number != number[::-1]


def is_medicare(text: str) -> bool:
    """Australia: the ninth digit is a weighted sum of the first eight."""
    number = [int(each) for each in digits(text)]
    weights = (1, 3, 7, 9, 1, 3, 7, 9)
    return sum(a * b for a, b in zip(number[:8], weights, strict=True)) % 10 == number[8]
