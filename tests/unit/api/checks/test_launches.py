import sys

import pytest

from api.checks.launches import place, program, told
from appliance.errors import ModelError
from appliance.settings import EngineSettings, LaunchSettings
from inference.command import Command
from inference.control import Status
from inference.supervise.decided import Wanted
from inference.supervise.keeper import Kept
from inference.supervise.lifecycle import Timings
from inference.supervise.outfit import Outfit, Request
from inference.supervise.placement import NoPlace, Taken
from inference.twin import Twin

WANTED = Wanted(model="llama-3.1-8b-instruct", names=("support",))


def engine(*words):
    return EngineSettings(
        name="chat", kind="vllm", launch=LaunchSettings(model=WANTED.model, program=words or ("vllm",))
    )


def status(**fields):
    return Status(engine="chat", kind="vllm", model=WANTED.model, names=("support",), **fields)


def outfit(request):
    kept = Kept(name=request.post, command=Command(("vllm",), {}), timings=Timings())
    taken = Taken("chat", ("GPU-0",), 0.5)
    return Outfit(model=WANTED.model, kept=kept, connect=Twin, taken=taken, gpus=("0",), precision="fp8")


def test_the_program_must_be_there():
    assert program(engine(sys.executable, "serve")).state == "ok"
    missing = program(engine("/opt/nowhere/vllm", "serve"))
    assert (missing.state, missing.text) == ("fail", "there is no program /opt/nowhere/vllm")
    assert "launch.program" in missing.remedy


def test_what_fits_takes_its_place_before_the_next_one_is_looked_at():
    taken = []
    found = place(outfit, Request(engine=engine(), wanted=WANTED, post="doctor"), taken)
    assert (found.state, found.text) == ("ok", "llama-3.1-8b-instruct in fp8 fits GPU 0")
    assert taken == [Taken("chat", ("GPU-0",), 0.5)]


def test_what_does_not_fit_or_is_not_here_is_told_with_its_remedy():
    def refuse(request):
        raise ModelError("The weights are not here. Fetch them with `ringfence models pull`.")

    taken = []
    request = Request(engine=engine(), wanted=WANTED, post="doctor")
    full = place(lambda _: NoPlace("GPU 0 is taken by guard (60%). Stop what is there."), request, taken)
    assert (full.state, full.text, full.remedy) == ("fail", "GPU 0 is taken by guard (60%)", "Stop what is there.")
    missing = place(refuse, request, taken)
    assert (missing.text, missing.remedy) == ("The weights are not here", "Fetch them with `ringfence models pull`.")
    assert taken == []


@pytest.mark.parametrize(
    ("given", "state", "text"),
    [
        ({"state": "serving"}, "ok", "serves llama-3.1-8b-instruct as support"),
        ({"state": "starting", "progress": "loading weights 40%"}, "warn", "starting loading weights 40%"),
        ({"state": "placing", "reason": "GPU 0 is taken."}, "warn", "placing: GPU 0 is taken"),
        ({"state": "failed", "reason": "It crashed."}, "fail", "failed: It crashed"),
    ],
)
def test_while_the_appliance_runs_its_supervisor_is_believed(given, state, text):
    found = told(status(**given))
    assert (found.state, found.text) == (state, text)
