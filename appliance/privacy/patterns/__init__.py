"""Every family of patterns."""

from appliance.privacy.patterns.families import PATTERNS

__all__ = ["PATTERNS"]
