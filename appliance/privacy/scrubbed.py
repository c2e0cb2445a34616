"""What an engine may see. Only the vault imports `seal` and only probes import `own`: a test holds both."""

from typing import Final, final

_SEAL: Final = object()


@final
class Scrubbed:
    """The JSON body of a request as the tenant's policy lets an engine have it."""

    __slots__ = ("body", "for_cloud")
    body: bytes
    for_cloud: bool
    """Whether an engine in a cloud may have it, too."""

    def __init__(self, body: bytes, token: object = None, *, for_cloud: bool = False) -> None:
        if token is not _SEAL:
            raise TypeError("Only a vault makes what an engine may see. Call Vault.seal.")
        object.__setattr__(self, "body", body)
        object.__setattr__(self, "for_cloud", for_cloud)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("What was scrubbed does not change. Seal a new body.")

    def __repr__(self) -> str:
        return f"Scrubbed({len(self.body)} bytes)"


def seal(body: bytes, *, for_cloud: bool) -> Scrubbed:
    return Scrubbed(body, _SEAL, for_cloud=for_cloud)


def own(body: bytes) -> Scrubbed:
    """Words of Ringfence itself, by which it tries an engine."""
    return Scrubbed(body, _SEAL, for_cloud=True)
