"""Does a model fit on some GPUs, by how much, and if not, what would. Pure."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from math import floor, inf

from msgspec import Struct, structs

from appliance.errors import ModelError
from models.gpu import GIB, Gpus
from models.memory import Ledger, Load, Split, concurrency, default_load, ledger, longest, request_bytes
from models.shelf.architecture import count
from models.shelf.rows import BITS, KEPT_BYTES, Build, Model

DEFAULT_CONTEXT = 8192
LEAST_SEQUENCES = 256
LEAST_COMPUTE = {"bf16": 7.0, "fp8": 8.0, "int4": 7.5}
# The order of the shelf: what people talk to first, then what serves it.
PURPOSES = ("chat", "guard", "embeddings", "rerank", "speech")
WITH_TOKENS = ("chat", "guard")


class Wish(Struct, frozen=True):
    context: int | None = None
    """Tokens of each request; none: 8,192, or what the model knows."""
    concurrency: int = 1
    cache_bytes: int = 2
    """Of a number in the KV cache: 1 with vLLM's `--kv-cache-dtype fp8`."""
    utilization: float = Load().utilization
    """Of each GPU's memory that vLLM may take."""
    adapter_slots: int = 0
    adapter_rank: int = Load().adapter_rank

    def tokens(self, model: Model) -> int:
        if self.context and model.purpose in WITH_TOKENS:
            return self.context
        return min(self.context or DEFAULT_CONTEXT, model.context)


class Fit(Struct, frozen=True, kw_only=True):
    model: str
    purpose: str
    precision: str
    repository: str
    gpu: str
    tensor: int
    pipeline: int
    copies: int
    """Of the model so split, on the GPUs that there are."""
    fits: bool
    reason: str
    context: int
    concurrency: int
    spare: int
    """Bytes of the fullest GPU that the wish leaves; below 0: that it lacks."""
    largest_context: int
    """At this concurrency."""
    largest_concurrency: int | None
    """At this context; none: it keeps nothing of a request."""
    cache_tokens: int | None
    ledger: Ledger
    one_user: int | None
    """The most tokens a second that the memory's bandwidth allows to one user; none: not known, or it writes none."""
    all_users: int | None


def find(models: Mapping[str, Model], name: str) -> Model:
    if name in models:
        return models[name]
    near = ", ".join(get_close_matches(name.lower(), models, n=3, cutoff=0))
    raise ModelError(f"The shelf has no model {name!r}. Choose one of `ringfence models list`, such as {near}.")


def in_precision(model: Model, precision: str) -> list[Build]:
    """Those builds of it, the highest first; empty means any."""
    found = [build for build in model.builds if precision in ("", build.precision)]
    if not found:
        has = ", ".join(dict.fromkeys(build.precision for build in model.builds))
        raise ModelError(f"{model.name} has no build in {precision}. Choose one of: {has}.")
    return found


def shelf_fits(models: Collection[Model], gpus: Gpus, wish: Wish) -> list[Fit]:
    """Each model in the best precision that fits, best model first."""
    sizes = {model.name: model.parameters for model in models}
    fits = [best(model, gpus, wish) for model in models]
    return sorted(fits, key=lambda fit: (not fit.fits, PURPOSES.index(fit.purpose), -sizes[fit.model]))


def best(model: Model, gpus: Gpus, wish: Wish) -> Fit:
    """In the highest precision that fits, or else in the one that lacks least."""
    fits = builds(model, gpus, wish)
    return next((fit for fit in fits if fit.fits), max(fits, key=lambda fit: fit.spare))


def builds(model: Model, gpus: Gpus, wish: Wish) -> list[Fit]:
    return [plan(model, build, gpus, wish) for build in model.builds]


def plan(model: Model, build: Build, gpus: Gpus, wish: Wish) -> Fit:
    """On the fewest GPUs that do, or else where it lacks least."""
    fits = [examine(Case(model, build, gpus, split, wish)) for split in splits(model, gpus.number)]
    return next((fit for fit in fits if fit.fits), max(fits, key=lambda fit: fit.spare))


def splits(model: Model, number: int) -> list[Split]:
    """Ways to lay a model over GPUs, fewest first: parts must divide the heads, and share the KV heads or copy them."""
    heads, kv_heads, layers = model.architecture.heads, model.architecture.kv_heads, model.architecture.layers
    tensors = [n for n in range(1, number + 1) if heads % n == 0 and (kv_heads % n == 0 or n % kv_heads == 0)]
    stages = range(1, min(number, layers) + 1 if model.architecture.kind == "decoder" else 2)
    found = [Split(tensor, pipeline) for tensor in tensors for pipeline in stages if tensor * pipeline <= number]
    return sorted(found, key=lambda split: (split.gpus, split.pipeline))


