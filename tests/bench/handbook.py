"""A provider's handbook of any length that nobody wrote: sentences about its trade, and words as rare as words are."""

import random

SUBJECTS = (
    "The {device}", "Port {port} of the {device}", "A customer in {town}", "The technician", "The {tariff} tariff",
    "Our support desk", "The optical line terminal in {town}", "The splitter on {street}", "The invoice of {month}",
    "The router behind the {device}", "VLAN {vlan}", "The night shift", "A reseller in {town}", "The field team",
    "The voice service", "The set-top box", "The leased line to {town}", "Firmware {version}", "The backup link",
    "The customer portal", "Alarm {error}", "The PPPoE session", "The DHCP server", "The street cabinet in {town}",
)  # fmt: skip
VERBS = (
    "loses its signal", "is replaced", "restarts", "reports error {error}", "is billed", "is moved to VLAN {vlan}",
    "needs a new SFP", "answers slowly", "must be registered again", "is cancelled", "is upgraded to {speed} Mbit/s",
    "drops {number} packets", "gets address {address}", "is measured again", "is closed by the provider",
    "is refunded {number} euros", "cannot be reached", "shows a red lamp", "is checked against the contract",
    "is escalated to the network operations centre", "keeps its telephone number", "is synchronised", "is locked",
)  # fmt: skip
CLAUSES = (
    "when the attenuation is above {number} dB", "within {number} days", "after a power cut in {town}",
    "before the order is confirmed", "because the fibre on {street} is broken", "if the customer has paid",
    "until firmware {version} is installed", "while the {device} is in bridge mode", "as the service level says",
    "unless the number is ported", "without a visit", "during the maintenance window in {month}", "over IPv6 only",
    "at the end of the minimum term", "once the second invoice is overdue", "with a discount of {number} percent",
)  # fmt: skip
TOWNS = (
    "Aldersbach", "Brenval", "Corvela", "Dornfeld", "Estaires", "Falkenau",
    "Grimsted", "Hollental", "Ivrelle", "Jarnow", "Kestrow", "Lindmar",
)  # fmt: skip
STREETS = ("Mill", "Harbour", "Station", "Church", "Linden", "Castle", "Garden", "Market", "Bridge", "Forest")
DEVICES = (
    "AX 5500", "HomeBox 3", "ONT 821", "GigaHub", "DSLAM 48", "WR-940", "TV Stick", "CX-12 switch", "NetCube",
    "FiberLine 2",
)  # fmt: skip
TARIFFS = ("Start 50", "Family 250", "Giga 1000", "Business Pro", "Mobile S", "Talk Flat")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
SYLLABLES = (
    "ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "za",
    "dre", "fla", "gri", "pho", "sta", "tru", "wen", "xil", "yor", "qua",
)  # fmt: skip


class Handbook:
    def __init__(self, seed: int, words: int = 60_000) -> None:
        self._random = random.Random(seed)
        self._rare = [self._word(number) for number in range(words)]
        weights = [1 / (rank + 20) for rank in range(words)]
        self._drawn = iter(self._random.choices(self._rare, weights, k=200_000))
        self._weights = weights

    def sentence(self) -> str:
        drawn = self._random
        parts = (drawn.choice(SUBJECTS), drawn.choice(VERBS), drawn.choice(CLAUSES))
        return " ".join(parts).format(
            device=drawn.choice(DEVICES), tariff=drawn.choice(TARIFFS), town=drawn.choice(TOWNS),
            street=f"{drawn.choice(STREETS)} Street", month=drawn.choice(MONTHS), port=drawn.randint(1, 48),
            vlan=drawn.randint(2, 4094), error=f"0x{drawn.randint(16, 4095):x}", number=drawn.randint(2, 90),
            speed=drawn.choice((50, 100, 250, 1000)), version=f"{drawn.randint(1, 9)}.{drawn.randint(0, 40)}",
            address=f"10.{drawn.randint(0, 255)}.{drawn.randint(0, 255)}.{drawn.randint(1, 254)}",
        ) + "."  # fmt: skip

    def passage(self, sentences: int = 3, words: int = 60) -> str:
        """Some sentences of the trade, and words of Zipf's law between them."""
        told = " ".join(self.sentence() for _ in range(sentences))
        return f"{told} {' '.join(self._words(words))}."

    def question(self) -> str:
        """As a customer or a colleague would ask: part of a sentence, and a word that few texts have."""
        words = self.sentence().rstrip(".").split()
        start = self._random.randrange(max(1, len(words) - 6))
        return " ".join([*words[start : start + 6], *self._words(1)])

    def _words(self, count: int) -> list[str]:
        taken = [word for word, _ in zip(self._drawn, range(count), strict=False)]
        if len(taken) < count:
            self._drawn = iter(self._random.choices(self._rare, self._weights, k=200_000))
            return self._words(count)
        return taken

    def _word(self, number: int) -> str:
        word = ""
        while number or len(word) < 4:
            number, digit = divmod(number, len(SYLLABLES))
            word += SYLLABLES[digit]
        return word
