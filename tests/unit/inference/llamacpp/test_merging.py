import asyncio
from collections.abc import AsyncGenerator

import pytest

from inference.llamacpp.merging import merge


class Source:
    """Counts up; `closed` once its generator was."""

    def __init__(self, name: str, items: int, error: Exception | None = None) -> None:
        self.name, self.items, self.error = name, items, error
        self.closed = False

    async def generate(self) -> AsyncGenerator[str, None]:
        try:
            for number in range(self.items):
                await asyncio.sleep(0)
                yield f"{self.name}{number}"
            if self.error is not None:
                raise self.error
        finally:
            self.closed = True


async def collect(sources: list[Source]) -> list[str]:
    return [item async for item in merge([source.generate() for source in sources])]


@pytest.mark.parametrize("names", ["a", "abc"])
async def test_every_item_comes_once_and_in_its_source_s_order(names: str):
    found = await collect([Source(name, 50) for name in names])
    assert len(found) == 50 * len(names)
    for name in names:
        assert [item for item in found if item[0] == name] == [f"{name}{number}" for number in range(50)]


@pytest.mark.parametrize("others", [0, 2])
async def test_one_failure_ends_all(others: int):
    sources = [Source("a", 3, OSError("gone")), *(Source("b", 10_000) for _ in range(others))]
    with pytest.raises(OSError, match="gone"):
        await collect(sources)
    assert all(source.closed for source in sources)


@pytest.mark.parametrize("count", [1, 3])
async def test_closing_closes_all(count: int):
    sources = [Source(str(number), 10_000) for number in range(count)]
    merged = merge([source.generate() for source in sources])
    await anext(merged)
    await asyncio.sleep(0.01)
    await merged.aclose()
    assert all(source.closed for source in sources)


async def test_a_slow_reader_holds_the_sources_back():
    sources = [Source(name, 10_000) for name in "ab"]
    produced = 0

    async def counted(source: Source) -> AsyncGenerator[str, None]:
        nonlocal produced
        async for item in source.generate():
            produced += 1
            yield item

    merged = merge([counted(source) for source in sources])
    await anext(merged)
    for _ in range(200):
        await asyncio.sleep(0)
    assert produced < 50
    await merged.aclose()
