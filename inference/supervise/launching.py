"""From the settings of an engine to a vLLM that is to be: its build, its weights, its GPUs, its command.

It imports the shelf and vLLM's client, and is itself imported only where an engine is launched.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from appliance.errors import ModelError
from appliance.gpus import Device, nvml
from appliance.settings import AdapterSettings, EngineSettings, LaunchSettings, Settings
from inference.command import Command
from inference.engines import open_post
from inference.launch import Launch, command, has_mistral_tokenizer
from inference.local import engine_key, secret_file, socket_path
from inference.roster import Adapter, Post
from inference.supervise import placement
from inference.supervise.decided import Wanted
from inference.supervise.keeper import Kept
from inference.supervise.lifecycle import Timings
from inference.supervise.outfit import Outfit, Request
from inference.supervise.placement import Machine, NoPlace, Place, Taken, Want, Way
from models.adapter import Room, bring, sweep
from models.fit import Case, Fit, Wish, find, in_precision, plan
from models.gpu import Gpu, Gpus, of_this_machine, parse
from models.memory import Split
from models.shelf import Build, Model, shelf
from models.store import Store


class Choice(Struct, frozen=True):
    """A build whose weights are here, and how it is laid over GPUs of each kind that holds it."""

    build: Build
    weights: Path
    cases: Mapping[str, Case]


class Launching:
    def __init__(self, settings: Settings, devices: Callable[[], Sequence[Device]] = nvml.devices) -> None:
        self._settings = settings
        self._devices = devices
        self._store = Store(settings.paths.var / "models")
        self._copies = settings.paths.var.resolve() / "adapters"

    def fit(self, request: Request) -> Outfit | NoPlace:
        launch = request.engine.launch
        model = find(shelf(self._settings.paths.shelf), request.wanted.model)
        machine = Machine(devices_for(launch, self._devices()), request.aside, request.taken)
        if not machine.devices:
            return _no_driver(machine)
        choice = self._choose(model, request.wanted, kinds(machine.devices, launch), wish_of(launch))
        want = Want(
            numbers={kind: case.split.gpus for kind, case in choice.cases.items()},
            share=launch.share,
            named=launch.gpus,
        )
        found = _placed(want, machine, request.old)
        if isinstance(found, NoPlace):
            return found
        way, place = found
        return self._outfit(request, choice, place, way)

    def sweep(self, used: Collection[Path]) -> None:
        sweep(self._copies, used)

    def _choose(self, model: Model, wanted: Wanted, gpus: Mapping[str, Gpus], wish: Wish) -> Choice:
        """The highest precision that fits and whose weights are here."""
        misfit, missing = "", ""
        for build in in_precision(model, wanted.precision):
            fits = {kind: plan(model, build, each, wish) for kind, each in gpus.items()}
            cases = {kind: _case(model, build, gpus[kind], wish, fit) for kind, fit in fits.items() if fit.fits}
            if not cases:
                misfit = misfit or next(iter(fits.values())).reason
                continue
            weights = self._weights(wanted, build, is_first=build is model.builds[0])
            if weights is not None:
                return Choice(build, weights, cases)
            missing = missing or _missing(model, wanted, build)
        if missing:
            raise ModelError(missing)
        raise ModelError(f"{model.name} does not fit: {misfit} See `ringfence models fit {model.name}` for what would.")

    def _weights(self, wanted: Wanted, build: Build, *, is_first: bool) -> Path | None:
        if wanted.weights and Path(wanted.weights).is_dir():
            return Path(wanted.weights).resolve()
        if "/" in wanted.weights:
            return None
        # As `ringfence models pull` names them, with and without --precision.
        names = [f"{wanted.model}-{build.precision}", *[wanted.model] * is_first]
        for name in [wanted.weights] if wanted.weights else names:
            if self._store.find(name) is not None:
                return self._store.folder(name).resolve()
        return None

    def _outfit(self, request: Request, choice: Choice, place: Place, way: Way) -> Outfit:
        engine, launch, wanted, var = request.engine, request.engine.launch, request.wanted, self._settings.paths.var
        socket = socket_path(request.post, var)
        adapters = tuple(Adapter(each.name, each.tenants) for each in wanted.adapters)
        case = choice.cases[place.devices[0].name]
        post = Post(
            id=request.post,
            engine=engine.name,
            socket=str(socket),
            names=wanted.names,
            adapters=adapters,
            embeds=engine.embeds or case.model.purpose == "embeddings",
        )
        room = Room(case.model, launch.adapter_rank)

        def brought(adapter: AdapterSettings) -> Path:
            return bring(adapter.folder, room, self._copies).folder

        copies = {each.name: brought(each) for each in wanted.adapters}
        started = Launch(
            case=case,
            names=wanted.names,
            adapters=copies,
            devices=place.uuids,
            weights=choice.weights,
            answers_at=socket,
            key=engine_key(secret_file(var), request.post),
            cache=var.resolve() / "vllm",
            program=launch.program,
            drain_seconds=launch.drain_seconds,
            waiting=launch.waiting,
            mistral_tokenizer=has_mistral_tokenizer(choice.weights),
            more=launch.arguments,
        )

        def told(launched: Launch) -> Command:
            plain = command(launched)
            return replace(plain, environment={**plain.environment, **launch.environment})

        return Outfit(
            model=wanted.model,
            kept=Kept(name=request.post, command=told(started), timings=timings_of(engine), socket=socket),
            connect=lambda: open_post(engine, post, var),
            post=post,
            taken=Taken(engine.name, place.uuids, launch.share),
            gpus=tuple(str(device.index) for device in place.devices),
            precision=choice.build.precision,
            way=way,
            copies=copies,
            bring=brought if launch.adapter_slots else None,
            again=lambda copies: told(replace(started, adapters=copies)),
        )


def timings_of(engine: EngineSettings) -> Timings:
    launch = engine.launch
    return Timings(
        start_seconds=launch.start_seconds, stuck_seconds=engine.stuck_seconds, restarts=max(1, launch.restarts)
    )


def wish_of(launch: LaunchSettings) -> Wish:
    return Wish(
        context=launch.context or None,
        concurrency=launch.requests,
        cache_bytes=1 if launch.fp8_cache else 2,
        utilization=launch.share,
        adapter_slots=launch.adapter_slots,
        adapter_rank=launch.adapter_rank,
    )


def devices_for(launch: LaunchSettings, told: Sequence[Device]) -> tuple[Device, ...]:
    """As the driver tells, under the name that the settings give them; or as the settings tell, without a driver."""
    if not launch.card:
        return tuple(told)
    card = parse(launch.card)
    if told:
        return tuple(replace(device, name=card.kind.name, compute=card.kind.compute) for device in told)
    named = [int(gpu) + 1 for gpu in launch.gpus if gpu.isdecimal()]
    return placement.described(Gpus(card.kind, max(card.number, *named, 1)))


def kinds(devices: Sequence[Device], launch: LaunchSettings) -> Mapping[str, Gpus]:
    """The GPUs that it may get, by kind, each with all of its memory: what is free is for the placement to say."""
    mine = [each for each in devices if not launch.gpus or {str(each.index), each.uuid} & {*launch.gpus}]
    mine.sort(key=lambda each: each.name)
    alike = {name: list(each) for name, each in groupby(mine, lambda each: each.name)}
    if launch.card:
        kind = parse(launch.card).kind
        return {name: Gpus(kind, len(each)) for name, each in alike.items()}
    return {name: _empty(of_this_machine(each)) for name, each in alike.items() if any(gpu.total for gpu in each)}


def _empty(gpus: Gpus) -> Gpus:
    kind: Gpu = replace(gpus.kind, free=gpus.kind.total)
    return Gpus(kind, gpus.number)


def _case(model: Model, build: Build, gpus: Gpus, wish: Wish, fit: Fit) -> Case:
    return Case(model, build, gpus, Split(fit.tensor, fit.pipeline), wish)


def _placed(want: Want, machine: Machine, old: Taken | None) -> tuple[Way, Place] | NoPlace:
    if old is not None:
        return placement.swap(want, machine, old)
    found = placement.place(want, machine)
    return found if isinstance(found, NoPlace) else ("beside", found)


def _no_driver(machine: Machine) -> NoPlace:
    found = placement.place(Want(numbers={}, share=1.0), machine)
    assert isinstance(found, NoPlace)
    return found


def _missing(model: Model, wanted: Wanted, build: Build) -> str:
    if wanted.weights:
        return (
            f"The weights {wanted.weights} of {model.name} are not here. Name their folder, or a model of "
            "`ringfence models list` that is here."
        )
    precise = "" if build is model.builds[0] else f" --precision {build.precision}"
    return (
        f"The weights of {model.name} in {build.precision} are not here. Fetch them with "
        f"`ringfence models pull {model.name}{precise}`, or name their folder in `launch.weights`."
    )
