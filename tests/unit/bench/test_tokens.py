import pytest

from tests.bench.tokens import Burst, TokensError, render, usage_tokens

BURST = Burst(at_once=8, requests=2, max_tokens=64, extra={})


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        (b'data: {"choices":[],"usage":{"completion_tokens":64}}\n', 64),
        (b'data: {"choices":[{"delta":{}}],"usage":null}\n', None),
        (b'data: {"choices":[{"delta":{}}]}\n', None),
        (b"data: [DONE]\n", None),
        (b": ping\n", None),
        (b"\n", None),
    ],
)
def test_usage_is_read_from_the_chunk_that_carries_it(line: bytes, tokens: int | None) -> None:
    assert usage_tokens(line) == tokens


def test_error_in_the_stream_ends_the_comparison() -> None:
    with pytest.raises(TokensError, match="out of memory"):
        usage_tokens(b'data: {"error":{"message":"out of memory"}}\n')


@pytest.mark.parametrize(("through", "verdict"), [(98.0, "0.980x | >= 0.98x | yes"), (97.0, "**no**")])
def test_render_judges_the_median_of_the_ratios(through: float, verdict: str) -> None:
    results = [{"direct": 100.0, "through": through}] * 3 + [{"direct": 100.0, "through": 10.0}]

    assert verdict in render(results, BURST)
