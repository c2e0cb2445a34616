import pytest
from weaviate.exceptions import WeaviateQueryError, WeaviateTimeoutError

from appliance.errors import ConfigError, InvalidRequest, Unavailable
from appliance.settings import WeaviateSettings
from ingest.weaviate.connection import client_of, translated


@pytest.mark.parametrize(
    ("url", "grpc"), [("", "a:1"), ("a:1", "a:2"), ("http://a:1", "a"), ("http://a:1", "a:1"), ("ftp://a:1", "a:2")]
)
def test_an_address_that_cannot_be_is_told(url: str, grpc: str):
    with pytest.raises(ConfigError, match="needs `url`"):
        client_of(WeaviateSettings(url=url, grpc=grpc, key="x"))


@pytest.mark.parametrize(
    "error", [WeaviateTimeoutError(), WeaviateQueryError("text of a document", "gRPC"), ConnectionResetError()]
)
def test_its_errors_become_ours_and_tell_no_content(error: Exception):
    with pytest.raises(Unavailable) as told, translated("http://a:1"):
        raise error
    assert "text of a document" not in told.value.message


def test_our_errors_stay_as_they_are():
    with pytest.raises(InvalidRequest), translated("http://a:1"):
        raise InvalidRequest("Give another.")
