import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.gpus import Device, Fault, Sample
from appliance.gpus.faults import DEPENDS, MOST_ABSENT, MOST_UNCORRECTED, WISHES, XIDS, Record, judge, trust
from appliance.gpus.nvml import ACTIONS
from appliance.gpus.watch import Snapshot

# As the catalogue has them: the program's own doing, or mended, or told by the driver's wish.
HARMLESS = (8, 11, 13, 25, 31, 32, 37, 38, 43, 44, 45, 63, 68, 69, 92, 93, 94, 121, 137, 141, 144, 149, 154, 157, 160)
GRAVE = (48, 62, 64, 74, 79, 95, 119, 120, 140, 143)


def device(index: int, *samples: Sample) -> Device:
    return Device(index=index, uuid=f"GPU-{index}", name="NVIDIA L40S", samples=samples)


def errors(number: float) -> Sample:
    return Sample("ecc_errors", number, "uncorrected")


def looks(*pictures: tuple[list[Device], dict[Fault, int]]) -> Record:
    record = Record()
    for at, (devices, faults) in enumerate(pictures, 1):
        record = judge(record, Snapshot(float(at), tuple(devices), tuple(faults.items())))
    return record


def test_a_sound_machine_keeps_its_gpus():
    samples = (
        errors(0),
        Sample("remapping_failed", 0),
        Sample("remapping_pending", 1),
        Sample("recovery_action", 1, "none"),
    )
    assert looks(([device(0, *samples), device(1)], {})).aside == {}


@pytest.mark.parametrize("xid", HARMLESS)
def test_what_a_program_did_and_what_was_mended_condemns_nothing(xid: int):
    assert looks(([device(0)], {Fault(0, xid): 9})).aside == {}


@pytest.mark.parametrize("xid", GRAVE)
def test_a_fault_of_the_card_sets_that_card_aside(xid: int):
    record = looks(([device(0), device(1)], {Fault(1, xid): 1}))
    assert list(record.aside) == ["GPU-1"]
    assert f"(XID {xid})" in record.aside["GPU-1"]


@pytest.mark.parametrize("xid", GRAVE)
def test_where_it_depends_a_driver_that_judges_is_believed(xid: int):
    content = device(0, Sample("recovery_action", 1, "none"))
    assert bool(looks(([content], {Fault(0, xid): 1})).aside) == (xid not in DEPENDS)
    wants = device(0, Sample("recovery_action", 1, "gpu_reset"))
    assert looks(([wants], {Fault(0, xid): 1})).aside


def test_the_reason_is_a_sentence_with_its_remedy():
    record = looks(([device(0), device(3)], {Fault(3, 79): 1}))
    assert record.aside["GPU-3"] == (
        "GPU 3 is set aside: it fell off the bus (XID 79). Restart this machine, then run `ringfence engines trust 3`."
    )


def test_every_reason_can_be_written():
    wishes = [Sample("recovery_action", 1, label) for label in WISHES]
    records = [looks(([device(0)], {Fault(0, xid): 1})) for xid in XIDS] + [looks(([device(0, w)], {})) for w in wishes]
    for record in records:
        assert "{" not in record.aside["GPU-0"]
        assert record.aside["GPU-0"].endswith("then run `ringfence engines trust 0`.")


def test_every_wish_of_the_driver_is_known():
    assert {"none", *WISHES} == set(ACTIONS)


def test_the_first_reason_stays():
    record = looks(([device(0)], {Fault(0, 95): 1}), ([device(0)], {Fault(0, 95): 1, Fault(0, 79): 1}))
    assert "(XID 95)" in record.aside["GPU-0"]


def test_a_fault_counts_once():
    faults = {Fault(0, 48): 1}
    record = looks(([device(0)], faults))
    trusted = trust(record, "0")
    assert trusted is not None
    again = judge(trusted, Snapshot(2.0, (device(0),), tuple(faults.items())))
    assert again.aside == {}
    assert judge(again, Snapshot(3.0, (device(0),), ((Fault(0, 48), 2),))).aside


def test_what_the_driver_still_says_counts_again():
    broken = device(0, Sample("recovery_action", 1, "gpu_reset"))
    trusted = trust(looks(([broken], {})), "GPU-0")
    assert trusted is not None
    assert trusted.aside == {}
    assert judge(trusted, Snapshot(2.0, (broken,))).aside


def test_only_what_is_set_aside_can_be_trusted():
    assert trust(looks(([device(0)], {})), "0") is None
    assert trust(Record({"GPU-7": "why"}), "7") is None


def test_what_was_set_aside_before_a_restart_stays_so():
    record = judge(Record({"GPU-0": "why"}), Snapshot(1.0, (device(0), device(1))))
    assert record.aside == {"GPU-0": "why"}
    assert trust(record, "0") is not None


def test_a_fault_of_nobody_knows_which_gpu_condemns_none():
    assert looks(([device(0), device(1)], {Fault(None, 79): 1, Fault(9, 79): 1})).aside == {}


def test_rows_that_could_not_be_remapped_call_for_another_card():
    record = looks(([device(0, Sample("remapping_failed", 1))], {}))
    assert "Have the card replaced" in record.aside["GPU-0"]


def test_old_memory_errors_are_history_and_one_more_is_contained():
    assert looks(([device(0, errors(500))], {}), ([device(0, errors(501))], {})).aside == {}


def test_memory_errors_that_come_again_condemn():
    record = looks(*(([device(0, errors(number))], {}) for number in range(MOST_UNCORRECTED + 1)))
    assert "uncorrected" in record.aside["GPU-0"]


def test_a_figure_that_the_driver_left_out_is_no_growth():
    pictures = [[device(0, errors(5))], [device(0)], [device(0, errors(5))]] * MOST_UNCORRECTED
    assert looks(*((devices, {}) for devices in pictures)).aside == {}


def test_a_gpu_that_stays_away_is_set_aside_and_one_that_was_missed_once_is_not():
    both, one = [device(0), device(1)], [device(0)]
    assert looks((both, {}), (one, {}), (both, {}), (one, {})).aside == {}
    gone = looks((both, {}), *[(one, {})] * MOST_ABSENT)
    assert "no longer finds it" in gone.aside["GPU-1"]


def test_the_same_look_twice_is_one():
    record = looks(([device(0), device(1)], {}))
    picture = Snapshot(2.0, (device(0),))
    for _ in range(MOST_ABSENT * 2):
        record = judge(record, picture)
    assert record.aside == {}


@given(
    st.lists(
        st.tuples(
            st.sets(st.integers(0, 3)),
            st.dictionaries(
                st.builds(Fault, st.integers(0, 3), st.sampled_from((*HARMLESS, *GRAVE))), st.integers(1, 3)
            ),
        ),
        max_size=8,
    )
)
def test_nothing_but_trust_takes_a_gpu_back(pictures: list[tuple[set[int], dict[Fault, int]]]):
    record, before = Record(), set[str]()
    for at, (indexes, faults) in enumerate(pictures, 1):
        record = judge(record, Snapshot(float(at), tuple(map(device, sorted(indexes))), tuple(faults.items())))
        assert before <= set(record.aside) <= set(record.cards)
        before = set(record.aside)
