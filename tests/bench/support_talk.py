"""Sentences as customers and agents of an ISP write them, and where each name and place in them stands.

Half of the templates are for choosing settings (`DEVELOPMENT`), half are held back to judge them (`HELD_BACK`).
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from faker import Faker

LOCALES = ("en_US", "en_US", "en_US", "en_GB", "en_IN", "en_CA", "de_DE", "fr_FR", "es_ES", "nl_NL", "pt_PT", "pl_PL")
SCORED = {"person": "PERSON", "given": "PERSON", "surname": "PERSON", "street": "ADDRESS", "city": "LOCATION"}
SLOT = re.compile(r"\{(\w+)\}")

DEVELOPMENT = (
    "My name is {person} and my internet has been down since yesterday evening.",
    "hi im {person}, wifi keeps dropping every few minutes can you help",
    "Please send the technician to {street}, {city}, between 9 and 12 on Thursday.",
    "This is {given} from the {city} office, the fibre line is flapping again.",
    "{person} called twice about invoice {number} and wants a refund.",
    "Customer {person} ({email}) asks to move the line from {street} to {street}, {city}.",
    "Could you ask Mr. {surname} to call me back on {phone}?",
    "The router in {city} reboots every night at three.",
    "I moved to {city} last month, is my address {street} covered by fibre?",
    "thanks {given}, it works now",
    "Regards,\n{person}",
    "Account holder: {person}, service address: {street}, {city}",
    "Dear {given}, your new modem is on its way and should arrive on Monday.",
    "Ticket {number}: {person} reports no sync on the ONT, LOS light is red.",
    "i live at {street} and there is no signal at all",
    "Spoke with {person}, who confirmed that the outage in {city} is over.",
    "{surname}, {given}; {phone}; {email}",
    '{{"name": "{person}", "street": "{street}", "city": "{city}"}}',
    "Mrs {surname} would like to change her tariff to the 500 Mbit plan.",
    "my husband {given} {surname} set up the router but forgot the password",
    "The internet is very slow in the evening, can you check the line please?",
    "I restarted the router three times and the light is still red.",
    "Why was I charged twice this month for the same plan?",
    "Port GigabitEthernet0/0/{digit} is down on OLT {digit}, VLAN 200 is missing.",
    "show interface status shows err-disabled on port {digit}",
    "How do I change the Wi-Fi password on my modem?",
    "Download is 12 Mbit/s but I pay for 250, that is not acceptable.",
    "Please cancel my contract at the end of the month.",
    "The technician did not come yesterday, I waited the whole day.",
    "Is there a known outage right now? Nothing works since this morning.",
    "Upgrade the firmware to 10.1.2.{digit} and reboot the device.",
    "BGP session to the upstream is idle after the maintenance window.",
    "Netflix and YouTube are buffering all the time on my TV.",
    "Can I keep my phone number if I switch to the Fiber 1000 plan?",
    "the app says error {number}, what does that mean",
    "Your invoice for May is ready, the amount will be debited next week.",
)
HELD_BACK = (
    "Hello, {person} here, my connection is really slow today.",
    "hey its {given} again, still no internet at home",
    "We need an engineer at {street} in {city} as soon as possible.",
    "I am writing on behalf of my mother, {person}, whose phone line is dead.",
    "New order for {person}, deliver the router to {street}, {city}.",
    "Note: {given} {surname} was rude to the agent and hung up.",
    "Our office in {city} lost connectivity around noon.",
    "Please forward this to {person} in billing, {email} bounced.",
    "the guy who came, {given}, left the cabinet at {street} open",
    "Is fibre available in {city} yet, or when will it be?",
    "Best wishes\n{given} {surname}\n{street}\n{city}",
    "Contact: {person} / {phone} / site {city}",
    "Dr. {surname} complains that the static IP changed overnight.",
    "You talked to my wife {given} last week about the late fee.",
    "customer_name={person} city={city} plan=fiber500",
    "I, {person}, hereby cancel contract {number}.",
    "could someone from {city} come over, we are at {street}",
    "Assigned to {given}, waiting for a reply from Ms {surname}.",
    "{person} <{email}> wrote: the modem still shows an orange light",
    "Installation done at {street}; signed by {person}.",
    "My modem shows four green lights but no page opens.",
    "What is the difference between the Basic and the Premium plan?",
    "When will the engineer arrive? I have been waiting since eight.",
    "Interface xe-0/0/{digit} flaps, optical power is -27 dBm.",
    "DNS lookups time out but ping to 8.8.8.{digit} works fine.",
    "I want to speak to a manager, this is the third outage this week.",
    "The SFP in slot {digit} needs replacement, order a spare.",
    "My bill is higher than last month, please explain the charges.",
    "PPPoE session drops every 24 hours and takes ten minutes to return.",
    "Can you please reset my voicemail pin?",
    "How long is the notice period for my contract?",
    "RADIUS reject, reason: wrong password, NAS port {digit}.",
    "Speed test: 94 down, 38 up, latency 11 ms over cable.",
    "Zoom calls freeze as soon as my son starts the PlayStation.",
    "ok thanks, I will try that and come back to you",
    "Our Kubernetes cluster on EKS cannot reach S3 over the VPN.",
)


@dataclass(frozen=True)
class Example:
    text: str
    marked: tuple[tuple[int, int, str], ...]
    """Start, end, type of each name and place."""
    other: tuple[tuple[int, int], ...]
    """Filled in too, but neither name nor place: not judged."""


def talk(templates: Sequence[str], count: int, seed: int) -> Iterator[Example]:
    chance = random.Random(seed)
    fakers = {locale: Faker(locale) for locale in LOCALES}
    for faker in fakers.values():
        faker.seed_instance(seed)
    for index in range(count):
        yield filled(templates[index % len(templates)], fakers[chance.choice(LOCALES)], chance)


def filled(template: str, faker: Faker, chance: random.Random) -> Example:
    values = {
        "person": lambda: f"{faker.first_name()} {faker.last_name()}",
        "given": faker.first_name,
        "surname": faker.last_name,
        "street": lambda: faker.street_address().replace("\n", ", "),
        "city": faker.city,
        "email": faker.email,
        "phone": faker.phone_number,
        "number": lambda: str(chance.randrange(10_000, 9_999_999)),
        "digit": lambda: str(chance.randrange(1, 9)),
    }
    is_chat = template[0].islower() and "=" not in template
    text, marked, other, at = "", [], [], 0
    for slot in SLOT.finditer(template):
        text += template[at : slot.start()].replace("{{", "{").replace("}}", "}")
        value = values[slot[1]]()
        value = value.lower() if is_chat else value
        if slot[1] in SCORED:
            marked.append((len(text), len(text) + len(value), SCORED[slot[1]]))
        else:
            other.append((len(text), len(text) + len(value)))
        text, at = text + value, slot.end()
    text += template[at:].replace("{{", "{").replace("}}", "}")
    return Example(text, tuple(marked), tuple(other))
