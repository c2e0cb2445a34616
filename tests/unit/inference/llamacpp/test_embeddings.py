from typing import Any

import pytest

from appliance.errors import InvalidRequest
from inference.llamacpp.embeddings import checked_inputs, embedding_usage, too_long
from inference.messages import Usage


@pytest.mark.parametrize(
    ("given", "inputs"),
    [("a", ["a"]), (["a", "b"], ["a", "b"]), ([1, 2], [[1, 2]]), ([[1], [2, 3]], [[1], [2, 3]]), ([""], [""])],
)
def test_every_form_becomes_a_list_of_inputs(given: Any, inputs: Any):
    assert checked_inputs({"input": given}) == inputs


@pytest.mark.parametrize("given", [None, [], {}, ["a", 1], [[]], [[1, "a"]], [True], [-1], ["a"] * 2049])
def test_another_form_is_refused(given: Any):
    with pytest.raises(InvalidRequest) as refused:
        checked_inputs({"input": given})
    assert refused.value.param == "input"


def test_the_answer_s_usage_is_read():
    assert embedding_usage(b'{"data": [], "usage": {"prompt_tokens": 4, "total_tokens": 4}}') == Usage(4, 0)


def test_a_long_input_is_named_by_its_place():
    assert "input[3] has 600 tokens" in too_long(3, 600, 512).message
