"""A finder for tests: simple, and certain of what it finds."""

import re

from appliance.privacy.policy import Policy
from appliance.privacy.scanning.memory import Memory
from appliance.privacy.span import Span
from appliance.privacy.vault import Vault

KEY = b"the key of a tenant: 32 bytes..."
PATTERN = re.compile(
    r"(?P<EMAIL_ADDRESS>[\w.]+@[\w.]+\w)|(?P<PERSON>(?:Jane|John) [A-Z][a-z]+)|(?P<IP_ADDRESS>\d+\.\d+\.\d+\.\d+)"
    r"|(?P<MAC_ADDRESS>(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2})|(?P<PHONE_NUMBER>\+?\d[\d ()-]{6,}\d)"
    r"|(?<=pin: )(?P<PASSWORD>\w+)"
)


def find(text: str) -> list[Span]:
    return [Span(each.start(), each.end(), str(each.lastgroup), 1.0, "test") for each in PATTERN.finditer(text)]


def vault(policy: Policy | None = None, key: bytes = KEY, memory: Memory | None = None) -> Vault:
    return Vault(key, find, policy or Policy(), memory or Memory(1 << 20))
