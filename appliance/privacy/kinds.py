"""The types of what can be found."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct

THRESHOLD = 0.4
NO_CHANGES: Mapping[str, float] = MappingProxyType({})


class Kind(Struct, frozen=True):
    name: str
    text: str
    """What people read."""
    threshold: float = THRESHOLD
    """Finds that are less sure are dropped."""
    rank: int = 50
    """Of two types that are found in the same place, the higher wins."""


CATALOGUE = (
    Kind("EMAIL_ADDRESS", "e-mail address", rank=60),
    Kind("PHONE_NUMBER", "telephone number", rank=40),
    Kind("CREDIT_CARD", "payment card number", rank=70),
    Kind("IBAN_CODE", "international bank account number", rank=70),
    Kind("BANK_ACCOUNT", "bank account or sort code"),
    Kind("IP_ADDRESS", "IP address or network"),
    Kind("MAC_ADDRESS", "MAC address", rank=60),
    Kind("URL", "web address", rank=30),
    Kind("DOMAIN_NAME", "domain name", rank=20),
    Kind("CRYPTO", "address of a crypto wallet", rank=60),
    Kind("PERSON", "name of a person", rank=45),
    Kind("LOCATION", "place", rank=20),
    Kind("ADDRESS", "postal address", rank=45),
    Kind("GPS", "geographic position", rank=55),
    Kind("DATE_OF_BIRTH", "date of birth", rank=55),
    Kind("ORGANIZATION", "organization", rank=15),
    Kind("NATIONAL_ID", "national identity, tax or health number"),
    Kind("US_SSN", "US social security number", rank=55),
    Kind("US_ITIN", "US taxpayer number", rank=55),
    Kind("US_BANK_NUMBER", "US bank account number", rank=30),
    Kind("US_DRIVER_LICENSE", "US driver's licence", rank=25),
    Kind("US_PASSPORT", "US passport number", rank=25),
    Kind("UK_NHS", "UK health service number", rank=55),
    Kind("UK_NINO", "UK national insurance number", rank=55),
    Kind("AU_ABN", "Australian business number"),
    Kind("AU_ACN", "Australian company number"),
    Kind("AU_MEDICARE", "Australian Medicare number"),
    Kind("AU_TFN", "Australian tax file number"),
    Kind("CA_POSTAL_CODE", "Canadian postal code", rank=20),
    Kind("CA_SIN", "Canadian social insurance number"),
    Kind("DE_FUEHRERSCHEIN", "German driving licence", rank=25),
    Kind("DE_HEALTH_INSURANCE", "German health insurance number"),
    Kind("DE_ID_CARD", "German identity card", rank=25),
    Kind("DE_PASSPORT", "German passport number", rank=25),
    Kind("DE_SOCIAL_SECURITY", "German pension insurance number"),
    Kind("DE_TAX_ID", "German tax identification number", rank=55),
    Kind("DE_TAX_NUMBER", "German tax number"),
    Kind("ES_NIE", "Spanish number of a foreigner (NIE)", rank=55),
    Kind("ES_NIF", "Spanish tax number (NIF, DNI)", rank=55),
    Kind("ES_PASSPORT", "Spanish passport number", rank=25),
    Kind("FI_PERSONAL_IDENTITY_CODE", "Finnish personal identity code", rank=55),
    Kind("IN_AADHAAR", "Indian Aadhaar number"),
    Kind("IN_GSTIN", "Indian goods and services tax number"),
    Kind("IN_PAN", "Indian permanent account number (PAN)", rank=55),
    Kind("IN_PASSPORT", "Indian passport number", rank=25),
    Kind("IN_VOTER", "Indian voter number"),
    Kind("IT_DRIVER_LICENSE", "Italian driving licence", rank=25),
    Kind("IT_FISCAL_CODE", "Italian fiscal code", rank=55),
    Kind("IT_IDENTITY_CARD", "Italian identity card", rank=25),
    Kind("IT_PASSPORT", "Italian passport number", rank=25),
    Kind("IT_VAT_CODE", "Italian VAT number"),
    Kind("NG_NIN", "Nigerian national identity number"),
    Kind("PL_PESEL", "Polish PESEL number", rank=55),
    Kind("SE_ORGANISATIONSNUMMER", "Swedish organisation number"),
    Kind("SE_PERSONNUMMER", "Swedish personal number", rank=55),
    Kind("SG_NRIC_FIN", "Singaporean identity number (NRIC, FIN)"),
    Kind("SG_UEN", "Singaporean entity number"),
    Kind("UK_DRIVING_LICENCE", "UK driving licence", rank=25),
    Kind("UK_PASSPORT", "UK passport number", rank=25),
    Kind("UK_POSTCODE", "UK postcode", rank=20),
    Kind("ZA_ID_NUMBER", "South African identity number", rank=55),
    Kind("ZA_INCOME_TAX_NUMBER", "South African income tax number"),
    Kind("ZA_PASSPORT", "South African passport number", rank=25),
    Kind("IMEI", "number of a mobile device (IMEI)", rank=72),
    Kind("IMSI", "number of a subscriber (IMSI)", rank=65),
    Kind("ICCID", "number of a SIM card (ICCID)", rank=72),
    Kind("MSISDN", "mobile telephone number (MSISDN)", rank=45),
    Kind("SERIAL_NUMBER", "serial number of a device"),
    Kind("CIRCUIT_ID", "circuit or line number"),
    Kind("ACCOUNT_ID", "customer account number"),
    Kind("CONTRACT_ID", "contract number"),
    Kind("INVOICE_ID", "invoice number"),
    Kind("TICKET_ID", "ticket number"),
    Kind("CUSTOMER_ID", "customer number"),
    Kind("HOSTNAME", "name of a device or host", rank=25),
    Kind("SSID", "name of a wireless network"),
    Kind("WIFI_KEY", "key of a wireless network", rank=80),
    Kind("USERNAME", "user or login name"),
    Kind("SNMP_COMMUNITY", "SNMP community", rank=80),
    Kind("PASSWORD", "password", rank=80),
    Kind("PASSWORD_HASH", "hash of a password", rank=82),
    Kind("CUSTOMER_PORT", "port or VLAN of a customer"),
    Kind("API_KEY", "key of a service", rank=85),
    Kind("TOKEN", "token", rank=84),
    Kind("PRIVATE_KEY", "private key", rank=95),
    Kind("CONNECTION_STRING", "connection string", rank=90),
    Kind("JWT", "JSON web token", rank=90),
    Kind("SECRET", "value that looks secret", rank=75),
)


class Kinds:
    """The catalogue with a tenant's thresholds. A type that it does not have, such as one of a tenant's own, has the
    defaults."""

    def __init__(self, thresholds: Mapping[str, float] = NO_CHANGES, *, catalogue: Iterable[Kind] = CATALOGUE) -> None:
        self._kinds = {each.name: each for each in catalogue}
        self._thresholds = {each.name: each.threshold for each in self} | dict(thresholds)

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds.values())

    def threshold(self, name: str) -> float:
        return self._thresholds.get(name, THRESHOLD)

    def rank(self, name: str) -> int:
        kind = self._kinds.get(name)
        return kind.rank if kind else Kind(name, name).rank
