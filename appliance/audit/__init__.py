"""The ledger of what was done, in a form that shows every later change."""

from appliance.audit.entry import DETAILS, Entry
from appliance.audit.ledger import Ledger

__all__ = ["DETAILS", "Entry", "Ledger"]
