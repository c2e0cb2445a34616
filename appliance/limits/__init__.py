"""Rates, numbers at once and money: reserve, then settle."""

from appliance.limits.admission import Estimate, Limits, Ticket

__all__ = ["Estimate", "Limits", "Ticket"]
