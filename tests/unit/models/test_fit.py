import pytest
from msgspec import structs

from appliance.errors import ModelError
from models.fit import Case, Fit, Wish, best, builds, examine, find, plan, shelf_fits, splits
from models.gpu import Gpus, parse
from models.memory import Split
from models.shelf import Model, shelf

SHELF = shelf()
LLAMA = SHELF["llama-3.1-8b-instruct"]
LARGE = SHELF["llama-3.3-70b-instruct"]


def fit(model: Model, gpus: str, wish: Wish = Wish(), build: int = 0) -> Fit:  # noqa: B008
    return plan(model, model.builds[build], parse(gpus), wish)


def test_a_fit_says_what_is_left_and_what_it_is_for():
    found = fit(LLAMA, "l40s", Wish(16_384, 4))
    assert found.fits
    assert found.reason == (
        "15.0 GiB of weights leave 23.9 GiB of one L40S for the KV cache; 4 requests of 16,384 tokens need 8.0 GiB."
    )
    assert found.spare == found.ledger.cache - 4 * 16_384 * 131_072
    assert (found.largest_concurrency, found.cache_tokens) == (11, 195_412)


def test_too_many_requests_are_told_with_how_many_it_holds():
    found = fit(LLAMA, "l40s", Wish(32_768, 50))
    assert not found.fits
    assert found.spare < 0
    assert found.reason.endswith("50 requests of 32,768 tokens need 200.0 GiB: it holds 5.9 of them.")


def test_weights_that_are_too_large_are_told_with_how_much():
    found = fit(LARGE, "2xl40s")
    assert not found.fits
    assert "more than the 40.8 GiB that vLLM may use of each of 2 x L40S" in found.reason
    assert (found.largest_context, found.largest_concurrency, found.one_user) == (0, 0, None)


@pytest.mark.parametrize(
    ("model", "gpus", "wish", "build", "told"),
    [
        ("mistral-7b-instruct-v0.3", "h200", Wish(65_536), 0, "It knows 32,768 tokens, and 65,536 were asked for."),
        ("llama-3.2-1b-instruct", "t4", Wish(), 1, "fp8 needs compute capability 8.0, and T4 has 7.5."),
    ],
)
def test_what_no_memory_would_mend_is_told_first(model: str, gpus: str, wish: Wish, build: int, told: str):
    found = fit(SHELF[model], gpus, wish, build)
    assert (found.fits, found.reason) == (False, told)


def test_what_serves_a_model_is_measured_at_what_it_knows():
    found = fit(SHELF["bge-m3"], "l4", Wish(32_768, 50))
    assert found.fits
    assert (found.context, found.largest_concurrency, found.cache_tokens) == (8192, None, None)
    assert found.reason.endswith("it keeps no cache.")


def test_the_limits_hold_what_they_say():
    found = fit(LLAMA, "l40s", Wish(8192, 4))
    assert fit(LLAMA, "l40s", Wish(found.largest_context, 4)).fits
    assert not fit(LLAMA, "l40s", Wish(found.largest_context + 16, 4)).fits
    assert found.largest_concurrency
    assert fit(LLAMA, "l40s", Wish(8192, found.largest_concurrency)).fits
    assert not fit(LLAMA, "l40s", Wish(8192, found.largest_concurrency + 1)).fits


def test_parts_divide_the_heads():
    def tensors(name: str, number: int) -> set[int]:
        return {split.tensor for split in splits(SHELF[name], number)}

    assert tensors("llama-3.1-8b-instruct", 8) == {1, 2, 4, 8}
    assert tensors("llama-3.2-3b-instruct", 8) == {1, 2, 4, 8}
    assert tensors("llama-4-scout-17b-16e-instruct", 10) == {1, 2, 4, 8}
    assert all(split.gpus <= 3 for split in splits(LARGE, 3))
    assert Split(1, 3) in splits(LARGE, 3)
    assert {split.pipeline for split in splits(SHELF["bge-m3"], 4)} == {1}


def test_the_fewest_gpus_that_do_are_taken_and_the_others_counted_as_copies():
    small, large = fit(LLAMA, "4xl40s"), fit(LARGE, "8xh100", build=1)
    assert (small.tensor, small.copies) == (1, 4)
    assert (large.tensor * large.pipeline, large.copies) == (2, 4)


