"""Who is calling and what that one may do: tenants, users, keys, tokens, signatures."""

from appliance.identity.authenticator import Identity
from appliance.identity.principal import Principal

__all__ = ["Identity", "Principal"]
