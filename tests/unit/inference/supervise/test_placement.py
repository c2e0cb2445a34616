from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from appliance.gpus import Device
from inference.supervise.placement import CLOSE, Machine, NoPlace, Place, Taken, Want, described, place, swap
from models.gpu import GIB, parse

L40S, H100 = "NVIDIA L40S", "NVIDIA H100 80GB HBM3"
SIZES = {L40S: 45 * GIB, H100: 80 * GIB}


def gpu(index: int, kind: str = L40S, free: int | None = None) -> Device:
    total = SIZES[kind]
    return Device(index=index, uuid=f"GPU-{index}", name=kind, total=total, free=total if free is None else free)


def machine(number: int, *taken: Taken, kind: str = L40S) -> Machine:
    return Machine(tuple(gpu(index, kind) for index in range(number)), taken=taken)


def took(*indexes: int, by: str = "chat", share: float = 0.92) -> Taken:
    return Taken(by, tuple(f"GPU-{index}" for index in indexes), share)


def want(number: int = 1, share: float = 0.92, named: tuple[str, ...] = ()) -> Want:
    return Want(numbers={L40S: number}, share=share, named=named)


def numbers(found: Place | NoPlace) -> list[int]:
    assert isinstance(found, Place), found
    return [device.index for device in found.devices]


def reason(found: object) -> str:
    assert isinstance(found, NoPlace), found
    return found.reason


def test_the_first_one_gets_the_first_gpu():
    assert numbers(place(want(), machine(4))) == [0]
    assert place(want(), machine(4)).uuids == ("GPU-0",)


def test_an_engine_has_its_gpu_for_itself():
    assert numbers(place(want(), machine(2, took(0)))) == [1]


def test_shares_that_make_a_whole_go_together():
    shared = machine(1, took(0, share=0.7), took(0, by="guard", share=0.2))
    assert numbers(place(want(share=0.1), shared)) == [0]
    assert isinstance(place(want(share=0.11), shared), NoPlace)


def test_an_empty_gpu_is_better_than_one_that_is_shared():
    assert numbers(place(want(share=0.3), machine(2, took(0, share=0.3)))) == [1]


@pytest.mark.parametrize(
    ("taken", "number", "found"),
    [
        ((), 2, [0, 1]),
        ((0,), 2, [2, 3]),
        ((0, 1), 4, [4, 5, 6, 7]),
        ((1, 2), 2, [4, 5]),
        ((0, 2, 4, 6), 2, [1, 3]),
    ],
)
def test_neighbours_go_together_and_pairs_are_not_torn(taken: tuple[int, ...], number: int, found: list[int]):
    assert numbers(place(want(number), machine(8, took(*taken)))) == found


def test_larger_gpus_stay_free_for_what_needs_them():
    mixed = Machine((gpu(0, H100), gpu(1), gpu(2)))
    assert numbers(place(Want(numbers={L40S: 1, H100: 1}, share=0.9), mixed)) == [1]
    assert numbers(place(Want(numbers={L40S: 2, H100: 1}, share=0.9), mixed)) == [0]
    full = structs.replace(mixed, taken=(took(0),))
    assert numbers(place(Want(numbers={L40S: 2, H100: 1}, share=0.9), full)) == [1, 2]


def test_one_that_is_set_aside_is_never_chosen():
    aside = Machine((gpu(0), gpu(1)), aside={"GPU-0": "it fell off the bus"})
    assert numbers(place(want(), aside)) == [1]
    assert "GPU 0 is set aside" in reason(place(want(named=("0",)), aside))
    assert "GPU 0 is set aside" in reason(place(want(2), aside))


def test_memory_that_others_hold_cannot_be_had():
    busy = Machine((gpu(0, free=10 * GIB),))
    assert reason(place(want(), busy)).startswith(
        "It needs 1 x NVIDIA L40S: GPU 0 has 10.0 GiB free of the 41.4 that it may take. "
    )
    assert numbers(place(want(share=0.2), busy)) == [0]


def test_named_ones_are_had_in_their_order():
    assert numbers(place(want(2, named=("3", "GPU-1")), machine(4))) == [3, 1]


def test_named_ones_hold_several_copies():
    assert numbers(place(want(2, named=("0", "1", "2", "3")), machine(4))) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("named", "number", "text"),
    [
        (("7",), 1, "There is no GPU 7; there are 0, 1, 2, 3."),
        (("0", "GPU-0"), 1, "twice"),
        (("0", "1", "2"), 2, "It is laid over 2 x NVIDIA L40S, and `launch.gpus` names 3."),
        (("1",), 1, "GPU 1 is taken by chat (92%)."),
    ],
)
def test_named_ones_that_cannot_be_had(named: tuple[str, ...], number: int, text: str):
    assert text in reason(place(want(number, named=named), machine(4, took(1))))


def test_named_ones_are_of_one_kind_that_holds_it():
    mixed = Machine((gpu(0), gpu(1, H100)))
    assert "several kinds" in reason(place(want(2, named=("0", "1")), mixed))
    assert "does not fit the NVIDIA H100" in reason(place(want(named=("1",)), mixed))


def test_a_machine_without_gpus_says_so():
    assert "launch.card" in reason(place(want(), Machine(())))


