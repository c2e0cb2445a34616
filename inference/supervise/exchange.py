"""Puts another process in the place of the one that serves, as `swapping` says."""

from collections.abc import Awaitable, Callable, Mapping

from appliance.errors import EngineFailed, RingfenceError
from inference.supervise.berth import Berth
from inference.supervise.decided import Wanted
from inference.supervise.desk import Say
from inference.supervise.outfit import Outfit
from inference.supervise.swapping import Outcome, Step, swap


class Exchange:
    def __init__(self, berth: Berth, wanted: Wanted, outfit: Outfit, say: Say) -> None:
        self._berth = berth
        self._before = berth.wanted
        self._wanted = wanted
        self._outfit = outfit
        self._say = say
        self._old = berth.hand
        self._new = berth.coming = berth.sign_on(outfit)
        self._cause = ""

    async def run(self) -> None:
        """Raises why it came to nothing, and says what runs then."""
        place = "beside" if self._outfit.way == "beside" else "in place of"
        self._say(f"{self._wanted.model}: starts {place} what runs now")
        outcome = await self._walk()
        self._berth.swaps["done" if outcome == "swapped" else "refused"] += 1
        if outcome != "swapped":
            raise EngineFailed(_told(outcome, self._berth, self._wanted, self._cause))

    async def _walk(self) -> Outcome:
        steps = swap(beside=self._outfit.way == "beside")
        act: Mapping[Step, Callable[[], Awaitable[bool]]] = {
            "hold": self._hold,
            "drain": self._drain,
            "stop": self._stop,
            "start": self._start,
            "switch": self._switch,
            "abandon": self._abandon,
            "restore": self._restore,
        }
        try:
            step = next(steps)
            while True:
                self._berth.swapping = f"{self._wanted.model}: {step}"
                self._berth.changed()
                step = steps.send(await act[step]())
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome
        finally:
            self._berth.swapping = ""
            self._release()

    async def _hold(self) -> bool:
        self._say("requests wait until it has started")
        self._berth.is_held = True
        self._berth.dismiss()
        return True

    async def _drain(self) -> bool:
        self._say("requests that run may end")
        return self._old is None or await self._berth.drain(self._old)

    async def _stop(self) -> bool:
        if self._old is not None:
            await self._berth.remove(self._old)
        return True

    async def _start(self) -> bool:
        self._new.keeper.start()
        return await self._berth.comes_up(self._new, self._say)

    async def _switch(self) -> bool:
        """The new one is published, the old one leaves, and who waits may go on: all in one roster."""
        berth = self._berth
        if berth.hand is not None:
            berth.leaving.append(berth.hand)
        berth.hand, berth.coming, berth.is_held = self._new, None, False
        berth.decide(self._wanted)
        berth.changed()
        self._say(f"{self._wanted.model}: serves")
        return True

    async def _abandon(self) -> bool:
        self._cause = self._new.keeper.reason
        self._say(f"{self._wanted.model} did not come up: {self._cause}")
        await self._berth.remove(self._new)
        return True

    async def _restore(self) -> bool:
        """It stays signed on also when it does not come up at once: it is tried again like any other."""
        berth = self._berth
        self._say(f"{self._before.model}: starts again")
        found = await self._find_place()
        if isinstance(found, str):
            self._cause += f" Then, of {self._before.model}: {found}"
            berth.begin()
            return False
        back = berth.coming = berth.sign_on(found)
        back.keeper.start()
        came = await berth.comes_up(back, self._say)
        berth.hand, berth.coming = back, None
        return came

    async def _find_place(self) -> Outfit | str:
        """Where the old one can be again, or why not."""
        try:
            found = await self._berth.quarters.outfit(self._berth, self._before, None)
        except RingfenceError as error:
            return error.message
        return found if isinstance(found, Outfit) else found.reason

    def _release(self) -> None:
        self._berth.is_held = False
        self._berth.changed()


def _told(outcome: Outcome, berth: Berth, wanted: Wanted, cause: str) -> str:
    now = {
        "kept": f"{berth.wanted.model} went on meanwhile.",
        "restored": f"{berth.wanted.model} serves again.",
        "lost": f"{berth.wanted.model} did not come back either.",
    }[outcome]
    return f"{wanted.model} did not come up in {berth.name}. {cause} {now} Mend that, then swap again."
