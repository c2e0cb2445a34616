import pytest

from api import probe


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"error": {"message": "Not ready.", "code": "engine_unavailable"}}', "Not ready."),
        ('{"error": "loading"}', ""),
        ("<html>", ""),
        ("", ""),
    ],
)
def test_only_an_error_of_ours_says_something(body: str, message: str) -> None:
    assert probe.message(body) == message


@pytest.mark.parametrize(
    ("bound", "reached"),
    [
        (("127.0.0.1", 8080), ("127.0.0.1", 8080)),
        (("0.0.0.0", 8080), ("127.0.0.1", 8080)),
        (("::", 8080, 0, 0), ("::1", 8080)),
    ],
)
def test_reachable(bound: tuple[str, int], reached: tuple[str, int]) -> None:
    assert probe.reachable(bound) == reached