def test_what_fits_nothing_says_so():
    assert "ringfence models fit" in reason(place(Want(numbers={}, share=0.9), machine(1)))


def test_too_few_gpus_are_named():
    assert reason(place(want(4), machine(2))).startswith("It needs 4 x NVIDIA L40S: this machine has fewer. ")
    assert "GPU 0 is taken by chat (92%)" in reason(place(want(2), machine(2, took(0))))


def test_gpus_that_no_driver_tells_of_are_as_described():
    found = place(Want(numbers={"L40S": 2}, share=0.9), Machine(described(parse("2xL40S"))))
    assert isinstance(found, Place)
    assert found.uuids == ("0", "1")


def test_a_swap_goes_beside_where_there_is_room():
    old = took(0)
    assert swap(want(), machine(2, old), old) == ("beside", Place((gpu(1),)))
    half = took(0, share=0.4)
    assert swap(want(share=0.6), machine(1, half), half) == ("beside", Place((gpu(0),)))


def test_a_swap_goes_in_place_where_only_one_fits():
    old = took(0)
    full = Machine((gpu(0, free=4 * GIB),), taken=(old,))
    way, where = swap(want(), full, old)
    assert way == "in place"
    assert where.uuids == ("GPU-0",)


def test_a_swap_that_fits_neither_way_is_refused():
    old = took(0)
    assert "It needs 2 x NVIDIA L40S" in reason(swap(want(2), machine(2, old, took(1, by="guard")), old))
    assert "does not fit" in reason(swap(Want(numbers={}, share=0.9, named=("0",)), machine(1, old), old))


def test_one_that_has_died_holds_nothing():
    assert swap(want(), machine(1), took(0)) == ("beside", Place((gpu(0),)))
    assert "is taken by guard" in reason(swap(want(), machine(1, took(0, by="guard")), took(0)))


def test_a_twin_of_the_old_one_keeps_its_place():
    old = took(0, share=0.4)
    assert isinstance(swap(want(share=0.9), machine(1, old, old), old), NoPlace)
    assert swap(want(share=0.6), machine(1, old, old), old) == ("in place", Place((gpu(0),)))


KINDS = st.sampled_from((L40S, H100))
SHARES = st.sampled_from((0.1, 0.2, 0.3, 0.45, 0.5, 0.7, 0.92, 1.0))


@st.composite
def machines(draw: st.DrawFn) -> Machine:
    kinds = draw(st.lists(KINDS, min_size=1, max_size=8))
    devices = tuple(gpu(index, kind, draw(st.sampled_from((None, 0, 20 * GIB)))) for index, kind in enumerate(kinds))
    empty = Machine(devices, {f"GPU-{index}": "why" for index in draw(st.sets(st.integers(0, 7), max_size=3))})
    filled = empty
    for name in draw(st.lists(st.sampled_from(("a", "b", "c", "d")), max_size=6)):
        share = draw(SHARES)
        found = place(Want(numbers={draw(KINDS): draw(st.integers(1, 4))}, share=share), filled)
        if isinstance(found, Place):
            filled = structs.replace(filled, taken=(*filled.taken, Taken(name, found.uuids, share)))
    return filled


WANTS = st.builds(
    Want,
    numbers=st.dictionaries(KINDS, st.integers(1, 5)),
    share=SHARES,
    named=st.one_of(st.just(()), st.lists(st.integers(0, 8).map(str), max_size=4).map(tuple)),
)


def may(wanted: Want, each: Device, given: Machine) -> bool:
    load = sum(taken.share for taken in given.taken if each.uuid in taken.uuids)
    return (
        each.uuid not in given.aside
        and load + wanted.share <= 1 + CLOSE
        and (each.free or 0) >= wanted.share * (each.total or 0)
    )


@given(machines())
def test_no_gpu_is_given_away_twice(given_machine: Machine):
    assert all(given_machine.load(device) <= 1 + CLOSE for device in given_machine.devices)


@given(WANTS, machines())
def test_what_is_given_may_be_given(wanted: Want, given_machine: Machine):
    found = place(wanted, given_machine)
    if isinstance(found, NoPlace):
        assert found.reason.endswith(".")
        return
    kinds = {device.name for device in found.devices}
    assert len(kinds) == 1
    assert len({device.uuid for device in found.devices}) == len(found.devices)
    assert len(found.devices) % wanted.numbers[kinds.pop()] == 0
    assert all(may(wanted, device, given_machine) for device in found.devices)
    assert place(wanted, given_machine) == found


@given(WANTS, machines())
def test_where_there_is_a_place_it_is_found(wanted: Want, given_machine: Machine):
    free = [device for device in given_machine.devices if may(wanted, device, given_machine)]
    if wanted.named:
        ours = [next((each for each in free if str(each.index) == name), None) for name in wanted.named]
        is_possible = (
            None not in ours
            and len(set(wanted.named)) == len(ours)
            and len({each.name for each in ours if each}) == 1
            and ours[0] is not None
            and len(ours) % wanted.numbers.get(ours[0].name, len(ours) + 1) == 0
        )
    else:
        is_possible = any(
            {each.name for each in chosen} == {kind}
            for kind, number in wanted.numbers.items()
            for chosen in combinations(free, number)
        )
    assert isinstance(place(wanted, given_machine), Place) == is_possible
