from pathlib import Path

import pytest

from appliance.errors import ModelError
from models.store.disk import check_space, shown


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (98_362_432, "98.4 MB"), (16e9, "16 GB"), (2e15, "2e+03 TB")],
)
def test_sizes(size: float, text: str):
    assert shown(size) == text


def test_a_disk_that_is_too_small_is_told(tmp_path: Path):
    check_space(tmp_path / "not" / "there", 1, "It")
    check_space(tmp_path, 0, "It")
    with pytest.raises(ModelError, match=r"It needs 1e\+06 TB more in .*Free space"):
        check_space(tmp_path, 10**18, "It")
