"""Addresses, host names and ports: where a customer is in the network."""

from appliance.privacy.patterns import addresses, hosts, ports
from appliance.privacy.scanning.pattern import Pattern

PATTERNS: tuple[Pattern, ...] = (*addresses.PATTERNS, *hosts.PATTERNS, *ports.PATTERNS)
