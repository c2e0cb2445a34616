from tests.bench.report import Goal, derive, disturbances, goals, medians, render
from tests.bench.visit import Figures


def round_of(direct_p50: float, gateway_p50: float, errors: float = 0) -> dict[str, Figures]:
    return {
        "direct": {"p50_1": direct_p50, "rps_32": 30_000, "errors_1": 0},
        "ringfence": {"p50_1": gateway_p50, "rps_32": 6_000, "errors_1": errors, "lost_16": 1},
    }


def test_added_is_against_the_direct_way_of_the_same_round() -> None:
    derived = derive(round_of(0.25, 0.75))

    assert derived["ringfence"]["added_p50_1"] == 0.5
    assert "added_p50_1" not in derived["direct"]
    assert "added_rps_32" not in derived["ringfence"]


def test_median_of_the_differences_not_difference_of_the_medians() -> None:
    rounds = [round_of(1, 2), round_of(5, 5.5), round_of(2, 5)]

    assert medians(rounds)["ringfence"]["added_p50_1"] == 1


def test_failures_are_summed_over_the_rounds() -> None:
    assert medians([round_of(1, 2, errors=4), round_of(1, 2), round_of(1, 2)])["ringfence"]["errors"] == 7


def test_figure_measured_only_in_the_last_round_is_kept() -> None:
    last = round_of(1, 2)
    last["ringfence"]["growth"] = 3.0

    assert medians([round_of(1, 2), last])["ringfence"]["growth"] == 3


def test_goals_compare_with_the_peers_of_the_run() -> None:
    measured = {
        "litellm": {"rps_32": 80.0},
        "passthrough": {"rps_32": 4_000.0},
        "ringfence": {"rps_32": 4_400.0, "ready_s": 2.5, "held_whole": 1_000.0},
    }

    assert goals(measured) == [
        Goal("requests/s at 32 connections, ringfence against litellm", ">= 60x", "55.00x", False),
        Goal("requests/s at 32 connections, ringfence against passthrough", ">= 1x", "1.10x", True),
        Goal("start to first answer", "<= 2 s", "2.50 s", False),
        Goal("streams held, none lost", ">= 1000", "1000", True),
    ]


def test_no_goal_is_judged_without_the_product() -> None:
    assert goals({"litellm": {"rps_32": 80.0, "ready_s": 12.0}}) == []


def test_a_disturbed_run_says_so() -> None:
    measured = {"direct": {"foreign_load": 0.01}, "litellm": {"foreign_load": 0.0, "foreign_gateway": 0.3}}

    assert disturbances(measured) == [
        "**not fit to publish**: other programs took 30% of the gateway's core under litellm"
    ]


def test_render_is_markdown_with_a_dash_for_what_was_not_measured() -> None:
    measured = {"direct": {"rps_32": 31_234.4}, "ringfence": {"rps_32": 6_000.0, "ready_s": 1.234}}

    page = render(["date: today"], measured, [Goal("start to first answer", "<= 2 s", "1.23 s", True)])

    assert page == (
        "- date: today\n\n"
        "|  | direct | ringfence |\n"
        "| --- | --: | --: |\n"
        "| requests/s, 32 connections | 31,234 | 6,000 |\n"
        "| start to first answer, s | - | 1.23 |\n\n"
        "| figure | goal | measured | reached |\n"
        "| --- | --: | --: | --: |\n"
        "| start to first answer | <= 2 s | 1.23 s | yes |\n"
    )
