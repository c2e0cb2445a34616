"""Bundles: models and all else that an appliance without internet needs, signed, in one file or in parts."""

from models.bundle.contents import KINDS, SBOM, Contents, decode, identify
from models.bundle.exporting import Exported, Order, Output, export
from models.bundle.importing import Imported, bring
from models.bundle.opening import Opened, check, open_bundle
from models.bundle.signature import PublicKey, make_key, read_public

__all__ = [
    "KINDS",
    "SBOM",
    "Contents",
    "Exported",
    "Imported",
    "Opened",
    "Order",
    "Output",
    "PublicKey",
    "bring",
    "check",
    "decode",
    "export",
    "identify",
    "make_key",
    "open_bundle",
    "read_public",
]
