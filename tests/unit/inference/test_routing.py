import pytest

from appliance.errors import EngineUnavailable, NotFound
from appliance.settings import Place
from inference import routing
from inference.messages import Health, ServedModel, Task
from inference.roster import Absence, Adapter, Hold, Post
from inference.routing import Seat, Vacant, find_coming, on_site
from inference.twin import Twin

READY = Health(ready=True)
NONE = Vacant()
HELD = Vacant(holds=(Hold("e", ("m",), (Adapter("lora", ("acme",)),)),))


def seat(name: str, *models: str, health: Health = READY, in_flight: int = 0, place: Place = "on_site") -> Seat:
    made = Seat(Twin(name, place=place), tuple(ServedModel(model, 0) for model in models), health)
    made.in_flight = in_flight
    return made


def plan(seats: list[Seat], model: str, task: Task, *, tenant: str = "acme", vacant: Vacant = NONE) -> list[Seat]:
    return routing.plan(seats, vacant, model, task, tenant)


def posted(name: str, *adapters: Adapter, models: tuple[str, ...] = ("m",), leaving: bool = False) -> Seat:
    """An engine that runs here and has said that it serves these models."""
    made = seat(name, *models)
    made.post = Post(engine="e", names=("m",), adapters=adapters, id=name, socket="")
    made.leaving = leaving
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


def test_an_adapter_exists_only_for_its_tenants() -> None:
    one = posted("e.1", Adapter("lora", ("acme",)), Adapter("open", ("*",)), models=("m", "lora", "open"))
    assert names(plan([one], "lora", "chat")) == ["e.1"]
    assert names(plan([one], "open", "chat", tenant="other")) == ["e.1"]
    with pytest.raises(NotFound) as hidden:
        plan([one], "lora", "chat", tenant="other")
    with pytest.raises(NotFound) as missing:
        plan([one], "nope", "chat", tenant="other")
    assert hidden.value.message.replace("lora", "nope") == missing.value.message
    assert (hidden.value.code, hidden.value.param) == (missing.value.code, missing.value.param)


def test_what_an_engine_lists_and_the_roster_does_not_is_nobodys() -> None:
    with pytest.raises(NotFound):
        plan([posted("e.1", models=("m", "stray"))], "stray", "chat")


def test_who_leaves_is_not_planned() -> None:
    assert names(plan([posted("e.1", leaving=True), posted("e.2")], "m", "chat")) == ["e.2"]


def test_a_call_for_what_is_held_waits() -> None:
    old = posted("e.1", leaving=True)
    assert plan([old], "m", "chat", vacant=HELD) == []
    assert find_coming([old], HELD, "m", "acme") == "e"
    assert names(plan([posted("e.2")], "m", "chat", vacant=HELD)) == ["e.2"]


def test_an_adapter_that_is_held_is_hidden_from_others_too() -> None:
    assert plan([], "lora", "chat", vacant=HELD) == []
    with pytest.raises(NotFound):
        plan([], "lora", "chat", tenant="other", vacant=HELD)


def test_a_call_waits_for_an_engine_that_has_just_come_up() -> None:
    new = posted("e.2", models=())
    new.health = routing.STARTING
    assert plan([posted("e.1", leaving=True), new], "m", "chat") == []
    with pytest.raises(NotFound):
        plan([new], "x", "chat")


def test_an_engine_that_is_away_says_why() -> None:
    away = Vacant(absent=(Absence("e", ("m",), reason="it was stopped"),))
    with pytest.raises(EngineUnavailable, match=r"\(e: it was stopped\)"):
        plan([], "m", "chat", vacant=away)
    with pytest.raises(NotFound):
        plan([], "x", "chat", vacant=away)


def test_a_model_is_not_denied_while_nobody_knows_an_engines_servers() -> None:
    with pytest.raises(EngineUnavailable, match="its name has no address"):
        plan([seat("a", "m")], "x", "chat", vacant=Vacant(absent=(Absence("d", (), reason="its name has no address"),)))
