import pytest

from appliance.errors import EngineUnavailable, NotFound
from appliance.settings import Place
from inference.messages import Health, ServedModel
from inference.routing import Seat, on_site, plan
from inference.twin import Twin

READY = Health(ready=True)


def seat(name: str, *models: str, health: Health = READY, in_flight: int = 0, place: Place = "on_site") -> Seat:
    made = Seat(Twin(name, place=place), tuple(ServedModel(model, 0) for model in models), health)
    made.in_flight = in_flight
    return made


def names(seats: list[Seat]) -> list[str]:
    return [seat.engine.name for seat in seats]


def test_the_least_busy_engine_comes_first() -> None:
    seats = [seat("a", "m", in_flight=3), seat("b", "m", in_flight=1), seat("c", "other")]
    assert names(plan(seats, "m", "chat")) == ["b", "a"]


def test_a_cloud_comes_after_all_that_is_on_site() -> None:
    seats = [seat("far", "m", place="cloud"), seat("busy", "m", in_flight=9), seat("near", "m", in_flight=2)]
    chosen = plan(seats, "m", "chat")
    assert names(chosen) == ["near", "busy", "far"]
    assert names(on_site(chosen)) == ["near", "busy"]


def test_an_engine_that_is_not_ready_is_left_out() -> None:
    down = Health(ready=False, reason="it hangs")
    assert names(plan([seat("a", "m", health=down), seat("b", "m")], "m", "chat")) == ["b"]
    with pytest.raises(EngineUnavailable, match="it hangs"):
        plan([seat("a", "m", health=down)], "m", "chat")


def test_an_unknown_model_is_named_as_openai_names_it() -> None:
    with pytest.raises(NotFound) as caught:
        plan([seat("a", "m")], "x", "chat")
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


def test_a_model_is_asked_only_for_what_it_does() -> None:
    with pytest.raises(NotFound, match="embeddings"):
        plan([seat("a", "m")], "m", "embeddings")


def test_a_model_is_not_denied_while_an_engine_has_yet_to_say_what_it_serves() -> None:
    starting = Seat(Twin("late"))
    with pytest.raises(EngineUnavailable, match="late: it has not answered yet"):
        plan([seat("a", "m"), starting], "x", "chat")
    assert names(plan([seat("a", "m"), starting], "m", "chat")) == ["a"]
