"""Values that nobody else has: each drawn once in a run, with the words that people put before it."""

from dataclasses import dataclass
from itertools import count
from random import Random

from tests.acceptance.recorder.drawing import (
    IPV6,
    Draw,
    account,
    birthday,
    community,
    connection,
    dated,
    day_first,
    dotted,
    fiscal_code,
    form,
    german_street,
    host,
    ipv4,
    jwt,
    login,
    mac,
    mail,
    network,
    nric,
    page,
    pan,
    password,
    person,
    port,
    position,
    private_key,
    spaced_card,
    ssid,
    street,
    valid,
    with_luhn,
)


@dataclass(frozen=True)
class Kind:
    name: str
    before: str
    """The words that stand before such a value."""
    make: Draw
    after: str = ""

    def say(self, value: str) -> str:
        return f"{self.before}{value}{self.after}"


class Mint:
    """Draws values that it never drew before."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._drawn: dict[str, str] = {}

    @property
    def drawn(self) -> frozenset[str]:
        return frozenset(self._drawn.values())

    def __call__(self, name: str) -> str:
        make = KINDS[name].make
        value = next(value for _ in count() if squeezed(value := make(self._random)) not in self._drawn)
        self._drawn[squeezed(value)] = value
        return value

    def said(self, name: str) -> tuple[str, str]:
        """A value, and the same with the words around it."""
        value = self(name)
        return value, KINDS[name].say(value)


def squeezed(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())


_ALL = (
    Kind("mail", "Write to ", mail),
    Kind("person", "I am ", person),
    Kind("login", "PPPoE user ", login),
    Kind("phone", "Call ", form("+44 20 7{d3} {d4}", "+4930 9{d7}", "+1 212 55{d1} {d4}", "+33 1 42 {d2} {d2} {d2}")),
    Kind("national phone", "Phone: ", form("020 7{d3} {d4}", "(212) 55{d1}-{d4}")),
    Kind("address", "She lives at ", street),
    Kind("German address", "Anschrift: ", german_street),
    Kind("position", "GPS position ", position),
    Kind("birthday", "Date of birth: ", birthday),
    Kind("card", "Card ", with_luhn("4539{d11}")),
    Kind("spaced card", "Kreditkarte ", spaced_card),
    Kind("German IBAN", "IBAN ", account("DE", 18)),
    Kind("Norwegian IBAN", "Konto ", account("NO", 11)),
    Kind("account", "Bank account number: ", form("{d10}")),
    Kind("sort code", "Sort code and account: ", form("20-{d2}-{d2} {d8}")),
    Kind("wallet", "Ethereum wallet ", form("0x{x40}")),
    Kind("IPv4", "Her router is ", ipv4),
    Kind("IPv4 network", "Prefix ", network),
    Kind("IPv6", "Her router is ", form(*IPV6)),
    Kind("MAC", "The device ", mac("00:25:9e:xx:xx:xx")),
    Kind("Cisco MAC", "arp entry ", mac("f4ca.e5xx.xxxx")),
    Kind("Huawei MAC", "mac-address ", mac("788a-20xx-xxxx")),
    Kind("HP MAC", "mac-address ", mac("b827eb-xxxxxx")),
    Kind("hyphened MAC", "Physical Address ", mac("DC-A6-32-xx-xx-xx")),
    Kind("URL", "See ", page),
    Kind("host", "hostname ", host),
    Kind("port", "NAS-Port-Id = ", port),
    Kind("IMEI", "IMEI: ", with_luhn("35{d12}")),
    Kind("IMSI", "IMSI: ", form("26201{d10}", "23415{d10}")),
    Kind("ICCID", "ICCID: ", with_luhn("8949{d14}")),
    Kind("MSISDN", "MSISDN: ", form("4917{d9}")),
    Kind("serial", "ONT serial ", form("HWTC{X8}", "ZTEG{X8}", "ALCL{X8}")),
    Kind("labelled serial", "Serial number: ", form("SN{d4}{u6}")),
    Kind("circuit", "Circuit ID: ", form("LON/ETH/00{d6}", "CKT-{d8}")),
    Kind("account id", "Account number: ", form("AC-{d8}", "{d9}")),
    Kind("contract", "Contract number: ", form("CT-{d4}-{d5}", "V{d9}")),
    Kind("invoice", "Invoice number: ", form("INV-{d4}-{d5}", "RE{d9}")),
    Kind("ticket", "Ticket: ", form("INC00{d7}", "TT-{d8}")),
    Kind("customer", "Kundennummer: ", form("{d9}", "KD-{d8}")),
    Kind("password", "password: ", password),
    Kind("German password", "Das Passwort lautet: ", password),
    Kind("Cisco type 7", "username kim password 7 ", form("0{d1}{X20}")),
    Kind("Cisco type 5", "enable secret 5 ", form("$1${w4}${w22}")),
    Kind("Cisco type 8", "enable secret 8 ", form("$8${w14}${w43}")),
    Kind("Juniper $9$", 'authentication-key "', form("$9${w24}"), '"; ## SECRET-DATA'),
    Kind("Unix hash", 'encrypted-password "', form("$6${w8}${w86}"), '";'),
    Kind("MikroTik password", "/ppp secret add name=kim service=pppoe password=", form("{w12}7")),
    Kind("Huawei cipher", "local-user kim password irreversible-cipher ", form("$1a${w10}${w40}$")),
    Kind("community", "snmp-server community ", community, " RO"),
    Kind("SSID", "SSID: ", ssid),
    Kind("Wi-Fi key", "wpa2-pre-shared-key=", form("{w14}3")),
    Kind("RADIUS user", 'User-Name = "', dotted, '"'),
    Kind("RADIUS secret", "radius-server key ", form("{w16}4")),
    Kind("AWS key", "aws_access_key_id = ", form("AKIA{u16}")),
    Kind("GitHub token", "token ", form("ghp_{w36}")),
    Kind("GitLab token", "use ", form("glpat-{w20}")),
    Kind("Slack token", "bot ", form("xoxb-{d12}-{d13}-{w24}")),
    Kind("Stripe key", "key ", form("sk_live_{w24}")),
    Kind("hook", "post to ", form("https://hooks.slack.com/services/T{u10}/B{u10}/{w24}")),
    Kind("JWT", "Authorization: Bearer ", jwt),
    Kind("private key", "key:\n", private_key),
    Kind("connection", "DATABASE_URL=", connection),
    Kind("secret", "client_secret: ", form("{w32}")),
    Kind("US SSN", "SSN: ", form("5{d1}2-4{d1}-{d3}7")),
    Kind("US ITIN", "ITIN: ", form("9{d2}-7{d1}-{d4}")),
    Kind("US passport", "US passport number: ", form("C{d8}")),
    Kind("UK NHS", "NHS number ", valid("gb.nhs", "{d3} {d3} {d4}")),
    Kind("UK NINO", "National Insurance number ", form("AB{d6}C")),
    Kind("CA SIN", "SIN: ", valid("ca.sin", "{d3}-{d3}-{d3}")),
    Kind("AU TFN", "TFN ", valid("au.tfn", "{d3} {d3} {d3}")),
    Kind("DE tax", "Steuer-ID: ", valid("de.idnr", "{d11}")),
    Kind("FR NIR", "numéro de sécurité sociale ", valid("fr.nir", "1{d2}1075{d8}")),
    Kind("ES DNI", "DNI ", valid("es.dni", "{d8}{u1}")),
    Kind("ES NIE", "NIE ", valid("es.nie", "X{d7}{u1}")),
    Kind("IT fiscal code", "codice fiscale ", fiscal_code),
    Kind("NL BSN", "BSN: ", valid("nl.bsn", "{d9}")),
    Kind("BE number", "rijksregisternummer ", dated("be.nn", "Y{d5}")),
    Kind("PT NIF", "NIF: ", valid("pt.nif", "2{d8}")),
    Kind("PL PESEL", "PESEL ", dated("pl.pesel", "Y{d5}")),
    Kind("SE number", "personnummer ", dated("se.personnummer", "Y-{d4}")),
    Kind("DK CPR", "CPR-nummer ", day_first("dk.cpr", "D-{d4}")),
    Kind("NO number", "fødselsnummer ", day_first("no.fodselsnummer", "D{d5}")),
    Kind("FI number", "henkilötunnus ", day_first("fi.hetu", "D-{d3}{u1}")),
    Kind("IE PPS", "PPS number ", valid("ie.pps", "{d7}{u1}A")),
    Kind("CH AHV", "AHV-Nummer ", valid("ch.ssn", "756.{d4}.{d4}.{d2}")),
    Kind("AT number", "Sozialversicherungsnummer ", day_first("at.vnr", "{d4} D")),
    Kind("IN Aadhaar", "Aadhaar ", valid("in_.aadhaar", "{d4} {d4} {d4}")),
    Kind("IN PAN", "PAN: ", pan),
    Kind("SG NRIC", "NRIC: ", nric),
    Kind("BR CPF", "CPF ", valid("br.cpf", "{d3}.{d3}.{d3}-{d2}")),
    Kind("NG NIN", "NIN: ", form("7{d10}")),
    Kind("KE ID", "Kitambulisho ", form("3{d7}")),
    Kind("ZA ID", "South African ID number ", valid("za.idnr", "8{d1}0{d1}1{d1}{d4}08{d1}")),
)  # fmt: skip
KINDS = {kind.name: kind for kind in _ALL}
