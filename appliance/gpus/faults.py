"""Which GPUs are set aside, so that no engine is started on them, and why. Pure.

A GPU is set aside when NVIDIA's documents say that it must be reset, that the machine must be restarted, or that the
card must be replaced. What a program did to itself, and what the card mended, condemns no GPU.

Sources: "XID Errors: Analyzing Xid Errors with the Xid Catalog" (docs.nvidia.com/deploy/xid-errors), its column
"Resolution Bucket (Immediate Action)"; "GPU Memory Error Management" (docs.nvidia.com/deploy/a100-gpu-mem-error-mgmt).
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct, structs

from appliance.gpus.figures import Device, Fault
from appliance.gpus.watch import Snapshot

RESET = "Reset it with `nvidia-smi --gpu-reset -i {gpu}`"
RESTART = "Restart this machine"
COLD_START = "Switch this machine off and on"
CONNECT = "Switch this machine off and connect the card's power cable"
ASK = "Look what `nvidia-smi -q -i {gpu}` says of its recovery action"
REPLACE = "Have the card replaced"

# By XID: what happened, and the remedy. Not here, so that they condemn nothing:
# - the program's own doing: 11, 13, 25, 31, 32, 43, 45, 69 and the other errors of one channel (bucket RESTART_APP or
#   IGNORE). An engine that got one ends, and is started again where it was.
# - mended: 63 (a row was remapped), 92 (many corrected errors), 94 (a memory error that hit one program; RESTART_APP),
#   121, 157, 160, 161 (IGNORE).
# - 144 to 150 (NVLink 5): whether one is grave stands in details that NVML does not hand on; and 154, 155, 167 to 172,
#   which go with others or have no action. For all of these the driver names its wish, `recovery_action`, see below.
XIDS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        46: ("it stopped processing", RESET),
        # "A GPU reset or node reboot is needed to clear this error."
        48: ("its memory had an error of two bits", RESET),
        54: ("its power cable is not connected", CONNECT),
        62: ("its micro-controller halted", RESET),
        64: ("a broken row of its memory could not be remapped", RESET),
        # "A GPU reset or node reboot is needed to clear this error." The other end of the link may be the culprit.
        74: ("an NVLink of it broke", RESET),
        79: ("it fell off the bus", RESTART),
        95: ("a memory error hit all programs on it", RESET),
        109: ("it no longer switches between programs", RESET),
        110: ("it reported a security fault", COLD_START),
        119: ("its firmware no longer answers the driver", RESET),
        120: ("its firmware failed", RESET),
        136: ("an NVLink of it did not come up", RESET),
        140: ("its memory had an error that nothing mended", RESET),
        143: ("it could not be initialised", RESET),
        151: ("its keys for confidential computing could not be changed", RESTART),
        156: ("a broken part of it is to be retired", RESET),
        158: ("it ran into a fatal timeout", RESET),
    }
)

# What these call for depends: a contained error of memory needs nothing, and a broken link may be another GPU's fault.
# A driver that names its wish has judged that ("The GPU can be immediately used again", the guide says of `none`).
DEPENDS = (48, 74)

WISH = "recovery_action"
# The driver's own wish, since R565 (nvmlDeviceGpuRecoveryAction_t).
WISHES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "gpu_reset": ("the driver wants it reset", RESET),
        "node_reboot": ("the driver wants this machine restarted", RESTART),
        # Once that is so, the driver names another wish, or none.
        "drain_p2p": ("the driver wants an end to its traffic with other GPUs", ASK),
        "drain_and_reset": ("the driver wants no new work on it, and then a reset", RESET),
        "recover_imex_domain": ("the driver wants its NVLink domain recovered", RESTART),
        "bus_reset": ("the driver wants its bus reset", RESTART),
        "system_reboot": ("the driver wants this machine restarted", RESTART),
    }
)
# Our judgement: an uncorrected error is contained and its row remapped (94, 63); a card that goes on so is not sound.
MOST_UNCORRECTED = 3
# A driver that is busy with one GPU may leave another out of a list.
MOST_ABSENT = 3


class Card(Struct, frozen=True):
    """What is remembered of a GPU."""

    index: int
    uncorrected: float | None = None
    """Memory errors that nothing corrected, in its life so far."""
    times: int = 0
    """How often that number has grown meanwhile."""
    absent: int = 0
    """Looks in a row at which it was not there."""


class Record(Struct, frozen=True):
    """What was seen of the GPUs so far; `judge` adds to it."""

    aside: Mapping[str, str] = {}
    """By UUID: why it is set aside, and the remedy. To be kept over a restart."""
    cards: Mapping[str, Card] = {}
    """By UUID."""
    counted: Mapping[Fault, int] = {}
    """Faults that were judged, and how many of each, so that each counts once."""
    at: float = 0.0


def judge(record: Record, snapshot: Snapshot) -> Record:
    """A GPU that was set aside stays so until `trust`: a fault that has passed is no proof of health."""
    if snapshot.at == record.at:
        return record
    cards = _remember(record.cards, snapshot.devices)
    aside = dict(record.aside)
    for uuid, (what, remedy) in _verdicts(record, snapshot, cards):
        gpu = cards[uuid].index
        text = f"GPU {gpu} is set aside: {what}. {remedy}, then run `ringfence engines trust {{gpu}}`."
        aside.setdefault(uuid, text.format(gpu=gpu))
    return Record(aside, cards, dict(snapshot.faults), snapshot.at)


def trust(record: Record, gpu: str) -> Record | None:
    """Takes it back, by its number or UUID; None where no such GPU is set aside.

    A fault that was counted sets it aside no more. What the driver still says of it does so at the next look.
    """
    numbers = {uuid: str(card.index) for uuid, card in record.cards.items()}
    found = next((uuid for uuid in record.aside if gpu in (uuid, numbers.get(uuid))), None)
    if found is None:
        return None
    aside = {uuid: reason for uuid, reason in record.aside.items() if uuid != found}
    cards = {uuid: card for uuid, card in record.cards.items() if uuid != found}
    return structs.replace(record, aside=aside, cards=cards)


def _remember(cards: Mapping[str, Card], devices: Sequence[Device]) -> dict[str, Card]:
    seen = {device.uuid: _look(cards.get(device.uuid), device) for device in devices}
    gone = {uuid: structs.replace(card, absent=card.absent + 1) for uuid, card in cards.items() if uuid not in seen}
    return gone | seen


def _look(card: Card | None, device: Device) -> Card:
    now = _value(device, "ecc_errors", "uncorrected")
    if card is None or card.uncorrected is None or now is None:
        return Card(device.index, now, card.times if card else 0)
    return Card(device.index, now, card.times + (now > card.uncorrected))


def _verdicts(record: Record, snapshot: Snapshot, cards: Mapping[str, Card]) -> Iterator[tuple[str, tuple[str, str]]]:
    """By UUID: what is wrong, and the remedy."""
    numbers = {card.index: uuid for uuid, card in cards.items()}
    judged = [each.index for each in snapshot.devices if any(sample.figure == WISH for sample in each.samples)]
    for fault, count in snapshot.faults:
        is_new = count > record.counted.get(fault, 0)
        is_judged = fault.xid in DEPENDS and fault.index in judged
        if is_new and fault.xid in XIDS and fault.index in numbers and not is_judged:
            what, remedy = XIDS[fault.xid]
            yield numbers[fault.index], (f"{what} (XID {fault.xid})", remedy)
    for device in snapshot.devices:
        for sample in device.samples:
            if sample.figure == WISH and sample.value and sample.label in WISHES:
                yield device.uuid, WISHES[sample.label]
        if _value(device, "remapping_failed"):
            yield device.uuid, ("it has no spare row of memory left for a broken one", REPLACE)
    for uuid, card in cards.items():
        if card.times >= MOST_UNCORRECTED:
            yield uuid, (f"its memory had uncorrected errors at {card.times} times", RESET)
        if card.absent >= MOST_ABSENT:
            yield uuid, ("the driver no longer finds it", RESTART)


def _value(device: Device, figure: str, label: str = "") -> float | None:
    return next((each.value for each in device.samples if (each.figure, each.label) == (figure, label)), None)
