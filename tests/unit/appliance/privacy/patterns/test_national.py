import pytest

from appliance.privacy.kinds import CATALOGUE
from appliance.privacy.patterns import contact, finance, places
from appliance.privacy.patterns.national import PATTERNS
from tests.unit.appliance.privacy.finds import Finder, unmarked

FINDER = Finder(PATTERNS)


@pytest.mark.parametrize(
    "marked",
    [
        "SSN [[US_SSN|536-90-4399]]; ssn: [[US_SSN|536904399]]; itin [[US_ITIN|912-70-1234]]",
        "he sent [[US_SSN|148.95.6613]] and [[US_SSN|211 40 8451]]; taxpayer [[US_ITIN|950 65 3825]]",
        "passport no. [[UK_PASSPORT|512345678]]",
        "driver's license [[US_DRIVER_LICENSE|D1234567]]",
        '"sin": "[[CA_SIN|123 456 782]]"',
        "CPF [[NATIONAL_ID|390.533.447-05]], CNPJ [[NATIONAL_ID|11.222.333/0001-81]]",
        "NINO [[UK_NINO|AB 12 34 56 C]]; NHS number [[UK_NHS|9434765919]]",
        "licence [[UK_DRIVING_LICENCE|MORGA657054SM9IJ]]",
        "PPS number [[NATIONAL_ID|1234567T]]",
        "Steuer-ID: [[DE_TAX_ID|36574261809]]; [[DE_TAX_ID|36 574 261 809]]",
        "Sozialversicherungsnummer [[DE_SOCIAL_SECURITY|12 150872 M 106]]",
        "Personalausweis [[DE_ID_CARD|L01X00T47]]; Reisepass Nr. [[DE_PASSPORT|C01X0006H]]",
        "AHV [[NATIONAL_ID|756.9217.0769.85]]; SVNR [[NATIONAL_ID|1237 010180]]",
        "numéro de sécurité sociale [[NATIONAL_ID|2 55 08 14 168 025 38]]",
        "DNI [[ES_NIF|54362315K]], NIE [[ES_NIE|X-2482300W]]",
        "codice fiscale [[IT_FISCAL_CODE|RCCMNL83S18D969H]]",
        "NIF [[NATIONAL_ID|123 456 789]] (contribuinte)",
        "BSN [[NATIONAL_ID|111222333]]; rijksregisternummer [[NATIONAL_ID|85.07.30-033.28]]",
        "PESEL [[PL_PESEL|44051401359]]; dowód osobisty [[NATIONAL_ID|ABA300000]]",
        "personnummer [[SE_PERSONNUMMER|811228-9874]]; CPR [[NATIONAL_ID|211062-5629]]",
        "fnr [[NATIONAL_ID|15108695088]]; hetu [[FI_PERSONAL_IDENTITY_CODE|131052-308T]]",
        "TFN [[AU_TFN|123 456 782]]; ABN [[AU_ABN|83 914 571 673]]; Medicare [[AU_MEDICARE|2123 45670 1]]",
        "PAN [[IN_PAN|ABCPE1234F]], Aadhaar [[IN_AADHAAR|2341 2341 2346]]",
        "NRIC [[SG_NRIC_FIN|S1234567D]]; NIN: [[NG_NIN|12345678901]]; KRA PIN [[NATIONAL_ID|A004416331M]]",
        "ID [[ZA_ID_NUMBER|7503305044089]]",
        "name;personnummer\nErik;[[SE_PERSONNUMMER|811228-9874]]",
    ],
)
def test_numbers_of_a_state(marked):
    text, expected = unmarked(marked)
    assert FINDER.find(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "SSN 000-12-3456 is reserved, as is 666-12-3456; part 123-45-678",
        "no group of taxpayers: 912-93-1234, 912-66-1234; release 14.95.6613",
        "PESEL 44051401358; item S1234567A; hetu 131052-308U; AHV 756.9217.0769.84",
        "codice fiscale RCCMNL83S18D969A; CPF 390.533.447-06",
        "license C9300 DNA Advantage; access-list 101 permit 1234567",
        "user pass 123456789; ID INC0012345; SIM card 8949; line card JAE123456",
        "order 46454286, account 536904399, epoch 1712345678901",
        "IMEI 490154203237518; ONT HWTC12345678; 20240512-1234",
        "CONNECTED TERMINATED ABCDEFGHI 123456789",
    ],
)
def test_what_no_state_gave(text):
    assert FINDER.find(text) == set()


@pytest.mark.parametrize(
    "marked",
    [
        "Kenyan national ID number: [[NATIONAL_ID|38128018]]",
        "Singapore NRIC [[SG_NRIC_FIN|S8310241G]]",
        "SIN [[CA_SIN|046 454 286]] for the check",
        "Italian passport [[IT_PASSPORT|YA8838183]]",
        "Spanish passport [[ES_PASSPORT|PAA123456]]",
        "South African passport [[ZA_PASSPORT|A01234567]]",
    ],
)
def test_numbers_that_only_words_tell(marked):
    text, values = unmarked(marked)
    assert FINDER.find(text) == values


def test_every_type_is_in_the_catalogue():
    kinds = {each.name for each in CATALOGUE}
    families = (PATTERNS, contact.PATTERNS, finance.PATTERNS, places.PATTERNS)
    assert {each.type for family in families for each in family} <= kinds
