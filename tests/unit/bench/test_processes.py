from tests.bench.processes import PAGE_BYTES, TICKS_PER_SECOND, Process, family, parse_busy, parse_stat

STAT = (
    "4242 (a (odd) name) S 17 4242 4242 0 -1 4194560 1500 0 3 0 250 50 0 0 20 0 6 0 98765 412344320 "
    "9001 18446744073709551615 1 1 0 0 0 0 0 16781312 17642 0 0 0 17 1 0 0 0 0 0"
)
PROC_STAT = """\
cpu  300 20 100 5000 0 0 5 10 0 0
cpu0 100 10 50 2500 7 9 3 4 0 0
cpu10 200 10 50 2500 0 0 2 6 0 0
"""


def test_parse_stat_survives_a_name_with_brackets() -> None:
    assert parse_stat(STAT) == Process(
        pid=4242, parent=17, cpu_seconds=300 / TICKS_PER_SECOND, resident_bytes=9001 * PAGE_BYTES
    )


def test_parse_busy_counts_work_and_steal_but_not_waiting() -> None:
    assert parse_busy(PROC_STAT, 0) == (100 + 10 + 50 + 4) / TICKS_PER_SECOND


def test_family_reaches_grandchildren_and_nobody_else() -> None:
    processes = [Process(pid, parent, 0, 0) for pid, parent in ((9, 5), (5, 2), (2, 1), (3, 1), (7, 3))]

    assert {p.pid for p in family(2, processes)} == {2, 5, 9}