class Case(Struct, frozen=True):
    """One build on one split of the GPUs, under one wish."""

    model: Model
    build: Build
    gpus: Gpus
    split: Split
    wish: Wish

    @property
    def tokens(self) -> int:
        return self.wish.tokens(self.model)

    @property
    def load(self) -> Load:
        load = default_load(self.gpus.kind, max(LEAST_SEQUENCES, self.wish.concurrency))
        wish = self.wish
        return structs.replace(
            load,
            cache_bytes=wish.cache_bytes,
            utilization=wish.utilization,
            adapter_slots=wish.adapter_slots,
            adapter_rank=wish.adapter_rank,
        )

    def needs(self, tokens: int) -> float:
        return request_bytes(self.model.architecture, self.split, self.load, tokens)


def examine(case: Case) -> Fit:
    model, build, split, arch = case.model, case.build, case.split, case.model.architecture
    account = ledger(arch, build, case.gpus.kind, split, case.load)
    wanted = case.needs(case.tokens) * case.wish.concurrency
    room = max(0, account.cache)
    number = concurrency(arch, split, case.load, room, case.tokens)
    refusal = _refusal(case)
    fits = not refusal and account.cache > 0 and account.cache >= wanted
    return Fit(
        model=model.name, purpose=model.purpose, precision=build.precision, repository=build.repository,
        gpu=case.gpus.kind.name, tensor=split.tensor, pipeline=split.pipeline, copies=case.gpus.number // split.gpus,
        fits=fits, reason=refusal or _reason(case, account, wanted, number),
        context=case.tokens, concurrency=case.wish.concurrency, spare=round(account.cache - wanted),
        largest_context=min(model.context, longest(arch, split, case.load, room / case.wish.concurrency)),
        largest_concurrency=None if number == inf else int(number),
        cache_tokens=None if number == inf else int(number * case.tokens),
        ledger=account,
        one_user=_rate(case, 1) if fits else None,
        all_users=_rate(case, case.wish.concurrency) if fits else None,
    )  # fmt: skip


def _refusal(case: Case) -> str:
    """What no memory would mend."""
    model, gpu = case.model, case.gpus.kind
    if case.tokens > model.context:
        return f"It knows {model.context:,} tokens, and {case.tokens:,} were asked for."
    least = LEAST_COMPUTE[case.build.precision]
    if gpu.compute < least:
        return f"{case.build.precision} needs compute capability {least}, and {gpu.name} has {gpu.compute}."
    return ""


def _reason(case: Case, account: Ledger, wanted: float, number: float) -> str:
    each = f"each of {case.split.gpus} x {case.gpus.kind.name}" if case.split.gpus > 1 else f"one {case.gpus.kind.name}"
    if account.cache <= 0:
        return (
            f"{_gib(account.weights)} of weights and {_gib(account.needed - account.weights)} to work with are "
            f"{_gib(-account.cache)} more than the {_gib(account.budget)} that vLLM may use of {each}."
        )
    if wanted == 0:
        return f"{_gib(account.needed)} of the {_gib(account.budget)} that vLLM may use of {each}; it keeps no cache."
    number_asked = case.wish.concurrency
    asked = f"{number_asked:,} requests" if number_asked > 1 else "one request"
    left = f"{_gib(account.weights)} of weights leave {_gib(account.cache)} of {each} for the KV cache"
    need = f"{asked} of {case.tokens:,} tokens need{'s' * (number_asked == 1)} {_gib(wanted)}"
    if account.cache >= wanted:
        return f"{left}; {need}."
    return f"{left}, and {need}: it holds {floor(number * 10) / 10:,} of them."


def _rate(case: Case, users: int) -> int | None:
    """Tokens a second if the memory did nothing but hand over weights and cache: no GPU writes faster."""
    model, bandwidth = case.model, case.gpus.kind.bandwidth
    if not bandwidth or model.purpose not in WITH_TOKENS:
        return None
    arch, split = model.architecture, case.split
    parts = count(arch)
    passed = float(parts.linear)
    if arch.experts:
        # A step reads the experts that at least one of its tokens passes.
        idle = 1 - arch.active_experts / arch.experts
        passed -= (parts.linear - parts.active) / idle * idle**users
    output = (parts.output or parts.embedding) * KEPT_BYTES
    read = (passed * BITS[case.build.precision] / 8 + output) / split.gpus + users * case.needs(case.tokens)
    # One request passes the stages one after another; many fill them all.
    steps = 1 if users >= split.pipeline else split.pipeline / users
    return round(users * bandwidth / (read * steps))


def _gib(number: float) -> str:
    return f"{number / GIB:,.1f} GiB"
