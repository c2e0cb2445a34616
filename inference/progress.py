"""Health means that work gets done: an engine can hang and still say that it is well."""


class Progress:
    """Watches a counter of work. Pure: the clock is a parameter."""

    def __init__(self, stuck_seconds: float, proof_seconds: float = 60.0) -> None:
        self._stuck_seconds = stuck_seconds
        self._proof_seconds = proof_seconds
        self._work = -1.0
        self._proven_at = float("-inf")
        self._busy_since = float("-inf")
        self._busy = False

    def observe(self, now: float, running: int, work: float) -> bool:
        """True while the engine is idle or its work moves on; false once busy without progress for too long."""
        if work > self._work >= 0:
            self._proven_at = now
        if work != self._work or running == 0 or not self._busy:
            self._busy_since = now
        self._work, self._busy = work, running > 0
        return now - self._busy_since < self._stuck_seconds

    def proven(self, now: float) -> bool:
        """A token was produced lately, so nobody needs to ask for one."""
        return now - self._proven_at < self._proof_seconds

    def prove(self, now: float) -> None:
        self._proven_at = now
