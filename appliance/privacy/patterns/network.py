"""Addresses, host names and ports: where a customer is in the network."""

from appliance.privacy.pattern import Pattern
from appliance.privacy.patterns import addresses, hosts, ports

PATTERNS: tuple[Pattern, ...] = (*addresses.PATTERNS, *hosts.PATTERNS, *ports.PATTERNS)