def test_the_highest_precision_that_fits_is_best():
    found = best(SHELF["mistral-small-3.2-24b-instruct"], parse("l40s"), Wish())
    assert (found.precision, found.fits) == ("fp8", True)
    fits = {each.precision: each.fits for each in builds(LARGE, parse("h200"), Wish())}
    assert fits == {"bf16": False, "fp8": True, "int4": True}


def test_where_nothing_fits_the_one_that_lacks_least_is_told():
    assert best(LARGE, parse("l4"), Wish()).precision == "int4"


def test_an_8_bit_cache_holds_twice_as_much():
    wide, narrow = fit(LLAMA, "l40s", Wish(8192, 1)), fit(LLAMA, "l40s", Wish(8192, 1, 1))
    assert narrow.cache_tokens == pytest.approx(2 * (wide.cache_tokens or 0), abs=2)


def test_nothing_writes_faster_than_its_memory_is_read():
    """The roofline of an H200: 4.8 TB/s over 16 GB of weights, less what the embedding is not read for."""
    found = fit(LLAMA, "h200", Wish(16, 1))
    assert found.one_user == pytest.approx(4.8e12 / (2 * (8.03e9 - 0.525e9)), rel=0.01)
    crowd = fit(LLAMA, "h200", Wish(1024, 64))
    assert crowd.all_users
    assert found.one_user
    assert found.one_user * 20 < crowd.all_users < found.one_user * 64


def test_one_user_reads_only_the_experts_of_its_token():
    mixtral = SHELF["mixtral-8x7b-instruct-v0.1"]
    found = fit(mixtral, "h200", Wish(16, 1))
    assert found.one_user == pytest.approx(4.8e12 / (2 * 12.75e9), rel=0.02)
    assert fit(mixtral, "h200", Wish(16, 64)).all_users == pytest.approx(64 * 4.8e12 / (2 * 46.5e9), rel=0.02)


def test_a_stage_waits_for_the_one_before():
    gpus = parse("2xh200")
    alone = examine(Case(LLAMA, LLAMA.builds[0], gpus, Split(1), Wish(16, 1)))
    staged = examine(Case(LLAMA, LLAMA.builds[0], gpus, Split(1, 2), Wish(16, 1)))
    split = examine(Case(LLAMA, LLAMA.builds[0], gpus, Split(2), Wish(16, 1)))
    assert staged.one_user == pytest.approx(alone.one_user, rel=0.01)
    assert split.one_user == pytest.approx(2 * (alone.one_user or 0), rel=0.01)


def test_a_gpu_of_unknown_bandwidth_promises_no_rate():
    assert fit(LLAMA, "48GiB").fits
    assert fit(LLAMA, "48GiB").one_user is None


def test_memory_that_another_holds_is_not_there():
    gpus = parse("l40s")
    busy = Gpus(structs.replace(gpus.kind, free=gpus.kind.free // 4), 1)
    assert plan(LLAMA, LLAMA.builds[0], gpus, Wish()).fits
    assert not plan(LLAMA, LLAMA.builds[0], busy, Wish()).fits


def test_the_shelf_is_shown_best_first():
    fits = shelf_fits(SHELF.values(), parse("rtx-4090"), Wish())
    assert {each.model for each in fits} == SHELF.keys()
    assert [each.fits for each in fits] == sorted((each.fits for each in fits), reverse=True)
    assert fits[0].model == "mistral-small-3.2-24b-instruct"
    assert not next(each for each in fits if each.model == LARGE.name).fits


def test_an_unknown_model_is_answered_with_the_nearest():
    assert find(SHELF, LARGE.name) is LARGE
    with pytest.raises(ModelError, match=r"no model 'llama-3\.3'.*such as .*llama-3\.3-70b-instruct"):
        find(SHELF, "llama-3.3")


def test_a_share_and_slots_for_adapters_leave_less():
    whole = fit(LLAMA, "l40s", Wish())
    assert fit(LLAMA, "l40s", Wish(utilization=0.5)).ledger.budget == round(parse("l40s").kind.total * 0.5)
    taught = fit(LLAMA, "l40s", Wish(adapter_slots=8, adapter_rank=64))
    assert whole.spare - taught.spare >= taught.ledger.adapters > 0
    assert not fit(LLAMA, "l40s", Wish(adapter_slots=64, adapter_rank=256)).fits
