"""Every family of patterns."""

from appliance.privacy.patterns.families import PATTERNS, patterns_for

__all__ = ["PATTERNS", "patterns_for"]
