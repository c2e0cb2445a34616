import re

import pytest

from appliance.errors import InvalidRequest
from ingest.weaviate.rooms import shard_of


@pytest.mark.parametrize("name", ["north", "Müller & Söhne", "../escape", "x" * 200, "."])
def test_a_shard_has_a_name_that_weaviate_takes(name: str):
    assert re.fullmatch("[A-Za-z0-9_-]{4,64}", shard_of(name))


def test_no_two_tenants_share_one():
    names = ["a/b", "a-b", "a b", "A-b", "x" * 40 + "1", "x" * 40 + "2"]
    assert len({shard_of(name) for name in names}) == len(names)


@pytest.mark.parametrize("name", ["", "x" * 201])
def test_a_name_has_bounds(name: str):
    with pytest.raises(InvalidRequest, match="Choose another"):
        shard_of(name)
